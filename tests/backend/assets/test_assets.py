"""Assets: what comes in, what is refused, how it is told, and its bytes."""

import io
import struct
import zlib
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.assets.sniff import sniffed
from backend.assets.tables import AssetRow
from backend.exports.tables import TaskRow
from kit.fonts import builtin_hashes
from tests.backend.support import Person, TestServer
from timeline.jobs import TaskResult
from timeline.media import AssetFacts, MediaFacts, StillRendition
from timeline.media_json import media_json
from timeline.text_spec import text_key, text_spec


def png(colour: int = 7) -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((0, colour)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


async def send(person: Person, content: bytes, name: str, project: str | None) -> httpx.Response:
    return await person.client.post(
        f"/api/v1/workspaces/{person.workspace}/assets",
        files={"file": (name, io.BytesIO(content))},
        data={"project": project} if project else {},
    )


async def upload(
    person: Person, project: str | None = None, *, content: bytes | None = None, name: str = "a.png"
) -> dict[str, Any]:
    answer = await send(person, content or png(), name, project)
    assert answer.status_code == 201, answer.text
    return answer.json()


def make_ready(server: TestServer, asset_id: str) -> None:
    """What the workers would do."""
    board = server.app.state.board
    with server.parts.database.read_in_thread() as session:
        row = session.get_one(AssetRow, asset_id)
        media = MediaFacts(
            AssetFacts(has_video=True), row.name, still=StillRendition("0" * 64, "k", 1, 1)
        )
    for body in ({"media": media_json(media)}, {}):
        lease = board.claim("w")
        assert lease is not None
        assert board.commit(lease, TaskResult(body=body))


@pytest.mark.rule("assets-U7")
async def test_a_new_asset_is_pending_and_its_work_stands_on_the_board(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    made = await upload(asha, project)
    assert (made["state"], made["proxy"], made["kind"]) == ("pending", "pending", "image")
    assert made["urls"]["proxy"] is None
    with server.parts.database.read_in_thread() as session:
        tasks = session.scalars(select(TaskRow.kind)).all()
    assert list(tasks) == ["asset_ingest"]
    listed = await asha.client.get(
        f"/api/v1/workspaces/{asha.workspace}/assets", params={"project": project}
    )
    assert [item["id"] for item in listed.json()["items"]] == [made["id"]]


@pytest.mark.rule("assets-U9")
async def test_progress_rises_to_one_for_exports_and_then_for_the_editor(
    server: TestServer,
) -> None:
    asha = await server.person()
    asset = (await upload(asha, await asha.project()))["id"]
    board = server.app.state.board
    path = f"/api/v1/assets/{asset}"

    async def shown() -> float:
        return (await asha.client.get(path)).json()["progress"]

    media = MediaFacts(
        AssetFacts(has_video=True), "still.png", still=StillRendition("0" * 64, "k", 1, 1)
    )
    for body in ({"media": media_json(media)}, {}):
        lease = board.claim("w")
        seen = [await shown()]
        for frames in (0, 30, 20, 300):
            board.heartbeat({lease.key: frames})
            board.expect(lease, 120)
            board.heartbeat({lease.key: frames})
            seen.append(await shown())
        assert seen == [0.0, 0.0, 0.25, 0.25, 1.0]
        assert board.commit(lease, TaskResult(body=body))
    assert await shown() == 1.0
    assert (await asha.client.get(path)).json()["proxy"] == "ready"


@pytest.mark.rule("assets-U2")
@pytest.mark.parametrize(
    "content",
    [b"", b"just words in a file\n", b"<svg onload='x'></svg>", b"#EXTM3U\nhttp://x/\n", b"\0\1\2"],
)
async def test_what_is_no_media_is_422_whatever_its_name(
    server: TestServer, content: bytes
) -> None:
    asha = await server.person()
    answer = await send(asha, content, "clip.mp4", None)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/not-media"
    assert list((server.parts.settings.data_dir / "uploads").iterdir()) == []


@pytest.mark.rule("assets-U2")
@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypisom", "video"),
        (b"\0\0\0\x18ftypM4A ", "audio"),
        (b"\x1a\x45\xdf\xa3webm", "video"),
        (b"RIFF\0\0\0\0WAVE", "audio"),
        (b"RIFF\0\0\0\0WEBP", "image"),
        (b"ID3\x04", "audio"),
        (b"\xff\xd8\xff\xe0", "image"),
        ((b"G" + b"\0" * 187) * 3, "video"),
        (b"# made somewhere\r\nTITLE x\r\nLUT_3D_SIZE 33\r\n", "lut"),
        (b"\nLUT_1D_SIZE 1024\n", "lut"),
    ],
)
def test_the_first_bytes_tell_the_kind(head: bytes, kind: str) -> None:
    assert sniffed(head).kind == kind


