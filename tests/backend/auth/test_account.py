"""One's own password and sign-ins, reset links, tokens and ownership of a workspace."""

from pathlib import Path

import pytest
from sqlalchemy import text

from backend.auth.account import new_reset_key
from backend.auth.local_owner import new_welcome_key
from backend.auth.tables import UserRow
from backend.db.migrations import migrate
from backend.db.session import Database
from cli.main import main
from kit.clock import ManualClock, SystemClock
from kit.event_bus import LocalBus
from tests.backend.support import PASSWORD, Person, TestServer, running_server

EMAIL = "asha@example.com"
NEW = "another-otter-18"
ME = "/api/v1/me"


async def sign_in(server: TestServer, person: Person, password: str) -> int:
    body = {"email": person.email, "password": password}
    return (await server.client().post("/api/v1/session", json=body)).status_code


async def second_browser(server: TestServer, person: Person) -> Person:
    client = server.client()
    await client.post("/api/v1/session", json={"email": person.email, "password": PASSWORD})
    return Person(client, person.id, person.workspace, person.email)


@pytest.mark.rule("auth-A13", "auth-A3")
async def test_a_change_of_password_ends_every_other_sign_in(server: TestServer) -> None:
    asha = await server.person()
    other = await second_browser(server, asha)
    key = asha.client.cookies["cutroom"]
    wrong = {"password": "not-the-one-99", "new_password": NEW}
    assert (await asha.client.post(f"{ME}/password", json=wrong)).status_code == 401
    assert (await other.client.get(ME)).status_code == 200
    right = {"password": PASSWORD, "new_password": NEW}
    assert (await asha.client.post(f"{ME}/password", json=right)).status_code == 204
    assert asha.client.cookies["cutroom"] != key
    assert (await asha.client.get(ME)).status_code == 200
    assert (await other.client.get(ME)).status_code == 401
    assert (await sign_in(server, asha, PASSWORD), await sign_in(server, asha, NEW)) == (401, 200)


@pytest.mark.rule("auth-A13")
async def test_people_list_and_end_their_own_sign_ins_and_no_others(server: TestServer) -> None:
    asha, eve = await server.person("asha"), await server.person("eve")
    other = await second_browser(server, asha)
    listed = (await asha.client.get(f"{ME}/sessions")).json()["items"]
    assert sorted(item["current"] for item in listed) == [False, True]
    theirs = next(item["id"] for item in listed if not item["current"])
    assert (await eve.client.delete(f"{ME}/sessions/{theirs}")).status_code == 404
    assert (await other.client.get(ME)).status_code == 200
    assert (await asha.client.delete(f"{ME}/sessions/{theirs}")).status_code == 204
    assert (await other.client.get(ME)).status_code == 401
    third = await second_browser(server, asha)
    assert (await asha.client.delete(f"{ME}/sessions")).status_code == 204
    assert (await third.client.get(ME)).status_code == 401
    assert (await asha.client.get(ME)).status_code == 200
    assert (await eve.client.get(ME)).status_code == 200


@pytest.mark.rule("auth-A13", "auth-A1")
async def test_the_local_owner_ends_sign_ins_too_and_has_no_password_to_change(
    server: TestServer,
) -> None:
    here, there = server.client(), server.client()
    for client in (here, there):
        with server.parts.database.write_in_thread() as session:
            key = new_welcome_key(session, now=SystemClock().now())
        await client.post("/api/v1/session", json={"welcome": key})
    assert (await here.delete(f"{ME}/sessions")).status_code == 204
    assert (await here.get(ME)).status_code == 200
    assert (await there.get(ME)).status_code == 401
    body = {"password": PASSWORD, "new_password": NEW}
    assert (await here.post(f"{ME}/password", json=body)).status_code == 403
    assert (await here.post(f"{ME}/deletion", json={})).status_code == 403


