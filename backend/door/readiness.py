"""What `/readyz` asks of the parts that every server has."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from sqlalchemy import text

from backend.db.migrations import connection_revision, head
from backend.db.session import Database
from backend.door.health import Check
from kit.event_bus import EventBus
from kit.measured_store import MeasuredStore
from kit.object_store import ObjectStore

PROBE_KEY: Final = "health/probe"


class Engine(Protocol):
    """Workers in this process."""

    @property
    def description(self) -> str:
        """What `/readyz` says of it."""
        ...

    @property
    def build_id(self) -> str:
        """The build that renders; part of every segment's key."""
        ...

    def cached(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of the keys under which a finished segment lies in the cache; blocks."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None:
        """Give the tasks in hand back; blocks until no child is left."""
        ...

    async def carry(self) -> None:
        """Wake the workers when the board has something, until cancelled."""
        ...


class NotAtHead(Exception):
    """The tables are of another version than this code."""


class NoWorkers(Exception):
    """No worker was seen within a minute: orders are taken and wait."""


class StoreLies(Exception):
    """The store gave other bytes than it was given."""


class BusAway(Exception):
    """Hints of other processes do not arrive: what they would tell is found by polling."""


def readiness_checks(
    database: Database,
    store: ObjectStore,
    bus: EventBus,
    engine: Engine | None = None,
    count_workers: Callable[[], int] | None = None,
) -> Mapping[str, Check]:
    """Questions by part; a server with workers of its own names its engine, others count theirs, in a thread."""

    async def database_writes() -> str:
        async with database.write() as session:
            await session.execute(text("update event_heads set seq = seq where 1 = 0"))
        return database.url.get_backend_name()

    async def migrations() -> str:
        async with database.read() as session:
            connection = await session.connection()
            revision = await connection.run_sync(connection_revision)
        if revision != head():
            raise NotAtHead
        return revision or ""

    async def store_keeps() -> str:
        await asyncio.to_thread(_put_and_get, store)
        inner = store.inner if isinstance(store, MeasuredStore) else store
        return type(inner).__name__

    async def bus_carries() -> str:
        if not bus.is_up:
            raise BusAway
        return type(bus).__name__

    checks: dict[str, Check] = {
        "database": database_writes,
        "migrations": migrations,
        "store": store_keeps,
        "bus": bus_carries,
    }
    if count_workers is not None:
        count = count_workers

        async def workers_are_seen() -> str:
            seen = await asyncio.to_thread(count)
            if not seen:
                raise NoWorkers
            return str(seen)

        checks["workers"] = workers_are_seen
    if engine is not None:
        description = engine.description

        async def engine_runs() -> str:
            return description

        checks["engine"] = engine_runs
    return checks


def _put_and_get(store: ObjectStore) -> None:
    wanted = secrets.token_bytes(16)
    store.put(PROBE_KEY, wanted, if_absent=False)
    with store.open(PROBE_KEY) as stream:
        if stream.read() != wanted:
            raise StoreLies
