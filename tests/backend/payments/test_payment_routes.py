"""Paying over HTTP: who may, what is refused, and that nothing that comes in is a 500."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.auth.roles import ROLES
from backend.payments.repository import list_anomalies
from backend.payments.sandbox.server import Sandbox
from backend.payments.tables import WebhookEventRow
from backend.payments.webhooks import Received, store
from kit.clock import ManualClock
from tests.backend.payments.support import api, control, keys_of, running_sandbox
from tests.backend.support import TestServer, running_server

CONFIRMED = ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")
SECRET = "a-second-secret-after-a-rotation"  # noqa: S105 - of the tests


class Till:
    """A server that sells, and the sandbox it sells through."""

    def __init__(self, server: TestServer, sandbox: Sandbox) -> None:
        self.server, self.sandbox = server, sandbox

    def signed(self, body: bytes, secret: str | None = None) -> dict[str, str]:
        key = (secret or self.sandbox.keys.webhook_secret).encode()
        return {"X-Razorpay-Signature": hmac.new(key, body, hashlib.sha256).hexdigest()}

    async def webhook(self, body: bytes, headers: dict[str, Any]) -> int:
        answer = await self.server.client().post(
            "/webhooks/razorpay", content=body, headers=headers
        )
        return answer.status_code


@asynccontextmanager
async def open_till(folder: Path, database_url: str = "") -> AsyncGenerator[Till]:
    with running_sandbox() as sandbox:
        keys = keys_of(sandbox, more_secrets=(SECRET,))
        async with running_server(folder, razorpay=keys, database_url=database_url) as server:
            yield Till(server, sandbox)


@pytest.fixture
async def till(tmp_path: Path) -> AsyncGenerator[Till]:
    async with open_till(tmp_path) as opened:
        yield opened


@pytest.fixture
async def each_till(tmp_path: Path, database_url: str) -> AsyncGenerator[Till]:
    """On both databases: what one of them may refuse to keep."""
    async with open_till(tmp_path, database_url) as opened:
        yield opened


async def order_of(client: httpx.AsyncClient, workspace: str, key: str = "k1") -> dict[str, Any]:
    made = await client.post(
        f"/api/v1/workspaces/{workspace}/credit-orders",
        json={"pack": "starter"},
        headers={"Idempotency-Key": key},
    )
    assert made.status_code == 201, made.text
    return made.json()


@pytest.mark.rule("payments-O7")
async def test_a_pack_is_bought_confirmed_read_and_given_back(till: Till) -> None:
    asha = await till.server.person()
    packs = (await asha.client.get("/api/v1/credit-packs")).json()
    assert (packs["mode"], packs["currency"]) == ("sandbox", "INR")
    assert packs["packs"][0] == {"id": "starter", "credits": 500, "amount_minor": 49_900}
    order = await order_of(asha.client, asha.workspace)
    assert order["checkout"]["script"] == "/sandbox/checkout.js"
    assert order["checkout"]["options"]["amount"] == 49_900
    fields = control(till.sandbox, "pay", order_id=order["checkout"]["options"]["order_id"])
    path = f"/api/v1/credit-orders/{order['id']}"
    confirmed = await asha.client.post(f"{path}/confirm", json=fields)
    assert confirmed.status_code == 200
    body = confirmed.json()
    assert (body["state"], body["credits_posted"], body["refundable_credits"]) == ("paid", 500, 500)
    assert (body["checkout"], body["payment"]) == (None, fields["razorpay_payment_id"])
    assert body["wallet"]["available"] >= 500
    headers = {"Idempotency-Key": "r1"}
    refund = await asha.client.post(f"{path}/refunds", json={"credits": 100}, headers=headers)
    assert (refund.status_code, refund.json()["amount_minor"]) == (202, 9_980)
    again = await asha.client.post(f"{path}/refunds", json={"credits": 100}, headers=headers)
    assert again.content == refund.content
    other = await asha.client.post(f"{path}/refunds", json={"credits": 1}, headers=headers)
    assert other.status_code == 422
    shown = (await asha.client.get(path)).json()
    assert (shown["credits_posted"], shown["refunds"][0]["state"]) == (400, "pending")
    listed = await asha.client.get(f"/api/v1/workspaces/{asha.workspace}/credit-orders")
    assert [item["id"] for item in listed.json()["items"]] == [order["id"]]
    assert (await asha.client.get("/api/v1/me")).status_code == 200


@pytest.mark.rule("payments-O7")
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"pack": "gold"},
        {"pack": 1},
        {"pack": None},
        {"pack": "starter", "amount": 1},
        {"pack": "starter", "credits": 10**9},
        {"pack": "starter", "price": 0.5},
        {"pack": "starter", "buyer": {"name": ""}},
        {"pack": "starter", "buyer": {"state": "Karnataka"}},
        {"pack": "starter", "buyer": {"gstin": "x"}},
    ],
)
async def test_no_body_sets_a_price(till: Till, body: Any) -> None:
    asha = await till.server.person()
    made = await asha.client.post(
        f"/api/v1/workspaces/{asha.workspace}/credit-orders",
        json=body,
        headers={"Idempotency-Key": "k1"},
    )
    assert made.status_code == 422
    assert control(till.sandbox, "state", "GET")["orders"] == []


@pytest.mark.rule("payments-O7")
@pytest.mark.parametrize(
    "wanted", ["1.0", "1.5", "0", "-1", "true", '"5"', "NaN", "1e400", "9" * 40, "null0"]
)
async def test_no_number_of_credits_but_a_whole_one_goes_back(till: Till, wanted: str) -> None:
    asha = await till.server.person()
    order = await order_of(asha.client, asha.workspace)
    answer = await asha.client.post(
        f"/api/v1/credit-orders/{order['id']}/refunds",
        content=f'{{"credits": {wanted}}}',
        headers={"Idempotency-Key": "r1", "Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.rule("payments-O7")
async def test_keys_are_required_and_reasons_told(till: Till) -> None:
    asha = await till.server.person()
    orders = f"/api/v1/workspaces/{asha.workspace}/credit-orders"
    assert (await asha.client.post(orders, json={"pack": "starter"})).status_code == 400
    order = await order_of(asha.client, asha.workspace)
    refunds = f"/api/v1/credit-orders/{order['id']}/refunds"
    assert (await asha.client.post(refunds, json={})).status_code == 400
    refused = await asha.client.post(refunds, json={}, headers={"Idempotency-Key": "r1"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "state")
    assert refused.json()["type"] == "/problems/not-refundable"


@pytest.mark.rule("payments-O4", "payments-O7")
@pytest.mark.parametrize(
    "forged",
    [
        {"razorpay_signature": "0" * 64},
        {"razorpay_signature": "\u00e9" * 64},
        {"razorpay_signature": ""},
        {"razorpay_payment_id": "../../orders"},
        {"razorpay_payment_id": "pay_\x00"},
        {"razorpay_order_id": "order_\x00"},
        {"razorpay_order_id": "order_AAAAAAAAAAAAAA"},
    ],
)
async def test_a_forged_confirmation_is_400(each_till: Till, forged: dict[str, str]) -> None:
    asha = await each_till.server.person()
    order = await order_of(asha.client, asha.workspace)
    fields = control(each_till.sandbox, "pay", order_id=order["checkout"]["options"]["order_id"])
    answer = await asha.client.post(
        f"/api/v1/credit-orders/{order['id']}/confirm",
        content=json.dumps(fields | forged),  # which escapes what UTF-8 cannot say
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/signature-invalid"


@pytest.mark.rule("payments-O4")
async def test_confirming_for_others_is_400_for_ones_own_and_404_for_theirs(
    each_till: Till,
) -> None:
    asha, ravi = await each_till.server.person("asha"), await each_till.server.person("ravi")
    theirs = await order_of(asha.client, asha.workspace)
    mine = await order_of(ravi.client, ravi.workspace)
    fields = control(each_till.sandbox, "pay", order_id=theirs["checkout"]["options"]["order_id"])
    for order, status in ((mine, 400), (theirs, 404)):
        answer = await ravi.client.post(f"/api/v1/credit-orders/{order['id']}/confirm", json=fields)
        assert answer.status_code == status
    for path in (
        f"/api/v1/credit-orders/{theirs['id']}",
        "/api/v1/credit-orders/../../x",
        "/api/v1/credit-orders/%2e%2e%2fx",
    ):
        assert (await ravi.client.get(path)).status_code == 404
    refunds = f"/api/v1/credit-orders/{theirs['id']}/refunds"
    refused = await ravi.client.post(refunds, json={}, headers={"Idempotency-Key": "r1"})
    assert refused.status_code == 404


@pytest.mark.rule("payments-O7", "db-B12")
async def test_ids_of_odd_letters_are_no_orders(each_till: Till) -> None:
    asha = await each_till.server.person()
    for odd in ("cro_%00", "%ff", "%ed%a0%80", "cro_%2f..", "%2e%2e", "cro_1%0a"):
        path = f"/api/v1/credit-orders/{odd}"
        headers = {"Idempotency-Key": "k1"}
        for answer in (
            await asha.client.get(path),
            await asha.client.post(f"{path}/confirm", json=dict.fromkeys(CONFIRMED, "x")),
            await asha.client.post(f"{path}/refunds", json={}, headers=headers),
        ):
            assert answer.status_code in {404, 422}, odd
    buyer = {"pack": "starter", "buyer": {"name": "A\x00"}}
    path = f"/api/v1/workspaces/{asha.workspace}/credit-orders"
    made = await asha.client.post(path, json=buyer, headers={"Idempotency-Key": "k1"})
    assert made.status_code in {201, 422}


@pytest.mark.rule("payments-O7")
@pytest.mark.parametrize("role", [role for role in ROLES if role != "owner"])
async def test_roles_that_may_not_buy_are_refused(till: Till, role: str) -> None:
    asha, ravi = await till.server.person("asha"), await till.server.person("ravi")
    added = await asha.client.post(
        f"/api/v1/workspaces/{asha.workspace}/members", json={"email": ravi.email, "role": role}
    )
    assert added.status_code == 201, added.text
    order = await order_of(asha.client, asha.workspace)
    bought = await ravi.client.post(
        f"/api/v1/workspaces/{asha.workspace}/credit-orders",
        json={"pack": "starter"},
        headers={"Idempotency-Key": "k1"},
    )
    seen = await ravi.client.get(f"/api/v1/credit-orders/{order['id']}")
    refund = await ravi.client.post(
        f"/api/v1/credit-orders/{order['id']}/refunds",
        json={},
        headers={"Idempotency-Key": "r1"},
    )
    if role == "billing":
        assert (bought.status_code, seen.status_code, refund.status_code) == (201, 200, 403)
    else:
        assert (bought.status_code, seen.status_code, refund.status_code) == (403, 403, 403)


@pytest.mark.rule("payments-O3")
async def test_razorpay_away_is_503_and_the_same_key_goes_on(till: Till) -> None:
    asha = await till.server.person()
    control(till.sandbox, "faults", kind="429", method="POST", path="/v1/orders")
    path = f"/api/v1/workspaces/{asha.workspace}/credit-orders"
    headers = {"Idempotency-Key": "k1"}
    first = await asha.client.post(path, json={"pack": "starter"}, headers=headers)
    assert (first.status_code, first.headers["retry-after"]) == (503, "1")
    assert first.json()["type"] == "/problems/razorpay-unavailable"
    second = await asha.client.post(path, json={"pack": "starter"}, headers=headers)
    assert second.status_code == 201
    till.sandbox.account.change(key_secret="another")  # noqa: S106 - of a test
    refused = await asha.client.post(
        path, json={"pack": "starter"}, headers={"Idempotency-Key": "k2"}
    )
    assert (refused.status_code, refused.json()["type"]) == (502, "/problems/razorpay-refused")


@pytest.mark.rule("payments-O3")
async def test_without_keys_nothing_can_be_bought(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        asha = await server.person()
        answer = await asha.client.post(
            f"/api/v1/workspaces/{asha.workspace}/credit-orders",
            json={"pack": "starter"},
            headers={"Idempotency-Key": "k1"},
        )
        assert answer.status_code == 503
        assert (await server.client().post("/webhooks/razorpay", content=b"{}")).status_code == 404


BODY = b'{"entity":"event","event":"payment.captured","payload":{}}'


@pytest.mark.rule("payments-W2")
async def test_what_nobody_signed_is_401(till: Till) -> None:
    right = till.signed(BODY)["X-Razorpay-Signature"]
    for signature in ("", "x", right[:-1], right.upper(), right + "0", "\u00e9".encode()):
        assert await till.webhook(BODY, {"X-Razorpay-Signature": signature}) == 401
    assert await till.webhook(BODY, {}) == 401
    assert await till.webhook(BODY + b" ", till.signed(BODY)) == 401
    assert await till.webhook(BODY, till.signed(BODY, "wrong")) == 401


@pytest.mark.rule("payments-W4")
async def test_an_old_secret_is_believed_too(till: Till) -> None:
    assert await till.webhook(BODY, till.signed(BODY, SECRET)) == 200


@pytest.mark.rule("payments-W2")
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
async def test_an_empty_secret_turns_the_door_off(tmp_path: Path, secrets: tuple[str, ...]) -> None:
    with running_sandbox() as sandbox:
        keys = keys_of(sandbox)
        object.__setattr__(keys, "webhook_secrets", secrets)
        async with running_server(tmp_path, razorpay=keys) as server:
            signature = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
            answer = await server.client().post(
                "/webhooks/razorpay",
                content=BODY,
                headers={"X-Razorpay-Signature": signature},
            )
            assert answer.status_code in {401, 404}


@pytest.mark.rule("payments-W2")
async def test_a_body_too_long_is_413(till: Till) -> None:
    body = b" " * (256 * 1024 + 1)
    assert await till.webhook(body, till.signed(body)) == 413
    body = b"{" + b" " * (256 * 1024 - 1)
    assert await till.webhook(body, till.signed(body)) == 200


@pytest.mark.rule("payments-W1", "payments-W2")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"not json",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"event": 7}',
        b'{"event": "payment.captured", "payload": []}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"id": 1}}}}',
        b'{"event": "invoice.paid"}',
        b'{"event": "payment.captured\\u0000"}',
        b'{"event": "\\ud800"}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"id": "\\u0000"}}}}',
    ],
)
async def test_signed_nonsense_is_kept_and_answered_with_200(each_till: Till, body: bytes) -> None:
    named = each_till.signed(body) | {"X-Razorpay-Event-Id": "evt_1"}
    assert await each_till.webhook(body, named) == 200
    row = await _worked(each_till, "evt_1")
    assert (row.state in {"dead", "ignored"}, row.attempts) == (True, 1)
    with each_till.server.parts.database.read_in_thread() as session:
        assert bool(list_anomalies(session)) == (row.state == "dead")
    assert await each_till.webhook(body, named) == 200


@pytest.mark.rule("payments-W2", "payments-W3")
@pytest.mark.parametrize("odd", ["\x00", "\ud800", "x" * 5_000])
async def test_odd_letters_in_a_true_event_lose_no_money(each_till: Till, odd: str) -> None:
    asha = await each_till.server.person()
    order = await order_of(asha.client, asha.workspace)
    fields = control(each_till.sandbox, "pay", order_id=order["checkout"]["options"]["order_id"])
    _, entity = api(each_till.sandbox, "GET", f"/v1/payments/{fields['razorpay_payment_id']}")
    changed = {"method": odd, "error_code": odd, "error_reason": odd, "notes": {odd: odd}}
    told = {
        "event": "payment.captured",
        "account_id": each_till.sandbox.account.config["account_id"],
        "payload": {"payment": {"entity": entity | changed}},
    }
    body = json.dumps(told).encode()
    named = each_till.signed(body) | {"X-Razorpay-Event-Id": "evt_1"}
    assert await each_till.webhook(body, named) == 200
    row = await _worked(each_till, "evt_1")
    assert (row.state, row.attempts) == ("done", 1)
    shown = await asha.client.get(f"/api/v1/credit-orders/{order['id']}")
    assert shown.json()["credits_posted"] == 500


@pytest.mark.rule("payments-W2")
async def test_a_known_id_with_other_bytes_keeps_the_first_and_is_an_anomaly(
    each_till: Till,
) -> None:
    named = {"X-Razorpay-Event-Id": "evt_1"}
    assert await each_till.webhook(BODY, each_till.signed(BODY) | named) == 200
    other = BODY.replace(b"captured", b"failed")
    assert await each_till.webhook(other, each_till.signed(other) | named) == 200
    with each_till.server.parts.database.read_in_thread() as session:
        assert "event_id_reused" in {row.kind for row in list_anomalies(session)}


@pytest.mark.rule("payments-W1")
async def test_a_webhook_alone_makes_credits_spendable(till: Till) -> None:
    asha = await till.server.person()
    order = await order_of(asha.client, asha.workspace)
    control(till.sandbox, "deliveries", held=True, url="http://x/webhooks/razorpay")
    control(till.sandbox, "pay", order_id=order["checkout"]["options"]["order_id"])
    with till.sandbox.account.desk() as desk:
        deliveries = desk.records.list_of("delivery")
    for item in deliveries:
        headers = {
            "X-Razorpay-Signature": item["signature"],
            "X-Razorpay-Event-Id": item["event_id"],
        }
        assert await till.webhook(item["body"].encode(), headers) == 200
    await _worked(till, deliveries[-1]["event_id"])
    shown = await asha.client.get(f"/api/v1/credit-orders/{order['id']}")
    assert shown.json()["state"] == "paid"


@pytest.mark.rule("payments-W6")
async def test_metrics_tell_how_long_the_oldest_event_waits(tmp_path: Path) -> None:
    clock = ManualClock()
    async with running_server(tmp_path, clock=clock) as server:
        assert "cutroom_webhook_lag_seconds 0.0" in (await server.client().get("/metrics")).text
        with server.parts.database.write_in_thread() as session:
            store(session, Received(b"{}", None, "evt_1"), now=clock.now())
        clock.advance(12.5)
        told = (await server.client().get("/metrics")).text
    assert "cutroom_webhook_lag_seconds 12.5" in told
    assert 'cutroom_webhook_events{state="pending"} 1' in told


@pytest.mark.rule("payments-W5")
async def test_who_paid_is_not_kept(till: Till) -> None:
    told = {
        "event": "payment.failed",
        "account_id": till.sandbox.account.config["account_id"],
        "payload": {
            "payment": {
                "entity": {
                    "email": "asha@example.com",
                    "contact": "+91",
                    "vpa": "a@b",
                    "card": {"last4": "1111"},
                }
            }
        },
    }
    body = json.dumps(told).encode()
    named = {"X-Razorpay-Event-Id": "evt_private"}
    assert await till.webhook(body, till.signed(body) | named) == 200
    row = await _worked(till, "evt_private")
    kept = (row.body or b"").decode()
    for word in ("asha@example.com", "+91", "a@b", "1111"):
        assert word not in kept
    assert row.body_sha256 == hashlib.sha256(body).hexdigest()


@pytest.mark.rule("payments-S8")
async def test_readiness_names_the_mode(till: Till) -> None:
    ready = (await till.server.client().get("/readyz")).json()
    assert ready["parts"]["payments"] == {"state": "ok", "detail": "sandbox"}


async def _worked(till: Till, event_id: str) -> WebhookEventRow:
    """The event once the inbox has worked on it; its own thread may be the one that does."""
    inbox = till.server.app.state.work_of_payments.inbox
    async with asyncio.timeout(30):
        while True:
            await asyncio.to_thread(inbox.run_once)
            with till.server.parts.database.read_in_thread() as session:
                row = session.get_one(WebhookEventRow, event_id)
            if row.state != "pending":
                return row
            await asyncio.sleep(0.05)


@pytest.mark.rule("payments-S7", "auth-A9")
async def test_only_the_credits_page_may_load_razorpay_and_only_with_its_keys(
    tmp_path: Path,
) -> None:
    keys: dict[str, Any] = {"razorpay_key_id": "rzp_test_abc", "razorpay_key_secret": "s"}
    none: dict[str, Any] = {}
    for chosen, allowed in ((keys, True), (none, False)):
        async with running_server(tmp_path / str(allowed), **chosen) as server:
            for path, here in (("/w/ws_1/credits", True), ("/p/prj_1", False), ("/", False)):
                answer = await server.client().get(path)
                told = "razorpay.com" in answer.headers["content-security-policy"]
                assert told == (allowed and here), path
