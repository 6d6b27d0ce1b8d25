"""Stock yjs + y-websocket in Node, and pycrdt's own provider, against the real server."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map, Provider
from websockets.asyncio.client import ClientConnection, connect

from backend.collab.document import read_model
from backend.collab.live import LiveDocument, index_of
from tests.backend.collab.fakes import until
from tests.backend.collab.server import Running, running
from tests.interop.node import People, people


def at(server: Running) -> str:
    return f"ws://127.0.0.1:{server.port}/collab"


async def enter(
    do: People, server: Running, project: str, names: Sequence[str], **more: Any
) -> None:
    for name in names:
        await do(
            "open", name=name, server=at(server), project=project, token=f"{name}-token", **more
        )
        assert await do("synced", name=name)


@pytest.mark.rule("collab-J1", "collab-S2", "collab-D2")
async def test_three_stock_clients_converge_and_so_does_the_log(tmp_path: Path) -> None:
    async with people() as do:
        async with running(tmp_path) as server:
            project = server.begin()
            names = ["ann", "bea", "cem"]
            await enter(do, server, project, names, ack=True)
            for seed, name in enumerate(names):
                await do("edits", name=name, count=150, seed=seed)
            for name in names:
                assert await do("durable", name=name)
            assert await do("equal", names=names)
            whole = await do("json", name="ann")
            stored = server.log.read(project)
            replayed = LiveDocument(stored, index_of(stored)).model()
            assert {key: dict(record) for key, record in replayed.clips.items()} == whole["clips"]
            assert await do("closes", name="ann") == []
            port = server.port
        async with running(tmp_path, port=port) as server:
            for name in names:
                assert await do("synced", name=name, within=8000)
            await do("edits", name="bea", count=20, seed=9)
            assert await do("durable", name="bea")
            assert await do("equal", names=names)
            await enter(do, server, project, ["dan"])
            assert await do("equal", names=[*names, "dan"])


@pytest.mark.rule("collab-J1", "collab-R1")
async def test_offline_edits_of_both_sides_merge_and_viewers_only_read(tmp_path: Path) -> None:
    async with running(tmp_path) as server, people() as do:
        project = server.begin()
        await enter(do, server, project, ["ann", "bea", "vic"])
        await do("set", name="ann", map="clips", id="c1", key="start", value=705_600_000)
        assert await do("equal", names=["ann", "bea", "vic"])
        await do("disconnect", name="ann")
        await do("set", name="ann", map="clips", id="c1", key="name", value="offline")
        await do("set", name="bea", map="clips", id="c1", key="track", value="v2")
        await do("connect", name="ann")
        assert await do("equal", names=["ann", "bea", "vic"])
        clip = (await do("json", name="vic"))["clips"]["c1"]
        assert clip == {"start": 705_600_000, "name": "offline", "track": "v2"}
        await do("set", name="vic", map="clips", id="c1", key="name", value="mine")
        await do("set", name="ann", map="meta", key="name", value="Cut 2")
        assert await do("equal", names=["ann", "bea"])
        assert (await do("json", name="bea"))["clips"]["c1"]["name"] == "offline"
        assert await do("closes", name="vic") == []


@pytest.mark.rule("collab-A2", "collab-A4", "collab-A5")
async def test_presence_of_stock_clients(tmp_path: Path) -> None:
    async with running(tmp_path) as server, people() as do:
        project = server.begin()
        for name in ("ann", "bea"):
            state = {"user": {"name": name}, "playhead": 0}
            await enter(do, server, project, [name], state=state)
        for name in ("ann", "bea"):
            assert await do("sees", name=name, count=2)
        await enter(do, server, project, ["cem"])
        assert await do("sees", name="cem", count=2)
        await do("state", name="ann", value={"user": {"name": "ann"}, "playhead": 9})
        for _ in range(200):
            if {"user": {"name": "ann"}, "playhead": 9} in await do("states", name="cem"):
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail("the playhead did not arrive")
        await do("disconnect", name="ann")
        assert await do("sees", name="bea", count=1)
        await do("connect", name="ann")
        assert await do("sees", name="bea", count=2)
        assert await do("closes", name="bea") == []


@pytest.mark.rule("collab-C1", "collab-C4", "collab-H1")
async def test_close_codes_reach_a_stock_client(tmp_path: Path) -> None:
    async with running(tmp_path) as server, people() as do:
        project = server.begin()
        server.access.outside.add("cem")
        cases = [("nobody", "x", project, 4401), ("cem", "cem-token", project, 4403)]
        cases.append(("lost", "ann-token", "prj_none", 4404))
        for name, token, where, code in cases:
            await do("open", name=name, server=at(server), project=where, token=token)
            assert await do("closed", name=name, code=code)
        await enter(do, server, project, ["ann", "bea"])
        server.access.outside.add("ann")
        server.bus.publish("access.revoked", {"user": "ann"})
        assert await do("closed", name="ann", code=4403)
        await do("set", name="bea", map="secrets", key="a", value=1)
        assert await do("closed", name="bea", code=4400)
        assert await do("closes", name="bea") == [4400]


class Channel:
    """pycrdt's idea of a connection, over a real websocket."""

    def __init__(self, client: ClientConnection, path: str) -> None:
        self._client = client
        self.path = path

    async def send(self, message: bytes) -> None:
        await self._client.send(message)

    async def recv(self) -> bytes:
        return await self._client.recv(decode=False)

    def __aiter__(self) -> "Channel":
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self.recv()
        except Exception as error:
            raise StopAsyncIteration from error


@pytest.mark.rule("collab-J1", "collab-W1")
async def test_the_provider_of_pycrdt_works_unchanged(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        project = server.begin()
        docs: list[Doc[Any]] = [Doc(), Doc()]
        async with contextlib.AsyncExitStack() as stack:
            for name, doc in zip(("ann", "bea"), docs, strict=True):
                client = await stack.enter_async_context(
                    connect(server.url(project, f"{name}-token"))
                )
                channel: Any = Channel(client, project)
                await stack.enter_async_context(Provider(doc, channel))
            await until(lambda: all(read_model(doc).tracks for doc in docs))
            docs[0].get("clips", type=Map)["c1"] = Map({"start": 5})
            await until(lambda: "c1" in read_model(docs[1]).clips)
            docs[1].get("clips", type=Map)["c1"]["start"] = 9
            await until(lambda: read_model(docs[0]).clips["c1"]["start"] == 9)
        assert (await server.service.read_document(project)).clips["c1"]["start"] == 9
