"""Deletion of one's account: what goes, what stays."""

import json

import pytest
from sqlalchemy import text

from tests.backend.support import PASSWORD, TestServer

PATH = "/api/v1/me/deletion"


@pytest.mark.rule("projects-P6")
async def test_the_person_goes_and_what_others_share_and_the_books_stay(
    server: TestServer,
) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    alone = await asha.project("Alone")
    await asha.client.get(f"/api/v1/workspaces/{asha.workspace}/wallet")
    members = f"/api/v1/workspaces/{ravi.workspace}/members"
    await ravi.client.post(members, json={"email": asha.email, "role": "editor"})
    body = {"name": "Shared", "workspace": ravi.workspace}
    shared = (await asha.client.post("/api/v1/projects", json=body)).json()["id"]
    comments = f"/api/v1/projects/{shared}/comments"
    await asha.client.post(comments, json={"text": "Still here", "t": 0})
    wrong = await asha.client.post(PATH, json={"password": "not-the-one-99"})
    assert wrong.status_code == 401
    key = asha.client.cookies["cutroom"]
    assert (await asha.client.post(PATH, json={"password": PASSWORD})).status_code == 204
    stolen = server.client()
    stolen.cookies.set("cutroom", key)
    assert (await stolen.get("/api/v1/me")).status_code == 401
    again = {"email": asha.email, "password": PASSWORD}
    assert (await server.client().post("/api/v1/session", json=again)).status_code == 401
    said = (await ravi.client.get(comments)).text
    assert "Still here" in said
    assert "Asha" not in said
    assert [m["id"] for m in (await ravi.client.get(members)).json()["items"]] == [ravi.id]
    with server.parts.database.read_in_thread() as session:
        users = json.dumps(
            [list(map(str, row)) for row in session.execute(text("select * from users"))]
        )
        gone = session.scalar(text("select deleted_at from projects where id = :id"), {"id": alone})
        entries = session.scalar(text("select count(*) from entries"))
    assert asha.email not in users
    assert "Asha" not in users
    assert gone is not None
    assert entries == 1


@pytest.mark.rule("projects-P6")
async def test_others_are_not_left_without_an_owner(server: TestServer) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    here = f"/api/v1/workspaces/{asha.workspace}"
    await asha.client.post(f"{here}/members", json={"email": ravi.email, "role": "editor"})
    refused = await asha.client.post(PATH, json={"password": PASSWORD})
    assert refused.status_code == 409
    assert asha.workspace in refused.json()["detail"]
    assert (await asha.client.get("/api/v1/me")).status_code == 200
    await asha.client.post(f"{here}/transfer", json={"user": ravi.id})
    assert (await asha.client.post(PATH, json={"password": PASSWORD})).status_code == 204
