"""The pinned ffmpeg in its box, found once."""

from collections.abc import Generator
from pathlib import Path

import pytest

from exporter.ffmpeg_process import Ffmpeg
from exporter.settings import find_ffmpeg, read_settings
from kit.folder_store import FolderStore
from tests.exporter.films import Studio


@pytest.fixture(scope="session")
def ffmpeg() -> Generator[Ffmpeg]:
    found = find_ffmpeg(read_settings())
    yield found
    found.prober.close()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture(scope="session")
def studio(ffmpeg: Ffmpeg, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(ffmpeg, tmp_path_factory.mktemp("studio"))
