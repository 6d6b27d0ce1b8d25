"""All queries of payments, for sessions in threads. Facts are read and merged here, nothing decided.

Lock order: order, facts, hold, wallet, invoice series (`credits.md`, L8).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.db.metadata import Row
from backend.payments.facts import (
    Dispute,
    DisputeState,
    Facts,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    merged_dispute,
    merged_payment,
    merged_refund,
)
from backend.payments.tables import (
    AnomalyRow,
    CreditOrderRow,
    DisputeRow,
    PaymentRow,
    RefundRow,
)
from kit.ids import sortable_id
from timeline.model import Json


def lock_order(session: Session, order_id: str) -> CreditOrderRow | None:
    """The order, ours until the transaction ends, with its `rev` counted up."""
    return session.scalars(
        update(CreditOrderRow)
        .where(CreditOrderRow.id == order_id)
        .values(rev=CreditOrderRow.rev + 1)
        .returning(CreditOrderRow),
        execution_options={"populate_existing": True, "synchronize_session": False},
    ).one_or_none()


def order_ids_of(session: Session, facts: Facts) -> set[str]:
    """Our orders that these facts are about."""
    told = {item.order_id for item in facts.payments if item.order_id is not None}
    paid = {item.payment_id for item in (*facts.refunds, *facts.disputes)}
    if paid:
        told |= {
            found
            for found in session.scalars(
                select(PaymentRow.rzp_order_id).where(PaymentRow.rzp_payment_id.in_(paid))
            )
            if found is not None
        }
    if not told:
        return set()
    return set(
        session.scalars(select(CreditOrderRow.id).where(CreditOrderRow.rzp_order_id.in_(told)))
    )


def merge(session: Session, facts: Facts, *, now: datetime) -> None:
    """Keep what was told, by rank; facts of no order of ours, too."""
    for payment in facts.payments:
        _merge_payment(session, payment, now)
    for refund in facts.refunds:
        _merge_refund(session, refund, now)
    for dispute in facts.disputes:
        _merge_dispute(session, dispute, now)


def payments_of(session: Session, rzp_order_id: str | None) -> list[Payment]:
    if rzp_order_id is None:
        return []
    rows = session.scalars(
        select(PaymentRow)
        .where(PaymentRow.rzp_order_id == rzp_order_id)
        .order_by(PaymentRow.rzp_payment_id)
    )
    return [payment_fact(row) for row in rows]


def refund_rows_of(session: Session, payment_ids: Iterable[str]) -> list[RefundRow]:
    wanted = tuple(payment_ids)
    if not wanted:
        return []
    return list(
        session.scalars(
            select(RefundRow).where(RefundRow.rzp_payment_id.in_(wanted)).order_by(RefundRow.id)
        )
    )


def disputes_of(session: Session, payment_ids: Iterable[str]) -> list[Dispute]:
    wanted = tuple(payment_ids)
    if not wanted:
        return []
    rows = session.scalars(
        select(DisputeRow)
        .where(DisputeRow.rzp_payment_id.in_(wanted))
        .order_by(DisputeRow.rzp_dispute_id)
    )
    return [dispute_fact(row) for row in rows]


def unknown_payments(session: Session, facts: Facts) -> list[Payment]:
    """Of the payments told, those that belong to no order of ours."""
    ids = [item.order_id for item in facts.payments if item.order_id is not None]
    ours = (
        set(
            session.scalars(
                select(CreditOrderRow.rzp_order_id).where(CreditOrderRow.rzp_order_id.in_(ids))
            )
        )
        if ids
        else set[str | None]()
    )
    return [item for item in facts.payments if item.order_id not in ours]


def has_dispute(session: Session, wallet_id: str) -> bool:
    """Whether some order of the wallet is disputed; ask with the wallet locked."""
    found = session.scalar(
        select(CreditOrderRow.id)
        .where(CreditOrderRow.wallet_id == wallet_id, CreditOrderRow.disputed)
        .limit(1)
    )
    return found is not None


def note_anomaly(
    session: Session, kind: str, ref: str, detail: Mapping[str, Json], *, now: datetime
) -> bool:
    """Raise it once; answers whether it is new. Whoever resolved it is not asked again."""
    return insert_or_nothing(
        session,
        AnomalyRow,
        id=sortable_id("ano"),
        kind=kind,
        ref=ref,
        detail=dict(detail),
        state="open",
        resolved_by=None,
        created_at=now,
    )


def list_anomalies(session: Session, *, state: str | None = "open") -> Sequence[AnomalyRow]:
    asked = select(AnomalyRow).order_by(AnomalyRow.id)
    return session.scalars(
        asked.where(AnomalyRow.state == state) if state is not None else asked
    ).all()


def resolve_anomalies(
    session: Session, *, by: str, kind: str = "", refs: Iterable[str] = (), anomaly_id: str = ""
) -> int:
    """Mark as decided, by id or by kind and refs; answers how many were open."""
    where = (
        AnomalyRow.id == anomaly_id
        if anomaly_id
        else (AnomalyRow.kind == kind) & AnomalyRow.ref.in_(tuple(refs))
    )
    done = session.execute(
        update(AnomalyRow)
        .where(where, AnomalyRow.state == "open")
        .values(state="resolved", resolved_by=by)
        .returning(AnomalyRow.id)
    )
    return len(done.all())


def insert_or_nothing(session: Session, table: type[Row], **values: Any) -> bool:
    """Insert unless a unique constraint says that it is there; answers whether it was inserted."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = inspect(table).primary_key[0]
    # What comes back is counted: how many rows an insert says it touched is not told on every driver.
    made = make(table).values(**values).on_conflict_do_nothing().returning(key)
    return session.execute(made).first() is not None


