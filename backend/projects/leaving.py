"""Deletion of one's account: the person goes, what they made for others and the books stay.

What other rows refer to keeps its opaque id; name, email and password are gone, and nobody can be
that person again [projects-P6].
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import account, repository
from backend.auth.errors import AlreadyTaken
from backend.auth.service import REVOKED
from backend.auth.tables import (
    ApiTokenRow,
    IdentityRow,
    InviteRow,
    MemberRow,
    PasswordResetRow,
    PreferencesRow,
    WorkspaceRow,
)
from backend.db.audit_log import record_act
from backend.db.metadata import Row
from backend.db.session import hint_after_commit
from backend.projects.service import delete_project
from backend.projects.tables import ProjectRow

NOBODY: Final = "Former member"
CLOSED: Final = "Closed workspace"


async def delete_account(session: AsyncSession, user_id: str, *, now: datetime) -> None:
    """AlreadyTaken where others would be left in a workspace without an owner."""
    workspaces = await repository.workspaces_of(session, user_id)
    for workspace_id in workspaces:
        members = await repository.list_members(session, workspace_id)
        if len(members) == 1:
            await _close(session, workspace_id, now)
        elif not any(row.role == "owner" and row.user_id != user_id for row, _ in members):
            raise AlreadyTaken(f"hand over {workspace_id} first: others work there")
    for workspace_id in workspaces:
        await record_act(session, workspace_id, "account.deleted", target=user_id, at=now)
        hint_after_commit(session, REVOKED, {"user": user_id, "workspace": workspace_id})
    await account.end_sessions(session, user_id, but=None, now=now)
    user = await repository.get_user(session, user_id)
    if user.email is not None:  # an invitation that names nobody would be open to everybody
        await session.execute(delete(InviteRow).where(InviteRow.email == user.email))
    for table in (MemberRow, ApiTokenRow, PreferencesRow, PasswordResetRow, IdentityRow):
        await session.execute(delete(table).where(table.user_id == user_id))
    for table, by, name in _signed():  # words stay where others answered them, without the name
        await session.execute(update(table).where(table.c[by] == user_id).values({name: NOBODY}))
    user.name, user.email, user.password_hash = NOBODY, None, None


def _signed() -> Iterator[tuple[Table, str, str]]:
    """Every table whose rows carry a person's name; features above this one have some."""
    for table in Row.metadata.tables.values():
        for by, name in (("author_id", "author_name"), ("requested_by", "requested_name")):
            if {by, name} <= set(table.columns.keys()):
                yield table, by, name


async def _close(session: AsyncSession, workspace_id: str, now: datetime) -> None:
    """Nobody is left to open it; its journal stays under its id."""
    open_ones = select(ProjectRow).where(
        ProjectRow.workspace_id == workspace_id, ProjectRow.deleted_at.is_(None)
    )
    for project in (await session.scalars(open_ones)).all():
        await delete_project(session, project, now=now)
    for table in (InviteRow, ApiTokenRow):
        await session.execute(delete(table).where(table.workspace_id == workspace_id))
    await session.execute(
        update(WorkspaceRow).where(WorkspaceRow.id == workspace_id).values(name=CLOSED)
    )
