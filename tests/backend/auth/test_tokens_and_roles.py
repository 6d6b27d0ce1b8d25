"""Room tokens and the table of rights."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.auth.keys import looks_like_token, new_api_token
from backend.auth.roles import RIGHTS, ROLES, Role, lowered, may
from backend.auth.room_tokens import (
    BadRoomToken,
    RoomClaims,
    signed_room_token,
    verified_room_token,
)
from tests.backend.support import TestServer

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KEYS = (b"a" * 32, b"b" * 32)
CLAIMS = RoomClaims(
    "usr_1", "ws_1", "prj_1", "editor", "session", "ses_1", 3, NOW + timedelta(hours=1)
)


@pytest.mark.rule("auth-A6")
def test_a_room_token_says_what_was_signed_under_every_key_of_the_ring() -> None:
    token = signed_room_token(KEYS, CLAIMS)
    assert verified_room_token(KEYS, token, now=NOW) == CLAIMS
    assert verified_room_token((b"c" * 32, *KEYS), token, now=NOW) == CLAIMS


@pytest.mark.rule("auth-A6")
@given(place=st.integers(0, 400), byte=st.sampled_from("abcXYZ019-_."))
def test_a_changed_room_token_opens_nothing(place: int, byte: str) -> None:
    token = signed_room_token(KEYS, CLAIMS)
    at = place % len(token)
    if token[at] != byte:
        with pytest.raises(BadRoomToken):
            verified_room_token(KEYS, token[:at] + byte + token[at + 1 :], now=NOW)


@pytest.mark.rule("auth-A6")
def test_a_room_token_ends() -> None:
    token = signed_room_token(KEYS, CLAIMS)
    with pytest.raises(BadRoomToken, match="expired"):
        verified_room_token(KEYS, token, now=NOW + timedelta(hours=1))


@pytest.mark.rule("auth-A6")
async def test_a_room_token_falls_with_the_sign_in_that_asked_for_it(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    answer = await asha.client.post(f"/api/v1/projects/{project}/collab-token", json={})
    token = answer.json()["token"]
    authenticator = server.app.state.authenticator
    caller = await authenticator.caller_of_room_token(token, project)
    assert caller.user_id == asha.id
    with pytest.raises(BadRoomToken, match="other_project"):
        await authenticator.caller_of_room_token(token, "prj_other")
    await asha.client.delete("/api/v1/session")
    with pytest.raises(BadRoomToken, match="signed_out"):
        await authenticator.caller_of_room_token(token, project)


@pytest.mark.rule("auth-A6")
async def test_a_room_token_falls_with_the_membership_it_was_made_under(
    server: TestServer,
) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    members = f"/api/v1/workspaces/{asha.workspace}/members"
    await asha.client.post(members, json={"email": ravi.email, "role": "editor"})
    project = await asha.project()
    answer = await ravi.client.post(f"/api/v1/projects/{project}/collab-token", json={})
    token = answer.json()["token"]
    authenticator = server.app.state.authenticator
    assert (await authenticator.caller_of_room_token(token, project)).user_id == ravi.id
    await asha.client.patch(f"{members}/{ravi.id}", json={"role": "viewer"})
    with pytest.raises(BadRoomToken, match="revoked"):
        await authenticator.caller_of_room_token(token, project)


@pytest.mark.rule("auth-A5")
def test_a_mistyped_api_token_is_known_without_a_look_up() -> None:
    token = new_api_token()
    assert token.startswith("cut_")
    assert looks_like_token(token)
    changed = token[:-9] + ("0" if token[-9] != "0" else "1") + token[-8:]
    assert not looks_like_token(changed)
    assert not looks_like_token("")


@pytest.mark.rule("auth-A7")
@given(role=st.sampled_from(ROLES), ceiling=st.sampled_from([*ROLES, None]))
def test_a_ceiling_never_adds_a_right(role: Role, ceiling: Role | None) -> None:
    found = lowered(role, ceiling)
    assert RIGHTS[found] <= RIGHTS[role]
    assert ceiling is None or RIGHTS[found] <= RIGHTS[ceiling]


@pytest.mark.rule("auth-A7")
def test_the_table_of_rights_is_the_one_of_the_design() -> None:
    assert [role for role in ROLES if may(role, "edit")] == ["owner", "editor"]
    assert [role for role in ROLES if may(role, "buy credits")] == ["owner", "billing"]
    assert [role for role in ROLES if may(role, "administer the workspace")] == ["owner"]
    assert [role for role in ROLES if not may(role, "comment")] == ["viewer"]
    assert all(may(role, "read") for role in ROLES)
