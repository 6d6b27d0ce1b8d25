"""Leases belong to nodes, not to documents: one row to renew however many documents a node owns."""

import sqlalchemy as sa
from alembic import op

revision = "collab_nodes"
down_revision = "comments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collab_nodes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collab_nodes"),
    )
    op.drop_column("collab_heads", "address")
    op.drop_column("collab_heads", "lease_until")


def downgrade() -> None:
    op.add_column(
        "collab_heads", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("collab_heads", sa.Column("address", sa.String(), nullable=True))
    op.drop_table("collab_nodes")
