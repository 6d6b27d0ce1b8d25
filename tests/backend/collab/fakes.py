"""A room without a network: time that stands still, carriers that remember, a commit by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.auth.roles import Role
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Batch, Entry, LogRow, Stored
from backend.collab.meters import RoomMeters
from backend.collab.pending import Queued
from backend.collab.room import Room, RoomSettings
from backend.collab.seeds import seed_entry
from backend.collab.socket import Admission, Connection, Successor
from backend.collab.wire import (
    Update,
    awareness_message,
    read_bytes,
    read_message,
    varint,
    with_length,
)
from kit.metrics import Metrics
from timeline.model import Change

SEED = seed_entry("prj", "Film", width=64, height=64, fps_num=25, fps_den=1)


@dataclass
class FakeTimer:
    at: float
    callback: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeTimers:
    """An event loop's clock that moves when it is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._waiting: list[FakeTimer] = []

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[[], object]) -> FakeTimer:
        return self.call_later(0, callback)

    def call_later(self, delay: float, callback: Callable[[], object]) -> FakeTimer:
        timer = FakeTimer(self.now + delay, callback)
        self._waiting.append(timer)
        return timer

    def advance(self, seconds: float = 0.0) -> None:
        end = self.now + seconds
        while due := [one for one in self._waiting if one.at <= end]:
            first = min(due, key=lambda one: one.at)
            self._waiting.remove(first)
            self.now = max(self.now, first.at)
            if not first.cancelled:
                first.callback()
        self.now = end


@dataclass
class FakeCarrier:
    """`stuck` holds back what is written, as a peer that does not read."""

    written: list[bytes] = field(default_factory=list[bytes])
    stuck: bool = False
    held_bytes: int = 0
    is_reading: bool = True
    ended: str = ""

    def write(self, data: bytes) -> None:
        self.written.append(data)
        if self.stuck:
            self.held_bytes += len(data)

    def unsent_bytes(self) -> int:
        return self.held_bytes

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def hand_over(self, protocol: Successor) -> asyncio.Transport | None:  # noqa: ARG002
        return None

    def frames(self) -> list[tuple[int, bytes]]:
        """(opcode, payload) of whole messages; fragments are joined."""
        data = b"".join(self.written)
        found: list[tuple[int, bytes]] = []
        parts = b""
        at = 0
        while at < len(data):
            head, length = data[at], data[at + 1]
            at += 2
            if length >= 126:
                size = 2 if length == 126 else 8
                length = int.from_bytes(data[at : at + size], "big")
                at += size
            payload, at = data[at : at + length], at + length
            if head & 15 in (0, 2) and not head & 128:
                parts += payload
            elif head & 15 == 0:
                found.append((2, parts + payload))
                parts = b""
            else:
                found.append((head & 15, payload))
        return found

    def messages(self) -> list[object]:
        return [read_message(payload) for opcode, payload in self.frames() if opcode == 2]

    def acks(self) -> list[bytes]:
        payloads = [
            payload for opcode, payload in self.frames() if opcode == 2 and payload[0] == 64
        ]
        return [read_bytes(payload, 1)[0] for payload in payloads]

    def close_code(self) -> int | None:
        codes = [int.from_bytes(body[:2], "big") for opcode, body in self.frames() if opcode == 8]
        return codes[0] if codes else None


@dataclass
class FakeKeeper:
    """Commits when it is told; counts what a room asks for."""

    wanted: list[Room] = field(default_factory=list[Room])
    emptied: int = 0
    written: int = 0
    broken: list[Queued] = field(default_factory=list[Queued])
    ended: list[Room] = field(default_factory=list[Room])
    batches: list[Batch] = field(default_factory=list[Batch])

    def wants_commit(self, room: Room) -> None:
        self.wanted.append(room)

    def became_empty(self, room: Room) -> None:  # noqa: ARG002 - the port's own name
        self.emptied += 1

    def broke(self, room: Room, suspects: list[Queued]) -> None:  # noqa: ARG002
        self.broken += suspects

    def scan_aside(self, room: Room, connection: Connection, update: bytes) -> None:
        room.take_scanned(connection, update, room.live.scan(update))
        connection.resume("busy")

    def failed(self, room: Room) -> None:
        self.ended.append(room)
        room.shut("try again")

    def grew(self, room: Room) -> None:
        pass

    def wrote(self, room: Room) -> None:  # noqa: ARG002
        self.written += 1

    def take(self, room: Room) -> Batch | None:
        self.wanted.clear()
        batch = room.take()
        if batch is not None:
            self.batches.append(batch)
        return batch

    def commit(self, room: Room) -> None:
        if self.take(room) is not None:
            room.committed(room.head + 1)


class Stage:
    """A room and the people in it."""

    def __init__(self, *entries: Entry, project_id: str = "prj") -> None:
        self.timers = FakeTimers()
        self.keeper = FakeKeeper()
        self.metrics = Metrics()
        stored = stored_of(SEED, *entries)
        self.room = Room(
            project_id,
            LiveDocument(stored, index_of(stored)),
            epoch=1,
            head=1,
            keeper=self.keeper,
            timers=self.timers,
            settings=RoomSettings(),
            meters=RoomMeters(self.metrics),
        )

    def enter(
        self, person: str, role: Role = "editor", *, ack: bool = False
    ) -> tuple[Connection, FakeCarrier]:
        carrier = FakeCarrier()
        connection = Connection(carrier, self.timers, wants_ack=ack)
        connection.admit(Admission(person, "prj", role))
        self.room.join(connection)
        return connection, carrier

    def settle(self) -> None:
        """Commit what waits and let the ticks pass."""
        self.keeper.commit(self.room)
        self.timers.advance(0.02)


def stored_of(*entries: Entry) -> Stored:
    rows = tuple(
        LogRow(number, (entry,), len(entry.update)) for number, entry in enumerate(entries, 1)
    )
    return Stored(1, len(rows), None, rows, is_whole=True)


async def until(holds: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something that another task brings about; TimeoutError when it does not."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)


def meta_change(key: str, value: str) -> Change:
    return Change("meta", "", key, None, value)


def updates_of(carrier: FakeCarrier) -> list[bytes]:
    return [message.update for message in carrier.messages() if isinstance(message, Update)]


def presence(client: int, clock: int, state: bytes = b"{}") -> bytes:
    return awareness_message(varint(1) + varint(client) + varint(clock) + with_length(state))
