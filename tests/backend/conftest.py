"""Fixtures of the server's tests."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.backend.support import TestServer, running_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[TestServer]:
    async with running_server(tmp_path) as running:
        yield running
