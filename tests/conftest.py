"""Fixtures that every room's tests may ask for."""

from pathlib import Path

import pytest

from tests.media import Clips


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Makes marked clips with the pinned ffmpeg; each is made once per test run."""
    return Clips(Path(tmp_path_factory.mktemp("clips")))
