"""What must happen without anybody asking: leases swept, expired rows forgotten [operations-W10].

Embedded there is one process, so there is one keeper; the lease row for several comes with them.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete

from backend.assets.tables import UploadRow
from backend.assets.uploads import Uploads
from backend.auth.tables import SessionRow
from backend.db.event_log import EventRow
from backend.db.session import Database
from backend.exports.board import SqlBoard
from backend.exports.tables import QuoteRow
from kit.background import Background
from kit.clock import Clock

SWEEP_SECONDS: Final = 5.0
FORGET_SECONDS: Final = 3600.0
EVENTS_KEPT: Final = timedelta(days=7)


class Keeper:
    def __init__(self, board: SqlBoard, database: Database, clock: Clock, uploads: Uploads) -> None:
        self._board = board
        self._uploads = uploads
        self._database = database
        self._clock = clock

    def start(self, background: Background) -> None:
        background.repeat("keeper.sweep", self._board.sweep, every_seconds=SWEEP_SECONDS)
        background.repeat("keeper.forget", self.forget, every_seconds=FORGET_SECONDS)

    def forget(self) -> None:
        """What is over: events after seven days, sign-ins, quotes, uploads nobody went on with."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            session.execute(delete(EventRow).where(EventRow.at < now - EVENTS_KEPT))
            session.execute(delete(SessionRow).where(SessionRow.expires_at < now))
            session.execute(delete(QuoteRow).where(QuoteRow.expires_at < now))
            given_up = session.scalars(
                delete(UploadRow).where(UploadRow.expires_at < now).returning(UploadRow.id)
            ).all()
        for upload_id in given_up:
            self._uploads.forget(upload_id)
