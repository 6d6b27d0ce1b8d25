"""pycrdt-websocket on uvicorn, as its documentation has it: python pycrdt_rooms.py PORT SEED."""

import socket
import sys
from pathlib import Path

import uvicorn
import uvloop
from pycrdt import Doc
from pycrdt.websocket import ASGIServer, WebsocketServer, YRoom


class SeededServer(WebsocketServer):
    """Rooms that begin with the seed; they are kept open, as for a store that writes slowly."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(auto_clean_rooms=False)
        self._seed = seed

    async def get_room(self, name: str) -> YRoom:
        if name not in self.rooms:
            ydoc: Doc = Doc()
            ydoc.apply_update(self._seed)
            self.rooms[name] = YRoom(ydoc=ydoc)
        room = self.rooms[name]
        await self.start_room(room)
        return room


class TellingServer(uvicorn.Server):
    """Says when it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print("ready", flush=True)


async def main(port: int, seed: bytes) -> None:
    server = SeededServer(seed)
    async with server:
        await TellingServer(
            uvicorn.Config(ASGIServer(server), port=port, log_level="error")
        ).serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
