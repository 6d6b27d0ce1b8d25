"""The transaction of the group commit, in the driver's own words: two statements, however many rooms.

Compiled once from the tables. What the SQL toolkit does for each execution would cost several times
what the database does (`docs/adr/0014-what-an-edit-costs.md`).
"""

import threading
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import Engine, UpdateBase, bindparam, insert, literal_column, update
from sqlalchemy.exc import DBAPIError

from backend.collab.log import Batch, LogAway, packed
from backend.collab.tables import CollabHeadRow, CollabLogRow
from kit.clock import Clock

_Heads: TypeAlias = CollabHeadRow
_OWNED: Final = (
    _Heads.project_id == bindparam("of_project"),
    _Heads.epoch == bindparam("of_epoch"),
)
_ADVANCED: Final = update(_Heads).where(*_OWNED).values(head=_Heads.head + literal_column("1"))
_NEXT: Final = _ADVANCED.where(_Heads.head == bindparam("after"))
_NUMBERED: Final = _ADVANCED.returning(_Heads.head)


class Appender:
    """Appends batches to the logs of their documents, durable when it answers."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Any = None
        self._begins: Final = engine.dialect.name == "sqlite"  # its driver is told to begin nothing
        self._error: Final[type[Exception]] = engine.dialect.loaded_dbapi.Error
        self._next: Final = _Prepared(_NEXT, engine)
        self._numbered: Final = _Prepared(_NUMBERED, engine)
        self._insert: Final = _Prepared(insert(CollabLogRow), engine)
        at_type = CollabLogRow.__table__.c.at.type
        self._moment: Final = at_type.bind_processor(engine.dialect) or (lambda moment: moment)

    def append(self, batches: Sequence[Batch]) -> list[int | None]:
        """Each batch's seq, None where its epoch is over; raises LogAway, and nothing was kept."""
        with self._connection() as connection:
            numbers = self._numbers_of_all(connection, batches)
            at = self._moment(self._clock.now())
            rows = [
                _row(batch, seq, at)
                for batch, seq in zip(batches, numbers, strict=True)
                if seq is not None
            ]
            if rows:
                connection.cursor().executemany(self._insert.text, self._insert.rows(rows))
            connection.commit()
        return numbers

    def _numbers_of_all(self, connection: Any, batches: Sequence[Batch]) -> list[int | None]:
        """The next number of each document: all at once, or one by one where an owner is late."""
        cursor = self._begun(connection)
        heads = [batch.after for batch in batches if batch.after is not None]
        if len(heads) == len(batches):
            owned = [{**_owned(batch), "after": batch.after} for batch in batches]
            cursor.executemany(self._next.text, self._next.rows(owned))
            if cursor.rowcount == len(batches):
                return [head + 1 for head in heads]
            connection.rollback()
            cursor = self._begun(connection)
        return [self._number(cursor, batch) for batch in batches]

    def _number(self, cursor: Any, batch: Batch) -> int | None:
        cursor.execute(self._numbered.text, self._numbered.rows([_owned(batch)])[0])
        found = cursor.fetchone()
        return found[0] if found is not None else None

    def _begun(self, connection: Any) -> Any:
        cursor = connection.cursor()
        if self._begins:
            cursor.execute("BEGIN IMMEDIATE")
        return cursor

    @contextmanager
    def _connection(self) -> Generator[Any]:
        """The one connection that it keeps, for one transaction; a new one after any failure."""
        with self._lock:
            connection = self._opened()
            try:
                yield connection
            except BaseException as error:
                self._kept = None
                connection.invalidate()
                if isinstance(error, self._error):
                    raise LogAway(str(error)) from error
                raise

    def _opened(self) -> Any:
        try:
            self._kept = self._kept or self._engine.raw_connection()
        except DBAPIError as error:
            raise LogAway(str(error.orig)) from error
        return self._kept

    def close(self) -> None:
        with self._lock:
            if self._kept is not None:
                self._kept.close()
            self._kept = None


class _Prepared:
    """A statement as the driver reads it."""

    def __init__(self, statement: UpdateBase, engine: Engine) -> None:
        compiled = cast("Any", statement.compile(dialect=engine.dialect))
        self.text: Final[str] = str(compiled)
        self._order: Final[Sequence[str] | None] = compiled.positiontup

    def rows(self, values: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """Named values in the order, or under the names, that the statement wants."""
        order = self._order
        if order is None:
            return values
        return [tuple(row[name] for name in order) for row in values]


def _owned(batch: Batch) -> dict[str, Any]:
    return {"of_project": batch.project_id, "of_epoch": batch.epoch}


def _row(batch: Batch, seq: int, at: Any) -> dict[str, Any]:
    raw = packed(batch.entries)
    return {
        "project_id": batch.project_id,
        "seq": seq,
        "epoch": batch.epoch,
        "at": at,
        "entries": raw,
        "crc32": zlib.crc32(raw),
    }
