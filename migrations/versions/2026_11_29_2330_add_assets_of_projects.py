"""Add which assets a project uses that were uploaded elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "project_assets"
down_revision = "ledger_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_assets",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_project_assets_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"],
            ["assets.id"],
            name="fk_project_assets_asset_id_assets",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "asset_id", name="pk_project_assets"),
    )
    op.create_index("ix_project_assets_asset_id", "project_assets", ["asset_id"])


def downgrade() -> None:
    op.drop_table("project_assets")
