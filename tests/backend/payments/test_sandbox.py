"""The loopback Razorpay: protocol, habits, deliveries, control, memory."""

import base64
import hashlib
import hmac
import json
import queue
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.payments.sandbox.account import Account
from backend.payments.sandbox.delivery import GAPS_SECONDS, Send
from backend.payments.sandbox.errors import NoConnection
from backend.payments.sandbox.pages import CheckoutPages
from backend.payments.sandbox.server import HOST, Sandbox
from backend.payments.sandbox.store import Store
from backend.payments.sandbox.wire import asked
from kit.clock import ManualClock, SystemClock
from tests.backend.payments.support import api, control, running_sandbox

BODY = {"amount": 49_900, "currency": "INR", "receipt": "cro_1"}


@dataclass
class Inbox:
    """A merchant that answers as told and keeps what it was sent."""

    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[Any])

    def __call__(self, _url: str, headers: dict[str, str], body: bytes) -> int:
        self.got.append((headers, body))
        return self.status

    @property
    def events(self) -> list[str]:
        return [json.loads(body)["event"] for _, body in self.got]


class World:
    """A sandbox without sockets and threads, whose time is ours."""

    def __init__(self, **chosen: Any) -> None:
        self.clock, self.inbox = ManualClock(), Inbox()
        self.sandbox = Sandbox(Account(Store(), self.clock, seed=7), self.inbox)
        self.sandbox.account.change(webhook_url="http://merchant/webhooks/razorpay", **chosen)

    def order(self) -> str:
        status, order = api(self.sandbox, "POST", "/v1/orders", BODY)
        assert status == 200, order
        return str(order["id"])

    def pay(self, order_id: str, outcome: str = "captured", **more: Any) -> Any:
        return control(self.sandbox, "pay", order_id=order_id, outcome=outcome, **more)

    def run(self, seconds: float = 1.0) -> None:
        """Let so much time pass, and all that falls due in it happen."""
        steps = 20
        for _ in range(steps):
            self.clock.advance(seconds / steps)
            while self.sandbox.tick():
                pass


@pytest.mark.rule("payments-S1")
@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/v1/nothing", None),
        ("DELETE", "/v1/orders", None),
        ("POST", "/v1/orders", BODY | {"colour": "red"}),
        ("POST", "/v1/orders", BODY | {"amount": 99}),
        ("POST", "/v1/orders", BODY | {"amount": 499.0}),
        ("POST", "/v1/orders", BODY | {"amount": True}),
        ("POST", "/v1/orders", BODY | {"currency": "USD"}),
        ("POST", "/v1/orders", BODY | {"receipt": "x" * 41}),
        ("POST", "/v1/orders", BODY | {"notes": {"a": "x" * 257}}),
        ("POST", "/v1/orders", [1]),
        ("GET", "/v1/orders/order_AAAAAAAAAAAAAA", None),
        ("GET", "/v1/orders?count=101", None),
        ("GET", "/v1/orders?page=1", None),
        ("GET", "/v1/payments/pay_AAAAAAAAAAAAAA", None),
        ("POST", "/v1/payments/pay_AAAAAAAAAAAAAA/refund", {}),
    ],
)
def test_what_is_unknown_is_400_in_the_form_of_the_api(method: str, target: str, body: Any) -> None:
    status, answer = api(World().sandbox, method, target, body)
    assert status == 400
    assert answer["error"]["code"] == "BAD_REQUEST_ERROR"


@pytest.mark.rule("payments-S1")
def test_keys_are_asked_for() -> None:
    with running_sandbox() as sandbox:
        for auth in (None, ("rzp_test_x", "y"), (sandbox.keys.key_id, "")):
            answer = httpx.get(f"{sandbox.address}/v1/orders", auth=auth)
            assert answer.status_code == 401
        assert sandbox.keys.key_id.startswith("rzp_test_")
        assert sandbox.address.startswith(f"http://{HOST}:")


