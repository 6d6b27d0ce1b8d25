"""Somebody with a document of their own and a socket, for tests over real sockets."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from pycrdt import Doc
from websockets.asyncio.client import ClientConnection, connect

from backend.collab.document import new_ydoc, read_model
from backend.collab.wire import (
    SyncStep2,
    Update,
    read_bytes,
    read_message,
    read_state,
    step_1,
    update_message,
)
from tests.backend.collab.updates import Writer

SECONDS = 30.0


class Guest:
    """Edits, waits for acknowledgements, and knows what the others wrote."""

    def __init__(self, socket: ClientConnection, writer: Writer | None = None) -> None:
        self.socket = socket
        self.writer = writer or Writer()
        self.acked = 0
        self.seen: Doc[Any] = new_ydoc()

    async def edit(self, clip: str, **keys: object) -> None:
        """Write a clip, and read on until that is durable."""
        await self.socket.send(update_message(self.writer.clip(clip, **keys)))
        wanted = read_state(self.writer.doc.get_state())[self.writer.client_id]
        await self.until(lambda: self.acked >= wanted)

    async def sees(self, *clips: str) -> None:
        """Read on until these are here."""
        await self.until(lambda: set(clips) <= set(read_model(self.seen).clips))

    async def until(self, holds: Callable[[], bool], *, seconds: float | None = SECONDS) -> None:
        """Read on until it holds."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._take(await self.socket.recv(decode=False))

    def _take(self, message: bytes) -> None:
        if message[0] == 64:
            state = read_state(read_bytes(message, 1)[0])
            self.acked = max(self.acked, state.get(self.writer.client_id, 0))
            return
        found = read_message(message)
        if isinstance(found, SyncStep2 | Update):
            self.seen.apply_update(found.update)


@asynccontextmanager
async def guest(address: str, writer: Writer | None = None) -> AsyncGenerator[Guest]:
    """Joined, with all that `writer` had before."""
    async with connect(address, max_size=None) as socket:
        await socket.send(step_1(b"\x00"))
        if writer is not None:
            await socket.send(update_message(writer.doc.get_update()))
        yield Guest(socket, writer)
