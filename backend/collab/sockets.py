"""The door of the rooms: who comes in, who must leave, and who may now do more or less."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog

from backend.collab.access import AccessDenied, RoomAccess
from backend.collab.admissions import Admissions
from backend.collab.handshake import Handshake
from backend.collab.lease import LEASE_SECONDS
from backend.collab.log import LogError, NoDocument, OwnedElsewhere
from backend.collab.pending import EditLost
from backend.collab.relay import OwnerSilent, Relay
from backend.collab.rooms import Rooms
from backend.collab.socket import NO_PROJECT, TRY_AGAIN, Connection
from backend.db.session import DatabaseAway
from kit.background import Background
from kit.event_bus import EventBus, Hint

REVOKED: Final = "access.revoked"
BACKSTOP_SECONDS: Final = 10.0  # without a hint, what has ended is noticed within this
TAKEOVER_SECONDS_MAX: Final = LEASE_SECONDS + 2.0  # a dead owner's lease is over by then
LOOK_SECONDS: Final = 0.25


@dataclass(slots=True)
class _Guest:
    handshake: Handshake
    connection: Connection


class Sockets:
    def __init__(
        self,
        rooms: Rooms,
        access: RoomAccess,
        bus: EventBus,
        background: Background,
        relay: Relay | None = None,
    ) -> None:
        self._relay = relay
        self._rooms = rooms
        self._access = access
        self._admissions = Admissions(access, background)
        self._bus = bus
        self._background = background
        self._guests: dict[Connection, _Guest] = {}
        self._events = structlog.stdlib.get_logger()

    def __len__(self) -> int:
        """Open ones."""
        return sum(not connection.is_closed for connection in self._guests)

    def refusal(self, handshake: Handshake) -> HTTPStatus | None:
        if self._relay is not None and self._relay.is_relayed(handshake):
            return None  # asked where it came in
        return self._access.refusal(handshake)

    def enter(self, handshake: Handshake, connection: Connection) -> None:
        """A socket has been upgraded; everything else is told by close codes."""
        guest = _Guest(handshake, connection)
        self._guests[connection] = guest
        self._background.start("collab.enter", self._enter(guest))

    async def _enter(self, guest: _Guest) -> None:
        connection = guest.connection
        try:
            connection.admit(await self._admissions.admit(guest.handshake))
            await self._place(guest)
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

    async def _place(self, guest: _Guest) -> None:
        """Into the room here, or on to the node that owns it; a dead owner is waited for to expire.

        The socket is not read meanwhile, so its client needs no second attempt.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + TAKEOVER_SECONDS_MAX
        while not guest.connection.is_closed and loop.time() < ends:
            try:
                await self._rooms.enter(guest.handshake.project_id, guest.connection)
            except OwnedElsewhere as owned:
                if self._relay is None or self._relay.is_relayed(guest.handshake):
                    raise
                try:
                    await self._relay.carry(guest.handshake, guest.connection, owned.address)
                except OwnerSilent:
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
            return

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
        concerned = [
            guest
            for guest in self._guests.values()
            if guest.connection.admission is not None
            and (hint is None or self._concerns(hint, guest))
        ]
        await asyncio.gather(*[self._ask_again(guest) for guest in concerned])

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
        could_write = connection.may_write
        try:
            connection.admit(await self._admissions.admit(guest.handshake))
        except AccessDenied as denied:
            connection.close(denied.code, str(denied))
        except DatabaseAway:
            self._events.warning("access.unchecked")
        else:
            room = self._rooms.loaded(guest.handshake.project_id)
            if room is not None and not connection.is_closed:
                room.role_changed(connection, could_write=could_write)
