"""Wallets on first use, and the one welcome of an account."""

import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.auth.tables import MemberRow, UserRow, WorkspaceRow
from backend.credits.prices import PACKS, PACKS_VERSION, WELCOME_CREDITS
from backend.credits.service import open_wallet
from backend.credits.tables import EntryRow, WalletRow
from backend.db.session import Database
from kit.ids import sortable_id
from tests.backend.credits.ledgers import NOW
from tests.backend.support import empty_database, migrated_database


@dataclass(frozen=True, slots=True)
class People:
    database: Database

    def person(self, kind: str = "account") -> str:
        user_id = sortable_id("usr")
        with self.database.write_in_thread() as session:
            session.add(UserRow(id=user_id, kind=kind, name="Asha", created_at=NOW))
        return user_id

    def workspace(self, owner_id: str, role: str = "owner") -> str:
        workspace_id = sortable_id("ws")
        with self.database.write_in_thread() as session:
            session.add(WorkspaceRow(id=workspace_id, name="Team", created_at=NOW))
            session.flush()
            session.add(
                MemberRow(
                    workspace_id=workspace_id, user_id=owner_id, role=role, epoch=1, created_at=NOW
                )
            )
        return workspace_id

    def available(self, workspace_id: str) -> int:
        with self.database.write_in_thread() as session:
            return open_wallet(session, workspace_id, "sandbox", now=NOW).available


@pytest.fixture(params=["sqlite", "postgres"])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[People]:
    if request.param == "postgres":
        database = empty_database(str(request.getfixturevalue("postgres_copy_url")))
    else:
        database = migrated_database(tmp_path / "data")
    yield People(database)
    asyncio.run(database.close())


@pytest.mark.rule("credits-W1", "credits-W2")
def test_the_first_workspace_of_an_account_is_welcomed_and_no_other(people: People) -> None:
    asha = people.person()
    first, second = people.workspace(asha), people.workspace(asha)
    assert people.available(first) == WELCOME_CREDITS
    assert people.available(first) == WELCOME_CREDITS
    assert people.available(second) == 0


@pytest.mark.rule("credits-W2")
def test_a_workspace_without_an_owner_is_welcomed_by_nobody(people: People) -> None:
    assert people.available(people.workspace(people.person(), "editor")) == 0


@pytest.mark.rule("credits-W1", "credits-W2")
def test_many_who_open_at_once_find_one_wallet_and_one_welcome(people: People) -> None:
    asha = people.person()
    places = [people.workspace(asha) for _ in range(3)]
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(people.available, places * 4))
    assert sorted({*found}) == [0, WELCOME_CREDITS]
    with people.database.read_in_thread() as session:
        assert _count(session, WalletRow) == 3
        assert _count(session, EntryRow) == 1


def test_a_price_never_changes_under_an_old_version() -> None:
    """A new number needs a new version, and this list the old one beside it."""
    assert PACKS_VERSION == 1
    assert {pack.id: (pack.credits, pack.amount_minor) for pack in PACKS.values()} == {
        "starter": (500, 49_900),
        "studio": (2_500, 199_900),
        "film": (12_000, 799_900),
    }
    assert all(pack.amount_minor >= pack.credits > 0 for pack in PACKS.values())


def _count(session: Session, table: type[WalletRow | EntryRow]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
