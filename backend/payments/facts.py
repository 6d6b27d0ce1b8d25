"""What Razorpay says of money, as values: one parser for replies and webhooks, one rule to merge.

Facts merge by rank, never by arrival, and never go back: a late `failed` changes no captured
payment, and the end is the same in whatever order they come.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias, cast

from kit.texts import storable

PaymentState: TypeAlias = Literal["created", "failed", "authorized", "captured", "refunded"]
RefundState: TypeAlias = Literal["requested", "pending", "processed", "failed"]
DisputeState: TypeAlias = Literal["open", "under_review", "won", "lost", "closed"]

ID: Final = re.compile(r"(order|pay|rfnd|disp)_[A-Za-z0-9]{14}")
MINOR_MAX: Final = 10**15
WORD_LENGTH_MAX: Final = 64
PAYMENT_RANK: Final[dict[PaymentState, int]] = {
    "created": 0,
    "failed": 1,
    "authorized": 2,
    "captured": 3,
    "refunded": 4,
}
REFUND_RANK: Final[dict[RefundState, int]] = {
    "requested": 0,
    "pending": 1,
    "processed": 2,
    "failed": 3,
}
DISPUTE_RANK: Final[dict[DisputeState, int]] = {
    "open": 0,
    "under_review": 1,
    "won": 2,
    "lost": 2,
    "closed": 2,
}


class BadEntity(Exception):
    """Not an entity of Razorpay: a field is missing or is something else than documented."""

    def __init__(self, field: str) -> None:
        super().__init__(f"not an entity of Razorpay: {field}")
        self.field: Final = field


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    id: str
    amount_minor: int
    currency: str
    receipt: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Payment:
    """`captured` counts only beside a state that agrees: official samples have failed ones with it.

    `refunded_minor` only says that there are refunds to ask for; what counts are those themselves.
    """

    id: str
    order_id: str | None
    amount_minor: int
    currency: str
    state: PaymentState
    captured: bool
    method: str = ""
    fee_minor: int | None = None
    tax_minor: int | None = None
    error_code: str | None = None
    error_reason: str | None = None
    refunded_minor: int = field(default=0, compare=False)

    @property
    def is_captured(self) -> bool:
        return self.captured and self.state in {"captured", "refunded"}


@dataclass(frozen=True, slots=True)
class Refund:
    """`ours` is the id of our own row, when the refund is one that we asked for."""

    id: str
    payment_id: str
    amount_minor: int
    state: RefundState
    ours: str | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    id: str
    payment_id: str
    amount_minor: int
    deducted_minor: int
    state: DisputeState
    respond_by: int | None = None

    @property
    def is_open(self) -> bool:
        return self.state in {"open", "under_review"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What one answer or one webhook told."""

    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()


def merged_payment(known: Payment, told: Payment) -> Payment:
    """The payment after a further fact about it."""
    first, then = sorted((known, told), key=lambda fact: PAYMENT_RANK[fact.state])
    if first.state == then.state:
        # Told twice: what one of them left out is kept, whichever came first.
        return replace(
            known,
            order_id=known.order_id or told.order_id,
            captured=known.captured or told.captured,
            fee_minor=_larger(known.fee_minor, told.fee_minor),
            tax_minor=_larger(known.tax_minor, told.tax_minor),
        )
    captured = then.captured or (first.is_captured and then.state == "refunded")
    return replace(then, order_id=then.order_id or first.order_id, captured=captured)


def merged_refund(known: Refund, told: Refund) -> Refund:
    then = max((known, told), key=lambda fact: REFUND_RANK[fact.state])
    return replace(then, ours=known.ours or told.ours)


def merged_dispute(known: Dispute, told: Dispute) -> Dispute:
    if DISPUTE_RANK[known.state] == DISPUTE_RANK[told.state]:
        deducted = max(known.deducted_minor, told.deducted_minor)
        return replace(known, deducted_minor=deducted)
    return max((known, told), key=lambda fact: DISPUTE_RANK[fact.state])


