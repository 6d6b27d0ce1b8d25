"""One ledger per database and module; wallets are new in each test."""

import asyncio
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.backend.credits.ledgers import Ledger
from tests.backend.support import empty_database, migrated_database
from tests.postgres import new_database


@pytest.fixture(scope="module")
def sqlite_ledger(tmp_path_factory: pytest.TempPathFactory) -> Generator[Ledger]:
    database = migrated_database(Path(tmp_path_factory.mktemp("ledger")) / "data")
    yield Ledger(database)
    asyncio.run(database.close())


@pytest.fixture(scope="module")
def postgres_ledger(postgres: URL) -> Generator[Ledger]:
    database = empty_database(new_database(postgres))
    yield Ledger(database)
    asyncio.run(database.close())


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    found = request.getfixturevalue(f"{request.param}_ledger")
    assert isinstance(found, Ledger)
    return found
