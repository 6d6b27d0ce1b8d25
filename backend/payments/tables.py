"""Rows of orders, facts, the inbox of webhooks, anomalies and invoices; constraints repeat the rules."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.metadata import PlainJson, Row
from timeline.model import Json

ORDER_STATES = (
    "('new', 'created', 'attempted', 'paid', 'partly_refunded', 'refunded', 'review', 'expired')"
)
PAYMENT_STATES = "('created', 'failed', 'authorized', 'captured', 'refunded')"
REFUND_STATES = "('requested', 'pending', 'processed', 'failed')"
DISPUTE_STATES = "('open', 'under_review', 'won', 'lost', 'closed')"
EVENT_STATES = "('pending', 'done', 'ignored', 'dead')"


class CreditOrderRow(Row):
    """An order of credits by a workspace; `id` is the receipt that Razorpay keeps, too.

    It is committed before Razorpay hears of it. `posted_credits` is what the ledger was given.
    """

    __tablename__ = "credit_orders"
    __table_args__ = (
        UniqueConstraint("rzp_order_id"),
        Index("ix_credit_orders_wallet_id", "wallet_id"),
        Index("ix_credit_orders_next_poll_at", "next_poll_at"),
        CheckConstraint(f"state in {ORDER_STATES}", name="state"),
        CheckConstraint("credits > 0", name="credits"),
        CheckConstraint("amount_minor >= 100", name="amount_minor"),
        CheckConstraint("amount_minor >= credits", name="divides_exactly"),
        CheckConstraint("posted_credits >= 0 and posted_credits <= credits", name="posted_credits"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    wallet_id: Mapped[str] = mapped_column(ForeignKey("wallets.id"))
    created_by: Mapped[str]
    pack: Mapped[str]
    price_version: Mapped[int]
    credits: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    buyer: Mapped[dict[str, Json]] = mapped_column(PlainJson)
    rzp_order_id: Mapped[str | None]
    state: Mapped[str]
    disputed: Mapped[bool]
    posted_credits: Mapped[int] = mapped_column(BigInteger)
    rev: Mapped[int] = mapped_column(BigInteger)
    next_poll_at: Mapped[datetime | None]
    polled_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class PaymentRow(Row):
    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_rzp_order_id", "rzp_order_id"),
        CheckConstraint(f"state in {PAYMENT_STATES}", name="state"),
    )

    rzp_payment_id: Mapped[str] = mapped_column(primary_key=True)
    rzp_order_id: Mapped[str | None]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    state: Mapped[str]
    captured: Mapped[bool]
    method: Mapped[str]
    fee_minor: Mapped[int | None] = mapped_column(BigInteger)
    tax_minor: Mapped[int | None] = mapped_column(BigInteger)
    error_code: Mapped[str | None]
    error_reason: Mapped[str | None]
    updated_at: Mapped[datetime]


class RefundRow(Row):
    """A refund, ours or from the dashboard; one of ours has a hold until Razorpay knows it."""

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("rzp_refund_id"),
        Index("ix_refunds_rzp_payment_id", "rzp_payment_id"),
        Index("ix_refunds_next_poll_at", "next_poll_at"),
        CheckConstraint(f"state in {REFUND_STATES}", name="state"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    rzp_refund_id: Mapped[str | None]
    rzp_payment_id: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    credits: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str]
    hold_id: Mapped[str | None] = mapped_column(ForeignKey("holds.id"))
    requested_by: Mapped[str | None]
    next_poll_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DisputeRow(Row):
    __tablename__ = "disputes"
    __table_args__ = (
        Index("ix_disputes_rzp_payment_id", "rzp_payment_id"),
        CheckConstraint(f"state in {DISPUTE_STATES}", name="state"),
    )

    rzp_dispute_id: Mapped[str] = mapped_column(primary_key=True)
    rzp_payment_id: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    deducted_minor: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    respond_by: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[datetime]


class WebhookEventRow(Row):
    """The inbox: what arrived signed, as bytes; the body goes once it is done and old."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        Index("ix_webhook_events_state_next_at", "state", "next_at"),
        CheckConstraint(f"state in {EVENT_STATES}", name="state"),
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    body_sha256: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]
    received_at: Mapped[datetime]


class AnomalyRow(Row):
    """What a person decides about: captured money that fits no order, forged confirmations, ..."""

    __tablename__ = "anomalies"
    __table_args__ = (
        UniqueConstraint("kind", "ref"),
        CheckConstraint("state in ('open', 'resolved')", name="state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    ref: Mapped[str]
    detail: Mapped[dict[str, Json]] = mapped_column(PlainJson)
    state: Mapped[str]
    resolved_by: Mapped[str | None]
    created_at: Mapped[datetime]


class InvoiceRow(Row):
    """An invoice, or a credit note of a refund; live money only. Never changed."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        UniqueConstraint("order_id", "refund_id", "kind"),
        # To that one, rows without a refund are never equal.
        Index(
            "uq_invoices_order_id",
            "order_id",
            unique=True,
            sqlite_where=text("kind = 'invoice'"),
            postgresql_where=text("kind = 'invoice'"),
        ),
        CheckConstraint("kind in ('invoice', 'credit_note')", name="kind"),
        CheckConstraint("(kind = 'credit_note') = (refund_id is not null)", name="refund_is_told"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("credit_orders.id"))
    refund_id: Mapped[str | None] = mapped_column(ForeignKey("refunds.id"))
    kind: Mapped[str]
    series: Mapped[str]
    number: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    taxable_minor: Mapped[int] = mapped_column(BigInteger)
    tax_rate_bp: Mapped[int]
    cgst_minor: Mapped[int] = mapped_column(BigInteger)
    sgst_minor: Mapped[int] = mapped_column(BigInteger)
    igst_minor: Mapped[int] = mapped_column(BigInteger)
    place_of_supply: Mapped[str | None]
    buyer: Mapped[dict[str, Json]] = mapped_column(PlainJson)
    issued_at: Mapped[datetime]


class InvoiceSeriesRow(Row):
    """The next number of a series; counted in the transaction of the invoice, so without gaps."""

    __tablename__ = "invoice_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    next: Mapped[int]


class ReconcilerRow(Row):
    """Who reconciles now, and up to when everything has been swept."""

    __tablename__ = "payment_reconciler"

    mode: Mapped[str] = mapped_column(primary_key=True)
    lease_until: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
