"""From a cookie, a bearer token or a room token to a Caller; the HTTP door and websockets use it.

Nothing is believed from memory: each call reads the rows, so what was ended is over at once.
"""

import hmac
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias, cast

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller, UserKind
from backend.auth.keys import hashed, looks_like_token
from backend.auth.roles import lowered, role_of
from backend.auth.room_tokens import BadRoomToken, RoomClaims, verified_room_token
from backend.auth.tables import ApiTokenRow, MemberRow, SessionRow, ShareLinkRow, UserRow
from backend.db.by_name import ByName
from backend.db.session import Database
from kit.clock import Clock

IDLE_MAX: Final = timedelta(days=14)
SEEN_EVERY: Final = timedelta(hours=1)  # a write for each request would be a writer for each reader
BOOTSTRAP_ID: Final = "bootstrap"


class SignIn(NamedTuple):
    """A session, whose it is, and the share link that it came by; columns, for speed."""

    id: str
    key_hash: str
    seen_at: datetime
    expires_at: datetime
    user_id: str
    name: str
    email: str | None
    kind: str
    share_link_id: str | None
    link_id: str | None
    link_expires_at: datetime | None
    link_role: str | None
    workspace_id: str | None
    project_id: str | None


class Membership(NamedTuple):
    workspace_id: str
    user_id: str
    role: str
    epoch: int


Memberships: TypeAlias = Mapping[tuple[str, str], Membership]
"""By workspace and user."""

_SESSIONS: Final = SessionRow.__table__
_USERS: Final = UserRow.__table__
_LINKS: Final = ShareLinkRow.__table__
_MEMBERS: Final = MemberRow.__table__
_SIGN_INS: Final = select(
    _SESSIONS.c.id,
    _SESSIONS.c.key_hash,
    _SESSIONS.c.seen_at,
    _SESSIONS.c.expires_at,
    _USERS.c.id,
    _USERS.c.name,
    _USERS.c.email,
    _USERS.c.kind,
    _SESSIONS.c.share_link_id,
    _LINKS.c.id,
    _LINKS.c.expires_at,
    _LINKS.c.role,
    _LINKS.c.workspace_id,
    _LINKS.c.project_id,
).select_from(
    _SESSIONS.join(_USERS, _USERS.c.id == _SESSIONS.c.user_id).outerjoin(
        _LINKS, _LINKS.c.id == _SESSIONS.c.share_link_id
    )
)
_SIGN_INS_BY_ID: Final = ByName(_SIGN_INS, _SESSIONS.c.id)
_SIGN_INS_BY_KEY: Final = ByName(_SIGN_INS, _SESSIONS.c.key_hash)
_MEMBERSHIPS: Final = ByName(
    select(_MEMBERS.c.workspace_id, _MEMBERS.c.user_id, _MEMBERS.c.role, _MEMBERS.c.epoch),
    _MEMBERS.c.user_id,
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a socket brought: the first of these counts; a room token is good for one project."""

    project_id: str
    room_token: str | None
    bearer: str | None
    cookie: str | None


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
            found = await _find_sign_in(session, _SESSIONS.c.key_hash == hashed(key))
        caller = _alive_caller(found, now)
        if caller is not None and found is not None and now - found.seen_at > SEEN_EVERY:
            await self._touch(found.id, now)
        return caller

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

    def callers_of_many(
        self, connection: Connection, asks: Sequence[Ask]
    ) -> tuple[list[Caller | BadRoomToken | None], Memberships]:
        """Who each of them is, as of now, and where they are members: two queries, however many.

        The same answers as `caller_of` and `caller_of_room_token` give one by one, except that a
        program's own token (a bearer, or a room token that it asked for) is nobody here.
        """
        now = self._clock.now()
        told = [self._told(ask, now) for ask in asks]
        ids = {item.credential_id for item in told if isinstance(item, RoomClaims)}
        keys = {item for item in told if isinstance(item, str)}
        sign_ins = _read_sign_ins(connection, keys, ids)
        memberships = read_memberships(connection, {one.user_id for one in sign_ins.values()})
        return [_judged(item, sign_ins, memberships, now) for item in told], memberships

    def is_of_program(self, room_token: str) -> bool:
        """Whether an API token or the bootstrap token asked for a room token that is good."""
        try:
            claims = verified_room_token(self._secret_keys, room_token, now=self._clock.now())
        except BadRoomToken:
            return False
        return claims.credential != "session"

    def _told(self, ask: Ask, now: datetime) -> RoomClaims | BadRoomToken | str | None:
        """Claims of a room token, or the hash of a cookie; None for a bearer token or nothing."""
        if ask.room_token is None:
            return hashed(ask.cookie) if ask.cookie and ask.bearer is None else None
        try:
            claims = verified_room_token(self._secret_keys, ask.room_token, now=now)
        except BadRoomToken as error:
            return error
        return claims if claims.project_id == ask.project_id else BadRoomToken("other_project")

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
    return _alive_caller(await _find_sign_in(session, _SESSIONS.c.id == claims.credential_id), now)


async def _find_sign_in(session: AsyncSession, wanted: ColumnElement[bool]) -> SignIn | None:
    row = (await session.execute(_SIGN_INS.where(wanted))).first()
    return SignIn(*row) if row is not None else None


def _judged(
    told: RoomClaims | BadRoomToken | str | None,
    sign_ins: Mapping[str, SignIn],
    memberships: Memberships,
    now: datetime,
) -> Caller | BadRoomToken | None:
    if told is None or isinstance(told, BadRoomToken):
        return told
    if isinstance(told, str):
        return _alive_caller(sign_ins.get(told), now)
    member = memberships.get((told.workspace_id, told.user_id))
    if told.epoch != (member.epoch if member else 0):
        return BadRoomToken("revoked")
    caller = _alive_caller(sign_ins.get(told.credential_id), now)
    if caller is None or caller.user_id != told.user_id:
        return BadRoomToken("signed_out")
    ceiling = lowered(told.role, caller.ceiling)
    return replace(caller, ceiling=ceiling, expires_at=told.expires_at)


def _read_sign_ins(
    connection: Connection, key_hashes: AbstractSet[str], ids: AbstractSet[str]
) -> dict[str, SignIn]:
    """By hash of the cookie, and by id."""
    found: dict[str, SignIn] = {}
    for statement, names in ((_SIGN_INS_BY_ID, ids), (_SIGN_INS_BY_KEY, key_hashes)):
        for row in statement.rows(connection, names):
            sign_in = SignIn(*row)
            found[sign_in.key_hash] = found[sign_in.id] = sign_in
    return found


def read_memberships(connection: Connection, user_ids: AbstractSet[str]) -> Memberships:
    """Where these people are members."""
    rows = _MEMBERSHIPS.rows(connection, user_ids)
    return {(row[0], row[1]): Membership(*row) for row in rows}


def _alive_caller(found: SignIn | None, now: datetime) -> Caller | None:
    """The caller of a sign-in that is not over."""
    if found is None or now >= found.expires_at or now - found.seen_at >= IDLE_MAX:
        return None
    if found.share_link_id is not None and (
        found.link_expires_at is None or found.link_expires_at <= now
    ):
        return None
    return Caller(
        user_id=found.user_id,
        name=found.name,
        email=found.email,
        kind=cast("UserKind", found.kind),
        credential="session",
        credential_id=found.id,
        expires_at=min(found.expires_at, found.seen_at + IDLE_MAX),
        workspace_id=found.workspace_id,
        project_id=found.project_id,
        share_link_id=found.link_id,
        ceiling=role_of(found.link_role) if found.link_role is not None else None,
    )


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
