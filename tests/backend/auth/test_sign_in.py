"""Signing up, in and out, by every way there is."""

import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from backend.auth.local_owner import forget_welcome_keys, new_owner_token, new_welcome_key
from backend.auth.tables import ApiTokenRow, SessionRow
from kit.clock import ManualClock
from tests.backend.support import ADDRESS, PASSWORD, TestServer, running_server


@pytest.fixture
async def later_server(tmp_path: Path) -> AsyncGenerator[TestServer]:
    """A server whose clock is moved by hand."""
    async with running_server(tmp_path, clock=ManualClock()) as running:
        yield running


WRONG = "not-the-one-99"


def welcome_key(server: TestServer) -> str:
    with server.parts.database.write_in_thread() as session:
        return new_welcome_key(session, now=server.parts.clock.now())


async def sign_in(client: httpx.AsyncClient, **body: str) -> httpx.Response:
    return await client.post("/api/v1/session", json=body)


@pytest.mark.rule("auth-A1")
async def test_the_printed_key_signs_the_local_owner_in_exactly_once(server: TestServer) -> None:
    key = welcome_key(server)
    first, second = server.client(), server.client()
    answer = await sign_in(first, welcome=key)
    assert answer.status_code == 200
    assert answer.json()["kind"] == "local"
    assert (await first.get("/api/v1/me")).json()["workspaces"][0]["role"] == "owner"
    assert (await sign_in(second, welcome=key)).status_code == 401


@pytest.mark.rule("auth-A1")
async def test_a_key_of_an_earlier_start_opens_nothing(server: TestServer) -> None:
    key = welcome_key(server)
    with server.parts.database.write_in_thread() as session:
        forget_welcome_keys(session)
    assert (await sign_in(server.client(), welcome=key)).status_code == 401


@pytest.mark.rule("auth-A2")
@pytest.mark.parametrize("password", ["short", "password123", "aaaaaaaaaaaa", "x" * 257])
async def test_a_weak_password_makes_no_account(server: TestServer, password: str) -> None:
    body = {"email": "a@example.com", "password": password, "name": "A"}
    answer = await server.client().post("/api/v1/accounts", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "password"


@pytest.mark.rule("auth-A2")
async def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(
    server: TestServer,
) -> None:
    person = await server.person()
    wrong = await sign_in(server.client(), email=person.email, password=WRONG)
    unknown = await sign_in(server.client(), email="nobody@example.com", password=PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


@pytest.mark.rule("auth-A3")
async def test_the_cookie_is_closed_to_scripts_and_only_its_hash_is_kept(
    server: TestServer,
) -> None:
    person = await server.person()
    key = person.client.cookies["cutroom"]
    again = await sign_in(person.client, email=person.email, password=PASSWORD)
    header = again.headers["set-cookie"].lower()
    assert "httponly" in header
    assert "samesite=lax" in header
    assert person.client.cookies["cutroom"] != key
    with server.parts.database.read_in_thread() as session:
        stored = session.scalars(select(SessionRow.key_hash)).all()
    fresh = person.client.cookies["cutroom"]
    assert list(stored) == [hashlib.sha256(fresh.encode()).hexdigest()]


@pytest.mark.rule("auth-A3")
async def test_a_signed_out_cookie_opens_nothing_and_tells_its_sockets(server: TestServer) -> None:
    person = await server.person()
    key = person.client.cookies["cutroom"]
    async with server.parts.bus.subscribe("access.revoked") as hints:
        assert (await person.client.delete("/api/v1/session")).status_code == 204
        hint = await hints.next(2)
    assert hint is not None
    assert "session" in hint.body
    stolen = server.client()
    stolen.cookies.set("cutroom", key)
    assert (await stolen.get("/api/v1/me")).status_code == 401


@pytest.mark.rule("auth-A5")
async def test_an_api_token_acts_in_its_workspace_until_it_ends(later_server: TestServer) -> None:
    server = later_server
    clock = server.parts.clock
    assert isinstance(clock, ManualClock)
    with server.parts.database.write_in_thread() as session:
        token = new_owner_token(session, role="viewer", now=clock.now())
    program = server.client(Authorization=f"Bearer {token}")
    me = (await program.get("/api/v1/me")).json()
    assert [item["role"] for item in me["workspaces"]] == ["viewer"]
    refused = await program.post("/api/v1/projects", json={"name": "Film"})
    assert refused.status_code in {403, 422}
    with server.parts.database.read_in_thread() as session:
        assert token not in session.scalars(select(ApiTokenRow.key_hash)).all()
    clock.advance(91 * 86_400)
    assert (await program.get("/api/v1/me")).status_code == 401


@pytest.mark.rule("auth-A10")
async def test_failed_sign_ins_of_one_account_are_slowed_down_and_of_others_not(
    server: TestServer,
) -> None:
    client = server.client()
    statuses = [
        (await sign_in(client, email="a@example.com", password=f"wrong-one-{n}")).status_code
        for n in range(11)
    ]
    assert statuses == [401] * 10 + [429]
    limited = await sign_in(client, email="a@example.com", password=WRONG)
    assert int(limited.headers["retry-after"]) >= 1
    assert (await sign_in(client, email="b@example.com", password=WRONG)).status_code == 401


@pytest.mark.rule("auth-A8")
async def test_an_invite_works_once_and_gives_its_role(server: TestServer) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    path = f"/api/v1/workspaces/{asha.workspace}/invites"
    made = (await asha.client.post(path, json={"role": "editor"})).json()
    assert made["url"] == f"{ADDRESS}/join#{made['key']}"
    assert (await sign_in(ravi.client, invite=made["key"])).status_code == 200
    roles = {
        item["id"]: item["role"]
        for item in (await ravi.client.get("/api/v1/me")).json()["workspaces"]
    }
    assert roles == {ravi.workspace: "owner", asha.workspace: "editor"}
    assert (await sign_in(server.client(), invite=made["key"], name="Eve")).status_code == 401


@pytest.mark.rule("auth-A8")
async def test_a_guest_sees_one_project_until_the_link_is_removed(server: TestServer) -> None:
    asha = await server.person()
    shown, hidden = await asha.project("Shown"), await asha.project("Hidden")
    path = f"/api/v1/projects/{shown}/share-links"
    link = (await asha.client.post(path, json={"role": "commenter"})).json()
    guest = server.client()
    assert (await sign_in(guest, share=link["key"], name="Mira")).status_code == 200
    assert (await guest.get(f"/api/v1/projects/{shown}")).json()["role"] == "commenter"
    assert (await guest.get(f"/api/v1/projects/{hidden}")).status_code == 404
    assert [p["id"] for p in (await guest.get("/api/v1/projects")).json()["items"]] == [shown]
    members = f"/api/v1/workspaces/{asha.workspace}/members"
    assert (await guest.get(members)).status_code == 404
    assert (await guest.patch(f"/api/v1/projects/{shown}", json={"name": "X"})).status_code == 403
    assert (await asha.client.delete(f"{path}/{link['id']}")).status_code == 204
    assert (await guest.get(f"/api/v1/projects/{shown}")).status_code == 401


@pytest.mark.rule("auth-A8")
async def test_a_member_who_opens_a_share_link_stays_who_they_are(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    path = f"/api/v1/projects/{project}/share-links"
    link = (await asha.client.post(path, json={"role": "viewer"})).json()
    answer = await sign_in(asha.client, share=link["key"], name="Somebody")
    assert (answer.json()["id"], answer.json()["project"]) == (asha.id, project)
    assert (await asha.client.get("/api/v1/me")).json()["id"] == asha.id
