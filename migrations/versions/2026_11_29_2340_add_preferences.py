"""Keep what people chose for all their projects."""

import sqlalchemy as sa
from alembic import op

from backend.db.metadata import Moment, PlainJson

revision = "preferences"
down_revision = "project_assets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("body", PlainJson, nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_preferences_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_preferences"),
    )


def downgrade() -> None:
    op.drop_table("preferences")
