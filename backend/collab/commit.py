"""The group commit: all rooms with something to write share one durable transaction.

One transaction is in flight at a time. The next starts when that one is through and the last start
is `pause_seconds` ago, so that what arrives meanwhile shares it.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from backend.collab.log import Batch, LogAway, UpdateLog
from backend.collab.ticks import seconds_to_tick
from kit.clock import Clock

PAUSE_SECONDS: Final = 0.016  # a tick of the rooms: what is durable goes out at once
RETRY_SECONDS_MAX: Final = 5.0
RETRY_PAUSE_SECONDS: Final = 0.25


class Committer(Protocol):
    """A room, as the group commit sees it."""

    def take(self) -> Batch | None:
        """Apply what waits and hand it over; None where there is nothing after all."""
        ...

    def committed(self, seq: int) -> None: ...

    def fenced(self) -> None:
        """Somebody else owns the document now; nothing of the batch was written."""
        ...

    def uncommitted(self) -> None:
        """The log could not be written for RETRY_SECONDS_MAX; nothing of the batch was written."""
        ...


class GroupCommit:
    """Made where the event loop runs; the log is written on a thread of its own."""

    def __init__(
        self, log: UpdateLog, clock: Clock, *, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self._log = log
        self._clock = clock
        self._pause_seconds = pause_seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Committer, None] = {}
        self._start_due = False  # a start is scheduled, or a transaction is in flight
        self._is_stopped = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="collab-log")
        self._last_start = -pause_seconds
        self._events = structlog.stdlib.get_logger()

    def wants(self, room: Committer) -> None:
        """`room` has something to write; its `take` is called once for the next transaction."""
        self._waiting[room] = None
        if not self._start_due:
            self._idle.clear()
            self._schedule()

    async def drained(self) -> None:
        """Until nothing waits and nothing is in flight."""
        await self._idle.wait()

    def stop(self) -> None:
        """No more transactions; one that has begun is seen through."""
        self._start_due = self._is_stopped = True
        self._thread.shutdown(wait=False)

    def _schedule(self) -> None:
        """What comes within one turn of the loop shares a transaction even after a long silence."""
        self._start_due = True
        now = self._clock.monotonic()
        wait = seconds_to_tick(now, self._pause_seconds, served=self._last_start)
        if wait > 0:
            self._loop.call_later(wait, self._start)
        else:
            self._loop.call_soon(self._start)

    def _start(self) -> None:
        """One transaction for all that wait now."""
        self._last_start = self._clock.monotonic()
        rooms, self._waiting = self._waiting, {}
        flight = _Flight([], [], give_up=self._last_start + RETRY_SECONDS_MAX)
        for room in rooms:
            batch = self._taken(room)
            if batch is not None:
                flight.rooms.append(room)
                flight.batches.append(batch)
        if flight.rooms:
            self._submit(flight)
        else:
            self._go_on()

    def _taken(self, room: Committer) -> Batch | None:
        try:
            return room.take()
        except Exception:  # noqa: BLE001 - one room's fault must not stop the others' commits
            self._events.exception("room.failed")
            room.uncommitted()
            return None

    def _submit(self, flight: "_Flight") -> None:
        def tell_loop(done: "Future[list[int | None]]") -> None:
            if not self._is_stopped:
                self._loop.call_soon_threadsafe(self._landed, flight, done)

        self._thread.submit(self._log.append, flight.batches).add_done_callback(tell_loop)

    def _landed(self, flight: "_Flight", written: "Future[list[int | None]]") -> None:
        error = written.exception()
        if error is None:
            self._tell(flight, written.result())
            self._go_on()
            return
        self._events.warning("log.away", error=str(error))
        if isinstance(error, LogAway) and self._clock.monotonic() < flight.give_up:
            self._loop.call_later(RETRY_PAUSE_SECONDS, self._submit, flight)
            return
        self._tell(flight, None)
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting:
            self._schedule()
        else:
            self._start_due = False
            self._idle.set()

    def _tell(self, flight: "_Flight", numbers: Sequence[int | None] | None) -> None:
        for place, room in enumerate(flight.rooms):
            seq = numbers[place] if numbers is not None else None
            try:
                if numbers is None:
                    room.uncommitted()
                elif seq is None:
                    room.fenced()
                else:
                    room.committed(seq)
            except Exception:  # noqa: BLE001 - as above; what is durable stays so
                self._events.exception("room.failed")
                room.uncommitted()


@dataclass(frozen=True, slots=True)
class _Flight:
    """One transaction: whose batches it holds, and until when it is tried again."""

    rooms: list[Committer]
    batches: list[Batch]
    give_up: float
