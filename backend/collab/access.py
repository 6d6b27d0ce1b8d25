"""Who may be in a room: a port, and its adapter over accounts, tokens and projects.

Nothing is remembered: to ask again is to read the handshake once more against the database, so
what has ended since is over. Many are asked for together: a room that fills is one question.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final, Protocol
from urllib.parse import urlsplit

from backend.auth.authenticator import Ask, Authenticator, read_memberships
from backend.auth.caller import Caller
from backend.auth.room_tokens import BadRoomToken
from backend.collab.handshake import Handshake
from backend.collab.socket import NO_ACCESS, NO_PROJECT, NOT_SIGNED_IN, Admission
from backend.db.session import Database
from backend.projects.access import Reach, find_reaches
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

    async def admit_all(self, handshakes: Sequence[Handshake]) -> list[Admission | AccessDenied]:
        """Who each of them is and what they may, as of now."""
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

    async def admit_all(self, handshakes: Sequence[Handshake]) -> list[Admission | AccessDenied]:
        asks = [self._ask(handshake) for handshake in handshakes]
        programs = [await self._program(ask) for ask in asks]
        return await asyncio.to_thread(self._admit_all, asks, programs)

    async def _program(self, ask: Ask) -> Caller | BadRoomToken | None:
        """The caller of a program's token; there are few, so each is asked for by itself."""
        if ask.bearer is not None and ask.room_token is None:
            return await self._authenticator.caller_of_token(ask.bearer)
        if ask.room_token is None or not self._authenticator.is_of_program(ask.room_token):
            return None
        try:
            return await self._authenticator.caller_of_room_token(ask.room_token, ask.project_id)
        except BadRoomToken as error:
            return error

    def _admit_all(
        self, asks: Sequence[Ask], programs: Sequence[Caller | BadRoomToken | None]
    ) -> list[Admission | AccessDenied]:
        """In one read of the database, on a thread."""
        with self._database.connection_in_thread() as connection:
            people, memberships = self._authenticator.callers_of_many(connection, asks)
            strangers = {item.user_id for item in programs if isinstance(item, Caller)}
            if strangers:
                memberships = {**memberships, **read_memberships(connection, strangers)}
            callers = [
                person if program is None else program
                for program, person in zip(programs, people, strict=True)
            ]
            wanted = [
                (caller, ask.project_id)
                for caller, ask in zip(callers, asks, strict=True)
                if isinstance(caller, Caller)
            ]
            reaches = dict(zip(wanted, find_reaches(connection, wanted, memberships), strict=True))
        return [
            self._admission(caller, ask.project_id, reaches[caller, ask.project_id])
            if isinstance(caller, Caller)
            else _denial(caller)
            for caller, ask in zip(callers, asks, strict=True)
        ]

    def _ask(self, handshake: Handshake) -> Ask:
        return Ask(
            project_id=handshake.project_id,
            room_token=handshake.token,
            bearer=handshake.bearer,
            cookie=_cookie(handshake.cookies, self._cookie_name),
        )

    def _admission(
        self, caller: Caller, project_id: str, reach: Reach | None
    ) -> Admission | AccessDenied:
        if reach is None or reach.role is None:
            return AccessDenied(NO_PROJECT if reach is None else NO_ACCESS)
        ends_in = (
            (caller.expires_at - self._clock.now()).total_seconds() if caller.expires_at else None
        )
        return Admission(
            person_id=caller.user_id,
            project_id=project_id,
            role=reach.role,
            ends_in=ends_in,
            names=_names(caller, reach.workspace_id),
        )


def _denial(fault: BadRoomToken | None) -> AccessDenied:
    is_denied = fault is not None and fault.fault in {"other_project", "revoked"}
    return AccessDenied(NO_ACCESS if is_denied else NOT_SIGNED_IN)


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
