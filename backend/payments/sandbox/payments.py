"""Payments: what a customer does in checkout, and what becomes of it later."""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

from backend.payments.sandbox import checks
from backend.payments.sandbox.desk import Desk, signature
from backend.payments.sandbox.entities import Entity, declined, new_payment, no_error
from backend.payments.sandbox.errors import Refused

Outcome: TypeAlias = Literal[
    "captured",
    "failed",
    "failed_then_captured",
    "authorized",
    "late_authorized",
    "second_captured",
    "wrong_amount",
    "wrong_currency",
]
OUTCOMES: Final[tuple[str, ...]] = get_args(Outcome)
METHODS: Final = ("upi", "card")
LATE_SECONDS: Final = 10.0
AUTO_REFUND_SECONDS: Final = 5 * 86_400.0  # an authorised payment that nobody captured
AUTO_REFUND: Final = "auto_refund"
LATE_CAPTURE: Final = "late_capture"


def pay(
    desk: Desk, order_id: str, method: str, outcome: str, *, late_seconds: float = LATE_SECONDS
) -> dict[str, Any]:
    """Let a customer pay; answers what the handler of checkout is given, or its error."""
    if outcome not in OUTCOMES or method not in METHODS:
        raise Refused("No such outcome or method", field="outcome")
    order = desk.get("order", order_id)
    order["attempts"] += 1
    order["status"] = "paid" if order["status"] == "paid" else "attempted"
    desk.put(order)
    payment = new_payment(desk.new_id("pay"), order, method, at=int(desk.now))
    if order["status"] == "paid" and outcome != "second_captured":
        _fail(desk, payment, "order_already_paid", "The order is already paid.")
        return _failure(payment)
    match outcome:
        case "failed":
            _fail(desk, payment, "payment_failed", "The payment was declined by the bank.")
            return _failure(payment)
        case "late_authorized":
            desk.put(payment)
            desk.later(LATE_CAPTURE, payment["id"], seconds=late_seconds)
            return {**_failure(payment), "pending": True}
        case "authorized":
            authorize(desk, payment)
            desk.later(AUTO_REFUND, payment["id"], seconds=AUTO_REFUND_SECONDS)
        case "failed_then_captured":
            _fail(desk, payment, "payment_timed_out", "The bank did not answer in time.")
            authorize(desk, payment)
            mark_captured(desk, payment)
        case _:
            if outcome == "wrong_amount":
                payment["amount"] -= 100
            if outcome == "wrong_currency":
                payment["currency"] = "USD"
            authorize(desk, payment)
            mark_captured(desk, payment)
    return handler_fields(desk, payment)


def authorize(desk: Desk, payment: Entity) -> None:
    payment.update(status="authorized", **no_error(None))
    desk.put(payment)
    desk.tell("payment.authorized", payment)


def mark_captured(desk: Desk, payment: Entity) -> None:
    """The money is the merchant's; an order is paid by the first payment that covers it."""
    payment.update(status="captured", captured=True, **no_error(None))
    payment["fee"] = payment["amount"] * 2 // 100
    payment["tax"] = payment["fee"] * 18 // 100
    desk.put(payment)
    desk.tell("payment.captured", payment)
    order = desk.get("order", payment["order_id"])
    covers = (payment["amount"], payment["currency"]) == (order["amount"], order["currency"])
    if covers and order["status"] != "paid":
        order.update(status="paid", amount_paid=order["amount"], amount_due=0)
        desk.put(order)
        desk.tell("order.paid", payment, order)


def capture(desk: Desk, payment_id: str, body: Mapping[str, Any]) -> Entity:
    """Capture by hand what was only authorised."""
    checks.only(body, "amount", "currency")
    payment = desk.get("payment", payment_id)
    if payment["status"] == "captured":
        raise Refused("This payment has already been captured", field="payment_id")
    if payment["status"] != "authorized":
        raise Refused("Only payments which have been authorized can be captured")
    if checks.amount(body.get("amount")) != payment["amount"]:
        raise Refused("Capture amount must be equal to the amount authorized", field="amount")
    mark_captured(desk, payment)
    return payment


def capture_late(desk: Desk, payment_id: str) -> None:
    """The bank made up its mind after checkout was closed."""
    payment = desk.get("payment", payment_id)
    if payment["status"] != "created":
        return
    if desk.get("order", payment["order_id"])["status"] == "paid":
        _fail(desk, payment, "order_already_paid", "The order is already paid.")
        return
    authorize(desk, payment)
    mark_captured(desk, payment)


def handler_fields(desk: Desk, payment: Entity) -> dict[str, Any]:
    """What `handler` of checkout is called with."""
    signed = f"{payment['order_id']}|{payment['id']}".encode()
    return {
        "razorpay_payment_id": payment["id"],
        "razorpay_order_id": payment["order_id"],
        "razorpay_signature": signature(desk.config["key_secret"], signed),
    }


def _fail(desk: Desk, payment: Entity, reason: str, description: str) -> None:
    payment.update(status="failed", **declined(reason, description))
    payment["captured"] = desk.random.random() < 0.5  # as official samples have it
    desk.put(payment)
    desk.tell("payment.failed", payment)


def _failure(payment: Entity) -> dict[str, Any]:
    return {
        "error": {
            "code": payment["error_code"] or "BAD_REQUEST_ERROR",
            "description": payment["error_description"] or "The payment is not finished.",
            "source": payment["error_source"] or "customer",
            "step": payment["error_step"] or "payment_authentication",
            "reason": payment["error_reason"] or "payment_pending",
            "metadata": {"payment_id": payment["id"], "order_id": payment["order_id"]},
        }
    }
