"""A person's own account: password, sign-ins, reset links; and tokens of a workspace. Never commits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from backend.auth import repository
from backend.auth.caller import Caller
from backend.auth.errors import AlreadyTaken, BadRequest, NotAllowed, NotVisible, WrongCredentials
from backend.auth.keys import hashed, new_api_token, new_link_key
from backend.auth.roles import Role
from backend.auth.service import REVOKED, SignedIn, record_for_person, sign_in
from backend.auth.tables import ApiTokenRow, PasswordResetRow, SessionRow, UserRow
from backend.db.audit_log import SERVER_CHAIN, append_act, record_act
from backend.db.session import hint_after_commit
from kit.ids import sortable_id

RESET_AGE_MAX: Final = timedelta(minutes=15)


def require_session(caller: Caller) -> None:
    """Only a person at a browser ends sign-ins, never a token or a guest."""
    if caller.credential != "session" or caller.kind == "guest":
        raise NotAllowed("change how somebody signs in", caller.kind)


def require_account(caller: Caller) -> None:
    """As above; the local owner, who has no password and no end, is left alone [auth-A1]."""
    require_session(caller)
    if caller.kind != "account":
        raise NotAllowed("change an account", caller.kind)


async def list_sessions(session: AsyncSession, user_id: str) -> Sequence[SessionRow]:
    """Last seen first; some may have ended by now."""
    found = select(SessionRow).where(SessionRow.user_id == user_id)
    return (await session.scalars(found.order_by(SessionRow.seen_at.desc()))).all()


async def end_session(
    session: AsyncSession, caller: Caller, session_id: str, *, now: datetime
) -> None:
    """One sign-in of the caller is over; its sockets close within a second."""
    row = await session.get(SessionRow, session_id)
    if row is None or row.user_id != caller.user_id:
        raise NotVisible("session", session_id)
    await _end(session, [row])
    await record_for_person(session, caller.user_id, "session.ended", target=session_id, now=now)


async def end_sessions(
    session: AsyncSession, user_id: str, *, but: str | None, now: datetime
) -> None:
    """Sign out everywhere, but for the session with that id."""
    found = await list_sessions(session, user_id)
    await _end(session, [row for row in found if row.id != but])
    await record_for_person(session, user_id, "sessions.ended", now=now)


async def change_password(
    session: AsyncSession, user_id: str, password_hash: str, *, now: datetime
) -> SignedIn:
    """Another password, every sign-in over, and a new one for who changed it [auth-A3]."""
    user = await _with_password(session, user_id, password_hash, now)
    return await sign_in(session, user, now=now)


def new_reset_key(session: Session, email: str, *, now: datetime) -> str | None:
    """A one-time key for a new password; None where nobody has this email. Shown once [auth-A13]."""
    user_id = session.scalar(select(UserRow.id).where(UserRow.email == email))
    if user_id is None:
        return None
    key = new_link_key()
    session.execute(delete(PasswordResetRow).where(PasswordResetRow.user_id == user_id))
    session.execute(
        insert(PasswordResetRow).values(
            key_hash=hashed(key), user_id=user_id, expires_at=now + RESET_AGE_MAX
        )
    )
    append_act(session, SERVER_CHAIN, "password_reset.created", target=user_id, at=now)
    return key


async def redeem_reset(
    session: AsyncSession, key: str, password_hash: str, *, now: datetime
) -> None:
    """The new password of a reset link, once; every sign-in of the person is over."""
    user_id = await session.scalar(
        delete(PasswordResetRow)
        .where(PasswordResetRow.key_hash == hashed(key), PasswordResetRow.expires_at > now)
        .returning(PasswordResetRow.user_id)
    )
    if user_id is None:
        raise WrongCredentials("this link was used or is over")
    await _with_password(session, user_id, password_hash, now)


async def close_other_ways_in(session: AsyncSession, user: UserRow, *, now: datetime) -> None:
    """No password, sign-in, token or reset link of before opens this account from now on [auth-A16]."""
    user.password_hash = None
    await session.execute(delete(PasswordResetRow).where(PasswordResetRow.user_id == user.id))
    await end_sessions(session, user.id, but=None, now=now)
    tokens = delete(ApiTokenRow).where(ApiTokenRow.user_id == user.id).returning(ApiTokenRow.id)
    for token_id in (await session.scalars(tokens)).all():
        hint_after_commit(session, REVOKED, {"token": token_id})


async def list_tokens(session: AsyncSession, workspace_id: str) -> Sequence[ApiTokenRow]:
    found = select(ApiTokenRow).where(ApiTokenRow.workspace_id == workspace_id)
    return (await session.scalars(found.order_by(ApiTokenRow.id))).all()


async def add_token(
    session: AsyncSession,
    caller: Caller,
    workspace_id: str,
    *,
    role: Role,
    ttl: timedelta,
    now: datetime,
) -> tuple[ApiTokenRow, str]:
    """A token of the caller for that workspace, and the token itself, which is shown once."""
    _require_no_token(caller, "make tokens")
    token = new_api_token()
    row = ApiTokenRow(
        id=sortable_id("tok"),
        key_hash=hashed(token),
        user_id=caller.user_id,
        workspace_id=workspace_id,
        role=role,
        created_at=now,
        expires_at=now + ttl,
    )
    session.add(row)
    await record_act(
        session, workspace_id, "token.created", target=row.id, detail={"role": role}, at=now
    )
    return row, token


async def remove_token(
    session: AsyncSession, workspace_id: str, token_id: str, *, now: datetime
) -> None:
    """The token opens nothing from now on; its sockets close within a second."""
    row = await session.get(ApiTokenRow, token_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotVisible("token", token_id)
    await session.delete(row)
    await record_act(session, workspace_id, "token.removed", target=token_id, at=now)
    hint_after_commit(session, REVOKED, {"token": token_id})


async def transfer_workspace(
    session: AsyncSession, caller: Caller, workspace_id: str, *, to: str, then: Role, now: datetime
) -> None:
    """Make a member the owner and the caller what `then` says, both or neither [auth-A14]."""
    _require_no_token(caller, "hand over a workspace")
    if to == caller.user_id:
        raise BadRequest("user", "is the owner already")
    heir = await repository.get_member(session, workspace_id, to)
    giver = await repository.get_member(session, workspace_id, caller.user_id)
    user = await repository.get_user(session, to)
    if user.kind == "guest":
        raise AlreadyTaken("a guest owns nothing")
    heir.role, giver.role = "owner", then
    for member in (heir, giver):
        member.epoch += 1
        hint_after_commit(session, REVOKED, {"user": member.user_id, "workspace": workspace_id})
    await record_act(
        session, workspace_id, "workspace.transferred", target=to, detail={"then": then}, at=now
    )


def _require_no_token(caller: Caller, wanted: str) -> None:
    """A stolen token must not outlive its end through another one."""
    if caller.credential == "token":
        raise NotAllowed(wanted, "token")


async def _with_password(
    session: AsyncSession, user_id: str, password_hash: str, now: datetime
) -> UserRow:
    user = await repository.get_user(session, user_id)
    user.password_hash = password_hash
    await session.execute(delete(PasswordResetRow).where(PasswordResetRow.user_id == user_id))
    await _end(session, await list_sessions(session, user_id))
    await record_for_person(session, user_id, "password.changed", now=now)
    return user


async def _end(session: AsyncSession, rows: Sequence[SessionRow]) -> None:
    for row in rows:
        await repository.end_session(session, row.id)
        hint_after_commit(session, REVOKED, {"session": row.id})
