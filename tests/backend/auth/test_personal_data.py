"""What a person takes out about themselves."""

import json

import pytest

from backend.auth.personal_data import WITHHELD
from tests.backend.support import TestServer

PATH = "/api/v1/me/data"


@pytest.mark.rule("auth-A15")
async def test_every_row_that_names_a_person_is_theirs_and_nobody_elses(
    server: TestServer,
) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    project = await asha.project("Mine")
    theirs = await ravi.project("Theirs")
    comments = f"/api/v1/projects/{project}/comments"
    assert (await asha.client.post(comments, json={"text": "Said", "t": 0})).status_code == 201
    await asha.client.patch("/api/v1/me/preferences", json={"values": {"theme": "light"}})
    answer = await asha.client.get(PATH)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    tables = answer.json()["tables"]
    assert [row["email"] for row in tables["users"]] == [asha.email]
    assert [row["name"] for row in tables["projects"]] == ["Mine"]
    assert tables["preferences"][0]["body"] == {"theme": "light"}
    assert {"audit_acts", "comments", "members", "sessions"} <= tables.keys()
    words = json.dumps(tables)
    assert [known for known in (ravi.id, ravi.email, theirs) if known in words] == []
    columns = {name for rows in tables.values() for row in rows for name in row}
    assert columns & WITHHELD == set()


@pytest.mark.rule("auth-A15")
async def test_a_program_takes_nothing_out_and_a_person_five_times_an_hour(
    server: TestServer,
) -> None:
    asha = await server.person()
    tokens = f"/api/v1/workspaces/{asha.workspace}/tokens"
    made = (await asha.client.post(tokens, json={"role": "owner"})).json()
    program = server.client(Authorization=f"Bearer {made['token']}")
    assert (await program.get(PATH)).status_code == 403
    assert (await server.client().get(PATH)).status_code == 401
    statuses = [(await asha.client.get(PATH)).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


@pytest.mark.rule("auth-A10", "auth-A8")
async def test_guests_of_one_address_are_limited_as_sign_ups_are(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    links = f"/api/v1/projects/{project}/share-links"
    link = (await asha.client.post(links, json={"role": "viewer"})).json()
    body = {"share": link["key"], "name": "Mira"}
    statuses = [
        (await server.client().post("/api/v1/session", json=body)).status_code for _ in range(60)
    ]
    assert statuses == [200] * 59 + [429]
