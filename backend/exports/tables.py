"""Rows of exports, and of the work that exports and assets need [operations-W1]."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.assets import tables as _assets  # the tables that the foreign keys name
from backend.db.metadata import PlainJson, Row
from timeline.model import Json

ASSETS = _assets.AssetRow

EXPORT_STATES = (
    "('queued', 'planning', 'rendering', 'stitching', 'checking', 'done', 'failed', 'cancelled')"
)
TASK_STATES = "('blocked', 'ready', 'leased', 'done', 'failed', 'cancelled')"


class ExportRow(Row):
    """One ordered film. `job` is what the exporter is handed: the frozen document and its assets.

    `frames_done` of `frames_total` frames to encode; `rendering_since` in seconds of the database.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(f"state in {EXPORT_STATES}", name="state"),
        Index("ix_exports_project_id_id", "project_id", "id"),
        Index("ix_exports_workspace_id_state", "workspace_id", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    requested_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    requested_name: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    preset: Mapped[str]
    range_start: Mapped[int | None] = mapped_column(BigInteger)
    range_duration: Mapped[int | None] = mapped_column(BigInteger)
    job: Mapped[dict[str, Json]] = mapped_column(PlainJson)
    credits_held: Mapped[int]
    lease_token: Mapped[int]
    tasks_left: Mapped[int]
    frames_total: Mapped[int | None]
    frames_done: Mapped[int]
    rendering_since: Mapped[float | None]
    film_key: Mapped[str | None]
    film_sha256: Mapped[str | None]
    film_size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    report: Mapped[dict[str, Json] | None] = mapped_column(PlainJson)
    problem: Mapped[dict[str, Json] | None] = mapped_column(PlainJson)
    traceparent: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TaskRow(Row):
    """Who must do what, until when; times are seconds of the database's clock."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(f"state in {TASK_STATES}", name="state"),
        CheckConstraint("(export_id is null) <> (asset_id is null)", name="one_owner"),
        Index("ix_tasks_state_not_before", "state", "not_before"),
        Index("ix_tasks_export_id", "export_id"),
        Index("ix_tasks_asset_id", "asset_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    export_id: Mapped[str | None] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"))
    asset_id: Mapped[str | None] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    workspace_id: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int]
    version: Mapped[int]
    payload: Mapped[dict[str, Json]] = mapped_column(PlainJson)
    state: Mapped[str]
    attempts: Mapped[int]
    fence: Mapped[int]
    worker: Mapped[str]
    lease_until: Mapped[float]
    beat_at: Mapped[float]
    not_before: Mapped[float]
    frames_done: Mapped[int]
    frames_total: Mapped[int | None]
    error: Mapped[str]


class QuoteRow(Row):
    """What an export would cost at most, for 15 minutes."""

    __tablename__ = "quotes"

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    preset: Mapped[str]
    range_start: Mapped[int | None] = mapped_column(BigInteger)
    range_duration: Mapped[int | None] = mapped_column(BigInteger)
    credits: Mapped[int]
    price_version: Mapped[int]
    expires_at: Mapped[datetime]
