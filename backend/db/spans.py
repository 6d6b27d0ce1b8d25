"""A span for each statement, inside of whatever is being done; only where spans were asked for.

Statements are ours and their values travel beside them, so their text names nobody.
"""

import time
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

from kit.tracing import is_inside, is_tracing, record

BEGAN: Final = "cutroom_began"


def trace_statements(engine: Engine) -> None:
    """Called where an engine is made; where nobody asked for spans it adds nothing to the engine."""
    if not is_tracing():
        return

    @event.listens_for(engine, "before_cursor_execute")
    def _began(  # pyright: ignore[reportUnusedFunction]
        connection: Connection, _cursor: Any, _words: str, _values: Any, _context: Any, _many: Any
    ) -> None:
        connection.info[BEGAN] = time.monotonic()

    @event.listens_for(engine, "after_cursor_execute")
    def _ended(  # pyright: ignore[reportUnusedFunction]
        connection: Connection, _cursor: Any, words: str, _values: Any, _context: Any, _many: Any
    ) -> None:
        if is_inside():
            verb = words.split(maxsplit=1)[0].lower()
            record(
                f"sql.{verb}",
                time.monotonic() - connection.info[BEGAN],
                **{"db.system.name": connection.dialect.name, "db.query.text": words},
            )
