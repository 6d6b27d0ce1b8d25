"""One database, two ways in: coroutines for HTTP, threads for the job board.

SQLite: WAL, `synchronous=FULL`, foreign keys on, and `begin immediate` for every write, one writer
at a time in a process. A transaction commits before the answer leaves [operations-W1].
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolResetState

from backend.db.spans import trace_statements
from kit.clock import Clock
from kit.event_bus import EventBus

T = TypeVar("T")

BUSY_SECONDS: Final = 30
# On Postgres nobody waits for ever for somebody who hangs; a twin of a request gives up before.
LIMITS_SECONDS: Final = {
    "lock_timeout": 20,
    "statement_timeout": 60,
    "idle_in_transaction_session_timeout": 60,
}
CONFLICTS: Final = frozenset(("40001", "40P01"))  # serialization failure, deadlock
UNSTORABLE: Final = frozenset(("22021", "22P05"))  # not in the encoding, untranslatable
CONFLICT_TRIES: Final = 3
WRITES: Final = "cutroom_writes"
HINTS: Final = "hints"
OPEN: Final[ContextVar[int]] = ContextVar("cutroom_open_transactions", default=0)


class DatabaseFull(Exception):
    """The disk or the database has no room; nothing of the transaction was kept."""


class DatabaseUnusable(Exception):
    """What is there is no database of ours: another file, or a broken one."""


class UnstorableText(Exception):
    """Text that the database cannot keep, so that nothing of it can be there: a NUL, half of a surrogate pair."""


class DatabaseAway(Exception):
    """The database cannot be reached or is locked for too long."""


class DatabaseConflict(DatabaseAway):
    """The database ended a transaction so that another one can go on; nothing of it was kept."""


class TransactionOpen(Exception):
    """A mistake of ours: a call to somebody else while a transaction holds locks."""

    def __init__(self) -> None:
        super().__init__("a transaction is open across a call to another service")


def require_no_transaction() -> None:
    """For adapters of other services: whoever is slow there must hold no lock of ours [db-B8]."""
    if OPEN.get():
        raise TransactionOpen


class Database:
    """Sessions of one database. After a commit the hints of the session go out on the bus."""

    def __init__(self, url: str, bus: EventBus) -> None:
        self.url: Final = make_url(url)
        self.is_sqlite: Final = self.url.get_backend_name() == "sqlite"
        self._bus = bus
        self._writer = asyncio.Lock()
        self._thread_writer = threading.Lock()
        self.async_engine: Final[AsyncEngine] = create_async_engine(
            _async_url(self.url), **_pooling(self.is_sqlite)
        )
        self.engine: Final[Engine] = create_engine(self.url, **_pooling(self.is_sqlite))
        for engine in (self.async_engine.sync_engine, self.engine):
            trace_statements(engine)
            if self.is_sqlite:
                prepare_sqlite(engine)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        """A session that only reads; it sees one moment of the database."""
        with foreign_errors(), _counted_as_open():
            async with AsyncSession(self.async_engine, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncSession]:
        """A session that may write: one transaction, committed when the block ends well.

        Never held across the network, a hash of a password or a stream: others wait for it.
        """
        with foreign_errors(), _counted_as_open():
            async with self._writer if self.is_sqlite else nullcontext():
                engine = self.async_engine.execution_options(**{WRITES: True})
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    yield session
                    await session.commit()
        self._publish(session.info)

    @contextmanager
    def write_in_thread(self) -> Generator[Session]:
        """The same for threads."""
        with (
            foreign_errors(),
            _counted_as_open(),
            self._thread_writer if self.is_sqlite else nullcontext(),
        ):
            engine = self.engine.execution_options(**{WRITES: True})
            with Session(engine, expire_on_commit=False) as session:
                yield session
                session.commit()
        self._publish(session.info)

    @contextmanager
    def read_in_thread(self) -> Generator[Session]:
        with (
            foreign_errors(),
            _counted_as_open(),
            Session(self.engine, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def connection_in_thread(self) -> Generator[Connection]:
        """For what is asked at every join: a read without the session's bookkeeping, a third of it."""
        with foreign_errors(), _counted_as_open(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Generator[Connection]:
        """A connection that sees one moment of the database, however long it reads, and writes nothing."""
        with foreign_errors(), self.engine.connect() as connection:
            if not self.is_sqlite:  # there a transaction sees one moment anyway
                connection.execution_options(isolation_level="REPEATABLE READ")
                connection.execute(text("set local statement_timeout = 0"))
            yield connection

    def _publish(self, noted: dict[Any, Any]) -> None:
        for topic, body in noted.pop(HINTS, ()):
            self._bus.publish(topic, body)

    async def close(self) -> None:
        await self.async_engine.dispose()
        self.engine.dispose()


def again_after_conflict(work: Callable[[], T]) -> T:
    """The answer of `work`, one transaction that is begun again where it lost a conflict.

    DatabaseConflict when that happens `CONFLICT_TRIES` times in a row.
    """
    for _ in range(CONFLICT_TRIES - 1):
        try:
            return work()
        except DatabaseConflict:
            continue
    return work()


def hint_after_commit(
    session: Session | AsyncSession, topic: str, body: Mapping[str, str] | None = None
) -> None:
    """Tell the bus once this transaction stands; a rolled back one says nothing."""
    session.info.setdefault(HINTS, []).append((topic, body))


def open_database(request: Request) -> Database:
    return request.app.state.database


async def open_session(
    database: Annotated[Database, Depends(open_database)], request: Request
) -> AsyncGenerator[AsyncSession]:
    way_in = database.read if request.method in {"GET", "HEAD"} else database.write
    async with way_in() as session:
        yield session


def read_clock(request: Request) -> Clock:
    return request.app.state.clock


ClockDep = Annotated[Clock, Depends(read_clock)]
DatabaseDep = Annotated[Database, Depends(open_database)]
# FastAPI ends a yield-dependency *after* the response by default; with scope="function" a failed
# commit is a 500 and not a lie told with a 201.
SessionDep = Annotated[AsyncSession, Depends(open_session, scope="function")]


def _async_url(url: URL) -> URL:
    return url.set(drivername="sqlite+aiosqlite") if url.get_backend_name() == "sqlite" else url


def _pooling(is_sqlite: bool) -> dict[str, Any]:  # noqa: FBT001 - one private caller
    if is_sqlite:
        return {"connect_args": {"timeout": BUSY_SECONDS}, "pool_size": 8, "max_overflow": 8}
    limits = " ".join(f"-c {name}={seconds}s" for name, seconds in LIMITS_SECONDS.items())
    return {
        "connect_args": {"options": limits},
        "pool_pre_ping": True,
        # All of them stay open: one beyond the size of a pool is closed and opened at each burst.
        "pool_size": 20,
        "max_overflow": 0,
    }


def prepare_sqlite(engine: Engine, *, busy_seconds: int = BUSY_SECONDS) -> None:
    """Set up every connection, and begin transactions ourselves: `WRITES` ones immediately."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None  # the driver begins nothing by itself; we do, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={busy_seconds * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "reset")
    def _returned(connection: Any, _record: Any, state: PoolResetState) -> None:  # pyright: ignore[reportUnusedFunction]
        # A commit that SQLite refuses, by a deferred foreign key, leaves its transaction open.
        if not state.terminate_only:
            connection.rollback()


@contextmanager
def _counted_as_open() -> Generator[None]:
    before = OPEN.get()
    OPEN.set(before + 1)
    try:
        yield
    finally:
        OPEN.set(before)  # not reset(): a generator may end in another context than it began in


def _is_unstorable(error: object) -> bool:
    """The driver refuses a NUL in a text, the server one that is escaped in JSON."""
    return getattr(error, "sqlstate", None) in UNSTORABLE or "NUL" in str(error)


@contextmanager
def foreign_errors() -> Generator[None]:
    """Errors of the driver stop here: all that is named `Database...` above, and UnstorableText."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) in CONFLICTS:
            raise DatabaseConflict(str(error.orig).splitlines()[0]) from error
        words = str(error.orig).lower()
        if "full" in words or "disk i/o" in words or "no space" in words:
            raise DatabaseFull(words) from error
        raise DatabaseAway(words) from error
    except UnicodeEncodeError as error:
        raise UnstorableText("text holds half of a surrogate pair") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseAway(str(error.orig)) from error
        if isinstance(error, DataError) and _is_unstorable(error.orig):
            raise UnstorableText("text holds a NUL") from error
        if type(error) is DatabaseError:
            raise DatabaseUnusable(str(error.orig)) from error
        raise