@pytest.mark.rule("auth-A13")
async def test_a_reset_link_works_once_in_its_quarter_of_an_hour(tmp_path: Path) -> None:
    clock = ManualClock()
    async with running_server(tmp_path, clock=clock) as server:
        asha = await server.person()

        def link() -> str | None:
            with server.parts.database.write_in_thread() as session:
                return new_reset_key(session, asha.email, now=clock.now())

        async def redeem(key: str | None) -> int:
            body = {"key": key, "password": NEW}
            path = "/api/v1/password-resets/redeem"
            return (await server.client().post(path, json=body)).status_code

        late = link()
        clock.advance(15 * 60)
        assert await redeem(late) == 401
        replaced, key = link(), link()
        assert [await redeem(replaced), await redeem(key), await redeem(key)] == [401, 204, 401]
        assert (await asha.client.get(ME)).status_code == 401
        assert await sign_in(server, asha, NEW) == 200


@pytest.mark.rule("auth-A13", "auth-A10")
async def test_guesses_of_reset_links_are_limited(server: TestServer) -> None:
    body = {"key": "guess", "password": NEW}
    path = "/api/v1/password-resets/redeem"
    statuses = [(await server.client().post(path, json=body)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


@pytest.mark.rule("auth-A13", "cli-C1")
def test_an_operator_prints_a_reset_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"sqlite:///{tmp_path / 'cutroom.db'}"
    migrate(address)
    with Database(address, LocalBus()).write_in_thread() as session:
        now = SystemClock().now()
        session.add(UserRow(id="usr_1", kind="account", name="A", email=EMAIL, created_at=now))
    assert main(["account", "reset", EMAIL, "--data", str(tmp_path)]) == 0
    _, key = capsys.readouterr().out.strip().split("/reset#")
    assert len(key) == 22
    assert main(["account", "reset", "nobody@example.com", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "cutroom: nobody has this email: nobody@example.com\n"
    with Database(address, LocalBus()).read_in_thread() as session:
        told = session.execute(text("select act, actor, target from audit_acts")).all()
    assert [tuple(row) for row in told] == [("password_reset.created", "operator", "usr_1")]


@pytest.mark.rule("auth-A14", "auth-A5")
async def test_owners_make_list_and_end_tokens(server: TestServer) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    tokens = f"/api/v1/workspaces/{asha.workspace}/tokens"
    members = f"/api/v1/workspaces/{asha.workspace}/members"
    await asha.client.post(members, json={"email": ravi.email, "role": "editor"})
    assert (await ravi.client.post(tokens, json={"role": "viewer"})).status_code == 403
    made = (await asha.client.post(tokens, json={"role": "owner"})).json()
    program = server.client(Authorization=f"Bearer {made['token']}")
    assert (await program.get(ME)).status_code == 200
    assert (await program.post(tokens, json={"role": "owner"})).status_code == 403
    handed = await program.post(tokens.replace("tokens", "transfer"), json={"user": ravi.id})
    assert handed.status_code == 403
    listed = (await asha.client.get(tokens)).json()["items"]
    assert [(item["id"], item["token"]) for item in listed] == [(made["id"], None)]
    assert (await asha.client.delete(f"{tokens}/{made['id']}")).status_code == 204
    assert (await program.get(ME)).status_code == 401


@pytest.mark.rule("auth-A14")
async def test_a_workspace_goes_to_a_member_in_one_step(server: TestServer) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    here = f"/api/v1/workspaces/{asha.workspace}"
    body = {"user": ravi.id}
    assert (await asha.client.post(f"{here}/transfer", json=body)).status_code == 404
    await asha.client.post(f"{here}/members", json={"email": ravi.email, "role": "viewer"})
    assert (await ravi.client.post(f"{here}/transfer", json=body)).status_code == 403
    mine = await asha.client.post(f"{here}/transfer", json={"user": asha.id})
    assert mine.status_code == 422
    assert (await asha.client.post(f"{here}/transfer", json=body)).status_code == 204
    found = (await ravi.client.get(f"{here}/members")).json()["items"]
    assert {item["id"]: item["role"] for item in found} == {asha.id: "editor", ravi.id: "owner"}
    assert (await asha.client.get(f"{here}/audit")).status_code == 403
