"""Who an identity of an OpenID provider is here: known, linked by a verified email, or new. Never commits.

Nobody types a password of ours for a linked account, and its email may never have been proven here: whoever made the
account need not be whom the email belongs to. So the first link ends every other way into it [auth-A16].
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import account, repository, service
from backend.auth.caller import Caller
from backend.auth.errors import OpenIdFault, WrongCredentials
from backend.auth.openid_provider import Identity
from backend.auth.schemas import CONTROL, NAME_LENGTH_MAX, Email
from backend.auth.service import SignedIn
from backend.auth.tables import IdentityRow, UserRow
from backend.db.audit_log import SERVER_CHAIN, record_act
from kit.ids import sortable_id

EMAIL: Final[TypeAdapter[str]] = TypeAdapter(Email)


async def sign_in_with_identity(
    session: AsyncSession,
    identity: Identity,
    *,
    invite: str,
    may_sign_up: bool,
    count_signup: Callable[[], None],
    present: Caller | None,
    now: datetime,
) -> SignedIn:
    """A sign-in of whom the identity belongs to, who joins by the key `invite` where there is one.

    Raises OpenIdFault `email`, `closed` or `invitation`; what `count_signup` raises for somebody new.
    """
    user = await _find_person(session, identity)
    if user is None:
        user = await _find_by_email(session, identity, now)
    if user is None:
        if not (may_sign_up or invite):
            raise OpenIdFault("closed")
        count_signup()
        user = await _new_person(session, identity, invited=bool(invite), now=now)
    if invite:
        try:
            await service.accept_invite(session, invite, user, now=now)
        except WrongCredentials as error:
            raise OpenIdFault("invitation") from error
    return await service.sign_in(session, user, replaces=present, now=now)


async def record_fault(session: AsyncSession, fault: OpenIdFault, *, now: datetime) -> None:
    """Whoever it was is not known: their name there is none that we believe."""
    detail = {"by": "openid", "why": fault.why}
    await record_act(session, SERVER_CHAIN, "sign_in.failed", detail=detail, actor="nobody", at=now)


async def _find_person(session: AsyncSession, identity: Identity) -> UserRow | None:
    return await session.scalar(
        select(UserRow)
        .join(IdentityRow, IdentityRow.user_id == UserRow.id)
        .where(IdentityRow.issuer == identity.issuer, IdentityRow.subject == identity.subject)
    )


async def _find_by_email(
    session: AsyncSession, identity: Identity, now: datetime
) -> UserRow | None:
    """The account of a verified email, linked from now on; OpenIdFault where there is no such email."""
    user = await repository.find_user_by_email(session, _verified_email(identity))
    if user is None:
        return None
    proven = await session.scalar(
        select(IdentityRow.subject).where(IdentityRow.user_id == user.id).limit(1)
    )
    if proven is None:
        await account.close_other_ways_in(session, user, now=now)
    await _link(session, identity, user, now)
    return user


async def _new_person(
    session: AsyncSession, identity: Identity, *, invited: bool, now: datetime
) -> UserRow:
    """Invited people work in the workspace of the invitation, the others in one of their own."""
    email = _verified_email(identity)
    name = CONTROL.sub("", identity.name).strip()[:NAME_LENGTH_MAX] or email.partition("@")[0]
    if invited:
        user = UserRow(
            id=sortable_id("usr"), kind="account", name=name, email=email, created_at=now
        )
        session.add(user)
        await session.flush()
    else:
        user = await service.add_account(
            session, email=email, password_hash=None, name=name, now=now
        )
    await _link(session, identity, user, now)
    return user


async def _link(session: AsyncSession, identity: Identity, user: UserRow, now: datetime) -> None:
    session.add(
        IdentityRow(
            issuer=identity.issuer, subject=identity.subject, user_id=user.id, created_at=now
        )
    )
    await service.record_for_person(session, user.id, "openid.linked", now=now)


def _verified_email(identity: Identity) -> str:
    try:
        return EMAIL.validate_python(identity.email)
    except ValidationError as error:
        raise OpenIdFault("email") from error
