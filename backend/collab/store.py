"""The update log in SQL: SQLite or Postgres, rows in the database, snapshots in the object store.

`seq` comes from the head row in the same transaction, never from a clock or a serial id. It has a
connection of its own, so that no request holds up a group commit.
"""

import hashlib
import zlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeAlias

import structlog
from sqlalchemy import Connection, Engine, create_engine, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend.collab.append import Appender
from backend.collab.lease import (
    NO_FROZEN_LOCKS,
    Alone,
    Owner,
    database_now,
    is_free_for,
    owners_address,
)
from backend.collab.log import (
    Batch,
    Entry,
    LogAway,
    LogError,
    LogRow,
    NoDocument,
    OwnedElsewhere,
    Snapshot,
    Stored,
    packed,
    packed_rows,
    unpacked,
    unpacked_rows,
)
from backend.collab.tables import CollabHeadRow, CollabLogRow, CollabSnapshotRow
from backend.collab.wire import BadMessage
from backend.db.session import WRITES, prepare_sqlite
from backend.db.spans import trace_statements
from kit.clock import Clock
from kit.object_store import ObjectStore, StoreError

BUSY_SECONDS: Final = 5
STATES_KEPT: Final = 2
STATE_EACH_ROWS: Final = 5000

_Heads: TypeAlias = CollabHeadRow
_Log: TypeAlias = CollabLogRow
_Snapshots: TypeAlias = CollabSnapshotRow


