"""One open project: who is in it, what they write, and how it reaches the others.

READ THIS FIRST. An update goes: `hear` (permission, scan, order) -> queue -> `take` (applied in one
transaction, when a group commit starts) -> the log -> `committed` -> `_flush` (one write for each
client) with the ack. Durable first, visible second: nobody builds on an edit that we could lose.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from backend.collab.awareness import Awareness as Presence
from backend.collab.joined import joined
from backend.collab.joins import JoinCache
from backend.collab.live import DocumentBroken, LiveDocument
from backend.collab.log import Batch, Entry, Snapshot
from backend.collab.meters import RoomMeters, Why
from backend.collab.pending import EditLost, Flight, Queued, ServerEdit
from backend.collab.rates import Rates, TooFast
from backend.collab.scan import Refused, Scanned, TooLarge
from backend.collab.socket import (
    MALFORMED,
    PIECE_BYTES,
    TOO_FAST,
    TOO_LARGE,
    TRY_AGAIN,
    Connection,
    Timer,
    Timers,
)
from backend.collab.ticks import EARLY_SECONDS_MAX, seconds_to_tick
from backend.collab.wire import (
    EMPTY_AWARENESS,
    EMPTY_STATE,
    EMPTY_UPDATE,
    Awareness,
    BadMessage,
    Ignored,
    Message,
    QueryAwareness,
    SyncStep1,
    SyncStep2,
    Update,
    awareness_message,
    durable_message,
    frame,
    pieces,
    read_state,
    step_1,
    step_2,
    update_message,
)
from kit.metrics import Metrics
from kit.tracing import is_tracing, record

INLINE_SCAN_BYTES_MAX: Final = 64 * 1024
QUEUED_BYTES_MAX: Final = 8 * 2**20
GAPS_MAX: Final = 3
GAP_SECONDS_MAX: Final = 10.0
CROWD: Final = 100
QUIET_TICKS: Final = 2  # three people who move make a pause of one tick often, and of two seldom
COMMIT_SECONDS: Final = 0.02  # how long presence waits to go out with edits that are under way
ROWS_TO_COMPACT: Final = 1000
BYTES_TO_COMPACT: Final = 2**20
CONNECTIONS_MAX: Final = 500
CONNECTIONS_PER_PERSON_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class RoomSettings:
    tick_seconds: float = 0.016
    tick_seconds_crowded: float = 0.028  # well under the 40 ms in which everybody moves


class Keeper(Protocol):
    """The owner of rooms, as a room sees it."""

    def wants_commit(self, room: "Room") -> None: ...
    def became_empty(self, room: "Room") -> None: ...
    def broke(self, room: "Room", suspects: list["Queued"]) -> None: ...
    def scan_aside(self, room: "Room", connection: Connection, update: bytes) -> None: ...
    def failed(self, room: "Room") -> None: ...
    def grew(self, room: "Room") -> None: ...
    def wrote(self, room: "Room") -> None: ...


class Room:
    def __init__(
        self,
        project_id: str,
        live: LiveDocument,
        *,
        epoch: int,
        head: int,
        keeper: Keeper,
        timers: Timers,
        settings: RoomSettings,
        meters: RoomMeters | None = None,
    ) -> None:
        self.project_id: Final = project_id
        self.live = live
        self.epoch = epoch
        self.head = head
        self.connections: dict[Connection, None] = {}
        self.holds = 0
        self.empty_since = 0.0
        self.is_closing = False
        self.is_broken = False
        self.rows_to_compact = 0
        self.bytes_to_compact = 0
        self.counts = {"ignored": 0, "dropped": 0, "refused": 0}
        self._keeper = keeper
        self._timers = timers
        self._settings = settings
        self._meters = meters or RoomMeters(Metrics())
        self._presence = Presence()
        self._rates: dict[str, Rates] = {}
        self._queue: list[Queued] = []
        self._queued_bytes = 0
        self._edits: list[ServerEdit] = []
        self._flight: Flight | None = None
        self._asking: list[tuple[Connection, bytes]] = []
        self._outgoing: list[bytes] = []
        self._committed_state = live.state()
        self._joins = JoinCache()
        self._moved = asyncio.Event()
        self._last_flush = timers.time() - 1
        self._flush_timer: Timer | None = None
        self._events = structlog.stdlib.get_logger().bind(project_id=project_id)

    # --- who is here ---

    @property
    def is_empty(self) -> bool:
        """Whether nobody needs it now."""
        return not (self.connections or self.holds)

    @property
    def is_flushed(self) -> bool:
        """Whether everything that came in is durable."""
        return not (self._queue or self._edits or self._flight or self.is_broken)

    def join(self, connection: Connection) -> None:
        """Take a connection in and greet it."""
        same = sum(other.person_id == connection.person_id for other in self.connections)
        if len(self.connections) >= CONNECTIONS_MAX or same >= CONNECTIONS_PER_PERSON_MAX:
            connection.close(TRY_AGAIN, "too many connections")
            return
        self.connections[connection] = None
        connection.room = self
        if connection.may_write:
            connection.send(step_1(self._committed_state))
        table = self._presence.table()
        if table is not None:
            connection.send(awareness_message(table))
        connection.work()

    def leave(self, connection: Connection) -> None:
        if connection not in self.connections:
            return
        del self.connections[connection]
        if connection.fell_behind:
            self._meters.slow_reader()
        self._presence.leave(connection, self._timers.time())
        self._schedule_flush()
        if not any(other.person_id == connection.person_id for other in self.connections):
            self._rates.pop(connection.person_id, None)
        if not self.connections:
            self._keeper.became_empty(self)

    def role_changed(self, connection: Connection, *, could_write: bool) -> None:
        """A raised role brings in what was refused before."""
        if connection.may_write and not could_write:
            connection.send(step_1(self._committed_state))

    # --- coming in ---

    def hear(self, connection: Connection, message: Message) -> None:
        """One message of a connection, in its order."""
        match message:
            case Awareness():
                self._hear_awareness(connection, message.entries)
            case Update():
                self._hear_update(connection, message.update, is_answer=False)
            case SyncStep2():
                connection.asked_at = None
                self._hear_update(connection, message.update, is_answer=True)
            case SyncStep1():
                self._ask(connection, message.state)
            case QueryAwareness():
                self._send_table(connection)
            case Ignored():
                self.counts["ignored"] += 1

    def _hear_update(self, connection: Connection, update: bytes, *, is_answer: bool) -> None:
        if not connection.may_write:
            if update != EMPTY_UPDATE:
                self.counts["dropped"] += 1
                connection.dropped += 1
                self._meters.edit_rejected("read_only")
            return
        if update == EMPTY_UPDATE:
            connection.has_synced = True
            return
        if len(update) > INLINE_SCAN_BYTES_MAX:
            connection.pause("busy")
            self._keeper.scan_aside(self, connection, update)
            return
        try:
            found = self.live.scan(update)
        except (Refused, TooLarge) as error:
            self._refuse(connection, error)
            return
        self.take_scanned(connection, update, found, is_answer=is_answer)

    def take_scanned(
        self, connection: Connection, update: bytes, found: Scanned, *, is_answer: bool = False
    ) -> None:
        """An update whose bytes are sound: is it this person's, in order, within limits?"""
        if connection.is_closed:
            return
        try:
            if connection.has_synced or not is_answer:
                self._pay(connection, len(update), found.structs)
            connection.has_synced = True
            admitted = self.live.judge(found, len(update), connection.person_id, connection.new_ids)
        except (Refused, TooLarge) as error:
            self._refuse(connection, error)
            return
        except TooFast:
            self._meters.edit_rejected("too_fast")
            connection.close(TOO_FAST, "too many edits")
            return
        if not admitted:
            self._hear_gap(connection)
            return
        connection.gaps = 0
        entry = Entry(connection.person_id, update)
        self._queue.append(Queued(connection, entry, found, connection.last_heard))
        self._queued_bytes += len(update)
        if self._queued_bytes > QUEUED_BYTES_MAX:
            connection.pause("queue")
        self._keeper.wants_commit(self)

    def _pay(self, connection: Connection, size: int, structs: int) -> None:
        rates = self._rates.get(connection.person_id)
        if rates is None:
            rates = self._rates[connection.person_id] = Rates()
        seconds = rates.spend(size=size, structs=structs, now=connection.last_heard)
        if seconds:
            connection.pause_for(seconds)

    def refuse(self, connection: Connection, error: Refused | TooLarge) -> None:
        self._refuse(connection, error)

    def _refuse(self, connection: Connection, error: Refused | TooLarge) -> None:
        self.counts["refused"] += 1
        why: Why = "too_large" if isinstance(error, TooLarge) else "malformed"
        self._meters.edit_rejected(why)
        self._events.warning("update.refused", why=str(error), person_id=connection.person_id)
        connection.close(TOO_LARGE if isinstance(error, TooLarge) else MALFORMED, str(error))

    def _hear_gap(self, connection: Connection) -> None:
        """Something before this is missing: neither apply nor log, ask for it [collab-L2].

        Asked once, however many edits come before the answer: who edits on while coming back from
        offline has several under way, and none of them is a fault.
        """
        now = self._timers.time()
        self._meters.edit_rejected("gap")
        if connection.asked_at is not None:
            if now - connection.asked_at > GAP_SECONDS_MAX:
                connection.close(MALFORMED, "earlier edits are missing")
            return
        connection.gaps += 1
        if connection.gaps > GAPS_MAX:
            connection.close(MALFORMED, "earlier edits are missing")
            return
        connection.asked_at = now
        connection.send(step_1(self._committed_state))

    def _hear_awareness(self, connection: Connection, entries: bytes) -> None:
        try:
            self._presence.receive(connection, entries, connection.last_heard)
        except BadMessage as error:
            connection.close(MALFORMED, str(error))
            return
        if self._flush_timer is None:
            self._schedule_flush()

    # --- edits of the server ---

    def edit(self, edit: ServerEdit) -> None:
        """Queue an edit of the server; it is written with the next group commit."""
        self._edits.append(edit)
        self._keeper.wants_commit(self)

    @property
    def shows_committed(self) -> bool:
        """Whether the document in memory holds what is durable and nothing more."""
        return self._flight is None and not self.is_broken

    async def wait_for(self, state: bytes, seconds: float) -> bool:
        """Whether all of a client's state vector is committed here before long."""
        try:
            async with asyncio.timeout(seconds):
                while not self._knows(state):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def _knows(self, state: bytes) -> bool:
        here = read_state(self._committed_state)
        return all(here.get(client, 0) >= clock for client, clock in read_state(state).items())

    # --- the group commit ---

    def take(self) -> Batch | None:
        """Apply what waits, clients' updates first, and hand it to the log."""
        if self.is_broken or not (self._queue or self._edits):
            return None
        flight = Flight(
            self._queue,
            [queued.entry for queued in self._queue],
            joined([(queued.entry.update, queued.found) for queued in self._queue]),
        )
        self._queue, self._queued_bytes = [], 0
        try:
            if flight.entries:
                several = any(len(queued.found.brings) > 1 for queued in flight.queued)
                self.live.apply(flight.shown, several_clients=several)
            self._run_edits(flight)
        except DocumentBroken:
            self.is_broken = True
            self._edits = [*flight.edits, *self._edits]  # computed anew on the healed document
            self._keeper.broke(self, flight.queued)
            return None
        if not flight.entries:
            _answer_edits(flight.edits, self.head)
            return None
        self._flight = flight
        return Batch(self.project_id, self.epoch, tuple(flight.entries), after=self.head)

    def _run_edits(self, flight: Flight) -> None:
        """Each at its turn; even one that changes nothing answers with the commit it looked at."""
        while self._edits:
            edit = self._edits.pop(0)
            if edit.done.done():
                continue
            try:
                entry = self.live.edit(edit.origin, edit.make_changes)
            except DocumentBroken as error:
                edit.done.set_exception(EditLost(str(error)))
                raise
            except Exception as error:  # noqa: BLE001 - it is the caller's, whatever it is
                edit.done.set_exception(error)
                continue
            flight.edits.append(edit)
            if entry is not None:
                flight.entries.append(entry)
                flight.shown.append(entry.update)

    def committed(self, seq: int) -> None:
        """The batch is durable: show it, acknowledge it, answer who waits."""
        flight, self._flight = self._flight, None
        if flight is None:
            return
        self.head = seq
        self.rows_to_compact += 1
        self.bytes_to_compact += sum(len(entry.update) for entry in flight.entries)
        self._committed_state = self.live.state()
        self._moved.set()
        for update in flight.shown:
            self._outgoing.append(update_message(update))
            self._joins.note(update)
        for queued in flight.queued:
            queued.connection.ack_due = True
            queued.connection.resume("queue")
        _answer_edits(flight.edits, seq)
        asking, self._asking = self._asking, []
        for connection, state in asking:
            self._answer(connection, state)
        self._flush_now()
        for queued in flight.queued:
            self._meters.edit_acked(self._last_flush - queued.heard_at)
        if is_tracing():
            self._trace(flight)
        self._keeper.wrote(self)
        if self.rows_to_compact >= ROWS_TO_COMPACT or self.bytes_to_compact >= BYTES_TO_COMPACT:
            self._keeper.grew(self)

    def _trace(self, flight: Flight) -> None:
        """A span from the first arrival until all is shown, linked to the requests that edits came with."""
        now = self._timers.time()
        record(
            "room.commit",
            now - min((queued.heard_at for queued in flight.queued), default=now),
            links=[edit.traceparent for edit in flight.edits if edit.traceparent],
            project_id=self.project_id,
            edits=len(flight.entries),
            size_bytes=sum(len(entry.update) for entry in flight.entries),
            connections=len(self.connections),
        )

    def snapshot(self) -> Snapshot:
        """The document as it is durable; only while nothing is in flight."""
        return Snapshot(self.head, self.live.update_since(EMPTY_STATE), dict(self.live.writers))

    def fenced(self) -> None:
        self._events.error("room.fenced", epoch=self.epoch)
        self._keeper.failed(self)

    def uncommitted(self) -> None:
        self._events.error("room.uncommitted")
        self._keeper.failed(self)

    def healed(self, live: LiveDocument, *, epoch: int, head: int, queued: list[Queued]) -> None:
        """A fresh document took the place of one that broke; `queued` go first."""
        waiting, self._queue = self._queue, []
        self.live, self.epoch, self.head = live, epoch, head
        self._committed_state = live.state()
        self._joins = JoinCache()
        self.is_broken = False
        self._queue.extend(queued)
        for late in waiting:
            if not late.connection.is_closed:
                late.connection.send(step_1(self._committed_state))
        for connection, state in self._asking:
            self._answer(connection, state)
        self._asking = []
        self._keeper.wants_commit(self)

    def shut(self, reason: str) -> None:
        """End for everybody here: they come back elsewhere or later (1013)."""
        self.is_closing = True
        lost = EditLost(reason)
        for edit in [*self._edits, *(self._flight.edits if self._flight else ())]:
            if not edit.done.done():
                edit.done.set_exception(lost)
        self._edits.clear()
        self._queue.clear()
        self._flight = None
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        for connection in list(self.connections):
            connection.close(TRY_AGAIN, reason)

    # --- joins ---

    def _ask(self, connection: Connection, state: bytes) -> None:
        """A step 1: answered from what is committed, so it waits for a commit in flight."""
        try:
            read_state(state)
        except BadMessage as error:
            connection.close(MALFORMED, str(error))
            return
        if self._flight is not None or self.is_broken:
            self._asking.append((connection, state))
        else:
            self._answer(connection, state)

    def _answer(self, connection: Connection, state: bytes) -> None:
        if connection.is_closed:
            return
        if state == EMPTY_STATE:
            snapshot, tail = self._joins.answer(self.live)
            connection.send_frames(snapshot)
            connection.send(step_2(tail))
        else:
            connection.send(step_2(self.live.update_since(state)))
        if connection.wants_ack:
            connection.send(durable_message(self._committed_state))

    def _send_table(self, connection: Connection) -> None:
        connection.send(awareness_message(self._presence.table() or b"\x00"))

    # --- going out ---

    def _schedule_flush(self) -> None:
        """Leading edge: the first change after quiet ticks goes at once, then one flush a tick.

        The ticks of all rooms, and the commits, fall together: what is awake already costs less.
        """
        if self._flush_timer is not None:
            return
        tick = (
            self._settings.tick_seconds_crowded
            if len(self.connections) > CROWD
            else self._settings.tick_seconds
        )
        now = self._timers.time()
        wait = 0.0
        if now - self._last_flush < QUIET_TICKS * tick:
            served = max(self._last_flush, now - EARLY_SECONDS_MAX)
            wait = seconds_to_tick(now, tick, served=served)
        if self._queue or self._flight is not None:
            wait = max(wait, COMMIT_SECONDS)  # the commit comes first and takes all along
        self._flush_timer = (
            self._timers.call_later(wait, self._flush)
            if wait > 0
            else self._timers.call_soon(self._flush)
        )

    def _flush_now(self) -> None:
        """What is durable has waited for its commit already, and commits come once a tick."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        self._flush()

    def _flush(self) -> None:
        self._flush_timer = None
        self._last_flush = now = self._timers.time()
        updates = self._take_outgoing()
        changes = self._presence.take_changes()
        awareness = frame(awareness_message(changes.body)) if changes is not None else b""
        speaker = changes.speaker if changes is not None and not updates else None
        ack = b""
        for connection in list(self.connections):
            if connection is speaker:
                continue  # its own presence is all there is [collab-S5]
            due = b""
            if connection.ack_due:
                connection.ack_due = False
                if connection.wants_ack:
                    ack = ack or frame(durable_message(self._committed_state))
                    due = ack
            if connection.send_flush(updates, awareness, due, now):
                connection.table_sent()
                self._send_table(connection)

    def _take_outgoing(self) -> list[bytes]:
        """Frames in the order of the log: one run of bytes, or pieces where that were too long."""
        messages, self._outgoing = self._outgoing, []
        if not messages:
            return []
        if sum(map(len, messages)) <= PIECE_BYTES:
            return [b"".join(map(frame, messages))]
        return [piece for message in messages for piece in pieces(message, PIECE_BYTES)]

    def keep_awake(self, quiet_seconds: float) -> None:
        """Whoever was sent nothing for so long hears that we are here."""
        now = self._timers.time()
        for connection in list(self.connections):
            if connection.is_stalled:
                connection.give_up("too slow")
            elif now - connection.last_sent >= quiet_seconds:
                connection.send(EMPTY_AWARENESS)


def _answer_edits(edits: Iterable[ServerEdit], seq: int) -> None:
    for edit in edits:
        if not edit.done.done():
            edit.done.set_result(seq)