@pytest.mark.rule("payments-S2")
def test_orders_and_payments_have_the_odd_corners_of_the_real_ones() -> None:
    world = World()
    order_id = world.order()
    _, order = api(world.sandbox, "GET", f"/v1/orders/{order_id}")
    assert (order["notes"], order["status"], order["amount_due"]) == ([], "created", 49_900)
    refused = world.pay(order_id, "failed", method="card")
    assert refused["error"]["reason"] == "payment_failed"
    fields = world.pay(order_id)
    paid = fields["razorpay_payment_id"]
    _, payment = api(world.sandbox, "GET", f"/v1/payments/{paid}")
    assert payment["upi"] == {"vpa": "success@razorpay"}
    assert payment["error_code"] in (None, "")
    _, order = api(world.sandbox, "GET", f"/v1/orders/{order_id}")
    assert (order["status"], order["attempts"]) == ("paid", 2)
    declined = world.pay(order_id)
    assert declined["error"]["reason"] == "order_already_paid"
    second = world.pay(order_id, "second_captured")
    _, found = api(world.sandbox, "GET", f"/v1/orders/{order_id}/payments")
    assert found["count"] == 4
    signed = f"{order_id}|{second['razorpay_payment_id']}".encode()
    secret = world.sandbox.keys.key_secret.encode()
    assert second["razorpay_signature"] == hmac.new(secret, signed, hashlib.sha256).hexdigest()


@pytest.mark.rule("payments-S2")
def test_some_failed_payments_say_that_they_are_captured() -> None:
    world = World(profile="silent")
    for _ in range(20):
        world.pay(world.order(), "failed")
    _, found = api(world.sandbox, "GET", "/v1/payments?count=100")
    assert {item["captured"] for item in found["items"]} == {True, False}


@pytest.mark.rule("payments-S2")
def test_lists_lag_and_reads_by_order_do_not() -> None:
    world = World(list_lag_seconds=120)
    order_id = world.order()
    world.pay(order_id)
    assert api(world.sandbox, "GET", "/v1/payments")[1]["count"] == 0
    assert api(world.sandbox, "GET", f"/v1/orders/{order_id}/payments")[1]["count"] == 1
    world.clock.advance(121)
    assert api(world.sandbox, "GET", "/v1/payments")[1]["count"] == 1


@pytest.mark.rule("payments-S2")
def test_refunds_are_processed_after_a_second_and_one_amount_fails() -> None:
    world = World()
    payment = world.pay(world.order())["razorpay_payment_id"]
    for amount in (10_000, 2_468):
        assert (
            api(world.sandbox, "POST", f"/v1/payments/{payment}/refund", {"amount": amount})[0]
            == 200
        )
    status, refused = api(
        world.sandbox, "POST", f"/v1/payments/{payment}/refund", {"amount": 40_000}
    )
    assert status == 400, refused
    world.run(2.0)
    _, found = api(world.sandbox, "GET", f"/v1/payments/{payment}/refunds?count=100")
    assert {item["amount"]: item["status"] for item in found["items"]} == {
        10_000: "processed",
        2_468: "failed",
    }
    _, after = api(world.sandbox, "GET", f"/v1/payments/{payment}")
    assert (after["amount_refunded"], after["refund_status"]) == (10_000, "partial")
    assert world.inbox.events.count("refund.failed") == 1


@pytest.mark.rule("payments-S2")
def test_an_authorised_payment_that_nobody_captures_goes_back() -> None:
    world = World()
    world.pay(world.order(), "authorized")
    world.run(6 * 86_400)
    last = json.loads(world.inbox.got[-1][1])
    assert last["event"] == "refund.processed"
    assert last["payload"]["payment"]["entity"]["captured"] is False


@pytest.mark.rule("payments-S2")
def test_a_late_authorisation_comes_after_checkout_was_closed() -> None:
    world = World()
    order_id = world.order()
    assert world.pay(order_id, "late_authorized", late_seconds=3600)["pending"]
    assert api(world.sandbox, "GET", f"/v1/orders/{order_id}")[1]["status"] == "attempted"
    world.run(3700)
    assert api(world.sandbox, "GET", f"/v1/orders/{order_id}")[1]["status"] == "paid"


@pytest.mark.rule("payments-S3")
def test_webhooks_are_signed_bytes_that_no_other_serialiser_writes() -> None:
    world = World()
    world.pay(world.order())
    world.run()
    assert world.inbox.events == ["payment.authorized", "payment.captured", "order.paid"]
    headers, body = world.inbox.got[1]
    secret = world.sandbox.keys.webhook_secret.encode()
    assert headers["X-Razorpay-Signature"] == hmac.new(secret, body, hashlib.sha256).hexdigest()
    assert headers["User-Agent"] == "Razorpay-Webhook/v1"
    told = json.loads(body)
    assert (told["entity"], told["contains"]) == ("event", ["payment"])
    assert body != json.dumps(told, separators=(",", ":")).encode()


