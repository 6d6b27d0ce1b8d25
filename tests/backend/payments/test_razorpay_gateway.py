"""The real client against the sandbox, and against servers that answer anything."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from backend.db.session import TransactionOpen
from backend.payments import razorpay_gateway
from backend.payments.gateway import (
    GatewayBusy,
    GatewayRefused,
    OutcomeUnknown,
    PaymentGateway,
    RazorpayKeys,
)
from backend.payments.razorpay_gateway import RazorpayGateway
from backend.payments.sandbox.server import Sandbox
from tests.backend.payments.support import control, keys_of, running_sandbox
from tests.backend.support import migrated_database

ORDER = "order_" + "A" * 14
PAYMENT = "pay_" + "A" * 14


@pytest.fixture
def sandbox() -> Generator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def gateway(sandbox: Sandbox) -> PaymentGateway:
    return RazorpayGateway(keys_of(sandbox))


@contextmanager
def answering(
    status: int, body: bytes, **headers: str
) -> Generator[tuple[RazorpayGateway, list[str]]]:
    """A server that gives one answer to everything, and what it was asked."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        keys = RazorpayKeys(
            "test", "rzp_test_x", "secret", (), f"http://127.0.0.1:{server.server_address[1]}"
        )
        yield RazorpayGateway(keys), seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def made(gateway: PaymentGateway, receipt: str = "cro_1") -> str:
    return gateway.create_order(amount_minor=49_900, currency="INR", receipt=receipt).id


@pytest.mark.rule("payments-S1")
def test_every_verb_speaks_to_the_sandbox_through_the_real_client(
    sandbox: Sandbox, gateway: PaymentGateway
) -> None:
    order_id = made(gateway)
    found = gateway.find_order("cro_1")
    assert found is not None
    assert (found.id, found.amount_minor, found.currency) == (order_id, 49_900, "INR")
    assert gateway.find_order("cro_2") is None
    paid = control(sandbox, "pay", order_id=order_id)
    payment = gateway.payment(paid["razorpay_payment_id"])
    assert payment.is_captured
    assert gateway.payments_of_order(order_id) == (payment,)
    refund = gateway.refund(payment.id, amount_minor=9_980, refund_id="rfd_0123456789")
    assert (refund.state, refund.ours, refund.amount_minor) == ("pending", "rfd_0123456789", 9_980)
    assert gateway.refunds_of_payment(payment.id) == (refund,)
    assert gateway.list_refunds(since=0, skip=0) == (refund,)
    control(sandbox, "disputes", payment_id=payment.id)
    (dispute,) = gateway.list_disputes(skip=0)
    assert (dispute.payment_id, dispute.is_open) == (payment.id, True)


@pytest.mark.rule("payments-G5")
def test_a_create_that_is_repeated_gives_the_first_order(gateway: PaymentGateway) -> None:
    assert made(gateway) == made(gateway)


@pytest.mark.rule("payments-G5")
def test_where_unique_receipt_is_refused_it_is_sent_once(
    sandbox: Sandbox, gateway: PaymentGateway
) -> None:
    control(sandbox, "habits", unique_receipt="rejected")
    made(gateway)
    control(sandbox, "faults", kind="429", method="POST", times=1)
    with pytest.raises(GatewayBusy):
        made(gateway, "cro_2")
    assert made(gateway, "cro_2")


@pytest.mark.rule("payments-G5")
def test_a_refund_that_is_repeated_with_its_key_is_the_same_refund(
    sandbox: Sandbox, gateway: PaymentGateway
) -> None:
    payment = control(sandbox, "pay", order_id=made(gateway))["razorpay_payment_id"]
    first = gateway.refund(payment, amount_minor=9_980, refund_id="rfd_0123456789")
    assert gateway.refund(payment, amount_minor=9_980, refund_id="rfd_0123456789").id == first.id
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(payment, amount_minor=9_981, refund_id="rfd_0123456789")
    assert refused.value.status in {400, 409}


@pytest.mark.rule("payments-G2")
def test_a_refusal_keeps_its_status_code_field_and_reason(gateway: PaymentGateway) -> None:
    with pytest.raises(GatewayRefused) as refused:
        gateway.create_order(amount_minor=1, currency="INR", receipt="cro_1")
    told = refused.value
    assert (told.status, told.code, told.field) == (400, "BAD_REQUEST_ERROR", "amount")
    assert told.reason == "input_validation_failed"


@pytest.mark.rule("payments-G2")
def test_wrong_keys_are_a_refusal(sandbox: Sandbox) -> None:
    keys = RazorpayKeys("test", sandbox.keys.key_id, "wrong", (), sandbox.address)
    with pytest.raises(GatewayRefused) as refused:
        RazorpayGateway(keys).find_order("cro_1")
    assert refused.value.status == 401


