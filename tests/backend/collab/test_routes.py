"""The document over HTTP, and beside it over a websocket: the whole server, real sockets."""

import asyncio
import base64
import contextlib
import json
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from pycrdt import Doc, Map
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from backend.assets.tables import AssetRow
from backend.collab.document import read_model
from backend.collab.port import port_bridge
from backend.collab.wire import SyncStep2, Update, read_message, step_1, update_message
from tests.backend.collab.updates import Writer
from tests.backend.support import Person, TestServer
from timeline.media import AssetFacts, MediaFacts
from timeline.media_json import media_json
from timeline.model import Document
from timeline.timing import TICKS


async def add_asset(
    server: TestServer, person: Person, asset_id: str, *, seconds: int = 4, sound: bool = True
) -> None:
    facts = AssetFacts(duration=seconds * TICKS, has_audio=sound)
    async with server.parts.database.write() as session:
        session.add(
            AssetRow(
                id=asset_id,
                workspace_id=person.workspace,
                name=f"{asset_id}.mp4",
                kind="video",
                media_type="video/mp4",
                size_bytes=1,
                sha256=f"hash-{asset_id}",
                original_key="k",
                state="ready",
                media=media_json(MediaFacts(facts)),
                views_state="none",
                created_by=person.id,
                created_at=datetime.now(UTC),
            )
        )


def clips_of(timeline: dict[str, Any]) -> list[dict[str, Any]]:
    live = [clip for clip in timeline["clips"].values() if not clip.get("removed")]
    return sorted(live, key=lambda clip: (clip.get("role", ""), clip["start"]))


async def read(person: Person, project: str, **query: str) -> dict[str, Any]:
    answer = await person.client.get(f"/api/v1/projects/{project}/timeline", params=query)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


