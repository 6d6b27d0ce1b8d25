"""The group commit: all rooms with something to write share one durable transaction.

One transaction is in flight at a time. The next starts when that one is through and the last start
is `pause_seconds` ago, so that what arrives meanwhile shares it.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import structlog

from backend.collab.log import Batch, LogAway, UpdateLog
from kit.clock import Clock

PAUSE_SECONDS: Final = 0.004
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
    def __init__(
        self, log: UpdateLog, clock: Clock, *, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self._log = log
        self._clock = clock
        self._pause_seconds = pause_seconds
        self._waiting: dict[Committer, None] = {}
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="collab-log")
        self._last_start = -pause_seconds
        self._events = structlog.stdlib.get_logger()

    def wants(self, room: Committer) -> None:
        """`room` has something to write; its `take` is called once for the next transaction."""
        self._waiting[room] = None
        self._wanted.set()
        self._idle.clear()

    async def drained(self) -> None:
        """Until nothing waits and nothing is in flight."""
        await self._idle.wait()

    async def run(self) -> None:
        """Commit until cancelled; a transaction that has begun is seen through."""
        try:
            while True:
                await self._wanted.wait()
                wait = self._last_start + self._pause_seconds - self._clock.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                await asyncio.shield(self.commit_once())
        finally:
            self._thread.shutdown(wait=False)

    async def commit_once(self) -> None:
        """One transaction for all that wait now."""
        self._wanted.clear()
        self._last_start = self._clock.monotonic()
        rooms = list(self._waiting)
        self._waiting.clear()
        taken: list[tuple[Committer, Batch]] = []
        for room in rooms:
            try:
                batch = room.take()
            except Exception:  # noqa: BLE001 - one room's fault must not stop the others' commits
                self._events.exception("room.failed")
                room.uncommitted()
                continue
            if batch is not None:
                taken.append((room, batch))
        if taken:
            self._tell(taken, await self._append([batch for _, batch in taken]))
        if not self._waiting:
            self._idle.set()

    def _tell(
        self, taken: Sequence[tuple[Committer, Batch]], numbers: Sequence[int | None] | None
    ) -> None:
        for place, (room, _) in enumerate(taken):
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

    async def _append(self, batches: Sequence[Batch]) -> list[int | None] | None:
        give_up = self._clock.monotonic() + RETRY_SECONDS_MAX
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await loop.run_in_executor(self._thread, self._log.append, batches)
            except LogAway as error:
                self._events.warning("log.away", error=str(error))
                if self._clock.monotonic() >= give_up:
                    return None
            await asyncio.sleep(RETRY_PAUSE_SECONDS)
