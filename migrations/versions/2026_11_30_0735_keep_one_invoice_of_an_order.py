"""Keep one invoice of an order: unique columns let rows without a refund pass."""

import sqlalchemy as sa
from alembic import op

revision = "payments_2"
down_revision = "payments_1"
branch_labels = None
depends_on = None

INVOICES = sa.text("kind = 'invoice'")


def upgrade() -> None:
    op.create_index(
        "uq_invoices_order_id",
        "invoices",
        ["order_id"],
        unique=True,
        sqlite_where=INVOICES,
        postgresql_where=INVOICES,
    )


def downgrade() -> None:
    op.drop_index("uq_invoices_order_id", "invoices")
