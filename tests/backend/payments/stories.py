"""Hypothesis strategies: what can become known of one order, in any order, any number of times."""

from typing import Final

from hypothesis import strategies as st

from backend.payments.facts import (
    Dispute,
    DisputeState,
    Facts,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from backend.payments.fold import Terms

ORDER: Final = "order_" + "o" * 14


def payment_id(number: int) -> str:
    return f"pay_{number:014d}"


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    bought = draw(st.integers(1, 20_000))
    amount = draw(st.integers(max(100, bought), 3_000_000))
    return Terms(bought, amount, "INR")


@st.composite
def payments(draw: st.DrawFn, agreed: Terms, number: int) -> list[Payment]:
    """The snapshots that a payment leaves behind on its way."""
    states: tuple[PaymentState, ...] = draw(
        st.sampled_from(
            (
                ("created",),
                ("created", "failed"),
                ("failed", "authorized", "captured"),
                ("authorized", "captured"),
                ("authorized", "captured", "refunded"),
                ("authorized", "refunded"),
                ("captured",),
            )
        )
    )
    amount = draw(st.sampled_from((agreed.amount_minor, agreed.amount_minor, 100)))
    seen: list[Payment] = []
    for state in states:
        captured = (
            draw(st.booleans())
            if state == "failed"
            else "captured" in states and state != "created"
        )
        seen.append(
            Payment(
                payment_id(number), ORDER, amount, "INR", state, captured and state != "authorized"
            )
        )
    return seen


@st.composite
def refunds(draw: st.DrawFn, agreed: Terms, number: int) -> list[Refund]:
    states: tuple[RefundState, ...] = draw(
        st.sampled_from(
            (("pending",), ("pending", "processed"), ("pending", "failed"), ("processed", "failed"))
        )
    )
    of, amount = payment_id(draw(st.integers(0, 2))), draw(st.integers(1, agreed.amount_minor))
    return [Refund(f"rfnd_{number:014d}", of, amount, state) for state in states]


@st.composite
def disputes(draw: st.DrawFn, agreed: Terms, number: int) -> list[Dispute]:
    states: tuple[DisputeState, ...] = draw(
        st.sampled_from((("open",), ("open", "under_review", "lost"), ("open", "won"), ("lost",)))
    )
    of, amount = payment_id(draw(st.integers(0, 2))), draw(st.integers(1, agreed.amount_minor))
    return [
        Dispute(f"disp_{number:014d}", of, amount, amount if state == "lost" else 0, state)
        for state in states
    ]


@st.composite
def stories(draw: st.DrawFn) -> tuple[Terms, list[Facts]]:
    """Terms, and facts as they came about: one snapshot each."""
    agreed = draw(terms())
    told: list[Facts] = []
    for number in range(draw(st.integers(0, 3))):
        told += [Facts(payments=(fact,)) for fact in draw(payments(agreed, number))]
    for number in range(draw(st.integers(0, 3))):
        told += [Facts(refunds=(fact,)) for fact in draw(refunds(agreed, number))]
    for number in range(draw(st.integers(0, 2))):
        told += [Facts(disputes=(fact,)) for fact in draw(disputes(agreed, number))]
    return agreed, told