@pytest.mark.rule("payments-S3")
def test_a_retry_after_a_rotation_still_carries_the_old_secret() -> None:
    world = World()
    old = world.sandbox.keys.webhook_secret
    world.inbox.status = 500
    world.pay(world.order(), "failed")
    world.run(0.1)
    control(world.sandbox, "secrets", webhook_secret="the-new-one")  # noqa: S106 - of a test
    world.run(1.0)
    first, again = world.inbox.got[:2]
    assert first == again
    headers, body = again
    assert (
        headers["X-Razorpay-Signature"] == hmac.new(old.encode(), body, hashlib.sha256).hexdigest()
    )


@pytest.mark.rule("payments-S4")
def test_what_is_never_accepted_is_tried_for_a_day_and_then_no_more() -> None:
    world = World()
    world.inbox.status = 404
    world.pay(world.order(), "failed")
    for gap in (0.1, *GAPS_SECONDS):
        world.clock.advance(gap + 0.01)
        world.sandbox.tick()
    assert len(world.inbox.got) == 16
    assert 22 * 3600 < sum(GAPS_SECONDS) < 24 * 3600
    assert len({headers["X-Razorpay-Event-Id"] for headers, _ in world.inbox.got}) == 1
    assert world.sandbox.account.config["enabled"] is False
    world.pay(world.order(), "failed")
    world.run()
    assert len(world.inbox.got) == 16


@pytest.mark.rule("payments-S4")
def test_profiles_deliver_once_in_order_or_roughly_or_not_at_all() -> None:
    counts: dict[str, int] = {}
    for profile in ("calm", "rough", "silent"):
        world = World(profile=profile)
        for _ in range(40):
            world.pay(world.order(), "failed")
        world.run(60.0)
        counts[profile] = len(world.inbox.got)
        ids = [headers["X-Razorpay-Event-Id"] for headers, _ in world.inbox.got]
        if profile == "rough":
            assert len(set(ids)) < 40 < len(ids)
            assert ids != [name for name in dict.fromkeys(ids) for _ in range(ids.count(name))]
    assert (counts["calm"], counts["silent"]) == (40, 0)


@pytest.mark.rule("payments-S4")
def test_deliveries_are_held_back_and_flushed() -> None:
    world = World()
    control(world.sandbox, "deliveries", held=True)
    world.pay(world.order(), "failed")
    world.run()
    assert world.inbox.got == []
    control(world.sandbox, "deliveries", held=False, flush=True)
    world.sandbox.tick()
    assert world.inbox.events == ["payment.failed"]


@pytest.mark.rule("payments-S5")
def test_the_control_plane_asks_for_its_token() -> None:
    with running_sandbox() as sandbox:
        for token in ("", "Bearer x", f"Bearer {sandbox.keys.key_secret}"):
            answer = httpx.get(
                f"{sandbox.address}/_control/state", headers={"Authorization": token}
            )
            assert answer.status_code == 401
        assert control(sandbox, "state", "GET")["orders"] == []


@pytest.mark.rule("payments-S5")
def test_the_truth_is_what_the_merchant_keeps() -> None:
    world = World(profile="silent")
    whole, part, lost, wrong = (world.order() for _ in range(4))
    for order_id in (whole, part, lost):
        world.pay(order_id)
    world.pay(wrong, "wrong_amount")
    of = {item["id"]: item for item in control(world.sandbox, "state", "GET")["orders"]}
    control(world.sandbox, "refund", payment_id=of[part]["payments"][0]["id"], amount=9_980)
    dispute = control(world.sandbox, "disputes", payment_id=of[lost]["payments"][0]["id"])
    control(world.sandbox, f"disputes/{dispute['id']}", outcome="lost")
    kept = {item["id"]: item["kept"] for item in control(world.sandbox, "state", "GET")["orders"]}
    assert kept == {whole: 49_900, part: 39_920, lost: 0, wrong: 0}


@pytest.mark.rule("payments-S6")
def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'razorpay-sandbox.db'}"
    with running_sandbox(url=address) as first:
        _, order = api(first, "POST", "/v1/orders", BODY)
        paid = control(first, "pay", order_id=order["id"])
        keys = first.keys
    with running_sandbox(url=address) as second:
        assert second.keys == keys
        status, payment = api(second, "GET", f"/v1/payments/{paid['razorpay_payment_id']}")
        assert (status, payment["status"]) == (200, "captured")


@pytest.mark.rule("payments-S6")
def test_on_postgres_every_process_shares_it(postgres_url: str) -> None:
    with running_sandbox(url=postgres_url) as one, running_sandbox(url=postgres_url) as other:
        assert one.keys == other.keys
        _, order = api(one, "POST", "/v1/orders", BODY)
        assert "error" not in control(other, "pay", order_id=order["id"])
        assert api(one, "GET", f"/v1/orders/{order['id']}")[1]["status"] == "paid"