def is_id(text: object, kind: Literal["order", "pay", "rfnd", "disp"]) -> bool:
    """Whether this may go into an address or a signature; the SDK escapes nothing."""
    return isinstance(text, str) and ID.fullmatch(text) is not None and text.startswith(kind + "_")


def order_of(raw: Mapping[str, Any]) -> RemoteOrder:
    _require_entity(raw, "order")
    return RemoteOrder(
        id=_id(raw, "id", "order"),
        amount_minor=_minor(raw, "amount"),
        currency=_word(raw, "currency"),
        receipt=_optional_word(raw, "receipt"),
        attempts=_minor(raw, "attempts"),
    )


def payment_of(raw: Mapping[str, Any]) -> Payment:
    _require_entity(raw, "payment")
    return Payment(
        id=_id(raw, "id", "pay"),
        order_id=_id(raw, "order_id", "order") if raw.get("order_id") else None,
        amount_minor=_minor(raw, "amount"),
        currency=_word(raw, "currency"),
        state=_one_of(raw, PAYMENT_RANK),
        captured=raw.get("captured") in (True, 1),
        method=_optional_word(raw, "method") or "",
        fee_minor=_optional_minor(raw, "fee"),
        tax_minor=_optional_minor(raw, "tax"),
        error_code=_optional_word(raw, "error_code"),
        error_reason=_optional_word(raw, "error_reason"),
        refunded_minor=_optional_minor(raw, "amount_refunded") or 0,
    )


def refund_of(raw: Mapping[str, Any]) -> Refund:
    _require_entity(raw, "refund")
    notes = raw.get("notes")  # a list when there are none
    noted = cast("Mapping[str, Any]", notes).get("refund") if isinstance(notes, Mapping) else None
    receipt = raw.get("receipt")
    ours = noted if isinstance(noted, str) else receipt if isinstance(receipt, str) else None
    return Refund(
        id=_id(raw, "id", "rfnd"),
        payment_id=_id(raw, "payment_id", "pay"),
        amount_minor=_minor(raw, "amount"),
        state=_one_of(raw, REFUND_RANK),
        ours=storable(ours[:WORD_LENGTH_MAX]) if ours else None,
    )


def dispute_of(raw: Mapping[str, Any]) -> Dispute:
    _require_entity(raw, "dispute")
    return Dispute(
        id=_id(raw, "id", "disp"),
        payment_id=_id(raw, "payment_id", "pay"),
        amount_minor=_minor(raw, "amount"),
        deducted_minor=_optional_minor(raw, "amount_deducted") or 0,
        state=_one_of(raw, DISPUTE_RANK),
        respond_by=_optional_minor(raw, "respond_by"),
    )


def _require_entity(raw: Mapping[str, Any], name: str) -> None:
    if raw.get("entity") != name:
        raise BadEntity("entity")


def _id(raw: Mapping[str, Any], name: str, kind: Literal["order", "pay", "rfnd", "disp"]) -> str:
    found = raw.get(name)
    if not isinstance(found, str) or not is_id(found, kind):
        raise BadEntity(name)
    return found


def _minor(raw: Mapping[str, Any], name: str) -> int:
    found = raw.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= MINOR_MAX:
        raise BadEntity(name)
    return found


def _optional_minor(raw: Mapping[str, Any], name: str) -> int | None:
    return None if raw.get(name) is None else _minor(raw, name)


def _word(raw: Mapping[str, Any], name: str) -> str:
    found = raw.get(name)
    if not isinstance(found, str) or not 1 <= len(found) <= WORD_LENGTH_MAX:
        raise BadEntity(name)
    return storable(found)


def _optional_word(raw: Mapping[str, Any], name: str) -> str | None:
    found = raw.get(name)
    return storable(found[:WORD_LENGTH_MAX]) if isinstance(found, str) and found else None


def _one_of(raw: Mapping[str, Any], ranks: Mapping[Any, int]) -> Any:
    found = raw.get("status")
    if not isinstance(found, str) or found not in ranks or found == "requested":
        raise BadEntity("status")
    return found


def _larger(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)
