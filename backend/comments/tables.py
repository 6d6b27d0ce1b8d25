"""Rows of threads and of what was said in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.metadata import PlainJson, Row


class ThreadRow(Row):
    """`at` counts from the start of the sequence, or of `clip`'s own time where there is one."""

    __tablename__ = "comment_threads"
    __table_args__ = (
        CheckConstraint("duration >= 0", name="duration"),
        Index("ix_comment_threads_project_id", "project_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    sequence: Mapped[str | None]
    clip: Mapped[str | None]
    at: Mapped[int] = mapped_column(BigInteger)
    duration: Mapped[int] = mapped_column(BigInteger)
    drawing: Mapped[list[Any]] = mapped_column(PlainJson)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CommentRow(Row):
    """`author_name` is as it was then: guests come and go."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_thread_id", "thread_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str] = mapped_column(ForeignKey("comment_threads.id", ondelete="CASCADE"))
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    text: Mapped[str]
    mentions: Mapped[list[Any]] = mapped_column(PlainJson)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
