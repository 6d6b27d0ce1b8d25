"""Invoices and credit notes of real money: numbered without a gap, never changed.

The tax rate is 0 until an accountant sets it. Sandbox and test money has none.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.payments.repository import add_row
from backend.payments.tables import CreditOrderRow, InvoiceRow, InvoiceSeriesRow, RefundRow
from kit.ids import sortable_id

TAX_RATE_BP: Final = 0
INDIA: Final = timedelta(hours=5, minutes=30)  # its financial year begins on 1 April, its time
PREFIXES: Final[dict[str, str]] = {"invoice": "INV", "credit_note": "CRN"}


def issue(
    session: Session,
    order: CreditOrderRow,
    *,
    kind: Literal["invoice", "credit_note"],
    now: datetime,
    refund: RefundRow | None = None,
) -> None:
    """One document, unless it exists: call with the order locked, as the last of its locks."""
    known = session.scalar(
        select(func.count())
        .select_from(InvoiceRow)
        .where(
            InvoiceRow.order_id == order.id,
            InvoiceRow.kind == kind,
            InvoiceRow.refund_id == refund.id if refund else InvoiceRow.refund_id.is_(None),
        )
    )
    if known:
        return
    series = series_at(kind, now)
    amount = refund.amount_minor if refund else order.amount_minor
    add_row(
        session,
        InvoiceRow,
        id=sortable_id("inv"),
        order_id=order.id,
        refund_id=refund.id if refund else None,
        kind=kind,
        series=series,
        number=_next_number(session, series),
        amount_minor=amount,
        taxable_minor=amount,
        tax_rate_bp=TAX_RATE_BP,
        cgst_minor=0,
        sgst_minor=0,
        igst_minor=0,
        place_of_supply=order.buyer.get("state"),
        buyer=order.buyer,
        issued_at=now,
    )


def series_at(kind: str, now: datetime) -> str:
    """`INV2627` from 1 April 2026 on: a new series each financial year."""
    local = now + INDIA
    first = local.year if local.month >= 4 else local.year - 1
    return f"{PREFIXES[kind]}{first % 100:02d}{(first + 1) % 100:02d}"


def invoice_number(row: InvoiceRow) -> str:
    """At most 16 of `[A-Za-z0-9/-]`."""
    return f"{row.series}/{row.number:06d}"


def list_invoices(session: Session, order_id: str) -> list[InvoiceRow]:
    return list(
        session.scalars(
            select(InvoiceRow).where(InvoiceRow.order_id == order_id).order_by(InvoiceRow.id)
        )
    )


def _next_number(session: Session, series: str) -> int:
    """Counted on a locked row, so that a rollback leaves no gap."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    counted = make(InvoiceSeriesRow).values(series=series, next=2)
    found = session.execute(
        counted.on_conflict_do_update(
            index_elements=["series"], set_={"next": InvoiceSeriesRow.next + 1}
        ).returning(InvoiceSeriesRow.next)
    ).scalar_one()
    return found - 1
