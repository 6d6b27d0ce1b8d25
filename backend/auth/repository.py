"""Every query about people and workspaces."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller
from backend.auth.errors import NotAllowed, NotVisible
from backend.auth.roles import Right, Role, lowered, may, role_of
from backend.auth.tables import (
    ApiTokenRow,
    InviteRow,
    MemberRow,
    PreferencesRow,
    SessionRow,
    ShareLinkRow,
    UserRow,
    WelcomeKeyRow,
    WorkspaceRow,
)


async def find_user_by_email(session: AsyncSession, email: str) -> UserRow | None:
    return await session.scalar(select(UserRow).where(UserRow.email == email))


async def get_user(session: AsyncSession, user_id: str) -> UserRow:
    user = await session.get(UserRow, user_id)
    if user is None:
        raise NotVisible("user", user_id)
    return user


async def find_preferences(session: AsyncSession, user_id: str) -> PreferencesRow | None:
    return await session.get(PreferencesRow, user_id)


async def find_local_owner(session: AsyncSession) -> UserRow | None:
    return await session.scalar(select(UserRow).where(UserRow.kind == "local"))


async def take_welcome_key(session: AsyncSession, key_hash: str) -> bool:
    """Spend a one-time key; False when it is unknown or spent."""
    taken = await session.execute(
        delete(WelcomeKeyRow)
        .where(WelcomeKeyRow.key_hash == key_hash)
        .returning(WelcomeKeyRow.key_hash)
    )
    return taken.first() is not None


async def take_invite(session: AsyncSession, key_hash: str, *, now: datetime) -> InviteRow | None:
    """Spend an invite; None when it is unknown, spent or over."""
    return await session.scalar(
        update(InviteRow)
        .where(
            InviteRow.key_hash == key_hash, InviteRow.used_at.is_(None), InviteRow.expires_at > now
        )
        .values(used_at=now)
        .returning(InviteRow)
    )


async def find_share_link(
    session: AsyncSession, key_hash: str, *, now: datetime
) -> ShareLinkRow | None:
    return await session.scalar(
        select(ShareLinkRow).where(ShareLinkRow.key_hash == key_hash, ShareLinkRow.expires_at > now)
    )


async def workspace_role(session: AsyncSession, caller: Caller, workspace_id: str) -> Role | None:
    """What the caller is in that workspace; None: it does not exist for them."""
    if caller.project_id is not None:
        return None
    role = await session.scalar(
        select(MemberRow.role).where(
            MemberRow.workspace_id == workspace_id, MemberRow.user_id == caller.user_id
        )
    )
    return member_role(caller, workspace_id, role)


def member_role(caller: Caller, workspace_id: str, role: str | None) -> Role | None:
    """What a member of that workspace with this stored role may be there."""
    if role is None or caller.workspace_id not in {None, workspace_id}:
        return None
    return lowered(role_of(role), caller.ceiling)


async def require_workspace(
    session: AsyncSession, caller: Caller, workspace_id: str, right: Right
) -> Role:
    """The caller's role there; NotVisible when they see none, NotAllowed when it is too little."""
    role = await workspace_role(session, caller, workspace_id)
    if role is None:
        raise NotVisible("workspace", workspace_id)
    if not may(role, right):
        raise NotAllowed(right, role)
    return role


async def list_workspaces(session: AsyncSession, caller: Caller) -> list[tuple[WorkspaceRow, Role]]:
    """The workspaces that this caller may see, oldest first."""
    if caller.project_id is not None:
        return []
    wanted = (
        select(WorkspaceRow, MemberRow.role)
        .join(MemberRow, MemberRow.workspace_id == WorkspaceRow.id)
        .where(MemberRow.user_id == caller.user_id)
        .order_by(WorkspaceRow.id)
    )
    if caller.workspace_id is not None:
        wanted = wanted.where(WorkspaceRow.id == caller.workspace_id)
    rows = (await session.execute(wanted)).all()
    return [(row, lowered(role_of(role), caller.ceiling)) for row, role in rows]


async def list_members(
    session: AsyncSession, workspace_id: str
) -> Sequence[tuple[MemberRow, UserRow]]:
    rows = await session.execute(
        select(MemberRow, UserRow)
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .where(MemberRow.workspace_id == workspace_id)
        .order_by(MemberRow.created_at, MemberRow.user_id)
    )
    return [(member, user) for member, user in rows]


async def get_member(session: AsyncSession, workspace_id: str, user_id: str) -> MemberRow:
    member = await session.get(MemberRow, (workspace_id, user_id))
    if member is None:
        raise NotVisible("member", user_id)
    return member


async def has_other_owner(session: AsyncSession, workspace_id: str, user_id: str) -> bool:
    found = await session.scalar(
        select(MemberRow.user_id).where(
            MemberRow.workspace_id == workspace_id,
            MemberRow.role == "owner",
            MemberRow.user_id != user_id,
        )
    )
    return found is not None


async def workspaces_of(session: AsyncSession, user_id: str) -> Sequence[str]:
    """The ids of the workspaces that somebody is a member of, in the order to lock them."""
    return (
        await session.scalars(
            select(MemberRow.workspace_id)
            .where(MemberRow.user_id == user_id)
            .order_by(MemberRow.workspace_id)
        )
    ).all()


async def get_invite(session: AsyncSession, workspace_id: str, invite_id: str) -> InviteRow:
    invite = await session.get(InviteRow, invite_id)
    if invite is None or invite.workspace_id != workspace_id:
        raise NotVisible("invite", invite_id)
    return invite


async def list_invites(
    session: AsyncSession, workspace_id: str, *, now: datetime
) -> Sequence[InviteRow]:
    return (
        await session.scalars(
            select(InviteRow)
            .where(
                InviteRow.workspace_id == workspace_id,
                InviteRow.used_at.is_(None),
                InviteRow.expires_at > now,
            )
            .order_by(InviteRow.id)
        )
    ).all()


async def end_tokens(session: AsyncSession, user_id: str, *, workspace_id: str) -> None:
    """End the API tokens that somebody has for a workspace."""
    await session.execute(
        delete(ApiTokenRow).where(
            ApiTokenRow.user_id == user_id, ApiTokenRow.workspace_id == workspace_id
        )
    )


async def end_session(session: AsyncSession, session_id: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.id == session_id))
