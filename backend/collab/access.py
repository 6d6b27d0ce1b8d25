"""Who may be in a room: a port, and its adapter over accounts, tokens and projects.

Nothing is remembered: to ask again is to read the handshake once more against the database, so
what has ended since is over.
"""

from collections.abc import Sequence
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final, Protocol
from urllib.parse import urlsplit

from sqlalchemy import select

from backend.auth.authenticator import Authenticator
from backend.auth.caller import Caller
from backend.auth.room_tokens import BadRoomToken
from backend.collab.handshake import Handshake
from backend.collab.socket import NO_ACCESS, NO_PROJECT, NOT_SIGNED_IN, Admission
from backend.db.session import Database
from backend.projects.access import find_access
from backend.projects.tables import ProjectRow
from kit.clock import Clock

REASONS: Final = {
    NOT_SIGNED_IN: "token or sign-in missing, wrong or over",
    NO_ACCESS: "no access to this project",
    NO_PROJECT: "no such project",
}


class AccessDenied(Exception):
    """Why a socket is closed: a close code of the contract."""

    def __init__(self, code: int) -> None:
        super().__init__(REASONS[code])
        self.code: Final = code


class RoomAccess(Protocol):
    def refusal(self, handshake: Handshake) -> HTTPStatus | None:
        """A status to answer instead of the upgrade, None to let it in."""
        ...

    async def admit(self, handshake: Handshake) -> Admission:
        """Who this is, as of now; raises AccessDenied."""
        ...


class ProjectRoomAccess:
    """Room tokens, API tokens and cookies, against the tables."""

    def __init__(
        self,
        authenticator: Authenticator,
        database: Database,
        clock: Clock,
        *,
        cookie_name: str,
        public_url: str,
    ) -> None:
        self._authenticator = authenticator
        self._database = database
        self._clock = clock
        self._cookie_name = cookie_name
        self._public_url = public_url

    def refusal(self, handshake: Handshake) -> HTTPStatus | None:
        """A cookie handshake from a page that is not ours: 403. With a token, Origin is free."""
        if handshake.token is not None or handshake.bearer is not None:
            return None
        if handshake.origin is None or not handshake.cookies:
            return None
        ours = self._public_url or f"{handshake.scheme}://{handshake.host}"
        if urlsplit(handshake.origin)[:2] == urlsplit(ours)[:2]:
            return None
        return HTTPStatus.FORBIDDEN

    async def admit(self, handshake: Handshake) -> Admission:
        caller = await self._caller(handshake)
        if caller is None:
            raise AccessDenied(NOT_SIGNED_IN)
        async with self._database.read() as session:
            found = await find_access(session, caller, handshake.project_id)
            if found is None:
                exists = await session.scalar(
                    select(ProjectRow.id).where(
                        ProjectRow.id == handshake.project_id, ProjectRow.deleted_at.is_(None)
                    )
                )
                raise AccessDenied(NO_ACCESS if exists else NO_PROJECT)
        ends_in = (
            (caller.expires_at - self._clock.now()).total_seconds() if caller.expires_at else None
        )
        return Admission(
            person_id=caller.user_id,
            project_id=handshake.project_id,
            role=found.role,
            ends_in=ends_in,
            names=_names(caller, found.project.workspace_id),
        )

    async def _caller(self, handshake: Handshake) -> Caller | None:
        if handshake.token is None:
            cookie = _cookie(handshake.cookies, self._cookie_name)
            return await self._authenticator.caller_of(cookie=cookie, bearer=handshake.bearer)
        try:
            return await self._authenticator.caller_of_room_token(
                handshake.token, handshake.project_id
            )
        except BadRoomToken as error:
            denied = error.fault in {"other_project", "revoked"}
            raise AccessDenied(NO_ACCESS if denied else NOT_SIGNED_IN) from error


def _names(caller: Caller, workspace_id: str) -> frozenset[tuple[str, str]]:
    """What a hint about something that is over may name."""
    names: Sequence[tuple[str, str | None]] = (
        ("user", caller.user_id),
        ("workspace", workspace_id),
        (caller.credential, caller.credential_id),
        ("share_link", caller.share_link_id),
    )
    return frozenset((kind, name) for kind, name in names if name is not None)


def _cookie(header: str, name: str) -> str | None:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return found.value if found else None
