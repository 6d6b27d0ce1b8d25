"""The ledger, replayed each hour beside the server, so that a difference wakes somebody [credits-A3].

What it finds is told and never mended; `cutroom ledger audit` names each difference.
"""

from typing import Final

import structlog

from backend.credits.audit import audited
from backend.db.session import Database
from kit.background import Background

FIRST_SECONDS: Final = 60.0  # a server that has just started has better things to do
EACH_SECONDS: Final = 3600.0


class LedgerWatch:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._wrong = 0
        self._log = structlog.stdlib.get_logger()

    def start(self, background: Background) -> None:
        background.repeat(
            "ledger.watch", self.look, every_seconds=EACH_SECONDS, first_seconds=FIRST_SECONDS
        )

    def mismatch(self) -> int:
        """How many things differed when somebody last looked."""
        return self._wrong

    def look(self) -> int:
        """Replay all; answers how many things differ. Blocks; what is known stays where the database is away."""
        with self._database.snapshot() as connection:
            self._wrong = audited(connection).wrong
        if self._wrong:
            self._log.error("ledger.differs", differences=self._wrong)
        return self._wrong