async def post(person: Person, project: str, what: str, body: Any, status: int = 200) -> Any:
    answer = await person.client.post(f"/api/v1/projects/{project}/{what}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def track_of(person: Person, project: str, name: str) -> str:
    tracks = (await read(person, project))["tracks"]
    return next(track for track, record in tracks.items() if record["name"] == name)


@asynccontextmanager
async def served(server: TestServer) -> AsyncGenerator[str]:
    """The app on a real port, for websockets; its address without a scheme."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        server.app,
        ws=port_bridge(server.app.state.collab.door),
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    web = uvicorn.Server(config)
    serving = asyncio.create_task(web.serve([listener]))
    while not web.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        web.should_exit = True
        await serving


class Peer:
    """A raw client with a document of its own."""

    def __init__(self, client: ClientConnection) -> None:
        self.client = client
        self.doc: Doc[Map[Any]] = Doc()

    async def until(self, holds: Callable[[Document], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds(read_model(self.doc)):
                message = read_message(await self.client.recv())  # pyright: ignore[reportArgumentType]
                if isinstance(message, SyncStep2 | Update):
                    self.doc.apply_update(message.update)


@asynccontextmanager
async def peer(address: str, **more: Any) -> AsyncGenerator[Peer]:
    async with connect(address, max_size=None, **more) as client:
        await client.send(step_1(b"\x00"))
        yield Peer(client)


async def closed_with(client: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(5):
            while True:
                await client.recv()
    return client.close_code


@pytest.mark.rule("collab-D7", "collab-E5")
async def test_a_new_project_has_a_timeline(server: TestServer) -> None:
    person = await server.person()
    project = await person.project("Launch")
    timeline = await read(person, project)
    assert timeline["meta"]["name"] == "Launch"
    assert [track["kind"] for track in timeline["tracks"].values()].count("video") == 2
    assert timeline["clips"] == {}
    resolved = await read(person, project, resolved="1")
    assert resolved["diagnostics"][0]["code"] == "empty_timeline"
    other = await server.person("mallory")
    answer = await other.client.get(f"/api/v1/projects/{project}/timeline")
    assert answer.status_code == 404


@pytest.mark.rule("collab-E1")
async def test_commands_are_durable_and_seen(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    await add_asset(server, person, "as_1")
    track = await track_of(person, project, "V1")
    token = await post(person, project, "collab-token", {})
    async with (
        served(server) as host,
        peer(f"ws://{host}/collab/{project}?token={token['token']}") as ann,
    ):
        command = {"op": "insert", "track": track, "asset": "as_1", "at": 0, "duration": TICKS}
        made = await post(
            person, project, "commands", {"commands": [command, {**command, "at": TICKS}]}
        )
        clips = [
            change["id"]
            for change in made["changes"]
            if change["map"] == "clips" and change["key"] is None
        ]
        await ann.until(lambda document: set(clips) <= set(document.clips))
        answer = await post(
            person, project, "commands", {"commands": [{"op": "ripple_delete", "clips": clips[:1]}]}
        )
        assert answer["id"] != made["id"]
        await ann.until(lambda document: document.clips[clips[0]].get("removed") is True)
    timeline = await read(person, project)
    starts = [clip["start"] for clip in clips_of(timeline) if clip["track"] == track]
    assert starts == [0]
    assert all(isinstance(start, int) for start in starts)


@pytest.mark.rule("collab-E2", "collab-E3")
async def test_refused_edits_write_nothing(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    await add_asset(server, person, "as_1")
    track = await track_of(person, project, "V1")
    good = {"op": "insert", "track": track, "asset": "as_1", "at": 0}
    for body, code in (
        ({"commands": [good, {"op": "ripple_delete", "clips": ["none"]}]}, "not_found"),
        ({"commands": [good], "expect": {"meta/name": "Other"}}, "stale"),
        ({"commands": [{"op": "dance"}]}, "bad_argument"),
        ({"commands": [good], "after": base64.b64encode(b"\x01\x05\x05").decode()}, "stale"),
    ):
        refused = await post(person, project, "commands", body, status=409)
        assert refused["code"] == code
        assert "id" in refused
    malformed: list[dict[str, Any]] = [
        {"commands": []},
        {"commands": "all"},
        {"commands": [{"op": "set", "deep": json.loads("[" * 70 + "]" * 70)}]},
        {"commands": [good], "after": "???"},
        {"commands": [{**good, "at": 2**60}]},
    ]
    for body in malformed:
        await post(person, project, "commands", body, status=422)
    raw = '{"commands": [{"op": "insert", "at": NaN}]}'
    answer = await person.client.post(
        f"/api/v1/projects/{project}/commands",
        content=raw,
        headers={"content-type": "application/json"},
    )
    assert answer.status_code in {400, 422}
    assert (await read(person, project))["clips"] == {}


@pytest.mark.rule("collab-E3")
async def test_after_waits_for_the_edits_of_the_caller(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    writer = Writer(7)
    edit = writer.clip("c1", name="mine")
    token = await post(person, project, "collab-token", {})
    async with (
        served(server) as host,
        peer(f"ws://{host}/collab/{project}?token={token['token']}") as ann,
    ):
        body = {
            "commands": [{"op": "set", "map": "clips", "id": "c1", "values": {"name": "yours"}}],
            "after": base64.b64encode(writer.doc.get_state()).decode(),
        }
        waiting = asyncio.create_task(
            person.client.post(f"/api/v1/projects/{project}/commands", json=body)
        )
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await ann.client.send(update_message(edit))
        answer = await waiting
        assert answer.status_code == 200, answer.text
        await ann.until(lambda document: document.clips.get("c1", {}).get("name") == "yours")


@pytest.mark.rule("collab-E4")
async def test_scenes_land_once(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    for number in (1, 2, 3):
        await add_asset(server, person, f"as_{number}", seconds=number)
    await add_asset(server, person, "as_voice", seconds=1)
    scenes: dict[str, Any] = {
        "run": "gen_42",
        "scenes": [
            {"key": "scene-01", "asset": "as_1", "name": "One", "narration": "as_voice"},
            {"key": "scene-02", "asset": "as_2", "duration": TICKS},
        ],
    }
    first = await post(person, project, "scenes", scenes)
    assert first["changes"]
    once = await read(person, project)
    assert (await post(person, project, "scenes", scenes))["changes"] == []
    assert await read(person, project) == once
    pictures = [clip for clip in clips_of(once) if clip["role"] == "picture"]
    assert [clip["duration"] for clip in pictures] == [TICKS, TICKS]
    scenes["scenes"][0] = {"key": "scene-01", "asset": "as_3"}
    await post(person, project, "scenes", scenes)
    again = [clip for clip in clips_of(await read(person, project)) if clip["role"] == "picture"]
    assert [clip["asset"] for clip in again] == ["as_3", "as_2"]
    assert [clip["duration"] for clip in again] == [TICKS, TICKS]
    unknown = {"run": "gen_43", "scenes": [{"key": "s", "asset": "as_none"}]}
    refused = await post(person, project, "scenes", unknown, status=422)
    assert refused["errors"][0]["field"] == "scenes.0.asset"


@pytest.mark.rule("collab-E4", "collab-E1")
async def test_the_same_scenes_at_the_same_time_land_once(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    await add_asset(server, person, "as_1", sound=False)
    body = {"run": "gen_1", "scenes": [{"key": f"s{n}", "asset": "as_1"} for n in range(5)]}
    await asyncio.gather(*[post(person, project, "scenes", body) for _ in range(6)])
    clips = clips_of(await read(person, project))
    assert [clip["start"] for clip in clips] == [n * 4 * TICKS for n in range(5)]


@pytest.mark.rule("collab-E5")
async def test_a_file_comes_out_as_it_went_in(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    await add_asset(server, person, "as_ours")
    file: dict[str, Any] = {
        "schema": 1,
        "meta": {"name": "From elsewhere", "main_sequence": "seq_1"},
        "sequences": {"seq_1": {"name": "Main", "width": 640, "height": 360}},
        "tracks": {"v1": {"sequence": "seq_1", "kind": "video", "order": "a0"}},
        "clips": {
            "c1": {"track": "v1", "kind": "media", "asset": "as_x", "start": 0, "duration": TICKS},
            "c2": {"track": "v1", "kind": "title", "text": "Hi", "start": TICKS, "duration": TICKS},
        },
        "assets": {"as_x": {"path": "somewhere/as_ours.mp4"}},
    }
    await post(person, project, "timeline", file)
    timeline = await read(person, project)
    assert {clip: timeline["clips"][clip] for clip in ("c1", "c2")} == {
        "c1": {**file["clips"]["c1"], "asset": "as_ours"},
        "c2": file["clips"]["c2"],
    }
    assert timeline["meta"]["main_sequence"] == "seq_1"
    assert timeline["assets"]["as_ours"]["path"] == "as_ours.mp4"
    await post(person, project, "timeline", file, status=409)
    file["clips"] = {}
    await post(person, project, "timeline?replace=1", file)
    assert clips_of(await read(person, project)) == []
    versions = await person.client.get(f"/api/v1/projects/{project}/versions")
    assert [item["kind"] for item in versions.json()["items"]] == ["automatic"]
    for bad, field in (('{"clips": []}', "clips"), ('{"meta": {"a": NaN}}', ""), ("not json", "")):
        answer = await person.client.post(
            f"/api/v1/projects/{project}/timeline?replace=1",
            content=bad,
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 422, answer.text
        assert field in answer.text


@pytest.mark.rule("collab-E5")
async def test_an_otio_goes_from_project_to_project(server: TestServer) -> None:
    person = await server.person()
    first, second = await person.project("One"), await person.project("Two")
    await add_asset(server, person, "as_1")
    scenes = {"run": "r", "scenes": [{"key": "s1", "asset": "as_1"}]}
    await post(person, first, "scenes", scenes)
    otio = await read(person, first, format="otio")
    assert otio["OTIO_SCHEMA"] == "Timeline.1"
    answer = await post(person, second, "timeline", otio)
    assert answer["losses"] == []
    one, two = await read(person, first), await read(person, second)
    assert {clip: two["clips"][clip] for clip in one["clips"]} == one["clips"]


@pytest.mark.rule("collab-E6")
async def test_a_version_is_restored_as_an_edit(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    await add_asset(server, person, "as_1", sound=False)
    await post(person, project, "scenes", {"run": "r", "scenes": [{"key": "s1", "asset": "as_1"}]})
    version = await post(person, project, "versions", {"name": "One scene"}, status=201)
    await post(person, project, "scenes", {"run": "r", "scenes": [{"key": "s2", "asset": "as_1"}]})
    clip = clips_of(await read(person, project))[0]
    clip_id = next(
        key for key, value in (await read(person, project))["clips"].items() if value == clip
    )
    await post(person, project, "commands", {"commands": [{"op": "lift", "clips": [clip_id]}]})
    assert len(clips_of(await read(person, project))) == 1
    await post(person, project, f"versions/{version['id']}/restore", {})
    restored = clips_of(await read(person, project))
    assert [item["scene"] for item in restored] == ["s1"]
    listed = (await person.client.get(f"/api/v1/projects/{project}/versions")).json()["items"]
    assert [item["kind"] for item in listed] == ["automatic", "named"]
    await post(person, project, f"versions/{listed[0]['id']}/restore", {})
    assert [item["scene"] for item in clips_of(await read(person, project))] == ["s2"]
    await post(person, project, "versions/ver_none/restore", {}, status=404)


@pytest.mark.rule("collab-C6")
async def test_a_room_token_is_never_more_than_its_caller(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    whole = await post(person, project, "collab-token", None)
    assert whole["role"] == "owner"
    assert whole["url"] == f"ws://cutroom.test/collab/{project}"
    small = await post(person, project, "collab-token", {"role": "viewer", "ttl": 60})
    assert small["role"] == "viewer"
    assert small["expires_at"] < whole["expires_at"]
    await post(person, project, "collab-token", {"ttl": 7200}, status=422)
    await post(person, project, "collab-token", {"role": "king"}, status=422)
    async with served(server) as host:
        async with peer(f"ws://{host}/collab/{project}?token={small['token']}") as vic:
            await vic.client.send(update_message(Writer(7).clip("c1", start=0)))
            await vic.until(lambda document: bool(document.tracks))
            await asyncio.sleep(0.05)
            assert vic.client.close_code is None
        short = await post(person, project, "collab-token", {"ttl": 1})
        async with peer(f"ws://{host}/collab/{project}?token={short['token']}") as brief:
            assert await closed_with(brief.client) == 4401
        other = await person.project("Other")
        async with connect(f"ws://{host}/collab/{other}?token={small['token']}") as client:
            assert await closed_with(client) == 4403
        async with connect(f"ws://{host}/collab/{project}?token={small['token'][:-2]}xx") as client:
            assert await closed_with(client) == 4401
    assert (await read(person, project))["clips"] == {}


def cookie_of(client: httpx.AsyncClient) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


@pytest.mark.rule("collab-C1", "collab-C2", "collab-C4")
async def test_a_cookie_opens_the_room_until_it_is_over(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    headers = {"Cookie": cookie_of(person.client)}
    async with served(server) as host:
        address = f"ws://{host}/collab/{project}"
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, additional_headers=headers, origin="http://evil.example")  # pyright: ignore[reportArgumentType]
        assert refused.value.response.status_code == 403
        async with connect(address) as nobody:
            assert await closed_with(nobody) == 4401
        async with peer(address, additional_headers=headers, origin=f"http://{host}") as ann:
            await ann.until(lambda document: bool(document.tracks))
            other = await server.person("bea")
            async with connect(
                address, additional_headers={"Cookie": cookie_of(other.client)}
            ) as bea:
                assert await closed_with(bea) == 4403
            assert (await person.client.delete("/api/v1/session")).status_code == 204
            assert await asyncio.wait_for(closed_with(ann.client), 1) == 4401


@pytest.mark.rule("collab-C1", "collab-C4")
async def test_a_deleted_project_ends_its_sockets(server: TestServer) -> None:
    person = await server.person()
    project = await person.project()
    token = await post(person, project, "collab-token", {})
    async with served(server) as host:
        address = f"ws://{host}/collab/{project}?token={token['token']}"
        async with peer(address) as ann:
            await ann.until(lambda document: bool(document.tracks))
            assert (await person.client.delete(f"/api/v1/projects/{project}")).status_code == 204
            assert await asyncio.wait_for(closed_with(ann.client), 1) == 4404
        async with connect(address) as late:
            assert await closed_with(late) == 4404
