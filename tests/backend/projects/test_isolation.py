"""Every route, asked with somebody else's ids: as if there were no such thing."""

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from backend.credits.tables import WalletRow
from backend.payments.tables import CreditOrderRow
from tests.backend.assets.test_assets import upload
from tests.backend.exports.test_exports import add_export
from tests.backend.support import Person, TestServer

OPEN = {  # routes that need nobody's permission, or that answer about the caller alone
    "/accounts",
    "/session",
    "/session/ways",
    "/session/openid",
    "/session/openid/callback",
    "/me",
    "/me/preferences",
    "/me/data",
    "/me/deletion",
    "/me/sessions",
    "/me/password",
    "/password-resets",
    "/password-resets/redeem",
    "/workspaces",
    "/credit-packs",
    "/projects",
    "/uploads",
    "/assets",
    "/events",
    "/export-presets",
    "/fonts",
    "/fonts/{font_hash}",
    "/text-images",
    "/text-images/{text_id}",
}
BODIES: dict[str, Any] = {
    "PATCH /projects/{project_id}": {"name": "Mine now"},
    "POST /projects/{project_id}/share-links": {"role": "viewer"},
    "POST /projects/{project_id}/quotes": {},
    "POST /projects/{project_id}/exports": {"preset": "source"},
    "POST /projects/{project_id}/commands": {"commands": [{"op": "split"}]},
    "POST /projects/{project_id}/scenes": {
        "run": "r",
        "scenes": [{"key": "s", "asset": "as_1"}],
    },
    "POST /projects/{project_id}/assets": {"assets": ["as_1"]},
    "POST /projects/{project_id}/timeline": {},
    "POST /projects/{project_id}/comments": {"text": "Mine", "t": 0},
    "PATCH /projects/{project_id}/comments/{thread_id}": {"resolved": True},
    "POST /projects/{project_id}/comments/{thread_id}/replies": {"text": "Mine"},
    "PATCH /projects/{project_id}/comments/{thread_id}/replies/{comment_id}": {"text": "Mine"},
    "POST /projects/{project_id}/versions": {"name": "mine"},
    "PATCH /projects/{project_id}/versions/{version_id}": {"name": "mine"},
    "POST /projects/{project_id}/collab-token": {},
    "POST /workspaces/{workspace_id}/members": {"email": "eve@example.com", "role": "owner"},
    "PATCH /workspaces/{workspace_id}/members/{user_id}": {"role": "viewer"},
    "POST /workspaces/{workspace_id}/credit-orders": {"pack": "starter"},
    "POST /credit-orders/{order_id}/confirm": {
        "razorpay_payment_id": "pay_1",
        "razorpay_order_id": "order_1",
        "razorpay_signature": "00",
    },
    "POST /credit-orders/{order_id}/refunds": {},
    "POST /workspaces/{workspace_id}/invites": {"role": "owner"},
    "POST /workspaces/{workspace_id}/tokens": {"role": "owner"},
    "POST /workspaces/{workspace_id}/transfer": {"user": "usr_1"},
}


def routes(server: TestServer) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for method_map in server.app.openapi()["paths"].items():
        path, methods = method_map
        if path.startswith("/api/v1"):
            short = path.removeprefix("/api/v1")
            found += [(method.upper(), short) for method in methods if short not in OPEN]
    return found


async def add_order(server: TestServer, person: Person) -> str:
    """A paid order of somebody's workspace."""
    wallet = await person.client.get(f"/api/v1/workspaces/{person.workspace}/wallet")
    assert wallet.status_code == 200, wallet.text
    now = server.parts.clock.now()
    with server.parts.database.write_in_thread() as session:
        wallet_id = session.execute(
            select(WalletRow.id).where(WalletRow.workspace_id == person.workspace)
        ).scalar_one()
        session.add(
            CreditOrderRow(
                id="cro_theirs",
                wallet_id=wallet_id,
                created_by=person.id,
                pack="starter",
                price_version=1,
                credits=500,
                amount_minor=49_900,
                currency="INR",
                buyer={},
                rzp_order_id="order_theirs",
                state="created",
                disputed=False,
                posted_credits=0,
                rev=1,
                created_at=now,
            )
        )
    return "cro_theirs"


@pytest.mark.rule("auth-A7")
async def test_every_route_hides_what_belongs_to_others(server: TestServer) -> None:
    asha, eve = await server.person("asha"), await server.person("eve")
    project = await asha.project()
    asset = (await upload(asha, project))["id"]
    export = add_export(server, project, asha)
    link = (
        await asha.client.post(f"/api/v1/projects/{project}/share-links", json={"role": "viewer"})
    ).json()["id"]
    invite = (
        await asha.client.post(
            f"/api/v1/workspaces/{asha.workspace}/invites", json={"role": "viewer"}
        )
    ).json()["id"]
    sign_in = (await asha.client.get("/api/v1/me/sessions")).json()["items"][0]
    token = (
        await asha.client.post(
            f"/api/v1/workspaces/{asha.workspace}/tokens", json={"role": "viewer"}
        )
    ).json()
    said = await asha.client.post(
        f"/api/v1/projects/{project}/comments", json={"text": "Ours", "t": 0}
    )
    thread = said.json()
    ids = {
        "project_id": project,
        "workspace_id": asha.workspace,
        "user_id": asha.id,
        "asset_id": asset,
        "upload_id": asset,
        "export_id": export,
        "link_id": link,
        "invite_id": invite,
        "session_id": sign_in["id"],
        "token_id": token["id"],
        "version_id": "ver_1",
        "second": "0",
        "order_id": await add_order(server, asha),
        "thread_id": thread["id"],
        "comment_id": thread["comments"][0]["id"],
    }
    headers = {"Idempotency-Key": "k", "Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    asked = routes(server)
    assert len(asked) > 30
    told: list[tuple[str, str, int, str]] = []
    for method, path in asked:
        address = "/api/v1" + re.sub(r"{(\w+)}", lambda found: ids[found[1]], path)
        body = BODIES.get(f"{method} {path}")
        sent = dict(headers)
        if path.startswith("/uploads"):
            sent["Content-Type"] = "application/offset+octet-stream"
        if (method, path) == ("POST", "/workspaces/{workspace_id}/assets"):
            answer = await eve.client.post(address, files={"file": ("a.png", b"\x89PNG\r\n\x1a\n")})
        elif body is not None:
            answer = await eve.client.request(method, address, json=body, headers=sent)
        else:
            answer = await eve.client.request(method, address, headers=sent)
        if answer.status_code != 404:
            told.append((method, path, answer.status_code, answer.text))
    assert told == []
    events = await eve.client.get("/api/v1/events", params={"project": project})
    assert events.status_code == 404
    listed = await eve.client.get("/api/v1/assets", params={"ids": asset})
    assert listed.json()["items"] == []
    assert (await asha.client.get(f"/api/v1/projects/{project}")).json()["name"] == "Film"


def test_no_route_is_outside_of_the_schema(server: TestServer) -> None:
    hidden = [
        route.path
        for route in server.app.routes
        if isinstance(route, APIRoute)
        and route.path.startswith("/api/v1")
        and not route.include_in_schema
        and route.methods != {"HEAD"}
    ]
    assert hidden == []
