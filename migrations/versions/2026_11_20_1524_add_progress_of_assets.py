"""Add the progress of assets, and the frames that a task on one has."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assets", sa.Column("progress", sa.Double(), nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("frames_total", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "frames_total")
    op.drop_column("assets", "progress")
