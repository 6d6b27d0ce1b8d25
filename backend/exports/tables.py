"""Rows of exports, and of the work that exports and assets need [operations-W1]."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.assets import tables as _assets  # the tables that the foreign keys name
from backend.credits import tables as _credits
from backend.db.metadata import PlainJson, Row
from timeline.model import Json

NAMED = (_assets.AssetRow, _credits.HoldRow)

EXPORT_STATES = (
    "('queued', 'planning', 'rendering', 'stitching', 'checking', 'done', 'failed', 'cancelled')"
)
TASK_STATES = "('blocked', 'ready', 'leased', 'done', 'failed', 'cancelled')"


class ExportRow(Row):
    """One ordered film. `job` is what the exporter is handed: the frozen document and its assets.

    `frames_done` of `frames_total` frames to encode; `rendering_since` in seconds of the database.
    `hold_id` names the credits set aside for it, `price_version` the table they were counted with.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(f"state in {EXPORT_STATES}", name="state"),
        Index("uq_exports_hold_id", "hold_id", unique=True),
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
    hold_id: Mapped[str | None] = mapped_column(ForeignKey("holds.id"))
    price_version: Mapped[int | None]
    credits_captured: Mapped[int | None]
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
    sent_at: Mapped[float] = mapped_column(default=0.0, server_default="0")
    frames_done: Mapped[int]
    frames_total: Mapped[int | None]
    error: Mapped[str]


class WorkerRow(Row):
    """A process that does tasks; times are seconds of the database's clock."""

    __tablename__ = "workers"
    __table_args__ = (CheckConstraint("slots > 0", name="slots"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    slots: Mapped[int]
    version: Mapped[str]
    sandbox: Mapped[str]
    draining_since: Mapped[float | None]
    seen_at: Mapped[float]


class KeeperRow(Row):
    """Which node keeps order now; another one takes over when the lease has run out."""

    __tablename__ = "keepers"

    name: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    lease_until: Mapped[float]


class QuoteRow(Row):
    """What an export would cost at most, for 15 minutes."""

    __tablename__ = "quotes"
    __table_args__ = (
        CheckConstraint("credits > 0", name="credits"),
        Index("ix_quotes_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    preset: Mapped[str]
    range_start: Mapped[int | None] = mapped_column(BigInteger)
    range_duration: Mapped[int | None] = mapped_column(BigInteger)
    credits: Mapped[int]
    price_version: Mapped[int]
    expires_at: Mapped[datetime]


class PaidSegmentRow(Row):
    """What this wallet has paid to make; only that is free when it is used again."""

    __tablename__ = "paid_segments"

    wallet_id: Mapped[str] = mapped_column(ForeignKey("wallets.id"), primary_key=True)
    segment_key: Mapped[str] = mapped_column(primary_key=True)
    export_id: Mapped[str]
