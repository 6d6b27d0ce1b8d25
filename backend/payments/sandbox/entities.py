"""The shapes of orders, payments, refunds and disputes on the wire, with the odd corners they have."""

import string
from random import Random
from typing import Any, Final, TypeAlias

Entity: TypeAlias = dict[str, Any]

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH: Final = 14


def new_id(prefix: str, random: Random) -> str:
    """`prefix_` and 14 base-62 characters."""
    return f"{prefix}_{''.join(random.choices(ALPHABET, k=ID_LENGTH))}"


def new_order(order_id: str, asked: Entity, *, at: int) -> Entity:
    return {
        "id": order_id,
        "entity": "order",
        "amount": asked["amount"],
        "amount_paid": 0,
        "amount_due": asked["amount"],
        "currency": asked["currency"],
        "receipt": asked.get("receipt"),
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": asked.get("notes") or [],
        "created_at": at,
    }


def new_payment(payment_id: str, order: Entity, method: str, *, at: int) -> Entity:
    """A payment as it begins; only the keys of its own method are there."""
    payment: Entity = {
        "id": payment_id,
        "entity": "payment",
        "amount": order["amount"],
        "currency": order["currency"],
        "status": "created",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": False,
        "description": "Credits for the film \u201ca/b\u201d",
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": None,
        "email": "asha@example.com",
        "contact": "+919000090000",
        "notes": order["notes"],
        "fee": None,
        "tax": None,
        **no_error(""),
        "acquirer_data": {},
        "created_at": at,
    }
    if method == "upi":
        payment["vpa"] = "success@razorpay"
        payment["upi"] = {"vpa": "success@razorpay"}
    else:
        payment["card_id"] = "card_" + payment_id[4:]
        payment["card"] = {"id": payment["card_id"], "entity": "card", "last4": "1111"}
    return payment


def no_error(code: str | None) -> Entity:
    """The fields of no error: the code is null here and an empty string there."""
    return {
        "error_code": code,
        "error_description": None,
        "error_source": None,
        "error_step": None,
        "error_reason": None,
    }


def declined(reason: str, description: str) -> Entity:
    return {
        "error_code": "BAD_REQUEST_ERROR",
        "error_description": description,
        "error_source": "customer",
        "error_step": "payment_authentication",
        "error_reason": reason,
    }


def new_refund(refund_id: str, payment: Entity, asked: Entity, *, at: int) -> Entity:
    return {
        "id": refund_id,
        "entity": "refund",
        "amount": asked["amount"],
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "receipt": asked.get("receipt"),
        "notes": asked.get("notes") or [],
        "acquirer_data": {"arn": None},
        "batch_id": None,
        "status": "pending",
        "speed_requested": asked.get("speed", "normal"),
        "speed_processed": "normal",
        "created_at": at,
    }


def new_dispute(dispute_id: str, payment: Entity, amount: int, *, at: int) -> Entity:
    return {
        "id": dispute_id,
        "entity": "dispute",
        "payment_id": payment["id"],
        "amount": amount,
        "currency": payment["currency"],
        "amount_deducted": 0,
        "reason_code": "goods_or_services_not_provided",
        "respond_by": at + 7 * 86_400,
        "status": "open",
        "phase": "chargeback",
        "created_at": at,
    }


def collection(items: list[Entity]) -> Entity:
    return {"entity": "collection", "count": len(items), "items": items}