@pytest.mark.rule("payments-G2")
def test_too_many_calls_say_when_to_come_back() -> None:
    body = json.dumps({"error": {"code": "BAD_REQUEST_ERROR", "description": "slow"}}).encode()
    with answering(429, body, Retry_After="7") as (gateway, _):
        with pytest.raises(GatewayBusy) as busy:
            gateway.payment(PAYMENT)
        assert busy.value.retry_seconds == 7


@pytest.mark.rule("payments-G2")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>hello</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b'"{}"'),
        (200, b'{"entity": "order"}'),
        (200, b'{"entity": "payment", "id": "pay_../orders/xxxx"}'),
        (200, b"\xff\xfe"),
        (200, b"[" * 100_000),
        (204, b""),
        (302, b""),
        (400, b"<html>"),
        (400, b'{"error": "x"}'),
        (400, b"[]"),
        (500, b'{"error": {"code": "SERVER_ERROR"}}'),
        (502, b"<html>Bad Gateway</html>"),
    ],
)
def test_an_answer_that_is_none_is_an_unknown_outcome_and_nothing_is_printed(
    status: int, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(status, body, Location="/elsewhere") as (gateway, seen):
        with pytest.raises(OutcomeUnknown):
            gateway.payment(PAYMENT)
        with pytest.raises(OutcomeUnknown):
            gateway.create_order(amount_minor=49_900, currency="INR", receipt="cro_1")
    # Asked once each: redirects are not followed, and nothing is repeated by itself.
    assert seen == [f"GET /v1/payments/{PAYMENT}", "POST /v1/orders"]
    assert capsys.readouterr().out == ""


@pytest.mark.rule("payments-G1")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_dropped_connection_is_an_unknown_outcome_and_is_not_repeated(
    sandbox: Sandbox, gateway: PaymentGateway, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    control(sandbox, "faults", kind=fault, method="POST", times=1)
    with pytest.raises(OutcomeUnknown):
        made(gateway)
    orders = control(sandbox, "state", "GET")["orders"]
    assert len(orders) == (1 if fault == "drop_after" else 0)
    assert capsys.readouterr().out == ""


@pytest.mark.rule("payments-G1")
def test_a_slow_answer_is_given_up(
    sandbox: Sandbox, gateway: PaymentGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(razorpay_gateway, "READ_SECONDS", 0.05)
    control(sandbox, "faults", kind="slow", seconds=1.0)
    with pytest.raises(OutcomeUnknown):
        made(gateway)


@pytest.mark.rule("payments-G1")
def test_proxy_variables_are_not_obeyed(
    gateway: PaymentGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert made(gateway)


@pytest.mark.rule("payments-G1")
def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(razorpay_gateway, "ANSWER_BYTES_MAX", 1000)
    with answering(200, b" " * 5000) as (gateway, _), pytest.raises(OutcomeUnknown):
        gateway.payment(PAYMENT)


@pytest.mark.rule("payments-G3")
@pytest.mark.parametrize("wrong", ["../orders/x", "pay_" + "A" * 13 + "/", "", ORDER])
def test_an_id_of_another_form_never_becomes_an_address(wrong: str) -> None:
    with answering(200, b"{}") as (gateway, seen):
        for call in (gateway.payment, gateway.refunds_of_payment):
            with pytest.raises(GatewayRefused):
                call(wrong)
    assert seen == []


@pytest.mark.rule("payments-G4", "db-B8")
async def test_no_call_leaves_while_a_transaction_is_open(
    gateway: PaymentGateway, tmp_path: Path
) -> None:
    database = migrated_database(tmp_path / "data")

    def refused() -> None:
        with pytest.raises(TransactionOpen):
            gateway.find_order("cro_1")

    async with database.read():
        refused()
    async with database.write():
        refused()
    with database.write_in_thread():
        refused()
    with database.read_in_thread():
        refused()
    assert gateway.find_order("cro_1") is None
    await database.close()


@pytest.mark.rule("payments-G1")
def test_many_threads_each_have_a_client_of_their_own(
    sandbox: Sandbox, gateway: PaymentGateway
) -> None:
    payments = [
        control(sandbox, "pay", order_id=made(gateway, f"cro_{number}"))["razorpay_payment_id"]
        for number in range(8)
    ]
    sent: dict[str, Any] = {}

    def give_back(number: int) -> None:
        key = f"rfd_of_thread_{number}"
        sent[payments[number]] = gateway.refund(
            payments[number], amount_minor=1000 + number, refund_id=key
        )

    threads = [threading.Thread(target=give_back, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sent[payment].amount_minor for payment in payments] == [1000 + n for n in range(8)]
