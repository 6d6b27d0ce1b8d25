"""The stream of events, read over a real socket."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from backend.db.event_log import EventRow
from tests.backend.exports.test_exports import order, with_title
from tests.backend.support import Person, TestServer, listening
from timeline.jobs import NewTask, TaskResult


@dataclass(frozen=True, slots=True)
class Told:
    kind: str
    body: Any
    id: int | None


@asynccontextmanager
async def stream(
    address: str, person: Person, project: str, last_id: str | None = None
) -> AsyncGenerator[AsyncGenerator[Told]]:
    headers = {"Last-Event-ID": last_id} if last_id is not None else {}
    async with (
        httpx.AsyncClient(base_url=address, cookies=person.client.cookies, timeout=10) as client,
        client.stream(
            "GET", "/api/v1/events", params={"project": project}, headers=headers
        ) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        yield events(answer)


async def events(answer: httpx.Response) -> AsyncGenerator[Told]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Told(fields["event"], json.loads(fields["data"]), number)
            fields = {}
        else:
            fields = {}


async def take(found: AsyncGenerator[Told], count: int) -> list[Told]:
    async with asyncio.timeout(10):
        return [await anext(found) for _ in range(count)]


def plain_client(person: Person) -> Person:
    """Cookies of the in-process client are for its host; those of the socket's are for ours."""
    key = person.client.cookies["cutroom"]
    client = httpx.AsyncClient(cookies={"cutroom": key})
    return Person(client, person.id, person.workspace, person.email)


@pytest.mark.rule("events-V1")
async def test_a_stream_resumes_where_it_broke_off(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project("One")
    path = f"/api/v1/projects/{project}"
    reader = plain_client(asha)
    async with listening(server) as address:
        async with stream(address, reader, project, "0") as found:
            first = (await take(found, 1))[0]
            assert (first.kind, first.body["name"], first.id) == ("project", "One", 1)
            await asha.client.patch(path, json={"name": "Two"})
            assert (await take(found, 1))[0].body["name"] == "Two"
        await asha.client.patch(path, json={"name": "Three"})
        await asha.client.patch(path, json={"name": "Four"})
        async with stream(address, reader, project, "2") as found:
            rest = await take(found, 2)
        assert [(told.id, told.body["name"]) for told in rest] == [(3, "Three"), (4, "Four")]
    await reader.client.aclose()


@pytest.mark.rule("events-V2")
async def test_a_new_stream_begins_now_and_a_lost_one_is_reset(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project("One")
    path = f"/api/v1/projects/{project}"
    await asha.client.patch(path, json={"name": "Two"})
    await asha.client.patch(path, json={"name": "Three"})
    with server.parts.database.write_in_thread() as session:
        session.execute(delete(EventRow).where(EventRow.seq < 3))
    reader = plain_client(asha)
    async with listening(server) as address:
        async with stream(address, reader, project, "1") as found:
            assert [told.kind for told in await take(found, 1)] == ["reset"]
        async with stream(address, reader, project, "99999") as found:
            assert [told.kind for told in await take(found, 1)] == ["reset"]
        async with stream(address, reader, project) as found:
            await asha.client.patch(path, json={"name": "Now"})
            assert (await take(found, 1))[0].body["name"] == "Now"
    await reader.client.aclose()


@pytest.mark.rule("events-V3")
async def test_who_loses_access_hears_nothing_more(server: TestServer) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    members = f"/api/v1/workspaces/{asha.workspace}/members"
    await asha.client.post(members, json={"email": ravi.email, "role": "viewer"})
    project = await asha.project()
    reader = plain_client(ravi)
    async with listening(server) as address, stream(address, reader, project, "0") as found:
        await take(found, 1)
        await asha.client.delete(f"{members}/{ravi.id}")
        await asha.client.patch(f"/api/v1/projects/{project}", json={"name": "Secret"})
        async with asyncio.timeout(10):
            assert [told.body async for told in found] == []
    await reader.client.aclose()


@pytest.mark.rule("events-V4")
async def test_progress_has_no_id_and_never_falls(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    export_id = (await order(asha, project)).json()["id"]
    board = server.app.state.board
    board.commit(
        board.claim("w"),
        TaskResult(new_tasks=(NewTask("segments", 1, {}),), frames_total=60),
    )
    segment = board.claim("w")
    reader = plain_client(asha)
    seen: list[int] = []
    async with listening(server) as address, stream(address, reader, project) as found:
        for frames in (20, 10, 40):
            board.heartbeat({segment.key: frames})
            async with asyncio.timeout(10):
                while max(seen, default=0) < max(frames, 20):
                    told = await anext(found)
                    assert (told.kind, told.id, told.body["id"]) == ("export", None, export_id)
                    seen.append(told.body["progress"]["done"])
    assert seen == sorted(seen)
    assert seen[-1] == 40
    await reader.client.aclose()


@pytest.mark.rule("events-V4", "assets-U9")
async def test_the_progress_of_an_asset_is_told_while_it_is_made(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    png = ("still.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png")
    path = f"/api/v1/workspaces/{asha.workspace}/assets"
    made = await asha.client.post(path, files={"file": png}, data={"project": project})
    board = server.app.state.board
    lease = board.claim("w")
    board.expect(lease, 100)
    board.heartbeat({lease.key: 40})
    reader = plain_client(asha)
    async with (
        asyncio.timeout(10),
        listening(server) as address,
        stream(address, reader, project) as found,
    ):
        told = await anext(found)
    assert (told.kind, told.id, told.body["id"]) == ("asset", None, made.json()["id"])
    assert told.body["progress"] == 0.4
    await reader.client.aclose()
