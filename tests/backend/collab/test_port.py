"""Real sockets: what peers send wrong, and how it ends."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from backend.collab.rooms import RoomsSettings
from backend.collab.wire import (
    SyncStep1,
    SyncStep2,
    Update,
    read_message,
    step_1,
    update_message,
    varint,
)
from tests.backend.collab.server import Running, running
from tests.backend.collab.test_room import presence
from tests.backend.collab.updates import Writer, in_root, update


async def close_code(socket: ClientConnection) -> int | None:
    """Read until the end; the code of the close frame, None for a reset."""
    try:
        async with asyncio.timeout(5):
            while True:
                await socket.recv()
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else None


async def joined(
    server: Running,
    project: str,
    token: str = "ann-token",  # noqa: S107 - of the test's own list
    **more: Any,
) -> ClientConnection:
    """A raw client that has been answered."""
    client = await connect(server.url(project, token), max_size=None, **more)
    await client.send(step_1(b"\x00"))
    async with asyncio.timeout(5):
        while True:
            message = await client.recv()
            if isinstance(message, bytes) and isinstance(read_message(message), SyncStep2):
                return client


HOSTILE = {
    "an empty frame": [b""],
    "a text frame": ["hello"],
    "a cut off message": [b"\x00\x02\x7fab"],
    "an endless number": [b"\xff" * 20],
    "a hostile update": [update_message(update((1, 0, [in_root("evil", "a", b"\x01\x78")])))],
    "60 kB of nested values": [
        update_message(
            update((1, 0, [in_root("meta", "a", b"\x01" + b"\x75\x01" * 30_000 + b"\x78")]))
        )
    ],
    "awareness cut off": [b"\x01\x03\x01\x01\x01"],
    "a bad state vector": [b"\x00\x00\x02\x05\x01"],
}


@pytest.mark.rule("collab-W2", "collab-H1", "collab-H3")
async def test_hostile_frames_end_their_socket_and_nothing_else(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        bea = await joined(server, project, "bea-token")
        before = await server.service.read_document(project)
        for number, (name, frames) in enumerate(HOSTILE.items()):
            client = await joined(server, project, f"e{number}")
            for frame in frames:
                await client.send(frame)
            assert await close_code(client) == 4400, name
        writer = Writer(7)
        await bea.send(update_message(writer.clip("c1", start=1)))
        async with asyncio.timeout(5):
            while True:
                message = read_message(await bea.recv())  # pyright: ignore[reportArgumentType]
                if isinstance(message, Update):
                    break
        after = await server.service.read_document(project)
        assert {**after.clips} == {"c1": {"start": 1}}
        assert after.tracks == before.tracks
        await bea.close()


@pytest.mark.rule("collab-W3")
async def test_too_large_a_message_is_4413_however_it_comes(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        size = 4 * 2**20 + 1
        one = await joined(server, project, "e1")
        await one.send(b"\x65" + bytes(size - 1))
        assert await close_code(one) == 4413
        parts = await joined(server, project, "e2")
        await parts.send([bytes(2**20) for _ in range(5)])
        assert await close_code(parts) == 4413
        fits = await joined(server, project, "e3")
        await fits.send(b"\x65" + bytes(size - 2))
        await fits.ping()
        reader, stream = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"GET /collab/{project}?token=e4 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        head += "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        stream.write((head + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        assert b"101" in await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        stream.write(b"\x82\xff" + struct.pack(">Q", 2**40) + b"\0\0\0\0" + bytes(size))
        data = await asyncio.wait_for(reader.read(-1), 5)
        assert struct.pack(">H", 4413) in data
        stream.close()
        assert await close_of(fits) == 1000


async def close_of(client: ClientConnection) -> int:
    await client.close()
    return client.close_code or 0


@pytest.mark.rule("collab-W2")
async def test_fragments_are_one_message_and_control_frames_may_lie_between(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        client = await joined(server, project)
        message = update_message(Writer(7).clip("c1", name="x" * 3000))

        async def parts() -> AsyncGenerator[bytes]:
            for start in range(0, len(message), 500):
                yield message[start : start + 500]
                await client.ping()

        await client.send(parts())
        async with asyncio.timeout(5):
            while not isinstance(read_message(await client.recv()), Update):  # pyright: ignore[reportArgumentType]
                pass
        assert "c1" in (await server.service.read_document(project)).clips
        assert await close_of(client) == 1000


@pytest.mark.rule("collab-C1")
@pytest.mark.parametrize(
    ("token", "code"), [("", 4401), ("nonsense", 4401), ("cem-token", 4403), ("ann-token", 4404)]
)
async def test_refusals_are_close_frames(tmp_path: Path, token: str, code: int) -> None:
    async with running(tmp_path) as server:
        server.access.outside.add("cem")
        project = server.begin() if code != 4404 else "prj_none"
        client = await connect(server.url(project, token))
        assert await close_code(client) == code


@pytest.mark.rule("collab-C2", "collab-W4")
async def test_what_is_refused_before_the_upgrade(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        address = f"ws://127.0.0.1:{server.port}"
        for path, origin, status in (
            (f"/collab/{project}", "http://evil.example", 403),
            ("/collab/", None, 404),
            ("/collab/a/b", None, 404),
            ("/elsewhere", None, 404),
        ):
            with pytest.raises(InvalidStatus) as refused:
                await connect(address + path, origin=origin)  # pyright: ignore[reportArgumentType]
            assert refused.value.response.status_code == status
        free = await connect(server.url(project, "ann-token"), origin="http://evil.example")  # pyright: ignore[reportArgumentType]
        assert await close_of(free) == 1000
        async with httpx.AsyncClient() as web:
            assert (
                await web.get(f"http://127.0.0.1:{server.port}/openapi.json")
            ).status_code == 200


@pytest.mark.rule("collab-C3")
async def test_a_socket_ends_with_its_token(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        server.access.ends_in["ann-token"] = 0.3
        client = await joined(server, project)
        assert await close_code(client) == 4401


@pytest.mark.rule("collab-C4")
async def test_what_is_revoked_ends_and_others_feel_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project, other = server.begin(), server.begin()
        ann, bea = await joined(server, project), await joined(server, project, "bea-token")
        cem = await joined(server, other, "cem-token")
        server.access.outside.add("ann")
        server.bus.publish("access.revoked", {"user": "ann"})
        assert await asyncio.wait_for(close_code(ann), 1) == 4403
        server.access.ended.add("bea-token")
        server.bus.publish("access.revoked", {"user": "bea"})
        assert await asyncio.wait_for(close_code(bea), 1) == 4401
        server.access.gone.add(other)
        server.bus.publish("access.revoked", {"project": other})
        assert await asyncio.wait_for(close_code(cem), 1) == 4404
        dan = await joined(server, project, "dan-token")
        server.bus.publish("access.revoked", {"user": "somebody"})
        await asyncio.sleep(0.1)
        await dan.ping()
        assert await close_of(dan) == 1000


@pytest.mark.rule("collab-C5")
async def test_a_role_changes_in_place(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        client = await joined(server, project)
        server.access.roles["ann"] = "viewer"
        server.bus.publish("access.revoked", {"user": "ann"})
        await asyncio.sleep(0.2)
        writer = Writer(7)
        await client.send(update_message(writer.clip("c1", start=0)))
        server.access.roles["ann"] = "editor"
        await asyncio.sleep(0.1)
        server.bus.publish("access.revoked", {"user": "ann"})
        async with asyncio.timeout(5):
            while not isinstance(read_message(await client.recv()), SyncStep1):  # pyright: ignore[reportArgumentType]
                pass
        assert (await server.service.read_document(project)).clips == {}
        assert await close_of(client) == 1000


@pytest.mark.rule("collab-W5", "collab-D1")
async def test_a_stop_writes_what_waits_and_says_1013(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        client = await joined(server, project)
        await client.send(update_message(Writer(7).clip("c1", start=0)))
        await asyncio.sleep(0.02)
        end = asyncio.create_task(close_code(client))
    assert await end == 1013
    async with running(tmp_path) as server:
        assert "c1" in (await server.service.read_document(project)).clips


@pytest.mark.rule("collab-S3")
async def test_a_client_that_stops_reading_is_let_go(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        bea = await joined(server, project, "bea-token")
        slow = socket.create_connection(("127.0.0.1", server.port))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"GET /collab/{project}?token=e1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        head += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        slow.sendall((head + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        await asyncio.sleep(0.1)
        room = server.service.rooms.loaded(project)
        assert room is not None
        assert len(room.connections) == 2
        writer = Writer(7)
        ann = await joined(server, project)
        ann_reads = asyncio.create_task(close_code(ann))
        bea_reads = asyncio.create_task(close_code(bea))
        async with asyncio.timeout(30):
            for number in range(150):
                await ann.send(update_message(writer.clip(f"c{number}", text="x" * 50_000)))
                await asyncio.sleep(0.02)
                if len(room.connections) < 3:
                    break
        assert {one.person_id for one in room.connections} == {"ann", "bea"}
        assert not ann_reads.done()
        assert not bea_reads.done()
        slow.close()
        for client, reading in ((ann, ann_reads), (bea, bea_reads)):
            await client.close()
            await reading


@pytest.mark.rule("collab-A4")
async def test_an_aborted_client_leaves_no_ghost(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        bea = await joined(server, project, "bea-token")
        ann = await joined(server, project)
        await ann.send(presence(77, 1, b'{"user": {"name": "Ann"}}'))
        ann_entry = varint(77)
        async with asyncio.timeout(5):
            while ann_entry not in bytes(await bea.recv()):  # pyright: ignore[reportArgumentType]
                pass
            ann.transport.abort()
            while b"null" not in bytes(await bea.recv()):  # pyright: ignore[reportArgumentType]
                pass
        await bea.close()


@pytest.mark.rule("collab-J4")
async def test_the_twenty_first_socket_of_a_person_is_told_to_come_later(tmp_path: Path) -> None:
    async with running(tmp_path, RoomsSettings(grace_seconds=0.1)) as server:
        project = server.begin()
        clients = [await joined(server, project) for _ in range(20)]
        late = await connect(server.url(project, "ann-token"))
        assert await close_code(late) == 1013
        for client in clients:
            await client.close()