def payment_fact(row: PaymentRow) -> Payment:
    return Payment(
        row.rzp_payment_id,
        row.rzp_order_id,
        row.amount_minor,
        row.currency,
        cast("PaymentState", row.state),
        captured=row.captured,
        method=row.method,
        fee_minor=row.fee_minor,
        tax_minor=row.tax_minor,
        error_code=row.error_code,
        error_reason=row.error_reason,
    )


def refund_fact(row: RefundRow) -> Refund:
    return Refund(
        row.rzp_refund_id or row.id,
        row.rzp_payment_id,
        row.amount_minor,
        cast("RefundState", row.state),
        ours=row.id,
    )


def dispute_fact(row: DisputeRow) -> Dispute:
    return Dispute(
        row.rzp_dispute_id,
        row.rzp_payment_id,
        row.amount_minor,
        row.deducted_minor,
        cast("DisputeState", row.state),
        row.respond_by,
    )


def _merge_payment(session: Session, told: Payment, now: datetime) -> None:
    values = {
        "rzp_order_id": told.order_id,
        "amount_minor": told.amount_minor,
        "currency": told.currency,
        "state": told.state,
        "captured": told.captured,
        "method": told.method,
        "fee_minor": told.fee_minor,
        "tax_minor": told.tax_minor,
        "error_code": told.error_code,
        "error_reason": told.error_reason,
    }
    if insert_or_nothing(session, PaymentRow, rzp_payment_id=told.id, updated_at=now, **values):
        return
    row = session.scalars(
        select(PaymentRow).where(PaymentRow.rzp_payment_id == told.id).with_for_update()
    ).one()
    known = payment_fact(row)
    merged = merged_payment(known, told)
    if merged == known:
        return
    row.rzp_order_id, row.amount_minor, row.currency = (
        merged.order_id,
        merged.amount_minor,
        merged.currency,
    )
    row.state, row.captured, row.method = merged.state, merged.captured, merged.method
    row.fee_minor, row.tax_minor = merged.fee_minor, merged.tax_minor
    row.error_code, row.error_reason = merged.error_code, merged.error_reason
    row.updated_at = now
    session.flush()


def _merge_refund(session: Session, told: Refund, now: datetime) -> None:
    row = _refund_row(session, told)
    if row is None:
        insert_or_nothing(
            session,
            RefundRow,
            id=sortable_id("rfd"),
            rzp_refund_id=told.id,
            rzp_payment_id=told.payment_id,
            amount_minor=told.amount_minor,
            state=told.state,
            created_at=now,
            updated_at=now,
        )
        row = session.scalars(
            select(RefundRow).where(RefundRow.rzp_refund_id == told.id).with_for_update()
        ).one()
    merged = merged_refund(refund_fact(row), told)
    if (row.rzp_refund_id, row.state) == (told.id, merged.state):
        return
    row.rzp_refund_id, row.state, row.amount_minor = told.id, merged.state, told.amount_minor
    row.updated_at = now
    session.flush()


def _refund_row(session: Session, told: Refund) -> RefundRow | None:
    """The row of a refund: by Razorpay's id, else the one of ours that asked for it."""
    row = session.scalars(
        select(RefundRow).where(RefundRow.rzp_refund_id == told.id).with_for_update()
    ).one_or_none()
    if row is not None or told.ours is None:
        return row
    return session.scalars(
        select(RefundRow)
        .where(
            RefundRow.id == told.ours,
            RefundRow.rzp_payment_id == told.payment_id,
            RefundRow.rzp_refund_id.is_(None),
        )
        .with_for_update()
    ).one_or_none()


def _merge_dispute(session: Session, told: Dispute, now: datetime) -> None:
    values = {
        "rzp_payment_id": told.payment_id,
        "amount_minor": told.amount_minor,
        "deducted_minor": told.deducted_minor,
        "state": told.state,
        "respond_by": told.respond_by,
    }
    if insert_or_nothing(session, DisputeRow, rzp_dispute_id=told.id, updated_at=now, **values):
        return
    row = session.scalars(
        select(DisputeRow).where(DisputeRow.rzp_dispute_id == told.id).with_for_update()
    ).one()
    known = dispute_fact(row)
    merged = merged_dispute(known, told)
    if merged != known:
        row.deducted_minor, row.state = merged.deducted_minor, merged.state
        row.respond_by, row.updated_at = merged.respond_by, now
        session.flush()


def add_row(session: Session, table: type[Row], **values: Any) -> None:
    session.execute(insert(table).values(**values))


def orders_of_payment(session: Session, payment_id: str) -> list[str]:
    """Our order of a payment, if it has one."""
    return list(
        session.scalars(
            select(CreditOrderRow.id)
            .join(PaymentRow, PaymentRow.rzp_order_id == CreditOrderRow.rzp_order_id)
            .where(PaymentRow.rzp_payment_id == payment_id)
        )
    )


def find_payment(session: Session, payment_id: str) -> Payment | None:
    row = session.get(PaymentRow, payment_id)
    return payment_fact(row) if row is not None else None
