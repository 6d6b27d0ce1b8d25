"""What of people's doings stands in the audit log, and who may read it."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from backend.auth.local_owner import new_owner_token, new_welcome_key
from tests.backend.exports.test_exports import add_export
from tests.backend.support import PASSWORD, Person, TestServer


async def acts(person: Person, workspace: str | None = None) -> list[dict[str, Any]]:
    """Oldest first."""
    answer = await person.client.get(
        f"/api/v1/workspaces/{workspace or person.workspace}/audit", params={"limit": 200}
    )
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


def names(found: list[dict[str, Any]]) -> list[str]:
    return [item["act"] for item in found]


@pytest.mark.rule("auth-A12")
async def test_what_people_do_with_access_is_told_with_who_where_and_trace(
    server: TestServer,
) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    members = f"/api/v1/workspaces/{asha.workspace}/members"
    invites = f"/api/v1/workspaces/{asha.workspace}/invites"
    project = await asha.project()
    links = f"/api/v1/projects/{project}/share-links"
    await asha.client.post(members, json={"email": ravi.email, "role": "viewer"})
    changed = await asha.client.patch(f"{members}/{ravi.id}", json={"role": "editor"})
    await asha.client.delete(f"{members}/{ravi.id}")
    invite = (await asha.client.post(invites, json={"role": "viewer"})).json()
    await ravi.client.post("/api/v1/session", json={"invite": invite["key"]})
    other = (await asha.client.post(invites, json={"role": "viewer"})).json()
    await asha.client.delete(f"{invites}/{other['id']}")
    link = (await asha.client.post(links, json={"role": "viewer"})).json()
    guest = server.client()
    await guest.post("/api/v1/session", json={"share": link["key"], "name": "Mira"})
    await asha.client.delete(f"{links}/{link['id']}")
    await asha.client.delete(f"/api/v1/projects/{project}")
    found = await acts(asha)
    told = [name for name in names(found) if not name.startswith(("credits.", "workspace."))]
    assert told == [
        "session.started",
        "member.added",
        "member.changed",
        "member.removed",
        "invite.created",
        "invite.used",
        "session.ended",
        "session.started",
        "invite.created",
        "invite.removed",
        "share_link.created",
        "session.started",
        "share_link.removed",
        "project.deleted",
    ]
    act = next(item for item in found if item["act"] == "member.changed")
    assert (act["actor"], act["target"]) == (asha.id, ravi.id)
    assert act["detail"] == {"from": "viewer", "role": "editor"}
    assert act["address"] == "127.0.0.1"
    assert act["trace_id"] == changed.headers["x-trace-id"]
    assert act["via"].startswith("ses_")


@pytest.mark.rule("auth-A12")
async def test_failed_sign_ins_are_told_where_the_person_is_and_else_to_operators(
    server: TestServer,
) -> None:
    asha = await server.person()
    for email in (asha.email, "nobody@example.com"):
        body = {"email": email, "password": "not-the-one-99"}
        await server.client().post("/api/v1/session", json=body)
    failed = [item for item in await acts(asha) if item["act"] == "sign_in.failed"]
    assert [(item["actor"], item["target"]) for item in failed] == [("nobody", asha.id)]
    with server.parts.database.read_in_thread() as session:
        told = session.execute(
            text("select act, target from audit_acts where chain = 'server'")
        ).all()
    assert [tuple(row) for row in told] == [("sign_in.failed", "")]


@pytest.mark.rule("auth-A12")
async def test_exports_and_movements_of_credits_are_told(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    await asha.client.get(f"/api/v1/workspaces/{asha.workspace}/wallet")
    export = add_export(server, project, asha)
    assert (await asha.client.post(f"/api/v1/exports/{export}/cancel")).status_code == 200
    found = await acts(asha)
    assert ("export.cancelled", asha.id, export) in [
        (item["act"], item["actor"], item["target"]) for item in found
    ]
    welcome = next(item for item in found if item["act"] == "credits.grant")
    assert welcome["detail"]["available"] == "2000"


@pytest.mark.rule("auth-A12")
async def test_nobodys_words_names_or_addresses_of_mail_stand_in_it(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project("Secret launch")
    invites = f"/api/v1/workspaces/{asha.workspace}/invites"
    await asha.client.post(invites, json={"role": "viewer", "email": "mira@example.com"})
    await asha.client.delete(f"/api/v1/projects/{project}")
    words = json.dumps(await acts(asha))
    assert not [w for w in ("Asha", "Secret", "@example.com", PASSWORD) if w in words]


@pytest.mark.rule("auth-A12")
async def test_only_owners_read_it_page_by_page(server: TestServer) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    members = f"/api/v1/workspaces/{asha.workspace}/members"
    await asha.client.post(members, json={"email": ravi.email, "role": "editor"})
    path = f"/api/v1/workspaces/{asha.workspace}/audit"
    assert (await ravi.client.get(path)).status_code == 403
    whole = names(list(reversed(await acts(asha))))
    paged: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await asha.client.get(path, params=query)).json()
        paged += names(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole
    assert (await asha.client.get(path, params={"cursor": "x"})).status_code == 422


@pytest.mark.rule("auth-A12")
async def test_tokens_and_keys_that_operators_make_are_told(server: TestServer) -> None:
    now = server.parts.clock.now()
    with server.parts.database.write_in_thread() as session:
        new_owner_token(session, role="editor", now=now)
        new_welcome_key(session, now=now)
        told = session.execute(text("select act, detail from audit_acts order by act")).all()
    assert [row[0] for row in told] == ["token.created", "welcome_key.created"]
