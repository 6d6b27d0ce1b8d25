"""Uploads that go on where they broke off."""

import base64
import errno
from pathlib import Path

import httpx
import pytest

from backend.assets.uploads import Uploads
from kit.object_store import StoreFull
from tests.backend.assets.test_assets import png
from tests.backend.support import Person, TestServer

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def said(**values: str) -> str:
    return ",".join(
        f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in values.items()
    )


async def begun(person: Person, size: int, project: str) -> httpx.Response:
    metadata = said(filename="clip.png", workspace=person.workspace, project=project)
    return await person.client.post(
        "/api/v1/uploads",
        headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata},
    )


@pytest.mark.rule("assets-U3", "assets-U1")
async def test_an_upload_goes_on_from_its_offset_and_ends_in_an_asset(server: TestServer) -> None:
    asha = await server.person()
    project, content = await asha.project(), png()
    made = await begun(asha, len(content), project)
    assert made.status_code == 201
    path = made.headers["location"]
    asset_id = path.rsplit("/", 1)[1]
    first = await asha.client.patch(
        path, headers={**BYTES, "Upload-Offset": "0"}, content=content[:20]
    )
    assert (first.status_code, first.headers["upload-offset"]) == (204, "20")
    assert (await asha.client.get(f"/api/v1/assets/{asset_id}")).status_code == 404
    again = await asha.client.patch(path, headers={**BYTES, "Upload-Offset": "0"}, content=content)
    assert again.status_code == 409
    asked = await asha.client.head(path, headers=TUS)
    assert asked.headers["upload-offset"] == "20"
    rest = await asha.client.patch(
        path, headers={**BYTES, "Upload-Offset": "20"}, content=content[20:]
    )
    assert rest.headers["upload-asset"] == asset_id
    asset = (await asha.client.get(f"/api/v1/assets/{asset_id}")).json()
    assert (asset["name"], asset["project"], asset["size_bytes"]) == (
        "clip.png",
        project,
        len(content),
    )
    assert list((server.parts.settings.data_dir / "uploads").iterdir()) == []
    whole = await asha.client.get(f"/api/v1/assets/{asset_id}/content")
    assert whole.content == content


@pytest.mark.rule("assets-U3")
async def test_more_bytes_than_announced_and_other_peoples_uploads_are_refused(
    server: TestServer,
) -> None:
    asha, eve = await server.person("asha"), await server.person("eve")
    path = (await begun(asha, 10, await asha.project())).headers["location"]
    headers = {**BYTES, "Upload-Offset": "0"}
    assert (await asha.client.patch(path, headers=headers, content=png())).status_code == 413
    assert (await eve.client.patch(path, headers=headers, content=b"x")).status_code == 404
    assert (await eve.client.head(path, headers=TUS)).status_code == 404


@pytest.mark.rule("assets-U1", "assets-U2")
async def test_what_was_given_up_or_is_no_media_leaves_no_file(server: TestServer) -> None:
    asha = await server.person()
    project, folder = await asha.project(), server.parts.settings.data_dir / "uploads"
    path = (await begun(asha, 10, project)).headers["location"]
    assert len(list(folder.iterdir())) == 1
    assert (await asha.client.delete(path, headers=TUS)).status_code == 204
    assert list(folder.iterdir()) == []
    text = (await begun(asha, 5, project)).headers["location"]
    answer = await asha.client.patch(
        text, headers={**BYTES, "Upload-Offset": "0"}, content=b"words"
    )
    assert answer.status_code == 422
    assert list(folder.iterdir()) == []
    assert (await begun(asha, 0, project)).status_code == 422


@pytest.mark.rule("assets-U3")
async def test_another_version_of_the_protocol_is_412(server: TestServer) -> None:
    asha = await server.person()
    answer = await asha.client.post("/api/v1/uploads", headers={"Upload-Length": "5"})
    assert answer.status_code == 412


class FullDisk(Uploads):
    def begin(self, *_: object, **__: object) -> None:
        raise StoreFull

    async def append(self, *_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.rule("db-B6")
async def test_a_full_disk_is_one_clear_answer(server: TestServer, tmp_path: Path) -> None:
    asha = await server.person()
    project = await asha.project()
    path = (await begun(asha, 10, project)).headers["location"]
    server.app.state.uploads = FullDisk(tmp_path)
    for answer in (
        await begun(asha, 10, project),
        await asha.client.patch(path, headers={**BYTES, "Upload-Offset": "0"}, content=b"x"),
    ):
        assert answer.status_code in {507, 410}
    assert (await begun(asha, 10, project)).json()["type"] == "/problems/storage-full"
