"""The audit finds what was changed behind the ledger's back, and nothing else."""

import asyncio
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.credits import repository
from backend.credits.audit import audited
from backend.credits.watch import LedgerWatch
from tests.backend.credits.ledgers import Ledger, cause
from tests.backend.support import migrated_database


def story(ledger: Ledger) -> str:
    """A wallet to which everything has happened."""
    wallet = ledger.wallet(bought=100)
    ledger.capture(ledger.hold(wallet, 30), 20)
    ledger.release(ledger.hold(wallet, 10))
    ledger.hold(wallet, 5)
    with ledger.writing() as session:
        repository.grant(session, wallet, 9, cause("grant"))
        repository.claw_back(session, wallet, 100, cause("order"))
        repository.adjust(session, wallet, 3, cause("adjust"))
    return wallet


def found(ledger: Ledger) -> list[str]:
    with ledger.database.snapshot() as connection:
        return audited(connection).differences


def behind_the_back(ledger: Ledger, words: str, wallet: str) -> list[str]:
    """What the audit tells of a change that no trigger was there to refuse; undone afterwards."""
    with ledger.unguarded() as connection:
        for line in words.split(";"):
            connection.execute(text(line), {"w": wallet} if ":w" in line else {})
        return audited(connection).differences


@pytest.mark.rule("credits-A1")
def test_nothing_differs_in_a_ledger_that_nobody_touched(ledger: Ledger) -> None:
    story(ledger)
    assert found(ledger) == []


@pytest.mark.rule("credits-A1")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("update wallets set held = held + 1 where id = :w", "held is 6, its journal makes 5"),
        ("update wallets set debt = debt + 1 where id = :w", "debt is"),
        ("update wallets set granted_left = 0 where id = :w", "granted_left is 0"),
        ("update wallets set seq = seq + 1 where id = :w", "seq is"),
        ("delete from entries where wallet_id = :w and seq = 3", "follows entry 2"),
        ("delete from entries where wallet_id = :w and seq = 3", "its entry is missing"),
        (
            "update entries set held_after = held_after + 1 where wallet_id = :w and seq = 2",
            "replays to",
        ),
        (
            (
                "update postings set amount = amount + 1 where account = 'available' and entry_id ="
                " (select id from entries where wallet_id = :w and seq = 2)"
            ),
            "does not sum to zero",
        ),
        (
            (
                "delete from postings where entry_id ="
                " (select id from entries where wallet_id = :w and seq = 2)"
            ),
            "does not sum to zero",
        ),
        (
            "update holds set amount = amount + 1 where wallet_id = :w and state = 'active'",
            "its active holds are 6",
        ),
        (
            (
                "update holds set state = 'released', settled_at = created_at"
                " where wallet_id = :w and state = 'active'"
            ),
            "is released, its journal says nothing",
        ),
        (
            "update holds set captured = 19 where wallet_id = :w and state = 'captured'",
            "captured 19, its entry spent 20",
        ),
        (
            "delete from holds where wallet_id = :w and state = 'released'",
            "its hold is missing",
        ),
    ],
)
def test_what_was_changed_is_told(ledger: Ledger, words: str, told: str) -> None:
    wallet = story(ledger)
    assert any(told in line for line in behind_the_back(ledger, words, wallet))
    assert found(ledger) == []


@pytest.fixture
def own_ledger(tmp_path: Path) -> Generator[Ledger]:
    """One that may be damaged for good."""
    database = migrated_database(tmp_path / "data")
    yield Ledger(database)
    asyncio.run(database.close())


@pytest.mark.rule("credits-A3")
def test_a_server_shows_how_many_things_differ_and_mends_nothing(own_ledger: Ledger) -> None:
    wallet = {"w": story(own_ledger)}
    watch = LedgerWatch(own_ledger.database)
    assert (watch.look(), watch.mismatch()) == (0, 0)
    with own_ledger.unguarded() as connection:
        connection.execute(text("update wallets set held = held + 1 where id = :w"), wallet)
        connection.commit()
        assert watch.look() == watch.look() == watch.mismatch() > 0
        connection.execute(text("update wallets set held = held - 1 where id = :w"), wallet)
        connection.commit()
        assert (watch.look(), watch.mismatch()) == (0, 0)
