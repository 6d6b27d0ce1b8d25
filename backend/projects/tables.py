"""Rows of projects."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth import tables as _people  # the tables that the foreign keys name
from backend.db.metadata import Row

PEOPLE = _people.UserRow, _people.WorkspaceRow


class ProjectRow(Row):
    """What people open. A deleted one keeps its row until its objects are gone."""

    __tablename__ = "projects"
    __table_args__ = (Index("ix_projects_workspace_id_updated_at", "workspace_id", "updated_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
