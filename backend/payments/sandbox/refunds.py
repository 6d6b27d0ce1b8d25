"""Refunds and disputes: money that goes back, asked for or not."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from backend.payments.sandbox import checks
from backend.payments.sandbox.desk import Desk
from backend.payments.sandbox.entities import Entity, new_dispute, new_refund
from backend.payments.sandbox.errors import Refused

PROCESS_SECONDS: Final = 1.0
FAILING_AMOUNT: Final = 24_68  # a refund of INR 24.68 fails
SETTLE_REFUND: Final = "settle_refund"
DISPUTE_STEPS: Final = ("under_review", "won", "lost", "closed")


def refund(desk: Desk, payment_id: str, body: Mapping[str, Any], key: str | None) -> Entity:
    """Give money back; the same key answers the same refund, with another body it is refused."""
    if key is not None:
        known = _known(desk, key, payment_id, body)
        if known is not None:
            return known
    payment = desk.get("payment", payment_id)
    checks.only(body, "amount", "speed", "receipt", "notes")
    if payment["status"] not in {"captured", "refunded"}:
        raise Refused("The payment status should be captured for action to be taken")
    left = payment["amount"] - payment["amount_refunded"]
    asked = {
        "amount": checks.amount(body["amount"]) if "amount" in body else left,
        "receipt": checks.receipt(body.get("receipt")),
        "notes": checks.notes(body.get("notes")),
        "speed": body.get("speed", "normal"),
    }
    if asked["speed"] not in {"normal", "optimum"}:
        raise Refused("The selected speed is invalid.", field="speed")
    if left == 0:
        raise Refused("The payment has been fully refunded already")
    if asked["amount"] > left:
        raise Refused("The total refund amount is greater than the refund payment amount")
    return _made(desk, payment, asked, key, _digest(payment_id, body))


def refund_uncaptured(desk: Desk, payment_id: str) -> None:
    """An authorised payment that nobody captured goes back by itself."""
    payment = desk.get("payment", payment_id)
    if payment["status"] == "authorized":
        _made(desk, payment, {"amount": payment["amount"]}, None, "")


def settle_refund(desk: Desk, refund_id: str, outcome: str | None = None) -> Entity:
    """Let a pending refund be processed, or fail; one that failed is the merchant's money again."""
    found = desk.get("refund", refund_id)
    chosen = outcome or ("failed" if found["amount"] == FAILING_AMOUNT else "processed")
    if chosen not in {"processed", "failed"}:
        raise Refused("No such outcome", field="outcome")
    if found["status"] == "failed" or found["status"] == chosen:
        return found
    found["status"] = chosen
    desk.put(found)
    payment = desk.get("payment", found["payment_id"])
    if chosen == "failed":
        _count(payment, -found["amount"])
        desk.put(payment)
    else:
        found["acquirer_data"] = {"arn": "10000000000000"}
        desk.put(found)
    desk.tell(f"refund.{chosen}", found, payment)
    return found


def open_dispute(desk: Desk, payment_id: str, amount: int | None = None) -> Entity:
    payment = desk.get("payment", payment_id)
    if not payment["captured"] or payment["status"] not in {"captured", "refunded"}:
        raise Refused("Only a captured payment can be disputed")
    wanted = payment["amount"] if amount is None else checks.amount(amount)
    found = new_dispute(
        desk.new_id("disp"), payment, min(wanted, payment["amount"]), at=int(desk.now)
    )
    desk.put(found)
    desk.tell("payment.dispute.created", payment, found)
    return found


def move_dispute(desk: Desk, dispute_id: str, status: str) -> Entity:
    found = desk.get("dispute", dispute_id)
    if status not in DISPUTE_STEPS or found["status"] in {"won", "lost", "closed"}:
        raise Refused("The dispute cannot become that", field="status")
    found["status"] = status
    if status == "lost":
        found["amount_deducted"] = found["amount"]
    desk.put(found)
    desk.tell(f"payment.dispute.{status}", desk.get("payment", found["payment_id"]), found)
    return found


def _made(desk: Desk, payment: Entity, asked: Entity, key: str | None, digest: str) -> Entity:
    made = new_refund(desk.new_id("rfnd"), payment, asked, at=int(desk.now))
    desk.put(made)
    _count(payment, made["amount"])
    desk.put(payment)
    if key is not None:
        desk.records.put("refund_key", key, {"refund": made["id"], "digest": digest})
    desk.later(SETTLE_REFUND, made["id"], seconds=PROCESS_SECONDS)
    desk.tell("refund.created", made, payment)
    return made


def _count(payment: Entity, amount: int) -> None:
    payment["amount_refunded"] += amount
    refunded = payment["amount_refunded"]
    full = refunded == payment["amount"]
    payment["refund_status"] = None if refunded == 0 else "full" if full else "partial"
    if full:
        payment["status"] = "refunded"
    elif payment["captured"]:
        payment["status"] = "captured"


def _known(desk: Desk, key: str, payment_id: str, body: Mapping[str, Any]) -> Entity | None:
    if not checks.REFUND_KEY.fullmatch(key):
        raise Refused("The idempotency key is invalid", field="X-Refund-Idempotency")
    kept = desk.records.find("refund_key", key)
    if kept is None:
        return None
    if kept["digest"] != _digest(payment_id, body):
        status = desk.random.choice((400, 409))  # the documentation says one, the API the other
        raise Refused("Different request body sent with the same idempotency key", status=status)
    return desk.get("refund", kept["refund"])


def _digest(payment_id: str, body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([payment_id, body], sort_keys=True).encode()).hexdigest()
