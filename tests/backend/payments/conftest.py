"""The shop of the tests of paying, on both databases."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.backend.payments.shop import Shop, open_shop


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Where the shop of a test keeps its books: "" for SQLite in the test's own folder."""
    postgres = request.param == "postgres"
    return str(request.getfixturevalue("postgres_copy_url")) if postgres else ""


@pytest.fixture
async def shop(tmp_path: Path, database_url: str) -> AsyncGenerator[Shop]:
    async with open_shop(tmp_path, url=database_url) as opened:
        yield opened