@pytest.mark.rule("payments-S7")
async def test_checkout_is_marked_and_may_be_framed_by_ourselves_only() -> None:
    world = World()
    order_id = world.order()
    pages = httpx.ASGITransport(CheckoutPages(world.sandbox.account))
    async with httpx.AsyncClient(transport=pages, base_url="http://cutroom.test") as client:
        page = await client.get(f"/sandbox/checkout/{order_id}")
        assert "SANDBOX - no real money" in page.text
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        assert (await client.get("/sandbox/checkout.js")).status_code == 200
        shown = await client.get(f"/sandbox/checkout/{order_id}/order")
        assert shown.json()["amount"] == 49_900
        pay = f"/sandbox/checkout/{order_id}/pay"
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert (
            await client.post(pay, json={"outcome": "captured"}, headers=foreign)
        ).status_code == 403
        assert (await client.post(pay, data={"outcome": "captured"})).status_code == 415
        assert (await client.post(pay, json={"outcome": "wrong_amount"})).status_code == 400
        declined = await client.post(pay, json={"outcome": "captured", "vpa": "failure@razorpay"})
        assert "error" in declined.json()
        paid = await client.post(pay, json={"outcome": "captured"})
        assert set(paid.json()) == {
            "razorpay_payment_id",
            "razorpay_order_id",
            "razorpay_signature",
        }
        for wrong in ("/sandbox/checkout/order_x", "/sandbox/../etc/passwd", "/sandbox/x.js"):
            assert (await client.get(wrong)).status_code in {400, 404}
        assert (
            await client.post(pay, content=b"\xff", headers={"content-type": "application/json"})
        ).status_code == 400


@pytest.mark.rule("payments-S2")
@pytest.mark.parametrize("kind", ["429", "500", "html", "302", "204", "drop_before", "drop_after"])
def test_faults_come_as_often_as_told_and_apply_or_not(kind: str) -> None:
    world = World()
    control(world.sandbox, "faults", kind=kind, method="POST", path="/v1/orders")
    status, _ = _raw(world.sandbox)
    assert status == (int(kind) if kind.isdigit() else 502 if kind == "html" else 0)
    applied = len(control(world.sandbox, "state", "GET")["orders"])
    assert applied == (1 if kind in {"html", "204", "drop_after"} else 0)
    assert api(world.sandbox, "POST", "/v1/orders", BODY)[0] == 200


@pytest.mark.rule("payments-S6")
def test_closing_waits_for_the_transaction_in_hand_and_lets_no_other_begin() -> None:
    store = Store()
    closing = threading.Thread(target=store.close)
    with store.transaction() as records:
        closing.start()
        closing.join(0.1)
        records.put("order", "order_1", {"amount": 1})
        assert records.find("order", "order_1") == {"amount": 1}
    closing.join()
    with pytest.raises(NoConnection), store.transaction():
        pass


def _raw(sandbox: Sandbox) -> tuple[int, bytes]:
    basic = base64.b64encode(f"{sandbox.keys.key_id}:{sandbox.keys.key_secret}".encode()).decode()
    request = asked(
        "POST", "/v1/orders", {"Authorization": f"Basic {basic}"}, json.dumps(BODY).encode()
    )
    try:
        answer = sandbox.answer(request)
    except NoConnection:
        return 0, b""
    return answer.status, answer.body


class _Watched(Sandbox):
    """Tells what each of its looks has found."""

    def __init__(self, account: Account, send: Send) -> None:
        super().__init__(account, send, awake_seconds=0.0, quiet_seconds=3600.0)
        self.looks: queue.Queue[int] = queue.Queue()

    def tick(self) -> int:
        found = super().tick()
        self.looks.put(found)
        return found


def test_whoever_asks_wakes_it_from_the_quiet() -> None:
    """With an hour between two looks, only being woken delivers."""
    came: queue.Queue[bytes] = queue.Queue()

    def send(_url: str, _headers: dict[str, str], body: bytes) -> int:
        came.put(body)
        return 200

    account = Account(Store(), SystemClock(), seed=7)
    account.change(webhook_url="http://merchant/webhooks/razorpay", speed=1000.0)
    sandbox = _Watched(account, send)
    sandbox.start()
    try:
        for _ in range(3):
            while sandbox.looks.get(timeout=20):
                pass
            _, order = api(sandbox, "POST", "/v1/orders", BODY)
            control(sandbox, "pay", order_id=order["id"], outcome="captured")
            assert came.get(timeout=20)
    finally:
        sandbox.stop()
