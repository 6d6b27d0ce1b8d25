"""A film ordered from a running server, as a program would."""

from pathlib import Path
from typing import Any

import httpx

from tests.cli.up_process import wait_until


def order_film(client: httpx.Client, clip: Path, key: str, preset: str = "h264-1080p") -> str:
    """A project of one clip that must be drawn again, and its export."""
    return order(client, project_of(client, clip, key), key, preset)


def project_of(client: httpx.Client, clip: Path, name: str) -> str:
    """A project on whose timeline the clip stands four times."""
    workspace = client.get("/me").json()["workspaces"][0]["id"]
    made = client.post("/projects", json={"name": name, "width": 1280, "height": 720})
    project = str(made.json()["id"])
    added = client.post(
        f"/workspaces/{workspace}/assets",
        files={"file": (clip.name, clip.read_bytes())},
        data={"project": project},
    )
    assert added.status_code == 201, added.text
    asset = added.json()["id"]

    def ready() -> bool:
        return bool(asset_of(client, asset)["state"] == "ready")

    wait_until(ready)
    scenes = [{"key": str(n), "asset": asset} for n in range(4)]
    landed = client.post(f"/projects/{project}/scenes", json={"run": "r", "scenes": scenes})
    assert landed.status_code == 200, landed.text
    return project


def order(client: httpx.Client, project: str, key: str, preset: str = "h264-1080p") -> str:
    """The id of an export of the project as it is now."""
    answer = client.post(
        f"/projects/{project}/exports", json={"preset": preset}, headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def asset_of(client: httpx.Client, asset: str) -> dict[str, Any]:
    return client.get("/assets", params={"ids": asset}).json()["items"][0]


def export_of(client: httpx.Client, export: str) -> dict[str, Any]:
    return client.get(f"/exports/{export}").json()


def is_rendering(client: httpx.Client, export: str) -> bool:
    return bool(export_of(client, export)["state"] == "rendering")


def is_done(client: httpx.Client, export: str) -> bool:
    told = export_of(client, export)
    assert told["state"] not in {"failed", "cancelled"}, told
    return bool(told["state"] == "done")


def film_of(client: httpx.Client, export: str) -> bytes:
    """The bytes of a finished film, which are those that the report names."""
    film = client.get(f"/exports/{export}/file")
    told = export_of(client, export)["report"]
    assert film.headers["etag"] == f'"{told["sha256"]}"'
    assert len(film.content) == told["size_bytes"]
    return film.content
