"""Who owns a document among many nodes: one at a time, for as long as its node's lease lives.

A node is one process. It has one lease, renewed in one row however many documents it owns, by the
database's clock. A document names its owner and an `epoch` that goes up with every claim; every
append names the epoch, so a late owner writes nothing, whatever its clock says [collab-D3].
A node that could not renew in time gives up first: it stops well before others may take over.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    create_engine,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import DBAPIError

from backend.collab.tables import CollabHeadRow, CollabNodeRow
from backend.db.session import WRITES, prepare_sqlite
from kit.clock import Clock

LEASE_SECONDS: Final = 6.0  # the longest that a document of a dead node waits for another owner
RENEW_SECONDS: Final = 1.5
GIVE_UP_SECONDS: Final = 4.0  # without renewal; two seconds are left for what is under way
FORGET_NODES_AFTER: Final = timedelta(days=1)
# A node frozen in the middle of a commit would keep its rows locked against the next owner.
NO_FROZEN_LOCKS: Final = f"-c idle_in_transaction_session_timeout={int(GIVE_UP_SECONDS * 1000)}"

Answer = TypeVar("Answer")


class Owner(Protocol):
    """Under which name this process owns documents."""

    @property
    def node(self) -> str | None:
        """The id of this node's lease; None for a process that has the tables to itself."""
        ...


class Alone:
    """The one process on its tables; the lock on the data folder is what guards them."""

    @property
    def node(self) -> str | None:
        return None


def is_free_for(node: str | None, now: datetime) -> ColumnElement[bool]:
    """Whether `node` may become the owner of a head row: nobody's, its own, or a dead node's.

    Only a node with a living lease may own anything.
    """
    if node is None:
        return true()
    return or_(
        CollabHeadRow.owner.is_(None),
        CollabHeadRow.owner == node,
        ~exists().where(CollabNodeRow.id == CollabHeadRow.owner, CollabNodeRow.lease_until >= now),
    ) & exists().where(CollabNodeRow.id == node, CollabNodeRow.lease_until >= now)


def owners_address(connection: Connection, project_id: str, now: datetime) -> str | None:
    """Where the living owner of a document is reached; None where it has none."""
    return connection.execute(
        select(CollabNodeRow.address)
        .join(CollabHeadRow, CollabHeadRow.owner == CollabNodeRow.id)
        .where(CollabHeadRow.project_id == project_id, CollabNodeRow.lease_until >= now)
    ).scalar_one_or_none()


def database_now(connection: Connection, clock: Clock) -> datetime:
    """The clock that all nodes share; SQLite's is this machine's."""
    if connection.dialect.name == "postgresql":
        return connection.execute(select(func.clock_timestamp())).scalar_one()
    return clock.now()


class NodeLease:
    """The lease of this node: begun, renewed until it is lost, ended. A lost one is never revived."""

    def __init__(self, url: str, clock: Clock, address: str) -> None:
        self.address: Final = address
        self._clock = clock
        self._node = ""
        self._renewed_at = float("-inf")
        self._engine: Final = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
        if self._engine.dialect.name == "sqlite":
            prepare_sqlite(self._engine)
        self._writing: Final = self._engine.execution_options(**{WRITES: True})
        # A thread of its own: no load of others may hold up a renewal.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="collab-lease")
        self._events = structlog.stdlib.get_logger()

    @property
    def node(self) -> str:
        return self._node

    @property
    def is_live(self) -> bool:
        """Whether nobody can have taken over yet, by this process' own clock."""
        return self._clock.monotonic() - self._renewed_at < GIVE_UP_SECONDS

    # --- blocking ---

    def begin(self) -> None:
        """A new lease under a new id; raises DBAPIError."""
        started = self._clock.monotonic()
        node = secrets.token_hex(10)
        with self._writing.begin() as connection:
            now = database_now(connection, self._clock)
            connection.execute(
                delete(CollabNodeRow).where(CollabNodeRow.lease_until < now - FORGET_NODES_AFTER)
            )
            until = now + timedelta(seconds=LEASE_SECONDS)
            connection.execute(
                insert(CollabNodeRow).values(id=node, address=self.address, lease_until=until)
            )
        self._node, self._renewed_at = node, started

    def renew(self) -> bool:
        """Once more; False where it is over, by the database's clock or by ours."""
        started = self._clock.monotonic()
        with self._writing.begin() as connection:
            now = database_now(connection, self._clock)
            until = now + timedelta(seconds=LEASE_SECONDS)
            renewed = connection.execute(
                update(CollabNodeRow)
                .where(CollabNodeRow.id == self._node, CollabNodeRow.lease_until >= now)
                .values(lease_until=until)
            ).rowcount
        if not renewed or not self.is_live:
            return False
        self._renewed_at = started
        return True

    def end(self) -> None:
        """All documents of this node are free at once; raises DBAPIError."""
        with self._writing.begin() as connection:
            connection.execute(delete(CollabNodeRow).where(CollabNodeRow.id == self._node))
        self._renewed_at = float("-inf")

    def close(self) -> None:
        self._thread.shutdown(wait=False)
        self._engine.dispose()

    # --- beside the rooms ---

    async def start(self) -> None:
        await self._in_thread(self.begin)

    async def keep(self, lost: Callable[[], None]) -> None:
        """Renew until cancelled; when the lease is lost, say so at once and begin a new one."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            if not await self._renewed():
                self._events.error("node.lease_lost", node=self._node)
                lost()
                await self._begin_again()

    async def stop(self) -> None:
        """End the lease where the database answers; else it ends by itself."""
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await self._in_thread(self.end)
        except (DBAPIError, TimeoutError):
            self._events.warning("node.lease_not_ended", node=self._node)
        self.close()

    async def _renewed(self) -> bool:
        """Try again until it is renewed, or until it is too late."""
        while self.is_live:
            try:
                left = GIVE_UP_SECONDS - (self._clock.monotonic() - self._renewed_at)
                async with asyncio.timeout(left):
                    return await self._in_thread(self.renew)
            except DBAPIError as error:
                self._events.warning("node.lease_not_renewed", error=str(error.orig))
                await asyncio.sleep(RENEW_SECONDS / 5)
            except TimeoutError:
                return False
        return False

    async def _begin_again(self) -> None:
        while True:
            try:
                await self._in_thread(self.begin)
            except DBAPIError as error:
                self._events.warning("node.lease_not_begun", error=str(error.orig))
                await asyncio.sleep(RENEW_SECONDS)
            else:
                return

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
