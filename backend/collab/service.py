"""Live editing as the rest of the server sees it: seed, read, edit; and the process' rooms."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backend.collab.access import RoomAccess
from backend.collab.commit import GroupCommit
from backend.collab.errors import DocumentTooLarge, RoomUnavailable
from backend.collab.lease import NodeLease
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import LogAway, UpdateLog
from backend.collab.meters import RoomMeters
from backend.collab.notes import EditedProjects, EditNotes
from backend.collab.pending import EditLost
from backend.collab.port import Door
from backend.collab.relay import Relay
from backend.collab.rooms import Rooms, RoomsSettings
from backend.collab.scan import TooLarge
from backend.collab.seeds import seed_entry
from backend.collab.sockets import Sockets
from backend.collab.store import begin_document
from kit.background import Background
from kit.clock import Clock
from kit.event_bus import EventBus
from timeline.model import Change, Document

STATE_WAIT_SECONDS: Final = 2.0


class CollabService:
    """Made before the server runs; `start` and `stop` stand in its lifespan."""

    def __init__(
        self,
        log: UpdateLog,
        access: RoomAccess,
        projects: EditedProjects,
        bus: EventBus,
        clock: Clock,
        settings: RoomsSettings | None = None,
        *,
        lease: NodeLease | None = None,
        relay: Relay | None = None,
        meters: RoomMeters | None = None,
    ) -> None:
        self.door: Final = Door()
        self._log = log
        self._access = access
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._lease = lease
        self._relay = relay
        self._meters = meters
        self._background = Background()
        self._notes = EditNotes(projects, self._background)
        self._rooms: Rooms | None = None
        self._sockets: Sockets | None = None
        self._commit: GroupCommit | None = None

    @property
    def rooms(self) -> Rooms:
        if self._rooms is None:
            raise RuntimeError("rooms open in start()")
        return self._rooms

    def count_rooms(self) -> int:
        """How many documents are open on this node."""
        return 0 if self._rooms is None else len(self._rooms.open_rooms())

    def count_sockets(self) -> int:
        """How many sockets are open on this node, those that are passed on included."""
        return 0 if self._sockets is None else len(self._sockets)

    def largest_bytes(self) -> int:
        """The size of the largest document that is open on this node."""
        rooms = () if self._rooms is None else self._rooms.open_rooms()
        return max((room.live.size_bytes for room in rooms), default=0)

    async def start(self) -> None:
        """Open the door for sockets and edits."""
        if self._lease is not None:
            await self._lease.start()
        commit = GroupCommit(self._log, self._clock)
        self._rooms = Rooms(
            self._log,
            commit,
            self._background,
            asyncio.get_running_loop(),
            self._settings,
            self._notes.note,
            self._meters,
        )
        sockets = self._sockets = Sockets(
            self._rooms, self._access, self._bus, self._background, self._relay
        )
        if self._lease is not None:
            self._background.start("collab.lease", self._lease.keep(self._rooms.lose_all))
        self._commit = commit
        self._background.start("collab.sweep", self._rooms.sweep())
        self._background.start("collab.watch", sockets.watch())
        self.door.refusal = sockets.refusal
        self.door.enter = sockets.enter

    async def stop(self) -> None:
        """Write what waits, close the sockets with 1013, tell the projects, let others own all."""
        if self._rooms is not None:
            await self._rooms.stop()
            await self._notes.tell_all()
        await self._background.stop()
        if self._lease is not None:
            await self._lease.stop()
        if self._commit is not None:
            self._commit.stop()

    async def seed(
        self,
        session: AsyncSession,
        project_id: str,
        *,
        name: str,
        width: int,
        height: int,
        fps_num: int,
        fps_den: int,
    ) -> None:
        """Write the first state of a document, in the transaction that makes its project."""
        entry = seed_entry(
            project_id, name, width=width, height=height, fps_num=fps_num, fps_den=fps_den
        )
        await session.run_sync(
            lambda inner: begin_document(inner.connection(), self._clock, project_id, [entry])
        )

    async def read_document(self, project_id: str) -> Document:
        """The committed document; raises NoDocument, LogAway."""
        room = self.rooms.loaded(project_id)
        if room is not None and room.shows_committed:
            return room.live.model()
        return await asyncio.to_thread(self._replay, project_id, None)

    def _replay(self, project_id: str, seq: int | None) -> Document:
        stored = self._log.read(project_id, seq)
        return LiveDocument(stored, index_of(stored)).model()

    async def edit(
        self, project_id: str, make_changes: Callable[[Document], Iterable[Change]], origin: str
    ) -> int:
        """One edit of the server, durable when this answers (its seq).

        `make_changes` computes from the document as it is at its turn; what it raises passes and
        nothing is written. Raises NoDocument, LogAway, EditLost.
        """
        return await self.rooms.edit(project_id, make_changes, origin)

    @asynccontextmanager
    async def here(self, project_id: str) -> AsyncGenerator[None]:
        """The document, owned by this node while the block runs.

        For what writes elsewhere before it edits. Raises OwnedElsewhere, NoDocument, RoomUnavailable.
        """
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self.rooms.held(project_id))
            except (LogAway, EditLost) as error:
                raise RoomUnavailable from error
            yield

    async def rename(self, project_id: str, name: str, *, origin: str) -> None:
        """Write the name into the document; when this answers, the project's row has it too.

        Raises NoDocument, LogAway, DocumentTooLarge, RoomUnavailable, DatabaseAway, DatabaseFull.
        """

        def make_changes(document: Document) -> tuple[Change, ...]:
            before = document.meta.get("name")
            return () if before == name else (Change("meta", "", "name", before, name),)

        try:
            async with self.rooms.held(project_id) as room:
                await self.edit(project_id, make_changes, origin)
                self._notes.note(room)
                await self._notes.tell()
        except TooLarge as error:
            raise DocumentTooLarge(str(error)) from error
        except EditLost as error:
            raise RoomUnavailable from error

    async def wait_for(self, project_id: str, state: bytes) -> bool:
        """Whether a client's edits have arrived, within STATE_WAIT_SECONDS."""
        async with self.rooms.held(project_id) as room:
            return await room.wait_for(state, STATE_WAIT_SECONDS)
