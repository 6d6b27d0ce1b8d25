"""Signing up, in and out, and who is a member of what. Services never commit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import repository
from backend.auth.caller import Caller, UserKind
from backend.auth.errors import AlreadyTaken, BadRequest, NotAllowed, WrongCredentials
from backend.auth.keys import hashed, new_link_key, new_session_key
from backend.auth.roles import Role, role_of
from backend.auth.schemas import PREFERENCES_BYTES_MAX, PREFERENCES_MAX
from backend.auth.tables import (
    InviteRow,
    MemberRow,
    PreferencesRow,
    SessionRow,
    ShareLinkRow,
    UserRow,
    WorkspaceRow,
)
from backend.db.audit_log import SERVER_CHAIN, record_act
from backend.db.session import hint_after_commit
from kit.ids import sortable_id

SESSION_AGE_MAX: Final = timedelta(days=90)
INVITE_AGE_MAX: Final = timedelta(days=7)
REVOKED: Final = "access.revoked"
"""Hints under this topic name what is over: `session`, `token`, `share_link`, `project`, or
`user` with `workspace` (removed, or another role now)."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in: `key` goes into the cookie and is stored nowhere."""

    key: str
    user: UserRow
    share_link: ShareLinkRow | None = None


async def add_account(
    session: AsyncSession, *, email: str, password_hash: str | None, name: str, now: datetime
) -> UserRow:
    """A person, with a password or another way in, and a workspace of their own."""
    if await repository.find_user_by_email(session, email) is not None:
        raise AlreadyTaken("this email has an account")
    user = UserRow(
        id=sortable_id("usr"),
        kind="account",
        name=name,
        email=email,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(user)
    await session.flush()
    await add_workspace(session, owner_id=user.id, name=f"{name}'s workspace", now=now)
    return user


async def record_for_person(
    session: AsyncSession, user_id: str, act: str, *, target: str = "", now: datetime
) -> None:
    """What a person did as such, in the chain of each workspace that they are in [auth-A12]."""
    found = await repository.workspaces_of(session, user_id)
    for chain in found or [SERVER_CHAIN]:
        await record_act(session, chain, act, target=target or user_id, actor=user_id, at=now)


async def record_failure(session: AsyncSession, user: UserRow | None, *, now: datetime) -> None:
    """A password that was wrong, or an email that nobody has."""
    target = user.id if user else ""
    for chain in await repository.workspaces_of(session, target) or [SERVER_CHAIN]:
        await record_act(session, chain, "sign_in.failed", target=target, actor="nobody", at=now)


async def add_workspace(
    session: AsyncSession, *, owner_id: str, name: str, now: datetime
) -> WorkspaceRow:
    workspace = WorkspaceRow(id=sortable_id("ws"), name=name, created_at=now)
    session.add(workspace)
    await session.flush()
    await _join(session, workspace.id, owner_id, "owner", now)
    await record_act(
        session, workspace.id, "workspace.created", target=workspace.id, actor=owner_id, at=now
    )
    return workspace


async def sign_in(
    session: AsyncSession,
    user: UserRow,
    *,
    share_link: ShareLinkRow | None = None,
    replaces: Caller | None = None,
    now: datetime,
) -> SignedIn:
    """A new session id for this person; the one that the browser had before ends."""
    if replaces is not None:
        await sign_out(session, replaces, now=now)
    key = new_session_key()
    session.add(
        SessionRow(
            id=sortable_id("ses"),
            key_hash=hashed(key),
            user_id=user.id,
            share_link_id=share_link.id if share_link else None,
            created_at=now,
            seen_at=now,
            expires_at=now + SESSION_AGE_MAX,
        )
    )
    if share_link is None:
        await record_for_person(session, user.id, "session.started", now=now)
    else:
        await record_act(
            session,
            share_link.workspace_id,
            "session.started",
            target=share_link.id,
            actor=user.id,
            at=now,
        )
    return SignedIn(key, user, share_link)


async def sign_in_with_welcome(
    session: AsyncSession, key: str, *, replaces: Caller | None, now: datetime
) -> SignedIn:
    """The local owner, by the one-time key that `cutroom up` printed [auth-A1]."""
    owner = await repository.find_local_owner(session)
    if not await repository.take_welcome_key(session, hashed(key)) or owner is None:
        raise WrongCredentials(
            "this link was used, or belongs to an earlier start; see `cutroom link`"
        )
    return await sign_in(session, owner, replaces=replaces, now=now)


async def sign_in_with_share(
    session: AsyncSession, key: str, *, name: str | None, replaces: Caller | None, now: datetime
) -> SignedIn:
    """A guest of one project, under the name they typed [auth-A8]."""
    link = await repository.find_share_link(session, hashed(key), now=now)
    if link is None:
        raise WrongCredentials("this link is over or was withdrawn")
    if name is None:
        raise BadRequest("name", "a guest says who they are")
    guest = UserRow(id=sortable_id("usr"), kind="guest", name=name, created_at=now)
    session.add(guest)
    await session.flush()
    return await sign_in(session, guest, share_link=link, replaces=replaces, now=now)


async def find_open_share(
    session: AsyncSession, key: str, *, present: Caller | None, now: datetime
) -> ShareLinkRow | None:
    """The link, where whoever opens it is signed in as a member: they need no guest's name."""
    if present is None or present.kind == "guest":
        return None
    link = await repository.find_share_link(session, hashed(key), now=now)
    if link is None:
        return None
    role = await repository.workspace_role(session, present, link.workspace_id)
    return link if role is not None else None


async def sign_in_with_invite(
    session: AsyncSession, key: str, *, name: str | None, present: Caller | None, now: datetime
) -> SignedIn:
    """Join a workspace: as who is signed in, else as somebody new [auth-A8]."""
    if present is not None and present.kind != "guest":
        user = await repository.get_user(session, present.user_id)
        await accept_invite(session, key, user, now=now)
    else:
        invite = await _taken_invite(session, key, now)
        user = await _invited_stranger(session, invite, name=name, now=now)
        await _join_by(session, invite, user, now)
    return await sign_in(session, user, replaces=present, now=now)


async def accept_invite(session: AsyncSession, key: str, user: UserRow, *, now: datetime) -> None:
    """Somebody with an account joins; WrongCredentials where the invitation is not for them."""
    invite = await _taken_invite(session, key, now)
    if invite.email is not None and invite.email != user.email:
        raise WrongCredentials("this invitation is for another email")
    await _join_by(session, invite, user, now)


async def sign_out(session: AsyncSession, caller: Caller, *, now: datetime) -> None:
    """End the session; its sockets close within a second."""
    if caller.credential == "session":
        await record_for_person(session, caller.user_id, "session.ended", now=now)
        await repository.end_session(session, caller.credential_id)
        hint_after_commit(session, REVOKED, {"session": caller.credential_id})


async def add_member(
    session: AsyncSession, workspace_id: str, *, email: str, role: Role, now: datetime
) -> tuple[MemberRow, UserRow]:
    """Make a member of somebody who has an account."""
    user = await repository.find_user_by_email(session, email)
    if user is None:
        raise BadRequest("email", "nobody here has this email; send an invite instead")
    if await session.get(MemberRow, (workspace_id, user.id)) is not None:
        raise AlreadyTaken("already a member")
    member = await _join(session, workspace_id, user.id, role, now)
    await record_act(
        session, workspace_id, "member.added", target=user.id, detail={"role": role}, at=now
    )
    return member, user


async def change_member(
    session: AsyncSession, workspace_id: str, user_id: str, *, role: Role, now: datetime
) -> tuple[MemberRow, UserRow]:
    """Another role; room tokens of before end."""
    member = await repository.get_member(session, workspace_id, user_id)
    if role != "owner":
        await _keep_an_owner(session, member)
    detail = {"from": member.role, "role": role}
    member.role = role
    member.epoch += 1
    await record_act(session, workspace_id, "member.changed", target=user_id, detail=detail, at=now)
    hint_after_commit(session, REVOKED, {"user": user_id, "workspace": workspace_id})
    return member, await repository.get_user(session, user_id)


async def remove_member(
    session: AsyncSession, workspace_id: str, user_id: str, *, now: datetime
) -> None:
    """Out of the workspace, with the tokens made for it; what they made stays."""
    member = await repository.get_member(session, workspace_id, user_id)
    await _keep_an_owner(session, member)
    await session.delete(member)
    await repository.end_tokens(session, user_id, workspace_id=workspace_id)
    await record_act(session, workspace_id, "member.removed", target=user_id, at=now)
    hint_after_commit(session, REVOKED, {"user": user_id, "workspace": workspace_id})


async def add_invite(
    session: AsyncSession,
    caller: Caller,
    workspace_id: str,
    *,
    role: Role,
    email: str | None,
    now: datetime,
) -> tuple[InviteRow, str]:
    """An invite and its key, which is shown once."""
    key = new_link_key()
    invite = InviteRow(
        id=sortable_id("inv"),
        key_hash=hashed(key),
        workspace_id=workspace_id,
        role=role,
        email=email,
        created_by=caller.user_id,
        created_at=now,
        expires_at=now + INVITE_AGE_MAX,
    )
    session.add(invite)
    await record_act(
        session, workspace_id, "invite.created", target=invite.id, detail={"role": role}, at=now
    )
    return invite, key


async def remove_invite(
    session: AsyncSession, workspace_id: str, invite_id: str, *, now: datetime
) -> None:
    """The invitation opens nothing any more."""
    await session.delete(await repository.get_invite(session, workspace_id, invite_id))
    await record_act(session, workspace_id, "invite.removed", target=invite_id, at=now)


async def _taken_invite(session: AsyncSession, key: str, now: datetime) -> InviteRow:
    invite = await repository.take_invite(session, hashed(key), now=now)
    if invite is None:
        raise WrongCredentials("this invitation was used or is over")
    return invite


async def _join_by(session: AsyncSession, invite: InviteRow, user: UserRow, now: datetime) -> None:
    await _join(session, invite.workspace_id, user.id, role_of(invite.role), now)
    await record_act(
        session, invite.workspace_id, "invite.used", target=invite.id, actor=user.id, at=now
    )


async def _invited_stranger(
    session: AsyncSession, invite: InviteRow, *, name: str | None, now: datetime
) -> UserRow:
    if invite.email and await repository.find_user_by_email(session, invite.email) is not None:
        raise AlreadyTaken("this email has an account: sign in first, then open the invitation")
    if name is None:
        raise BadRequest("name", "tell who you are")
    user = UserRow(
        id=sortable_id("usr"), kind="account", name=name, email=invite.email, created_at=now
    )
    session.add(user)
    await session.flush()
    return user


async def _join(
    session: AsyncSession, workspace_id: str, user_id: str, role: Role, now: datetime
) -> MemberRow:
    present = await session.get(MemberRow, (workspace_id, user_id))
    if present is not None:  # an invite never lowers what somebody already is
        return present
    member = MemberRow(
        workspace_id=workspace_id, user_id=user_id, role=role, epoch=1, created_at=now
    )
    session.add(member)
    await session.flush()
    return member


async def _keep_an_owner(session: AsyncSession, member: MemberRow) -> None:
    if member.role == "owner" and not await repository.has_other_owner(
        session, member.workspace_id, member.user_id
    ):
        raise AlreadyTaken("a workspace keeps at least one owner")


async def change_preferences(
    session: AsyncSession, caller: Caller, values: Mapping[str, JsonValue], *, now: datetime
) -> dict[str, JsonValue]:
    """What is named is replaced, or gone where it is null; answers all of them [auth-A11]."""
    row = await repository.find_preferences(session, caller.user_id)
    merged = {**(row.body if row else {}), **values}
    kept = {name: value for name, value in merged.items() if value is not None}
    if len(kept) > PREFERENCES_MAX or len(json.dumps(kept).encode()) > PREFERENCES_BYTES_MAX:
        raise BadRequest("values", "all together are too many")
    if row is None:
        session.add(PreferencesRow(user_id=caller.user_id, body=kept, updated_at=now))
    else:
        row.body, row.updated_at = kept, now
    return kept


def require_person(caller: Caller) -> None:
    """Guests and tokens of one workspace make no workspaces."""
    if caller.kind == "guest" or caller.workspace_id is not None:
        raise NotAllowed("make a workspace", "guest" if caller.kind == "guest" else "token")


def kind_of(user: UserRow) -> UserKind:
    return cast("UserKind", user.kind)