class SqlLog:
    def __init__(
        self, url: str, objects: ObjectStore, clock: Clock, owner: Owner | None = None
    ) -> None:
        is_sqlite = url.startswith("sqlite")
        arguments: dict[str, Any] = (
            {"timeout": BUSY_SECONDS} if is_sqlite else {"options": NO_FROZEN_LOCKS}
        )
        self.url: Final = url
        self._engine: Engine = create_engine(
            url, connect_args=arguments, pool_pre_ping=not is_sqlite
        )
        self._writing: Engine = self._engine.execution_options(**{WRITES: True})
        self._objects = objects
        self._clock = clock
        self._owner: Owner = owner or Alone()
        self._events = structlog.stdlib.get_logger()
        if is_sqlite:
            prepare_sqlite(self._engine, busy_seconds=BUSY_SECONDS)
        trace_statements(self._engine)
        self._appender = Appender(self._engine, clock)

    def close(self) -> None:
        self._appender.close()
        self._engine.dispose()

    @contextmanager
    def _write(self) -> Generator[Connection]:
        with _foreign_errors(), self._writing.begin() as connection:
            yield connection

    def begin(self, project_id: str, entries: Sequence[Entry]) -> None:
        try:
            with self._write() as connection:
                begin_document(connection, self._clock, project_id, entries)
        except IntegrityError:  # it is there already
            return

    def claim(self, project_id: str) -> Stored:
        node = self._owner.node
        with self._write() as connection:
            now = database_now(connection, self._clock)
            owned = connection.execute(
                update(_Heads)
                .where(_Heads.project_id == project_id, is_free_for(node, now))
                .values(epoch=_Heads.epoch + 1, owner=node)
                .returning(_Heads.epoch, _Heads.head)
            ).first()
            if owned is None:
                raise self._not_ours(connection, project_id, now)
            return self._stored(connection, project_id, epoch=owned[0], head=owned[1])

    def _not_ours(self, connection: Connection, project_id: str, now: datetime) -> LogError:
        """Why a document could not be claimed."""
        head = select(_Heads.head).where(_Heads.project_id == project_id)
        if connection.execute(head).first() is None:
            return NoDocument(project_id)
        address = owners_address(connection, project_id, now)
        return LogAway("this node has no lease") if address is None else OwnedElsewhere(address)

    def release(self, project_id: str, epoch: int) -> None:
        with self._write() as connection:
            connection.execute(
                update(_Heads)
                .where(_Heads.project_id == project_id, _Heads.epoch == epoch)
                .values(owner=None)
            )

    def read(self, project_id: str, up_to: int | None = None) -> Stored:
        with _foreign_errors(), self._engine.begin() as connection:
            head = connection.execute(
                select(_Heads.epoch, _Heads.head).where(_Heads.project_id == project_id)
            ).first()
            if head is None:
                raise NoDocument(project_id)
            last = head[1] if up_to is None else min(up_to, head[1])
            return self._stored(connection, project_id, epoch=head[0], head=last)

    def append(self, batches: Sequence[Batch]) -> list[int | None]:
        return self._appender.append(batches)

    # --- reading ---

    def _stored(self, connection: Connection, project_id: str, *, epoch: int, head: int) -> Stored:
        snapshot, start, found, readable = self._newest_state(connection, project_id, head)
        rows = [*found]
        for seq, raw, crc in connection.execute(
            select(_Log.seq, _Log.entries, _Log.crc32)
            .where(_Log.project_id == project_id, _Log.seq > start, _Log.seq <= head)
            .order_by(_Log.seq)
        ):
            rows.append(self._log_row(project_id, seq, raw, crc))
        expected = range((snapshot.seq if snapshot else 0) + 1, head + 1)
        is_whole = (
            readable
            and [row.seq for row in rows] == list(expected)
            and all(row.entries is not None for row in rows)
        )
        if not is_whole:
            self._events.error("document.damaged", project_id=project_id, head=head)
        return Stored(epoch, head, snapshot, tuple(rows), is_whole)

    def _newest_state(
        self, connection: Connection, project_id: str, head: int
    ) -> tuple[Snapshot | None, int, list[LogRow], bool]:
        """What to build on: a readable state, and rows of history above it.

        Also the seq above which the log itself goes on, and whether all that should be there was.
        """
        states = connection.execute(
            select(_Snapshots)
            .where(
                _Snapshots.project_id == project_id,
                _Snapshots.kind == "state",
                _Snapshots.seq <= head,
            )
            .order_by(_Snapshots.seq.desc())
        ).all()
        for place, state in enumerate(states):
            data = self._object(state.object_key, state.sha256)
            if data is None:
                continue
            writers = {int(client): str(user) for client, user in state.writers.items()}
            snapshot = Snapshot(state.seq, data, writers)
            history = self._history(connection, project_id, above=state.seq, up_to=head)
            start = max([state.seq, *(row.seq for row in history)])
            return snapshot, start, history, place == 0
        history = self._history(connection, project_id, above=0, up_to=head)
        return None, max([0, *(row.seq for row in history)]), history, not states

    def _history(
        self, connection: Connection, project_id: str, *, above: int, up_to: int
    ) -> list[LogRow]:
        """Rows that compaction has moved into the object store."""
        rows: list[LogRow] = []
        for item in connection.execute(
            select(_Snapshots)
            .where(
                _Snapshots.project_id == project_id,
                _Snapshots.kind == "rows",
                _Snapshots.seq > above,
            )
            .order_by(_Snapshots.seq)
        ):
            data = self._object(item.object_key, item.sha256)
            for seq, _, raw in unpacked_rows(data) if data is not None else ():
                if above < seq <= up_to:
                    rows.append(self._log_row(project_id, seq, raw, zlib.crc32(raw)))
        return rows

    def _object(self, key: str, sha256: str) -> bytes | None:
        try:
            with self._objects.open(key) as stream:
                data = stream.read()
        except StoreError:
            self._events.exception("snapshot.unreadable", key=key)
            return None
        if hashlib.sha256(data).hexdigest() != sha256:
            self._events.error("snapshot.damaged", key=key)
            return None
        return data

    def _log_row(self, project_id: str, seq: int, raw: bytes, crc: int) -> LogRow:
        try:
            entries = unpacked(raw) if zlib.crc32(raw) == crc else None
        except (BadMessage, UnicodeDecodeError):
            entries = None
        if entries is None:
            self._events.error("log_row.damaged", project_id=project_id, seq=seq)
        return LogRow(seq, entries, len(raw))

    # --- compaction ---

    def compact(self, project_id: str, epoch: int, snapshot: Snapshot) -> bool:
        with _foreign_errors(), self._engine.begin() as connection:
            rows = connection.execute(
                select(_Log.seq, _Log.at, _Log.entries)
                .where(_Log.project_id == project_id, _Log.seq <= snapshot.seq)
                .order_by(_Log.seq)
            ).all()
        history = packed_rows([(row.seq, row.at, row.entries) for row in rows])
        state_put = self._put(project_id, snapshot, "state", snapshot.update)
        rows_put = self._put(project_id, snapshot, "rows", history)
        if state_put is None or rows_put is None:
            return False
        with self._write() as connection:
            owned = connection.execute(
                select(_Heads.epoch).where(_Heads.project_id == project_id)
            ).scalar_one_or_none()
            if owned != epoch:
                return False
            connection.execute(insert(_Snapshots), [state_put, rows_put])
            connection.execute(
                delete(_Log).where(_Log.project_id == project_id, _Log.seq <= snapshot.seq)
            )
            _forget_older_states(connection, project_id)
        return True

    def _put(
        self, project_id: str, snapshot: Snapshot, kind: str, data: bytes
    ) -> dict[str, Any] | None:
        """Store and read back; None where what came back is not what went in."""
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"documents/{project_id.lower()}/{snapshot.seq}-{kind}-{sha256[:16]}"
        self._objects.put(key, data)
        if self._object(key, sha256) != data:
            return None
        return {
            "project_id": project_id,
            "seq": snapshot.seq,
            "kind": kind,
            "object_key": key,
            "sha256": sha256,
            "size_bytes": len(data),
            "state_vector": b"",
            "writers": {str(client): user for client, user in snapshot.writers.items()},
            "made_at": self._clock.now(),
        }


