"""Drives `collab_client.mjs`: people with a stock Yjs client, told from Python what to do."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

SCRIPT: Final = Path(__file__).with_name("collab_client.mjs")
ROOT: Final = Path(__file__).resolve().parents[2]


def node_command() -> list[str]:
    """The system's node, else the one of the wheel; Yjs' provider wants a WebSocket class."""
    for found in (shutil.which("node"), str(ROOT / ".venv" / "bin" / "node")):
        if found and Path(found).exists():
            return [found, "--experimental-websocket", "--no-warnings"]
    raise FileNotFoundError("node: run ./dev setup")


class People:
    """A node process with any number of clients, by name."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def __call__(self, command: str, **args: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("node has no pipes")
        stdin.write(json.dumps({"do": command, **args}).encode() + b"\n")
        answer = json.loads(await stdout.readline() or b'{"error": "node has ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["ok"]


@asynccontextmanager
async def people() -> AsyncGenerator[People]:
    process = await asyncio.create_subprocess_exec(
        *node_command(),
        str(SCRIPT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**26,
    )
    try:
        yield People(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
