"""Add who works, who keeps order, and when a task was last told to the carrier."""

import sqlalchemy as sa
from alembic import op

revision = "workers"
down_revision = "collab_nodes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("sandbox", sa.String(), nullable=False),
        sa.Column("draining_since", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.CheckConstraint("slots > 0", name="ck_workers_slots"),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )
    keepers = op.create_table(
        "keepers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keepers"),
    )
    op.bulk_insert(keepers, [{"name": "work", "node": "", "lease_until": 0.0}])
    op.add_column("tasks", sa.Column("sent_at", sa.Double(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("tasks", "sent_at")
    op.drop_table("keepers")
    op.drop_table("workers")