def begin_document(
    connection: Connection, clock: Clock, project_id: str, entries: Sequence[Entry]
) -> None:
    """The head of a new document and its first row, in the caller's transaction."""
    connection.execute(insert(_Heads).values(project_id=project_id, epoch=0, head=1, owner=None))
    connection.execute(insert(_Log).values(_log_row(project_id, 1, 0, clock.now(), entries)))


def _log_row(
    project_id: str, seq: int, epoch: int, at: Any, entries: Sequence[Entry]
) -> dict[str, Any]:
    raw = packed(entries)
    return {
        "project_id": project_id,
        "seq": seq,
        "epoch": epoch,
        "at": at,
        "entries": raw,
        "crc32": zlib.crc32(raw),
    }


def states_to_forget(seqs: Sequence[int]) -> list[int]:
    """Of states, the newest first: all but the newest two and the last of each STATE_EACH_ROWS.

    With one in each stretch an old version is opened without a replay from the beginning.
    """
    older = seqs[STATES_KEPT:]
    kept = {seq // STATE_EACH_ROWS: seq for seq in reversed(older)}
    return [seq for seq in older if kept[seq // STATE_EACH_ROWS] != seq]


def _forget_older_states(connection: Connection, project_id: str) -> None:
    seqs = connection.execute(
        select(_Snapshots.seq)
        .where(_Snapshots.project_id == project_id, _Snapshots.kind == "state")
        .order_by(_Snapshots.seq.desc())
    ).scalars()
    for seq in states_to_forget(list(seqs)):
        connection.execute(
            delete(_Snapshots).where(
                _Snapshots.project_id == project_id,
                _Snapshots.kind == "state",
                _Snapshots.seq == seq,
            )
        )


@contextmanager
def _foreign_errors() -> Generator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise LogAway(str(error.orig)) from error
