"""kill -9 of the server while people edit: nothing acknowledged and nothing seen is lost."""

import asyncio
import random
import signal
import sys
from contextlib import suppress
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


async def started(folder: Path) -> tuple[asyncio.subprocess.Process, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SERVER),
        str(folder),
        "0",
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
    )
    if process.stdout is None:
        raise RuntimeError("no pipe")
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    return process, int(line.split()[1])


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
    for _ in range(kills):
        process, port = await started(folder)
        work = [asyncio.create_task(editor.work(port)) for editor in editors]
        await asyncio.sleep(0.3 + dice.random() * 0.5)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        check(folder, editors)


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
    assert editors[0].acked > 0
    shown = read_model(editors[0].seen)
    assert set(shown.clips) <= set(live.model().clips)


@pytest.mark.rule("collab-D1")
async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, 5, random.Random(1))


@pytest.mark.nightly
@pytest.mark.rule("collab-D1")
async def test_nothing_is_lost_in_thirty_kills(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, 30, random.Random(2))