@pytest.mark.rule("assets-U4")
async def test_a_batch_comes_in_the_order_asked_for_without_what_is_not_ours(
    server: TestServer,
) -> None:
    asha, eve = await server.person("asha"), await server.person("eve")
    one, two = await upload(asha), await upload(asha, content=png(9))
    hers = await upload(eve)
    ids = f"{two['id']},{hers['id']},as_none,{one['id']},{two['id']}"
    answer = await asha.client.get("/api/v1/assets", params={"ids": ids})
    assert [item["id"] for item in answer.json()["items"]] == [two["id"], one["id"]]
    many = ",".join(f"as_{number}" for number in range(501))
    assert (await asha.client.get("/api/v1/assets", params={"ids": many})).status_code == 422


@pytest.mark.rule("assets-U4")
async def test_a_batch_tells_a_change_at_once(server: TestServer) -> None:
    asha = await server.person()
    made = await upload(asha)
    query = {"ids": made["id"]}
    before = (await asha.client.get("/api/v1/assets", params=query)).json()["items"][0]
    make_ready(server, made["id"])
    after = (await asha.client.get("/api/v1/assets", params=query)).json()["items"][0]
    assert (before["state"], after["state"], after["proxy"]) == ("pending", "ready", "ready")
    assert after["facts"]["width"] == 1


