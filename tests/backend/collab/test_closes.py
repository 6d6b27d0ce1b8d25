"""Every close code of the contract over real sockets, and a reader that stops."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from backend.collab.scan import VALUE_BYTES_MAX
from backend.collab.socket import UNSENT_BYTES_MAX
from backend.collab.wire import SyncStep2, Update, read_message, update_message
from tests.backend.collab.fakes import until
from tests.backend.collab.server import Running, running
from tests.backend.collab.test_port import close_code, joined
from tests.backend.collab.updates import Writer


async def empty_frame(server: Running, project: str) -> ClientConnection:
    client = await joined(server, project)
    await client.send(b"")
    return client


async def no_token(server: Running, project: str) -> ClientConnection:
    return await connect(server.url(project, ""))


async def no_access(server: Running, project: str) -> ClientConnection:
    server.access.outside.add("ann")
    return await connect(server.url(project, "ann-token"))


async def no_project(server: Running, _project: str) -> ClientConnection:
    return await connect(server.url("prj_none", "ann-token"))


async def too_large(server: Running, project: str) -> ClientConnection:
    client = await joined(server, project)
    await client.send(b"\x65" + bytes(4 * 2**20))
    return client


async def too_fast(server: Running, project: str) -> ClientConnection:
    client = await joined(server, project)
    for _ in range(10_000):
        await client.send(b"\x65")
    return client


async def too_many(server: Running, project: str) -> ClientConnection:
    for _ in range(20):
        await joined(server, project)
    return await connect(server.url(project, "ann-token"))


Fault = Callable[[Running, str], Awaitable[ClientConnection]]
CLOSES: dict[Fault, int] = {
    empty_frame: 4400,
    no_token: 4401,
    no_access: 4403,
    no_project: 4404,
    too_large: 4413,
    too_fast: 4429,
    too_many: 1013,
}


@pytest.mark.rule("collab-W2", "collab-W3", "collab-C1", "collab-H8", "collab-J4")
@pytest.mark.parametrize("fault", CLOSES, ids=lambda fault: fault.__name__)
async def test_each_close_code_comes_as_a_close_frame_and_others_stay(
    fault: Fault, tmp_path: Path
) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        bea = await joined(server, project, "bea-token")
        client = await fault(server, project)
        assert await close_code(client) == CLOSES[fault]
        await bea.send(update_message(Writer(7).clip("c1", start=1)))
        await seen(bea, 1)
        assert (await server.service.read_document(project)).clips["c1"] == {"start": 1}


async def seen(client: ClientConnection, count: int) -> None:
    """Read until so many updates have come."""
    async with asyncio.timeout(20):
        while count:
            message = await client.recv()
            count -= isinstance(message, bytes) and isinstance(
                read_message(message), Update | SyncStep2
            )


def kept_bytes(connection: Any) -> int:
    return connection._carrier.unsent_bytes()


@pytest.mark.rule("collab-S3")
async def test_a_client_that_reads_no_more_is_let_go_and_others_miss_nothing(
    tmp_path: Path,
) -> None:
    edits, size = 6, 50
    async with running(tmp_path) as server:
        project = server.begin()
        people = [await joined(server, project, f"e{number}") for number in range(3)]
        narrow = socket.create_connection(("127.0.0.1", server.port))
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck = await joined(server, project, "e9", sock=narrow, max_queue=1)
        stuck.transport.pause_reading()
        room: Any = server.service.rooms.loaded(project)
        slow = next(one for one in room.connections if one.person_id == "editor-9")
        writers = [Writer(100 + number) for number in range(3)]
        most = 0
        for edit in range(edits):
            writer, person = writers[edit % 3], people[edit % 3]
            values = {f"key_{key}": "x" * (VALUE_BYTES_MAX - 100) for key in range(size)}
            await person.send(update_message(writer.clip(f"c{edit}", **values)))
            for other in people:
                await seen(other, 1)
            most = max(most, kept_bytes(slow))
        await until(lambda: slow.is_closed)
        assert slow.close_code == 1013
        assert most <= UNSENT_BYTES_MAX
        assert slow not in room.connections
        assert len(room.connections) == len(people)
        document = await server.service.read_document(project)
        assert sorted(document.clips) == [f"c{edit}" for edit in range(edits)]
        stuck.transport.abort()
