"""All open rooms of this process: loading, grace, unloading, and what a room cannot do itself.

A project is loaded once however many ask at the same time; who comes while it is being unloaded
waits and loads it anew. No lock is held for a room's life, and no failure of one reaches another.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from backend.collab.commit import GroupCommit
from backend.collab.compact import Compactor
from backend.collab.live import DocumentBroken, LiveDocument, index_of
from backend.collab.log import LogAway, LogError, Stored, UpdateLog
from backend.collab.meters import RoomMeters
from backend.collab.pending import EditLost, Queued, ServerEdit
from backend.collab.room import Room, RoomSettings
from backend.collab.scan import Refused, TooLarge
from backend.collab.socket import MALFORMED, Connection, Timers
from kit.background import Background
from kit.metrics import Metrics
from kit.object_store import StoreError
from timeline.model import Change, Document

SWEEP_SECONDS: Final = 5.0
QUIET_SECONDS: Final = 15.0  # y-websocket gives up after 30 s without a message
SILENT_SECONDS: Final = 20.0
DEAD_SECONDS: Final = 40.0
ROWS_TO_COMPACT_AT_UNLOAD: Final = 200
TIMER_SLACK_SECONDS: Final = 0.01  # loops fire a little early
FLUSH_LOOK_SECONDS: Final = 0.1
COMPACT_SECONDS_MIN: Final = 60.0
STOP_SECONDS_MAX: Final = 5.0


@dataclass(frozen=True, slots=True)
class RoomsSettings:
    room: RoomSettings = field(default_factory=RoomSettings)
    grace_seconds: float = 30.0


class Rooms:
    def __init__(
        self,
        log: UpdateLog,
        commit: GroupCommit,
        background: Background,
        timers: Timers,
        settings: RoomsSettings | None = None,
        edited: Callable[[Room], None] | None = None,
        meters: RoomMeters | None = None,
    ) -> None:
        self._log = log
        self._commit = commit
        self._background = background
        self._timers = timers
        self._settings = settings or RoomsSettings()
        self._edited = edited
        self._meters = meters or RoomMeters(Metrics())
        self._rooms: dict[str, asyncio.Task[Room]] = {}
        self._gone: dict[str, asyncio.Event] = {}
        self._compactor = Compactor(log)
        self._compacted_at: dict[str, float] = {}
        self._tenure = 0
        self._is_stopping = False
        self._events = structlog.stdlib.get_logger()

    # --- entering ---

    async def enter(self, project_id: str, connection: Connection) -> None:
        """Join the room, loading it first where nobody is in it; raises LogError, EditLost."""
        room = await self._open(project_id)
        if not connection.is_closed:
            room.join(connection)
        elif room.is_empty:
            self.became_empty(room)

    @asynccontextmanager
    async def held(self, project_id: str) -> AsyncGenerator[Room]:
        """The room, kept open while the block runs; for edits and reads of the server."""
        room = await self._open(project_id)
        room.holds += 1
        try:
            yield room
        finally:
            room.holds -= 1
            if room.is_empty:
                self.became_empty(room)

    def loaded(self, project_id: str) -> Room | None:
        """The room where it is open now."""
        task = self._rooms.get(project_id)
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        room = task.result()
        return None if room.is_closing else room

    def open_rooms(self) -> list[Room]:
        return [room for project_id in list(self._rooms) if (room := self.loaded(project_id))]

    async def edit(
        self, project_id: str, make_changes: Callable[[Document], Iterable[Change]], origin: str
    ) -> int:
        """Write an edit of the server and wait until it is durable; answers its seq.

        What `make_changes` raises passes; raises EditLost when the room ended before.
        """
        async with self.held(project_id) as room:
            done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            room.edit(ServerEdit(origin, make_changes, done))
            return await done

    async def _open(self, project_id: str) -> Room:
        while True:
            if self._is_stopping:
                raise EditLost("shutting down")
            leaving = self._gone.get(project_id)
            if leaving is not None:
                await leaving.wait()
                continue
            task = self._rooms.get(project_id)
            if task is None:
                task = self._background.start(
                    "collab.load", self._load(project_id), told=(LogError,)
                )
                self._rooms[project_id] = task
                task.add_done_callback(lambda done: self._loaded(project_id, done))
            room = await asyncio.shield(task)
            if not room.is_closing:
                return room
            await asyncio.sleep(0)

    def _loaded(self, project_id: str, task: "asyncio.Task[Room]") -> None:
        if task.cancelled() or task.exception() is not None:
            self._forget(project_id, task)

    def _forget(self, project_id: str, task: "asyncio.Task[Room] | None" = None) -> None:
        if task is None or self._rooms.get(project_id) is task:
            self._rooms.pop(project_id, None)

    async def _load(self, project_id: str) -> Room:
        tenure = self._tenure
        stored = await asyncio.to_thread(self._log.claim, project_id)
        index = await asyncio.to_thread(index_of, stored)
        room = Room(
            project_id,
            LiveDocument(stored, index),
            epoch=stored.epoch,
            head=stored.head,
            keeper=self,
            timers=self._timers,
            settings=self._settings.room,
            meters=self._meters,
        )
        if tenure != self._tenure:
            raise LogAway("the lease was lost meanwhile")
        room.rows_to_compact = len(stored.rows)
        room.bytes_to_compact = sum(row.size for row in stored.rows)
        return room

    # --- what rooms ask for (Keeper) ---

    def wants_commit(self, room: Room) -> None:
        self._commit.wants(room)

    def became_empty(self, room: Room) -> None:
        room.empty_since = self._timers.time()
        self._timers.call_later(self._settings.grace_seconds, lambda: self._grace_over(room))

    def failed(self, room: Room) -> None:
        """Fenced, or the log is away: nothing in memory counts any more."""
        if self.loaded(room.project_id) is room:
            self._forget(room.project_id)
        room.shut("try again")

    def broke(self, room: Room, suspects: list[Queued]) -> None:
        self._events.error("document.broke", project_id=room.project_id)
        self._background.start("collab.heal", self._heal(room, suspects))

    def scan_aside(self, room: Room, connection: Connection, update: bytes) -> None:
        self._background.start("collab.scan", self._scan(room, connection, update))

    async def _scan(self, room: Room, connection: Connection, update: bytes) -> None:
        """Big updates are read on another thread, while that connection waits."""
        try:
            found = await asyncio.to_thread(room.live.scan, update)
        except (Refused, TooLarge) as error:
            room.refuse(connection, error)
        else:
            room.take_scanned(connection, update, found, is_answer=not connection.has_synced)
        connection.resume("busy")

    async def _heal(self, room: Room, suspects: list[Queued]) -> None:
        """Reload, try the updates one by one, and close who sent the one that does not fit."""
        try:
            stored = await asyncio.to_thread(self._log.claim, room.project_id)
            good: list[Queued] = []
            for suspect in suspects:
                if await self._fits(stored, good, suspect):
                    good.append(suspect)
                else:
                    self._meters.edit_rejected("broken")
                    suspect.connection.close(MALFORMED, "an update that cannot be applied")
            live = LiveDocument(stored, await asyncio.to_thread(index_of, stored))
            for queued in good:
                live.index.add(live.scan(queued.entry.update), queued.entry.actor)
        except LogError:
            self.failed(room)
            return
        room.healed(live, epoch=stored.epoch, head=stored.head, queued=good)

    async def _fits(self, stored: Stored, good: list[Queued], suspect: Queued) -> bool:
        live = LiveDocument(stored, await asyncio.to_thread(index_of, stored))
        try:
            for queued in [*good, suspect]:
                live.index.add(live.scan(queued.entry.update), queued.entry.actor)
                live.apply([queued.entry.update], several_clients=True)
        except DocumentBroken:
            return False
        return True

    # --- leaving ---

    def _grace_over(self, room: Room) -> None:
        """Nobody came back, unless somebody did; who left later has a timer of their own."""
        rest = room.empty_since + self._settings.grace_seconds - self._timers.time()
        if not room.is_empty or room.is_closing or self._is_stopping or rest > TIMER_SLACK_SECONDS:
            return
        if room.is_flushed:
            self._background.start("collab.unload", self._unload(room))
        else:
            self._timers.call_later(FLUSH_LOOK_SECONDS, lambda: self._grace_over(room))

    async def _unload(self, room: Room) -> None:
        """Nobody came back: compact where it is worth it, and let go of the memory."""
        if not (room.is_empty and room.is_flushed) or room.is_closing:
            return
        room.is_closing = True
        gone = self._gone[room.project_id] = asyncio.Event()
        self._compacted_at.pop(room.project_id, None)
        self._forget(room.project_id)
        try:
            if room.rows_to_compact >= ROWS_TO_COMPACT_AT_UNLOAD:
                await self._compact(room)
            await self._release(room)
        finally:
            del self._gone[room.project_id]
            gone.set()

    async def _release(self, room: Room) -> None:
        try:
            await asyncio.to_thread(self._log.release, room.project_id, room.epoch)
        except LogError:  # it stays with this node, which others then ask
            self._events.warning("document.unreleased", project_id=room.project_id)

    def lose_all(self) -> None:
        """The lease of this node is over: others may own everything by now, nothing here counts."""
        self._tenure += 1
        for room in self.open_rooms():
            self.failed(room)

    def wrote(self, room: Room) -> None:
        if self._edited is not None:
            self._edited(room)

    def grew(self, room: Room) -> None:
        """Compact an open room's log, at most once in COMPACT_SECONDS_MIN."""
        now = self._timers.time()
        if (
            now - self._compacted_at.get(room.project_id, -COMPACT_SECONDS_MIN)
            >= COMPACT_SECONDS_MIN
        ):
            self._compacted_at[room.project_id] = now
            self._background.start("collab.compact", self._compact(room))

    async def _compact(self, room: Room) -> None:
        if not (room.live.is_whole and room.shows_committed):
            return
        snapshot = room.snapshot()
        rows, size = room.rows_to_compact, room.bytes_to_compact
        try:
            done = await self._compactor.compact(room.project_id, room.epoch, snapshot)
        except (LogError, StoreError):
            self._events.exception("document.not_compacted", project_id=room.project_id)
            return
        if done:
            room.rows_to_compact -= rows
            room.bytes_to_compact -= size
        else:
            self._events.error("document.not_compacted", project_id=room.project_id)

    # --- the sweep, and the end ---

    async def sweep(self) -> None:
        """Ping who is silent, drop who is dead, keep stock clients from giving up."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep_once()

    def sweep_once(self) -> None:
        now = self._timers.time()
        for room in self.open_rooms():
            for connection in list(room.connections):
                silent = now - connection.last_heard
                if silent >= DEAD_SECONDS:
                    connection.abort()
                elif silent >= SILENT_SECONDS:
                    connection.ping()
            room.keep_awake(QUIET_SECONDS)

    async def stop(self) -> None:
        """Write what waits, then close every room with 1013."""
        self._is_stopping = True
        try:
            async with asyncio.timeout(STOP_SECONDS_MAX):
                await self._commit.drained()
        except TimeoutError:
            self._events.warning("rooms.stopped_unflushed")
        for room in self.open_rooms():
            room.shut("shutting down")
        self._rooms.clear()
        self._compactor.stop()
