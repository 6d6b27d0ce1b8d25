"""A database that fails at one step: at a statement, before a commit, or after one that took effect."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.db.session import Database


@dataclass(slots=True)
class Steps:
    """What was done while it was watched; `broke` once the step to fail at was reached."""

    done: int = 0
    broke: str = ""


@contextmanager
def broken_at(database: Database, step: int) -> Generator[Steps]:
    """Let the `step`-th step from here on fail, once, as a connection does that is gone.

    Steps are counted over all threads: each statement, and each commit twice, since whoever asked
    for it cannot tell whether it took effect. What comes after the failure works again.
    """
    steps = Steps()

    def reached(what: str, connection: Connection | None = None) -> None:
        steps.done += 1
        if steps.done != step:
            return
        steps.broke = what
        if connection is not None and not database.is_sqlite:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.pgconn.finish()  # what follows from that is for the driver to say
            return
        raise OperationalError(what, {}, ConnectionError("the database is gone"))

    def statement(connection: Connection, _cursor: Any, words: str, *_more: Any) -> None:
        reached(words, connection)

    def commit(connection: Connection) -> None:
        reached("before a commit", connection)

    def committed(session: Session) -> None:
        if not session.in_nested_transaction():
            reached("after a commit")

    engines = (database.engine, database.async_engine.sync_engine)
    watched = [
        *((engine, "before_cursor_execute", statement) for engine in engines),
        *((engine, "commit", commit) for engine in engines),
        (Session, "after_commit", committed),
    ]
    for target, name, listener in watched:
        event.listen(target, name, listener)
    try:
        yield steps
    finally:
        for target, name, listener in watched:
            event.remove(target, name, listener)
