"""kill -9 of the server while people edit: nothing acknowledged and nothing seen is lost."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from backend.collab.document import read_model
from backend.collab.live import LiveDocument, index_of
from backend.collab.wire import (
    SyncStep2,
    Update,
    read_bytes,
    read_message,
    read_state,
    step_1,
    update_message,
)
from tests.backend.collab.server import open_log
from tests.backend.collab.updates import Writer

SERVER = Path(__file__).with_name("server.py")
ROOT = Path(__file__).resolve().parents[3]
PROJECT = "prj_main"


@asynccontextmanager
async def servers() -> AsyncGenerator[Callable[[Path], Awaitable[tuple[int, int]]]]:
    """Starts servers on folders, each a process of its own: its id and its port."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVER), stdin=pipe, stdout=pipe, env={"PYTHONPATH": str(ROOT)}
    )
    asked, told = process.stdin, process.stdout
    if asked is None or told is None:
        raise RuntimeError("no pipes")

    started: list[int] = []

    async def start(folder: Path) -> tuple[int, int]:
        asked.write(f"{folder}\n".encode())
        _, pid, port = (await asyncio.wait_for(told.readline(), 30)).split()
        started.append(int(pid))
        return int(pid), int(port)

    try:
        yield start
    finally:
        asked.close()
        await process.wait()
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class Editor:
    """Edits without pause; knows what was acknowledged, and what it saw of the other one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.writer = Writer()
        self.seen: Doc[Any] = Doc()
        self.acked = 0
        self.count = 0

    async def work(self, port: int) -> None:
        address = f"ws://127.0.0.1:{port}/collab/{PROJECT}?token={self.name}&ack=1"
        with suppress(WebSocketException, OSError):
            async with connect(address, max_size=None) as client, asyncio.TaskGroup() as group:
                await client.send(step_1(b"\x00"))
                await client.send(update_message(self.writer.doc.get_update()))
                group.create_task(self._listen(client))
                while True:
                    edit = self.writer.clip(f"{self.name}_{self.count % 50}", n=self.count)
                    self.count += 1
                    await client.send(update_message(edit))
                    await asyncio.sleep(0.026)

    async def _listen(self, client: Any) -> None:
        async for frame in client:
            if frame[0] == 64:
                state = read_state(read_bytes(frame, 1)[0])
                self.acked = max(self.acked, state.get(self.writer.client_id, 0))
                continue
            message = read_message(frame)
            if isinstance(message, SyncStep2 | Update):
                self.seen.apply_update(message.update)


async def kill_again_and_again(folder: Path, kills: int, dice: random.Random) -> None:
    editors = [Editor("ann-token"), Editor("bea-token")]
    async with servers() as start:
        for _ in range(kills):
            pid, port = await start(folder)
            work = [asyncio.create_task(editor.work(port)) for editor in editors]
            await asyncio.sleep(0.15 + dice.random() * 0.4)
            os.kill(pid, signal.SIGKILL)
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await asyncio.to_thread(check, folder, editors)
    assert all(editor.acked > 0 for editor in editors)


def check(folder: Path, editors: list[Editor]) -> None:
    log = open_log(folder)
    stored = log.read(PROJECT)
    log.close()
    assert stored.is_whole
    live = LiveDocument(stored, index_of(stored))
    durable = read_state(live.state())
    for editor in editors:
        assert durable.get(editor.writer.client_id, 0) >= editor.acked
        for client, clock in read_state(editor.seen.get_state()).items():
            assert durable.get(client, 0) >= clock
    shown = read_model(editors[0].seen)
    assert set(shown.clips) <= set(live.model().clips)


@pytest.mark.rule("collab-D1")
async def test_nothing_acknowledged_is_lost_in_thirty_kills(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, 30, random.Random(1))


@pytest.mark.nightly
@pytest.mark.rule("collab-D1")
async def test_nothing_is_lost_in_five_hundred_kills(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, 500, random.Random(2))
