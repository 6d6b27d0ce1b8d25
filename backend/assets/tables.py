"""Rows of assets and of uploads on their way."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.metadata import PlainJson, Row
from backend.projects import tables as _projects  # the tables that the foreign keys name
from timeline.model import Json

PROJECTS = _projects.ProjectRow


class AssetRow(Row):
    """One uploaded piece of media.

    `state` is about what exports need (`media` holds it, as `timeline/media_json.py` writes it),
    `views_state` about what the editor shows (`views`: object keys of proxy, thumbnails, peaks).
    `progress`, 0 to 1, is that of whichever of the two is being made.
    """

    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'ready', 'failed')", name="state"),
        CheckConstraint("views_state in ('pending', 'ready', 'none')", name="views_state"),
        Index("ix_assets_workspace_id_id", "workspace_id", "id"),
        Index("ix_assets_project_id", "project_id"),
        Index("ix_assets_sha256", "workspace_id", "sha256"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"))
    name: Mapped[str]
    kind: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    original_key: Mapped[str]
    state: Mapped[str]
    problem: Mapped[dict[str, Json] | None] = mapped_column(PlainJson)
    media: Mapped[dict[str, Json] | None] = mapped_column(PlainJson)
    views_state: Mapped[str]
    views: Mapped[dict[str, Json] | None] = mapped_column(PlainJson)
    progress: Mapped[float] = mapped_column(default=0.0, server_default="0")
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class ProjectAssetRow(Row):
    """A project uses an asset that was uploaded elsewhere in its workspace [assets-U10]."""

    __tablename__ = "project_assets"
    __table_args__ = (Index("ix_project_assets_asset_id", "asset_id"),)

    project_id: Mapped[str] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[str] = mapped_column(
        ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True
    )


class UploadRow(Row):
    """An upload by tus; its bytes lie in the private folder until the last one is there."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_expires_at", "expires_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"))
    name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    asset_id: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
