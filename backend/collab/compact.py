"""Compaction: a state in place of rows, once it is proved to say the same [collab-D5].

The proof loads the document twice and compares all of it: in a process of its own, at low priority,
that is handed bytes. A document that takes this process down takes nothing else with it.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from backend.collab.document import apply_updates, new_ydoc, read_model
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Snapshot, Stored, UpdateLog
from backend.collab.wire import read_state

NICENESS: Final = 10


class Compactor:
    """Made without a process; the first document to compact starts it."""

    def __init__(self, log: UpdateLog) -> None:
        self._log = log
        self._pool: ProcessPoolExecutor | None = None

    async def compact(self, project_id: str, epoch: int, snapshot: Snapshot) -> bool:
        """Store the snapshot and drop the rows it stands for; False where it was not done.

        Not done for a document that is not whole, for one that has another owner now, and where the
        snapshot does not say what the rows say. Raises LogError, StoreError.
        """
        stored = await asyncio.to_thread(self._log.read, project_id, snapshot.seq)
        if not stored.is_whole or not await self._is_proved(stored, snapshot):
            return False
        return await asyncio.to_thread(self._log.compact, project_id, epoch, snapshot)

    async def _is_proved(self, stored: Stored, snapshot: Snapshot) -> bool:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=_stand_back
            )
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, says_the_same, stored, snapshot)
        except BrokenProcessPool:
            self._pool = None
            return False

    def stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def says_the_same(stored: Stored, snapshot: Snapshot) -> bool:
    """Whether a snapshot and the rows it stands for make the same document."""
    replayed = LiveDocument(stored, index_of(stored))
    loaded = new_ydoc()
    apply_updates(loaded, [snapshot.update])
    return (
        read_state(loaded.get_state()) == read_state(replayed.state())
        and read_model(loaded) == replayed.model()
    )


def _stand_back() -> None:
    """Low priority; a Ctrl-C is the server's business; and no life after the server's."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
