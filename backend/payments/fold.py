"""Facts -> credits owed, pure. The ledger gets the difference to what was posted before.

Adding and subtracting per event drifts, even by rounding; a fold over what is known does not, and
late, lost, repeated and shuffled deliveries end in the same wallet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from backend.payments.facts import Dispute, Payment, Refund

OrderState: TypeAlias = Literal[
    "new", "created", "attempted", "paid", "partly_refunded", "refunded", "review", "expired"
]
MINOR_MIN: Final = 100  # the least that Razorpay moves


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed when the order was made: so many credits for so much money."""

    credits: int
    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.credits < 1 or self.amount_minor < max(MINOR_MIN, self.credits):
            raise ValueError(f"not an order: {self}")


@dataclass(frozen=True, slots=True)
class Folded:
    """What the facts of an order come to.

    `extra` are payments that count beside a first one, `mismatching` captured money of another
    amount or currency: a person decides about both.
    """

    credits: int
    state: OrderState
    disputed: bool
    nets_minor: Mapping[str, int]
    extra: tuple[str, ...]
    mismatching: tuple[str, ...]


def counts(payment: Payment, terms: Terms) -> bool:
    """Whether a payment of this order buys its credits: captured, our amount, our currency."""
    return payment.is_captured and (payment.amount_minor, payment.currency) == (
        terms.amount_minor,
        terms.currency,
    )


def net_minor(payment: Payment, refunds: Iterable[Refund], disputes: Iterable[Dispute]) -> int:
    """What is left of a payment that counts, in minor units; never below zero."""
    returned = sum(
        refund.amount_minor
        for refund in refunds
        if refund.payment_id == payment.id and refund.state in {"pending", "processed"}
    )
    lost = sum(
        dispute.deducted_minor or dispute.amount_minor
        for dispute in disputes
        if dispute.payment_id == payment.id and dispute.state == "lost"
    )
    return max(0, payment.amount_minor - returned - lost)


def folded(
    terms: Terms,
    payments: Iterable[Payment],
    refunds: Iterable[Refund],
    disputes: Iterable[Dispute],
    *,
    unpaid_state: OrderState = "created",
) -> Folded:
    """All that follows from what is known; `unpaid_state` is that of an order nobody tried to pay."""
    known, back, contested = tuple(payments), tuple(refunds), tuple(disputes)
    nets = {item.id: net_minor(item, back, contested) for item in known if counts(item, terms)}
    owed = credits_for(terms, sum(nets.values()))
    mismatching = tuple(item.id for item in known if item.is_captured and not counts(item, terms))
    return Folded(
        credits=owed,
        state=_state(terms, owed, known, nets, mismatching, unpaid_state),
        disputed=any(item.is_open for item in contested),
        nets_minor=nets,
        extra=tuple(sorted(nets))[1:] if sum(map(bool, nets.values())) > 1 else (),
        mismatching=mismatching,
    )


def credits_for(terms: Terms, kept_minor: int) -> int:
    """What so much money buys at these terms, within 0..credits."""
    return terms.credits * min(terms.amount_minor, max(0, kept_minor)) // terms.amount_minor


def refundable_credits(posted: int, *, available: int, held: int, granted_left: int) -> int:
    """What an owner may give back: bought and unspent.

    Granted credits are spent first; of those that are left, as many as fit count as being held.
    """
    return max(0, min(posted, available - max(0, granted_left - held)))


def refund_minor(terms: Terms, *, posted: int, back: int, net_minor: int) -> int:
    """The money to send for `back` credits, so that the fold then gives exactly the rest."""
    left = posted - back
    keep = terms.amount_minor - terms.amount_minor * (terms.credits - left) // terms.credits
    return net_minor - keep


def _state(
    terms: Terms,
    owed: int,
    payments: tuple[Payment, ...],
    nets: Mapping[str, int],
    mismatching: tuple[str, ...],
    unpaid_state: OrderState,
) -> OrderState:
    if nets:
        if owed == terms.credits:
            return "paid"
        return "partly_refunded" if owed else "refunded"
    if mismatching:
        return "review"
    return "attempted" if payments and unpaid_state in {"new", "created"} else unpaid_state
