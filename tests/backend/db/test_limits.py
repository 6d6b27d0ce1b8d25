"""What Postgres ends by itself: long waits, and one of two transactions that wait for each other."""

import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import text

from backend.db.session import (
    CONFLICT_TRIES,
    LIMITS_SECONDS,
    Database,
    DatabaseAway,
    DatabaseConflict,
    again_after_conflict,
)
from tests.backend.support import empty_database

MOVE = text("update event_heads set seq = seq + 1 where workspace_id = :id")


@pytest.fixture
def database(postgres_copy_url: str) -> Generator[Database]:
    opened = empty_database(postgres_copy_url)
    with opened.write_in_thread() as session:
        for name in ("a", "b"):
            session.execute(text("insert into event_heads values (:id, 0)"), {"id": name})
    yield opened
    asyncio.run(opened.close())


def limits(database: Database) -> dict[str, str]:
    with database.read_in_thread() as session:
        return {name: str(session.scalar(text(f"show {name}"))) for name in LIMITS_SECONDS}


@pytest.mark.rule("db-B9")
async def test_every_session_has_limits_and_an_audit_may_take_its_time(database: Database) -> None:
    wanted = {"lock_timeout": "20s", "statement_timeout": "1min"}
    wanted["idle_in_transaction_session_timeout"] = "1min"
    assert limits(database) == wanted
    async with database.read() as session:
        assert await session.scalar(text("show lock_timeout")) == "20s"
    with database.snapshot() as connection:
        assert connection.scalar(text("show statement_timeout")) == "0"
    assert limits(database) == wanted


@pytest.mark.rule("db-B9")
def test_who_waits_too_long_for_a_lock_is_told_so(database: Database) -> None:
    def move() -> None:
        with database.write_in_thread() as session:
            session.execute(text("set local lock_timeout = '50ms'"))
            session.execute(MOVE, {"id": "a"})

    with database.write_in_thread() as holder:
        holder.execute(MOVE, {"id": "a"})
        with pytest.raises(DatabaseAway, match="lock"):
            move()


@pytest.mark.rule("db-B9")
def test_who_loses_a_deadlock_begins_again(database: Database) -> None:
    both_hold_one, one_is_through, tries = Barrier(2), Event(), list[str]()

    def move(first: str, second: str) -> None:
        # Traced: Postgres hands a row to nobody. Whoever waits is only woken, and who has just lost and
        # begins again at once may take the row before that, so that both meet the same deadlock again.
        # Which of the two is quicker is no promise of ours, so here the loser lets the other through.
        if first in tries:
            assert one_is_through.wait(timeout=30)
        with database.write_in_thread() as session:
            tries.append(first)
            session.execute(MOVE, {"id": first})
            if tries.count(first) == 1:
                both_hold_one.wait(timeout=30)
            session.execute(MOVE, {"id": second})
        one_is_through.set()

    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(again_after_conflict, lambda a=a, b=b: move(a, b)) for a, b in ("ab", "ba")
        ]
        for each in done:
            each.result()
    assert len(tries) == 3
    with database.read_in_thread() as session:
        found = session.execute(text("select seq from event_heads")).scalars().all()
    assert list(found) == [2, 2]


@pytest.mark.rule("db-B9")
def test_who_loses_every_time_is_told_so() -> None:
    tries: list[int] = []

    def lose() -> None:
        tries.append(1)
        raise DatabaseConflict("deadlock detected")

    with pytest.raises(DatabaseConflict):
        again_after_conflict(lose)
    assert len(tries) == CONFLICT_TRIES
