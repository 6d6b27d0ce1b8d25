"""Fixtures that every room's tests may ask for."""

from pathlib import Path

import pytest

from tests.media import Clips


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Makes marked clips with the pinned ffmpeg; each is made once per test run."""
    return Clips(Path(tmp_path_factory.mktemp("clips")))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the code answers into tests/golden instead of comparing",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
