"""The one door to the ledger: keep facts, fold them, post the difference [payments-O1].

Browser, webhook, reconciler and operator all come through here; none of them credits anybody.
"""

from datetime import datetime, timedelta
from typing import Final, cast

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.credits import repository as ledger
from backend.credits.errors import HoldSettled
from backend.credits.tables import WalletRow
from backend.credits.wallet import Cause
from backend.payments import invoices, repository
from backend.payments.facts import Facts, Payment
from backend.payments.fold import Folded, OrderState, Terms, folded
from backend.payments.tables import CreditOrderRow, RefundRow

RAZORPAY: Final = "razorpay"
NOTHING: Final = Facts()
AUTHORISED_FOR_MAX: Final = timedelta(hours=1)  # capture is automatic; this long is an anomaly
UNPAID: Final = frozenset(("new", "created", "attempted", "expired"))
ALL_BACK: Final = frozenset(("processed", "failed"))


def settle(
    session: Session,
    facts: Facts = NOTHING,
    *,
    order_id: str | None = None,
    now: datetime,
    actor: str = RAZORPAY,
) -> list[CreditOrderRow]:
    """Lock the orders concerned, merge the facts, and bring each wallet to what they come to."""
    wanted = repository.order_ids_of(session, facts)
    if order_id is not None:
        wanted.add(order_id)
    locked = [repository.lock_order(session, found) for found in sorted(wanted)]
    repository.merge(session, facts, now=now)
    for payment in repository.unknown_payments(session, facts):
        note(session, "unknown_order", payment.id, _told(payment), now=now)
    orders = [order for order in locked if order is not None]
    for order in orders:
        _settle(session, order, now, actor)
    return orders


def terms_of(order: CreditOrderRow) -> Terms:
    return Terms(order.credits, order.amount_minor, order.currency)


def fold_of(session: Session, order: CreditOrderRow) -> Folded:
    """What the stored facts of an order come to."""
    payments = repository.payments_of(session, order.rzp_order_id)
    ids = [payment.id for payment in payments]
    refunds = [repository.refund_fact(row) for row in repository.refund_rows_of(session, ids)]
    state = cast("OrderState", order.state if order.state in UNPAID else "created")
    if state == "new" and order.rzp_order_id is not None:
        state = "created"
    disputes = repository.disputes_of(session, ids)
    return folded(terms_of(order), payments, refunds, disputes, unpaid_state=state)


def note(
    session: Session, kind: str, ref: str, detail: dict[str, str | int], *, now: datetime
) -> None:
    """An anomaly: kept for a person, and told to the log when it is new."""
    if repository.note_anomaly(session, kind, ref, dict(detail), now=now):
        structlog.stdlib.get_logger().warning("payment.anomaly_raised", kind=kind, ref=ref)


def _settle(session: Session, order: CreditOrderRow, now: datetime, actor: str) -> None:
    found = fold_of(session, order)
    payments = repository.payments_of(session, order.rzp_order_id)
    refunds = repository.refund_rows_of(session, [payment.id for payment in payments])
    _release_holds(session, refunds, now, actor)
    _post(session, order, found.credits, now, actor)
    _freeze(session, order, disputed=found.disputed, now=now)
    if found.nets_minor and order.paid_at is None:
        order.paid_at = now
    order.state = found.state
    session.flush()
    _note_anomalies(session, order, found, payments, now)
    _issue_invoices(session, order, refunds, now)


def _release_holds(session: Session, refunds: list[RefundRow], now: datetime, actor: str) -> None:
    """A refund of ours that Razorpay knows is in the fold from now on; its hold has done its duty."""
    for refund in refunds:
        if refund.hold_id is None or (refund.rzp_refund_id is None and refund.state != "failed"):
            continue
        try:
            held = ledger.lock_hold(session, refund.hold_id)
        except HoldSettled:
            continue
        ledger.release_hold(session, held, actor=actor, at=now)


def _post(session: Session, order: CreditOrderRow, target: int, now: datetime, actor: str) -> None:
    """The difference to what was posted, under a key that this revision of the order owns."""
    difference = target - order.posted_credits
    if not difference:
        return
    cause = Cause(f"order:{order.id}:{order.rev}", "credit_order", order.id, actor, now)
    if difference > 0:
        ledger.purchase(session, order.wallet_id, difference, cause)
    else:
        ledger.claw_back(session, order.wallet_id, -difference, cause)
    order.posted_credits = target


def _freeze(session: Session, order: CreditOrderRow, *, disputed: bool, now: datetime) -> None:
    """A wallet is frozen while some order of it is disputed; asked with the wallet locked."""
    if order.disputed == disputed:
        return
    order.disputed = disputed
    session.flush()
    ledger.lock_wallet(session, order.wallet_id)
    frozen = repository.has_dispute(session, order.wallet_id)
    ledger.set_frozen(session, order.wallet_id, frozen=frozen, at=now)


def _note_anomalies(
    session: Session,
    order: CreditOrderRow,
    found: Folded,
    payments: list[Payment],
    now: datetime,
) -> None:
    for payment in payments:
        detail = {"order": order.id, **_told(payment)}
        if payment.id in found.extra:
            note(session, "paid_twice", payment.id, detail, now=now)
        if payment.id in found.mismatching:
            note(session, "amount_or_currency", payment.id, detail, now=now)
        if payment.state == "authorized" and now - order.created_at > AUTHORISED_FOR_MAX:
            note(session, "authorized_only", payment.id, detail, now=now)
    repository.resolve_anomalies(
        session,
        by="settled",
        kind="unknown_order",
        refs=[payment.id for payment in payments],
    )


def _issue_invoices(
    session: Session, order: CreditOrderRow, refunds: list[RefundRow], now: datetime
) -> None:
    if order.paid_at is None:
        return
    mode = session.scalar(select(WalletRow.mode).where(WalletRow.id == order.wallet_id))
    if mode != "live":
        return
    invoices.issue(session, order, kind="invoice", now=now)
    for refund in refunds:
        if refund.state == "processed":
            invoices.issue(session, order, kind="credit_note", now=now, refund=refund)


def _told(payment: Payment) -> dict[str, str | int]:
    return {
        "payment": payment.id,
        "razorpay_order": payment.order_id or "",
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "state": payment.state,
    }