@pytest.mark.rule("assets-U5")
async def test_bytes_come_whole_in_part_or_not_at_all(server: TestServer) -> None:
    asha = await server.person()
    content = png()
    path = f"/api/v1/assets/{(await upload(asha))['id']}/content"
    whole = await asha.client.get(path)
    assert whole.content == content
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-security-policy"] == "sandbox"
    etag = whole.headers["etag"]
    for asked, start, end in (("0-3", 0, 4), ("10-", 10, len(content)), ("-5", -5, None)):
        part = await asha.client.get(path, headers={"Range": f"bytes={asked}"})
        assert part.status_code == 206
        assert part.content == content[start:end]
    beyond = await asha.client.get(path, headers={"Range": "bytes=9999-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(content)}"
    known = await asha.client.get(path, headers={"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")
    changed = await asha.client.get(path, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (changed.status_code, len(changed.content)) == (200, len(content))
    head = await asha.client.head(path)
    assert (head.headers["content-length"], head.content) == (str(len(content)), b"")
    proxy = await asha.client.get(path.replace("content", "proxy"))
    assert proxy.status_code == 404


@pytest.mark.rule("assets-U6")
async def test_the_same_bytes_are_worked_on_once_under_each_name(server: TestServer) -> None:
    asha = await server.person()
    first = await upload(asha, name="one.png")
    make_ready(server, first["id"])
    second = await upload(asha, name="../../two\u202e.png")
    assert (second["state"], second["proxy"]) == ("ready", "ready")
    assert second["name"] == "two.png"
    assert server.app.state.board.claim("w") is None


@pytest.mark.rule("assets-U8")
async def test_a_text_is_drawn_under_the_hash_of_its_spec(server: TestServer) -> None:
    asha = await server.person()
    spec = text_spec(
        "Hello \u05e9\u05dc\u05d5\u05dd",
        {},
        width=640,
        height=360,
        raster_scale=1,
        fonts=builtin_hashes(),
    )
    drawn = await asha.client.post("/api/v1/text-images", json={"images": [spec]})
    assert drawn.status_code == 200, drawn.text
    image = drawn.json()["images"][0]
    assert image["id"] == text_key(spec)
    picture = await asha.client.get(f"/api/v1/text-images/{image['id']}")
    assert picture.content.startswith(b"\x89PNG")
    assert "immutable" in picture.headers["cache-control"]
    fonts = (await asha.client.get("/api/v1/fonts")).json()["items"]
    assert sorted(font["hash"] for font in fonts) == sorted(builtin_hashes())


@pytest.mark.rule("assets-U8")
@pytest.mark.parametrize(
    "change",
    [
        {"width": 10**9},
        {"raster_scale": 64},
        {"fonts": ["0" * 64]},
        {"text": "x" * 5001},
        {"more": 1},
    ],
)
async def test_a_spec_that_is_not_ours_is_not_drawn(
    server: TestServer, change: dict[str, Any]
) -> None:
    asha = await server.person()
    spec = text_spec("Hi", {}, width=640, height=360, raster_scale=1, fonts=builtin_hashes())
    answer = await asha.client.post("/api/v1/text-images", json={"images": [{**spec, **change}]})
    assert answer.status_code == 422


async def seen_by(guest: httpx.AsyncClient, *ids: str) -> list[str]:
    answer = await guest.get("/api/v1/assets", params={"ids": ",".join(ids)})
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def guest_of(
    server: TestServer, person: Person, project: str, role: str
) -> httpx.AsyncClient:
    link = await person.client.post(f"/api/v1/projects/{project}/share-links", json={"role": role})
    guest = server.client()
    signed = await guest.post("/api/v1/session", json={"share": link.json()["key"], "name": "Vik"})
    assert signed.status_code == 200, signed.text
    return guest


def scenes(*assets: str) -> dict[str, Any]:
    return {"run": "gen_1", "scenes": [{"key": asset, "asset": asset} for asset in assets]}


@pytest.mark.rule("assets-U10")
async def test_a_guest_sees_media_of_elsewhere_once_a_member_has_landed_it(
    server: TestServer,
) -> None:
    asha = await server.person()
    film, other = await asha.project("Film"), await asha.project("Other")
    landed = (await upload(asha, other))["id"]
    make_ready(server, landed)
    hidden = (await upload(asha, other, content=png(9)))["id"]
    guest = await guest_of(server, asha, film, "viewer")
    assert await seen_by(guest, landed, hidden) == []
    answer = await asha.client.post(f"/api/v1/projects/{film}/scenes", json=scenes(landed))
    assert answer.status_code == 200, answer.text
    assert await seen_by(guest, landed, hidden) == [landed]
    assert (await guest.get(f"/api/v1/assets/{landed}/content")).status_code == 200
    bin_of_film = await asha.client.get(
        f"/api/v1/workspaces/{asha.workspace}/assets", params={"project": film}
    )
    assert [item["id"] for item in bin_of_film.json()["items"]] == [landed]


@pytest.mark.rule("assets-U10")
async def test_a_guest_who_edits_brings_in_nothing_that_they_may_not_see(
    server: TestServer,
) -> None:
    asha = await server.person()
    film, other = await asha.project("Film"), await asha.project("Other")
    hidden = (await upload(asha, other))["id"]
    make_ready(server, hidden)
    guest = await guest_of(server, asha, film, "editor")
    await guest.post(f"/api/v1/projects/{film}/scenes", json=scenes(hidden))
    added = await guest.post(f"/api/v1/projects/{film}/assets", json={"assets": [hidden]})
    assert added.json()["items"] == []
    assert await seen_by(guest, hidden) == []


@pytest.mark.rule("assets-U10")
async def test_media_of_the_workspace_are_added_to_a_project_as_often_as_one_likes(
    server: TestServer,
) -> None:
    asha = await server.person()
    film, other = await asha.project("Film"), await asha.project("Other")
    asset = (await upload(asha, other))["id"]
    for _ in range(2):
        answer = await asha.client.post(
            f"/api/v1/projects/{film}/assets", json={"assets": [asset, "as_unknown"]}
        )
        assert [item["id"] for item in answer.json()["items"]] == [asset]
    viewer = await guest_of(server, asha, film, "viewer")
    refused = await viewer.post(f"/api/v1/projects/{film}/assets", json={"assets": [asset]})
    assert refused.status_code == 403
