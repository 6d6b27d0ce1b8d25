"""The chain of the audit log on both databases: the code is gone round on purpose."""

import asyncio
import threading
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.db.audit_log import append_act, check_acts
from backend.db.session import Database
from tests.backend.support import empty_database, migrated_database

NOW = datetime(2026, 11, 30, 7, 0, 0, 123456, tzinfo=UTC)
INSERT = (
    "insert into audit_acts (chain, seq, act, actor, via, target, detail, address, trace_id, at,"
    " previous, hash) values ('ws_1', :seq, 'a', '', '', '', '{}', '', '', :now, :previous, 'h')"
)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Database]:
    found = (
        empty_database(str(request.getfixturevalue("postgres_url")))
        if request.param == "postgres"
        else migrated_database(tmp_path / "data")
    )
    yield found
    asyncio.run(found.close())


def act(database: Database, name: str, chain: str = "ws_1") -> None:
    with database.write_in_thread() as session:
        append_act(session, chain, name, target="x", detail={"b": "2", "a": "1"}, at=NOW)


def differences(database: Database) -> tuple[int, list[str]]:
    found: list[str] = []
    with database.snapshot() as connection:
        count = check_acts(connection, lambda where, what: found.append(f"{where}: {what}"))
    return count, found


def unguarded(database: Database, *statements: str) -> None:
    """Run these with the triggers gone, as somebody with the database in their hands would."""
    with database.write_in_thread() as session:
        if database.is_sqlite:
            names = session.scalars(
                text("select name from sqlite_master where type = 'trigger' and name like 'audit%'")
            ).all()
            for name in names:
                session.execute(text(f"drop trigger {name}"))
        else:
            session.execute(text("set local session_replication_role = replica"))
        for statement in statements:
            session.execute(text(statement))


@pytest.mark.rule("db-B10")
def test_an_untouched_chain_holds_and_chains_do_not_mix(database: Database) -> None:
    for chain in ("ws_1", "ws_2", "ws_1"):
        act(database, "something.done", chain)
    assert differences(database) == (3, [])


@pytest.mark.rule("db-B10")
@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("audit_acts_append_only", "update audit_acts set actor = 'eve'"),
        ("audit_acts_append_only", "delete from audit_acts"),
        ("audit_heads_kept", "delete from audit_heads"),
        ("audit_heads_follow_acts", "update audit_heads set seq = 7"),
        ("audit_heads_follow_acts", "update audit_heads set hash = 'forged'"),
    ],
)
def test_the_database_refuses_to_change_what_was_done(
    database: Database, name: str, statement: str
) -> None:
    act(database, "something.done")
    with pytest.raises(IntegrityError, match=name), database.write_in_thread() as session:
        session.execute(text(statement))
    assert differences(database) == (1, [])


@pytest.mark.rule("db-B10")
@pytest.mark.parametrize(("seq", "previous"), [(2, ""), (3, "h"), (1, "h")])
def test_the_database_refuses_an_act_that_does_not_follow(
    database: Database, seq: int, previous: str
) -> None:
    act(database, "something.done")
    with pytest.raises(IntegrityError), database.write_in_thread() as session:
        session.execute(text(INSERT), {"seq": seq, "previous": previous, "now": NOW.isoformat()})


@pytest.mark.rule("db-B10")
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update audit_acts set actor = 'eve' where seq = 2", "is not as it was written"),
        ("update audit_acts set detail = '{}' where seq = 1", "is not as it was written"),
        ("update audit_acts set previous = '' where seq = 2", "does not name the act before it"),
        ("delete from audit_acts where seq = 2", "follows act 1"),
        ("delete from audit_acts where seq = 3", "does not end where it ended"),
        ("delete from audit_heads", "does not end where it ended"),
    ],
)
def test_what_was_changed_behind_the_guards_is_told(
    database: Database, statement: str, told: str
) -> None:
    for name in ("one.done", "two.done", "three.done"):
        act(database, name)
    unguarded(database, statement)
    assert any(told in line for line in differences(database)[1])


@pytest.mark.rule("db-B10")
def test_what_is_rolled_back_left_no_act(database: Database) -> None:
    act(database, "one.done")

    def broken() -> None:
        with database.write_in_thread() as session:
            append_act(session, "ws_1", "two.done", at=NOW)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        broken()
    act(database, "three.done")
    assert differences(database) == (2, [])


@pytest.mark.rule("db-B10")
def test_many_at_once_make_one_chain(database: Database) -> None:
    threads = [
        threading.Thread(target=lambda: [act(database, "something.done") for _ in range(5)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differences(database) == (20, [])
