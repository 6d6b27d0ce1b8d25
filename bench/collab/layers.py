"""Socket layers side by side: the same small room for presence, with a tick, on each of them.

No sign-in, scan or log, so that what differs is the layer: `python -m bench.collab.layers`. The
figures are in `docs/adr/0033-picows-carries-the-rooms.md`.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import picows
import uvicorn
import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from backend.collab.wire import EMPTY_UPDATE, awareness_message, frame, step_2, varint
from bench.collab import load
from bench.collab.servers import ROOT, Guest, free_port, served

Figures: TypeAlias = dict[str, dict[str, dict[str, Any]]]
HOST: Final = "127.0.0.1"
TICK_SECONDS: Final = 0.016
SECONDS: Final = "4"
ROOMS: Final = {"50 in a room": [50], "40 rooms of 3": [3] * 40}
RESULTS: Final = ROOT / "bench/results/collab-layers.json"


class Room:
    """Entries of a tick as one message; `send_all` is the layer's way of writing it to all."""

    def __init__(self, send_all: Callable[[set[Any], bytes], None]) -> None:
        self.people: set[Any] = set()
        self._send_all = send_all
        self._entries: list[bytes] = []

    def hear(self, data: bytes) -> bytes | None:
        """The answer to a step 1; presence waits for the tick."""
        if data.startswith(b"\0\0"):
            return step_2(EMPTY_UPDATE)
        if data.startswith(b"\1"):
            if not self._entries:
                asyncio.get_running_loop().call_later(TICK_SECONDS, self._flush)
            self._entries.append(data[3 if data[1] < 128 else 4 :])
        return None

    def _flush(self) -> None:
        entries, self._entries = self._entries, []
        self._send_all(self.people, awareness_message(varint(len(entries)) + b"".join(entries)))


class Rooms(dict[str, Room]):
    def __init__(self, send_all: Callable[[set[Any], bytes], None]) -> None:
        super().__init__()
        self._send_all = send_all

    def __missing__(self, name: str) -> Room:
        room = self[name] = Room(self._send_all)
        return room


# --- the layers --------------------------------------------------------------------------------


async def on_picows(port: int) -> None:
    def send_all(people: set[Any], message: bytes) -> None:
        framed = frame(message)
        for transport in people:
            transport.underlying_transport.write(framed)

    rooms = Rooms(send_all)

    class Listener(picows.WSListener):
        def __init__(self, room: Room) -> None:
            self._room = room

        def on_ws_connected(self, transport: picows.WSTransport) -> None:
            self._room.people.add(transport)

        def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
            self._room.people.discard(transport)

        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            answer = self._room.hear(frame.get_payload_as_bytes())
            if answer is not None:
                transport.send(picows.WSMsgType.BINARY, answer)

    def listener(request: picows.WSUpgradeRequest) -> picows.WSListener:
        return Listener(rooms[request.path.decode()])

    server = await picows.ws_create_server(listener, HOST, port)  # pyright: ignore[reportUnknownMemberType] - asyncio.Server options
    print("ready", flush=True)
    await server.serve_forever()


async def on_websockets(port: int) -> None:
    rooms = Rooms(broadcast)

    async def handle(connection: ServerConnection) -> None:
        room = rooms[connection.request.path if connection.request else ""]
        room.people.add(connection)
        try:
            async for message in connection:
                answer = room.hear(message if isinstance(message, bytes) else message.encode())
                if answer is not None:
                    await connection.send(answer)
        finally:
            room.people.discard(connection)

    async with serve(handle, HOST, port, compression=None) as server:
        print("ready", flush=True)
        await server.serve_forever()


async def on_uvicorn(port: int) -> None:
    """An ASGI websocket: the framework sends, one await for each client."""
    waiting: set[asyncio.Task[None]] = set()

    async def to_each(people: list[Any], message: bytes) -> None:
        for send in people:
            await send({"type": "websocket.send", "bytes": message})

    def send_all(people: set[Any], message: bytes) -> None:
        task = asyncio.get_running_loop().create_task(to_each([*people], message))
        waiting.add(task)
        task.add_done_callback(waiting.discard)

    rooms = Rooms(send_all)

    async def app(
        scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        room = rooms[scope["path"]]
        await receive()
        await send({"type": "websocket.accept"})
        room.people.add(send)
        while (event := await receive())["type"] == "websocket.receive":
            answer = room.hear(event["bytes"])
            if answer is not None:
                await send({"type": "websocket.send", "bytes": answer})
        room.people.discard(send)

    class Telling(uvicorn.Server):
        async def startup(self, sockets: list[Any] | None = None) -> None:
            await super().startup(sockets)
            print("ready", flush=True)

    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_level="error",
        lifespan="off",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
    await Telling(config).serve()


LAYERS: Final = {"picows": on_picows, "websockets": on_websockets, "uvicorn": on_uvicorn}


# --- side by side ------------------------------------------------------------------------------


def measured(rounds: int) -> Figures:
    """By load and layer, the round that took the least time of the processor."""
    load.build()
    told: Figures = {}
    for name, sizes in ROOMS.items():
        for _ in range(rounds):
            for layer in LAYERS:
                found = _measure(layer, sizes)
                best = told.setdefault(name, {}).get(layer)
                if best is None or found["cpu_seconds"] < best["cpu_seconds"]:
                    told[name][layer] = found
    return told


def _measure(layer: str, sizes: list[int]) -> dict[str, Any]:
    guests = [
        Guest(room, f"doc_{room}", f"/doc_{room}")
        for room, size in enumerate(sizes)
        for _ in range(size)
    ]
    port = free_port()
    command = [sys.executable, "-m", "bench.collab.layers", layer, str(port)]
    with served(command, port, guests, {}) as running:
        options = ["--presence", "25", "--window", SECONDS]
        return {**load.run(running, "live", *options, framed=False), "rss_mb": running.rss_mb}


def main() -> None:
    if len(sys.argv) > 2:
        uvloop.run(LAYERS[sys.argv[1]](int(sys.argv[2])))
        return
    figures = measured(2)
    told = {
        "command": "python -m bench.collab.layers",
        "load_average": round(os.getloadavg()[0], 1),
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    for name, layers in figures.items():
        for layer, found in layers.items():
            print(
                f"{name:16} {layer:12} {found['states_per_cpu_second']:10,.0f} states/CPU-s "
                f"{found['core_share']:5.1%} {found['delivered_share']:7.2%} delivered "
                f"p99 {found['presence_p99_ms']:.1f} ms"
            )


if __name__ == "__main__":
    main()
