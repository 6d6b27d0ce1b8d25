"""Machines whose clocks are off share one board: leases go by the clock of the database alone."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.db.session import Database
from backend.exports.board import SqlBoard
from backend.exports.keeper import Keeper
from kit.clock import ManualClock
from tests.backend.sql_desk import SqlDesk
from tests.backend.support import empty_database, migrated_database
from timeline.jobs import TaskResult

OFF = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Database]:
    made = (
        migrated_database(tmp_path / "data")
        if request.param == "sqlite"
        else empty_database(request.getfixturevalue("postgres_url"))
    )
    yield made
    asyncio.run(made.close())


def clock(off: timedelta) -> ManualClock:
    return ManualClock(datetime.now(UTC) + off)


@pytest.mark.rule("operations-W2")
@pytest.mark.parametrize("off", [OFF, -OFF])
def test_a_clock_that_is_an_hour_off_ends_no_lease_and_begins_none(
    database: Database, off: timedelta
) -> None:
    SqlDesk(database).order()
    worker, other = SqlBoard(database, clock(off)), SqlBoard(database, clock(-off))
    keeper = Keeper(database, clock(-off))
    lease = worker.claim("w1")
    assert lease is not None
    assert (keeper.sweep(), other.sweep()) == (0, 0)
    assert other.claim("w2") is None
    assert worker.heartbeat({lease.key: 1}) == frozenset()
    assert (keeper.sweep(), other.sweep()) == (0, 0)
    assert worker.commit(lease, TaskResult())
