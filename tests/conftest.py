"""Fixtures that every room's tests may ask for."""

import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from backend.db.migrations import migrate
from tests.fuzzing import load_profile
from tests.media import Clips
from tests.postgres import new_database, postgres_server
from tests.redis_server import RedisServer, redis_server


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Makes marked clips with the pinned ffmpeg; each is made once per test run."""
    return Clips(Path(tmp_path_factory.mktemp("clips")))


@pytest.fixture(scope="session")
def postgres() -> Generator[URL]:
    """One Postgres for the whole run."""
    with postgres_server() as address:
        yield address


@pytest.fixture
def postgres_url(postgres: URL) -> str:
    """A fresh, empty database on it."""
    return new_database(postgres)


@pytest.fixture(scope="session")
def redis() -> Generator[RedisServer]:
    """One Redis for the whole run; who takes it away starts one of their own."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: URL) -> str:
    """The name of a database of this version that nobody uses: copying it is quicker than making it."""
    address = new_database(postgres)
    migrate(address)
    return str(make_url(address).database)


@pytest.fixture
def postgres_copy_url(postgres: URL, postgres_template: str) -> str:
    """A fresh database of this version."""
    return new_database(postgres, postgres_template)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the code answers into tests/golden instead of comparing",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Who starts this run in the background has it ignore Ctrl-C, and what it starts inherits that:
    # `cutroom` would do as told and ignore it too. What a handler is set for is not inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    load_profile(nightly=str(config.getoption("markexpr")) == "nightly")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
