"""The whole server on Postgres: what `CUTROOM_DATABASE_URL` promises."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.backend.support import TestServer, running_server
from timeline.timing import TICKS

CLIP = {
    "track": "",
    "kind": "generator",
    "generator": {"kind": "solid", "color": "#204060"},
    "start": 0,
    "duration": 2 * TICKS,
}


@pytest.fixture
async def server(tmp_path: Path, postgres_url: str) -> AsyncGenerator[TestServer]:
    async with running_server(tmp_path, database_url=postgres_url) as running:
        yield running


@pytest.mark.rule("db-B7")
async def test_people_cut_and_order_a_film(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project("Film")
    here = f"/api/v1/projects/{project}"
    document = (await asha.client.get(f"{here}/timeline")).json()
    track = next(name for name, row in document["tracks"].items() if row["kind"] == "video")
    document["clips"] = {"c1": {**CLIP, "track": track}}
    landed = await asha.client.post(f"{here}/timeline?replace=1", content=json.dumps(document))
    assert landed.status_code == 200, landed.text
    assert (await asha.client.patch(here, json={"name": "Launch"})).json()["name"] == "Launch"
    again = (await asha.client.get(f"{here}/timeline")).json()
    assert (again["meta"]["name"], list(again["clips"])) == ("Launch", ["c1"])

    png = (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "image/png")
    uploaded = await asha.client.post(
        f"/api/v1/workspaces/{asha.workspace}/assets", files={"file": ("still.png", *png)}
    )
    assert uploaded.status_code == 201, uploaded.text
    batch = await asha.client.get("/api/v1/assets", params={"ids": uploaded.json()["id"]})
    assert [item["name"] for item in batch.json()["items"]] == ["still.png"]

    quoted = await asha.client.post(f"{here}/quotes", json={"preset": "source"})
    assert quoted.status_code == 201, quoted.text
    orders = [
        await asha.client.post(
            f"{here}/exports",
            json={"preset": "source", "quote": quoted.json()["id"]},
            headers={"Idempotency-Key": "k1"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in orders] == [202, 202]
    assert orders[0].text == orders[1].text
    board = server.app.state.board
    kinds = {(await asyncio.to_thread(board.claim, "w")).task.kind for _ in range(2)}
    assert kinds == {"plan", "asset_ingest"}
    export = orders[0].json()["id"]
    assert (await asha.client.post(f"/api/v1/exports/{export}/cancel")).status_code == 200
    listed = (await asha.client.get(f"{here}/exports")).json()["items"]
    assert [item["state"] for item in listed] == ["cancelled"]
    assert (await server.client().get("/readyz")).json()["state"] == "ok"


@pytest.mark.rule("db-B7", "db-B5")
async def test_many_write_at_once_and_nothing_is_lost(server: TestServer) -> None:
    asha = await server.person()
    made = await asyncio.gather(*(asha.project(f"Film {number}") for number in range(8)))
    renamed = await asyncio.gather(
        *(
            asha.client.patch(f"/api/v1/projects/{project}", json={"name": f"Cut {number}"})
            for number, project in enumerate(made)
        )
    )
    assert [answer.status_code for answer in renamed] == [200] * 8
    listed = (await asha.client.get("/api/v1/projects")).json()["items"]
    assert {item["name"] for item in listed} == {f"Cut {number}" for number in range(8)}
