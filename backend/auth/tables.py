"""Rows of people, how they sign in, and their workspaces."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.metadata import PlainJson, Row

ROLE_WORDS = "('owner', 'billing', 'editor', 'commenter', 'viewer')"


class UserRow(Row):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("kind in ('account', 'local', 'guest')", name="kind"),
        UniqueConstraint("email"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]


class WorkspaceRow(Row):
    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class MemberRow(Row):
    """`epoch` goes up with every change of the role, so that older room tokens end."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint(f"role in {ROLE_WORDS}", name="role"),
        Index("ix_members_user_id", "user_id"),
    )

    workspace_id: Mapped[str] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str]
    epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class ShareLinkRow(Row):
    __tablename__ = "share_links"
    __table_args__ = (
        CheckConstraint("role in ('editor', 'commenter', 'viewer')", name="role"),
        UniqueConstraint("key_hash"),
        Index("ix_share_links_project_id", "project_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str]
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    role: Mapped[str]
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SessionRow(Row):
    """A sign-in. One that came by a share link opens only that link's project."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("key_hash"), Index("ix_sessions_user_id", "user_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    share_link_id: Mapped[str | None] = mapped_column(
        ForeignKey("share_links.id", ondelete="CASCADE")
    )
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiTokenRow(Row):
    """A token of a program: one workspace, `role` as ceiling."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        CheckConstraint(f"role in {ROLE_WORDS}", name="role"),
        UniqueConstraint("key_hash"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    role: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class InviteRow(Row):
    __tablename__ = "invites"
    __table_args__ = (
        CheckConstraint(f"role in {ROLE_WORDS}", name="role"),
        UniqueConstraint("key_hash"),
        Index("ix_invites_workspace_id", "workspace_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    role: Mapped[str]
    email: Mapped[str | None]
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PreferencesRow(Row):
    """What a person chose for all their projects: keys, theme, language."""

    __tablename__ = "preferences"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    body: Mapped[dict[str, Any]] = mapped_column(PlainJson)
    updated_at: Mapped[datetime]


class PasswordResetRow(Row):
    """A one-time key for a new password, good for a quarter of an hour."""

    __tablename__ = "password_resets"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]


class IdentityRow(Row):
    """Who somebody is at an OpenID provider: `subject` is theirs there for ever, an email is not."""

    __tablename__ = "identities"
    __table_args__ = (Index("ix_identities_user_id", "user_id"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]


class WelcomeKeyRow(Row):
    """A one-time key of the local owner; all are gone when the process starts anew."""

    __tablename__ = "welcome_keys"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
