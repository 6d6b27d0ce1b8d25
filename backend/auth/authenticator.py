"""From a cookie, a bearer token or a room token to a Caller; the HTTP door and websockets use it.

Nothing is believed from memory: each call reads the rows, so what was ended is over at once.
"""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller, UserKind
from backend.auth.keys import hashed, looks_like_token
from backend.auth.roles import lowered, role_of
from backend.auth.room_tokens import BadRoomToken, RoomClaims, verified_room_token
from backend.auth.tables import ApiTokenRow, MemberRow, SessionRow, ShareLinkRow, UserRow
from backend.db.session import Database
from kit.clock import Clock

IDLE_MAX: Final = timedelta(days=14)
SEEN_EVERY: Final = timedelta(hours=1)  # a write for each request would be a writer for each reader
BOOTSTRAP_ID: Final = "bootstrap"


class Authenticator:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        bootstrap_token: str,
        secret_keys: Sequence[bytes],
    ) -> None:
        self._database = database
        self._clock = clock
        self._bootstrap_token = bootstrap_token
        self._secret_keys = secret_keys

    async def caller_of(self, *, cookie: str | None, bearer: str | None) -> Caller | None:
        """Who sent this cookie or token; a token wins, and a wrong one is nobody."""
        if bearer is not None:
            return await self.caller_of_token(bearer)
        return await self.caller_of_cookie(cookie) if cookie else None

    async def caller_of_cookie(self, key: str) -> Caller | None:
        now = self._clock.now()
        async with self._database.read() as session:
            row, user, link = await _find_sign_in(session, SessionRow.key_hash == hashed(key))
        if row is None or user is None or not _is_alive(row, link, now):
            return None
        if now - row.seen_at > SEEN_EVERY:
            await self._touch(row.id, now)
        return _session_caller(row, user, link)

    async def caller_of_token(self, token: str) -> Caller | None:
        """The caller of an API token or of the bootstrap token."""
        if self._bootstrap_token and hmac.compare_digest(
            token.encode(), self._bootstrap_token.encode()
        ):
            return await self._local_owner()
        if not looks_like_token(token):
            return None
        now = self._clock.now()
        async with self._database.read() as session:
            found = await _find_token(session, ApiTokenRow.key_hash == hashed(token))
        if found is None or found[0].expires_at <= now:
            return None
        row, user = found
        if row.used_at is None or now - row.used_at > SEEN_EVERY:
            async with self._database.write() as session:
                await session.execute(
                    update(ApiTokenRow).where(ApiTokenRow.id == row.id).values(used_at=now)
                )
        return _token_caller(row, user)

    async def caller_of_room_token(self, token: str, project_id: str) -> Caller:
        """The caller of a room token, as of now; raises BadRoomToken with the reason.

        The session or API token that asked for it must still be there, and the member's epoch
        must be the one of then.
        """
        claims = verified_room_token(self._secret_keys, token, now=self._clock.now())
        if claims.project_id != project_id:
            raise BadRoomToken("other_project")
        caller = await self._caller_of_claims(claims)
        if caller is None:
            raise BadRoomToken("signed_out")
        return caller

    async def _caller_of_claims(self, claims: RoomClaims) -> Caller | None:
        now = self._clock.now()
        if claims.credential == "bootstrap":
            caller = await self._local_owner() if self._bootstrap_token else None
        else:
            async with self._database.read() as session:
                caller = await _caller_of_credential(session, claims, now)
                epoch = await membership_epoch(
                    session, workspace_id=claims.workspace_id, user_id=claims.user_id
                )
            if epoch != claims.epoch:
                raise BadRoomToken("revoked")
        if caller is None or caller.user_id != claims.user_id:
            return None
        ceiling = lowered(claims.role, caller.ceiling)
        return replace(caller, ceiling=ceiling, expires_at=claims.expires_at)

    async def _local_owner(self) -> Caller | None:
        async with self._database.read() as session:
            user = await session.scalar(select(UserRow).where(UserRow.kind == "local"))
        if user is None:
            return None
        return Caller(
            user_id=user.id,
            name=user.name,
            email=user.email,
            kind="local",
            credential="bootstrap",
            credential_id=BOOTSTRAP_ID,
            expires_at=None,
        )

    async def _touch(self, session_id: str, now: datetime) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(SessionRow).where(SessionRow.id == session_id).values(seen_at=now)
            )


async def membership_epoch(session: AsyncSession, *, workspace_id: str, user_id: str) -> int:
    """The epoch that goes into a room token; 0 for a guest."""
    found = await session.scalar(
        select(MemberRow.epoch).where(
            MemberRow.workspace_id == workspace_id, MemberRow.user_id == user_id
        )
    )
    return found or 0


async def _caller_of_credential(
    session: AsyncSession, claims: RoomClaims, now: datetime
) -> Caller | None:
    if claims.credential == "token":
        found = await _find_token(session, ApiTokenRow.id == claims.credential_id)
        if found is None or found[0].expires_at <= now:
            return None
        return _token_caller(*found)
    row, user, link = await _find_sign_in(session, SessionRow.id == claims.credential_id)
    if row is None or user is None or not _is_alive(row, link, now):
        return None
    return _session_caller(row, user, link)


async def _find_sign_in(
    session: AsyncSession, wanted: ColumnElement[bool]
) -> tuple[SessionRow | None, UserRow | None, ShareLinkRow | None]:
    found = (
        await session.execute(
            select(SessionRow, UserRow, ShareLinkRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .outerjoin(ShareLinkRow, ShareLinkRow.id == SessionRow.share_link_id)
            .where(wanted)
        )
    ).first()
    if found is None:
        return None, None, None
    row, user, link = found
    return row, user, link


async def _find_token(
    session: AsyncSession, wanted: ColumnElement[bool]
) -> tuple[ApiTokenRow, UserRow] | None:
    found = (
        await session.execute(
            select(ApiTokenRow, UserRow)
            .join(UserRow, UserRow.id == ApiTokenRow.user_id)
            .where(wanted)
        )
    ).first()
    if found is None:
        return None
    row, user = found
    return row, user


def _is_alive(row: SessionRow, link: ShareLinkRow | None, now: datetime) -> bool:
    if row.share_link_id is not None and (link is None or link.expires_at <= now):
        return False
    return now < row.expires_at and now - row.seen_at < IDLE_MAX


def _session_caller(row: SessionRow, user: UserRow, link: ShareLinkRow | None) -> Caller:
    return Caller(
        user_id=user.id,
        name=user.name,
        email=user.email,
        kind=cast("UserKind", user.kind),
        credential="session",
        credential_id=row.id,
        expires_at=min(row.expires_at, row.seen_at + IDLE_MAX),
        workspace_id=link.workspace_id if link else None,
        project_id=link.project_id if link else None,
        share_link_id=link.id if link else None,
        ceiling=role_of(link.role) if link else None,
    )


def _token_caller(row: ApiTokenRow, user: UserRow) -> Caller:
    return Caller(
        user_id=user.id,
        name=user.name,
        email=user.email,
        kind=cast("UserKind", user.kind),
        credential="token",
        credential_id=row.id,
        expires_at=row.expires_at,
        workspace_id=row.workspace_id,
        ceiling=role_of(row.role),
    )
