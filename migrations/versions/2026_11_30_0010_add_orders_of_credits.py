"""Add orders of credits, what Razorpay told of them, the inbox, anomalies and invoices."""

import sqlalchemy as sa
from alembic import op

from backend.db.metadata import Moment, PlainJson

revision = "payments_1"
down_revision = "workers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anomalies",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("detail", PlainJson, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("state in ('open', 'resolved')", name=op.f("ck_anomalies_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomalies")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_anomalies_kind_ref")),
    )
    op.create_table(
        "disputes",
        sa.Column("rzp_dispute_id", sa.String(), nullable=False),
        sa.Column("rzp_payment_id", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("deducted_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("respond_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'under_review', 'won', 'lost', 'closed')",
            name=op.f("ck_disputes_state"),
        ),
        sa.PrimaryKeyConstraint("rzp_dispute_id", name=op.f("pk_disputes")),
    )
    op.create_index("ix_disputes_rzp_payment_id", "disputes", ["rzp_payment_id"])
    op.create_table(
        "invoice_series",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_invoice_series")),
    )
    op.create_table(
        "payment_reconciler",
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("swept_at", Moment(), nullable=True),
        sa.Column("not_before", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("mode", name=op.f("pk_payment_reconciler")),
    )
    op.create_table(
        "payments",
        sa.Column("rzp_payment_id", sa.String(), nullable=False),
        sa.Column("rzp_order_id", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("captured", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("tax_minor", sa.BigInteger(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_reason", sa.String(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "state in ('created', 'failed', 'authorized', 'captured', 'refunded')",
            name=op.f("ck_payments_state"),
        ),
        sa.PrimaryKeyConstraint("rzp_payment_id", name=op.f("pk_payments")),
    )
    op.create_index("ix_payments_rzp_order_id", "payments", ["rzp_order_id"])
    op.create_table(
        "webhook_events",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("body_sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "state in ('pending', 'done', 'ignored', 'dead')", name=op.f("ck_webhook_events_state")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_webhook_events")),
    )
    op.create_index("ix_webhook_events_state_next_at", "webhook_events", ["state", "next_at"])
    op.create_table(
        "credit_orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wallet_id", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("price_version", sa.Integer(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("buyer", PlainJson, nullable=False),
        sa.Column("rzp_order_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("posted_credits", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("next_poll_at", Moment(), nullable=True),
        sa.Column("polled_at", Moment(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("paid_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "state in ('new', 'created', 'attempted', 'paid', 'partly_refunded', 'refunded', 'review', 'expired')",
            name=op.f("ck_credit_orders_state"),
        ),
        sa.CheckConstraint("amount_minor >= 100", name=op.f("ck_credit_orders_amount_minor")),
        sa.CheckConstraint(
            "amount_minor >= credits", name=op.f("ck_credit_orders_divides_exactly")
        ),
        sa.CheckConstraint("credits > 0", name=op.f("ck_credit_orders_credits")),
        sa.CheckConstraint(
            "posted_credits >= 0 and posted_credits <= credits",
            name=op.f("ck_credit_orders_posted_credits"),
        ),
        sa.ForeignKeyConstraint(
            ["wallet_id"], ["wallets.id"], name=op.f("fk_credit_orders_wallet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_orders")),
        sa.UniqueConstraint("rzp_order_id", name=op.f("uq_credit_orders_rzp_order_id")),
    )
    op.create_index("ix_credit_orders_next_poll_at", "credit_orders", ["next_poll_at"])
    op.create_index("ix_credit_orders_wallet_id", "credit_orders", ["wallet_id"])
    op.create_table(
        "refunds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("rzp_refund_id", sa.String(), nullable=True),
        sa.Column("rzp_payment_id", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=True),
        sa.Column("requested_by", sa.String(), nullable=True),
        sa.Column("next_poll_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "state in ('requested', 'pending', 'processed', 'failed')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount_minor")),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_refunds_hold_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("rzp_refund_id", name=op.f("uq_refunds_rzp_refund_id")),
    )
    op.create_index("ix_refunds_next_poll_at", "refunds", ["next_poll_at"])
    op.create_index("ix_refunds_rzp_payment_id", "refunds", ["rzp_payment_id"])
    op.create_table(
        "invoices",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("refund_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("taxable_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("cgst_minor", sa.BigInteger(), nullable=False),
        sa.Column("sgst_minor", sa.BigInteger(), nullable=False),
        sa.Column("igst_minor", sa.BigInteger(), nullable=False),
        sa.Column("place_of_supply", sa.String(), nullable=True),
        sa.Column("buyer", PlainJson, nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (refund_id is not null)",
            name=op.f("ck_invoices_refund_is_told"),
        ),
        sa.CheckConstraint("kind in ('invoice', 'credit_note')", name=op.f("ck_invoices_kind")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["credit_orders.id"], name=op.f("fk_invoices_order_id")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_invoices_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint(
            "order_id", "refund_id", "kind", name=op.f("uq_invoices_order_id_refund_id_kind")
        ),
        sa.UniqueConstraint("series", "number", name=op.f("uq_invoices_series_number")),
    )


def downgrade() -> None:
    op.drop_table("invoices")
    op.drop_index("ix_refunds_rzp_payment_id", table_name="refunds")
    op.drop_index("ix_refunds_next_poll_at", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("ix_credit_orders_wallet_id", table_name="credit_orders")
    op.drop_index("ix_credit_orders_next_poll_at", table_name="credit_orders")
    op.drop_table("credit_orders")
    op.drop_index("ix_webhook_events_state_next_at", table_name="webhook_events")
    op.drop_table("webhook_events")
    op.drop_index("ix_payments_rzp_order_id", table_name="payments")
    op.drop_table("payments")
    op.drop_table("payment_reconciler")
    op.drop_table("invoice_series")
    op.drop_index("ix_disputes_rzp_payment_id", table_name="disputes")
    op.drop_table("disputes")
    op.drop_table("anomalies")
