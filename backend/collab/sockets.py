"""The door of the rooms: who comes in, who must leave, and who may now do more or less."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog

from backend.collab.access import AccessDenied, RoomAccess
from backend.collab.handshake import Handshake
from backend.collab.log import LogError, NoDocument
from backend.collab.pending import EditLost
from backend.collab.rooms import Rooms
from backend.collab.socket import NO_PROJECT, TRY_AGAIN, Connection
from backend.db.session import DatabaseAway
from kit.background import Background
from kit.event_bus import EventBus, Hint

REVOKED: Final = "access.revoked"
BACKSTOP_SECONDS: Final = 10.0  # without a hint, what has ended is noticed within this


@dataclass(slots=True)
class _Guest:
    handshake: Handshake
    connection: Connection


class Sockets:
    def __init__(
        self, rooms: Rooms, access: RoomAccess, bus: EventBus, background: Background
    ) -> None:
        self._rooms = rooms
        self._access = access
        self._bus = bus
        self._background = background
        self._guests: dict[Connection, _Guest] = {}
        self._events = structlog.stdlib.get_logger()

    def __len__(self) -> int:
        return len(self._guests)

    def refusal(self, handshake: Handshake) -> HTTPStatus | None:
        return self._access.refusal(handshake)

    def enter(self, handshake: Handshake, connection: Connection) -> None:
        """A socket has been upgraded; everything else is told by close codes."""
        guest = _Guest(handshake, connection)
        self._guests[connection] = guest
        self._background.start("collab.enter", self._enter(guest))

    async def _enter(self, guest: _Guest) -> None:
        connection = guest.connection
        try:
            connection.admit(await self._access.admit(guest.handshake))
            await self._rooms.enter(guest.handshake.project_id, connection)
        except AccessDenied as denied:
            connection.close(denied.code, str(denied))
        except NoDocument:
            connection.close(NO_PROJECT, "no such project")
        except (LogError, EditLost, DatabaseAway):
            connection.close(TRY_AGAIN, "try again")
        finally:
            if connection.room is None and not connection.is_closed:
                connection.close(TRY_AGAIN, "try again")
            connection.resume("admission")

    async def watch(self) -> None:
        """Close or change sockets as the bus tells; every BACKSTOP_SECONDS look at all."""
        async with self._bus.subscribe(REVOKED) as hints:
            while True:
                hint = await hints.next(BACKSTOP_SECONDS)
                await self.recheck(hint)

    async def recheck(self, hint: Hint | None = None) -> None:
        """Ask again for the sockets that a hint concerns, or for all."""
        for connection in [item for item in self._guests if item.is_closed]:
            del self._guests[connection]
        for guest in list(self._guests.values()):
            if hint is None or self._concerns(hint, guest):
                self._background.start("collab.recheck", self._ask_again(guest))

    def _concerns(self, hint: Hint, guest: _Guest) -> bool:
        admission = guest.connection.admission
        if admission is None:
            return False
        about = set(hint.body.items())
        if "share_link" not in hint.body and ("project", admission.project_id) in about:
            return True
        about = {(kind, name) for kind, name in about if kind != "project"}
        return bool(about) and about <= admission.names

    async def _ask_again(self, guest: _Guest) -> None:
        connection = guest.connection
        if connection.is_closed or connection.admission is None:
            return
        could_write = connection.may_write
        try:
            connection.admit(await self._access.admit(guest.handshake))
        except AccessDenied as denied:
            connection.close(denied.code, str(denied))
        except DatabaseAway:
            self._events.warning("access.unchecked")
        else:
            room = self._rooms.loaded(guest.handshake.project_id)
            if room is not None and not connection.is_closed:
                room.role_changed(connection, could_write=could_write)
