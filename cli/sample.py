"""The sample project, landed once per data folder by a child process beside the server."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import structlog

from backend.auth.local_owner import new_owner_token
from backend.main import Parts
from cli.demo.project import found_or_made
from cli.errors import CommandFailed
from exporter.settings import ffmpeg_path
from exporter.settings import read_settings as read_exporter_settings

DONE_FILE: Final = "sample.done"  # so that a sample that people deleted does not come back
MAKE_SECONDS_MAX: Final = 10
TOKEN_TTL: Final = timedelta(hours=1)


async def make_sample_project_once(parts: Parts, folder: Path, address: str) -> None:
    """The empty sample project, so that who opens the printed address at once lands in it."""
    if await asyncio.to_thread((folder / DONE_FILE).exists):
        return
    token = await asyncio.to_thread(_token, parts)
    try:
        await asyncio.to_thread(_make, address, token)
    except (CommandFailed, httpx.HTTPError) as fault:
        structlog.stdlib.get_logger().warning("sample.failed", fault=str(fault))


def _make(address: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=MAKE_SECONDS_MAX) as client:
        found_or_made(client)


async def land_sample_once(parts: Parts, folder: Path, address: str) -> None:
    """Run `cli.demo` against our own address; it ends with us."""
    done = folder / DONE_FILE
    if await asyncio.to_thread(done.exists):
        return
    token = await asyncio.to_thread(_token, parts)
    ffmpeg = str(await asyncio.to_thread(lambda: ffmpeg_path(read_exporter_settings())))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.demo", address, ffmpeg),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await child.communicate(f"{token}\n".encode())
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == 0:
        await asyncio.to_thread(done.touch)
    else:
        structlog.stdlib.get_logger().warning("sample.failed", exit_code=child.returncode)


def _token(parts: Parts) -> str:
    with parts.database.write_in_thread() as session:
        return new_owner_token(session, role="editor", ttl=TOKEN_TTL, now=parts.clock.now())
