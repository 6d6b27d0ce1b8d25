"""Add what exports pay with: their hold, what they captured, and which segments a wallet has paid for."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_2"
down_revision = "ledger_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In words, because rebuilding `exports` on SQLite would delete the tasks that hang on it.
    op.execute(
        "alter table exports add column hold_id varchar "
        "constraint fk_exports_hold_id references holds (id)"
    )
    op.add_column("exports", sa.Column("price_version", sa.Integer(), nullable=True))
    op.add_column("exports", sa.Column("credits_captured", sa.Integer(), nullable=True))
    op.create_index("uq_exports_hold_id", "exports", ["hold_id"], unique=True)
    op.create_index("ix_quotes_expires_at", "quotes", ["expires_at"])
    with op.batch_alter_table("quotes") as quotes:
        quotes.create_check_constraint(op.f("ck_quotes_credits"), "credits > 0")
    op.create_table(
        "paid_segments",
        sa.Column("wallet_id", sa.String(), nullable=False),
        sa.Column("segment_key", sa.String(), nullable=False),
        sa.Column("export_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("wallet_id", "segment_key", name=op.f("pk_paid_segments")),
        sa.ForeignKeyConstraint(
            ["wallet_id"], ["wallets.id"], name=op.f("fk_paid_segments_wallet_id")
        ),
    )
    with op.batch_alter_table("idempotency_keys") as keys:
        keys.add_column(sa.Column("ref_id", sa.String(), nullable=True))
        keys.alter_column("status", existing_type=sa.Integer(), nullable=True)
        keys.alter_column("answer", existing_type=sa.String(), nullable=True)
        keys.create_index("ix_idempotency_keys_created_at", ["created_at"])


def downgrade() -> None:
    op.execute("delete from idempotency_keys where status is null or answer is null")
    with op.batch_alter_table("idempotency_keys") as keys:
        keys.drop_index("ix_idempotency_keys_created_at")
        keys.alter_column("answer", existing_type=sa.String(), nullable=False)
        keys.alter_column("status", existing_type=sa.Integer(), nullable=False)
        keys.drop_column("ref_id")
    op.drop_table("paid_segments")
    with op.batch_alter_table("quotes") as quotes:
        quotes.drop_constraint(op.f("ck_quotes_credits"), type_="check")
    op.drop_index("ix_quotes_expires_at", "quotes")
    op.drop_index("uq_exports_hold_id", "exports")
    op.drop_column("exports", "credits_captured")
    op.drop_column("exports", "price_version")
    op.drop_column("exports", "hold_id")
