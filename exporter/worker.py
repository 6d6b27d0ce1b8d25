"""One task from claim to commit, and a pool of threads that do them [operations-W3, W4, W8, W11].

A thread that starts ffmpeg outlives it, because the kernel ends ffmpeg with the thread. One
heartbeat a second carries progress out and the wish to stop back, for all leases of the process.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exporter.errors import (
    BoxVerdict,
    Cancelled,
    CheckFailed,
    ExporterError,
    InputChanged,
    MediaUnusable,
    NoRoom,
    ToolFailed,
    ToolStalled,
)
from exporter.meters import End
from exporter.pipeline import perform
from exporter.shop import Workshop
from exporter.task_spans import lease_span
from kit.disks import is_full
from kit.object_store import StoreError, StoreFull
from kit.text_errors import TextUnavailable
from timeline.errors import BadTimeline, ExportRefused, TimelineError
from timeline.jobs import ExportState, Failure, JobBoard, Lease, Verdict

HEARTBEAT_SECONDS: Final = 1.0
IDLE_SECONDS: Final = 1.0  # a missed wake-up costs this long
STDERR_SHOWN: Final = 2000
LOG: Final = logging.getLogger("cutroom.exporter")


class Holding:
    """A lease in hand: its progress, and whether to stop. Safe from any thread."""

    def __init__(self, lease: Lease, board: JobBoard) -> None:
        self.lease: Final = lease
        self._board = board
        self._frames = 0
        self._expected = 0
        self._stop = threading.Event()
        self._drained = False

    @property
    def frames(self) -> int:
        return self._frames

    @property
    def was_drained(self) -> bool:
        return self._drained

    def cancelled(self) -> bool:
        return self._stop.is_set()

    def ask_board(self) -> bool:
        """Whether to stop, by the board's own word; asked before what cannot be taken back."""
        return self._stop.is_set() or self._board.cancelled(self.lease)

    def progressed(self, frames: int) -> None:
        """Frames to encode that are done so far."""
        self._frames = max(self._frames, frames)

    def expect(self, frames: int) -> None:
        """How many frames there will be, where no plan says it."""
        if frames != self._expected:
            self._expected = frames
            self._board.expect(self.lease, frames)

    def announce(self, state: ExportState) -> None:
        self._board.announce(self.lease, state)

    def stop(self, *, drained: bool = False) -> None:
        self._drained = self._drained or drained
        self._stop.set()


class Holdings:
    """All leases of the process, for the heartbeat."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[tuple[str, int], Holding] = {}

    def add(self, holding: Holding) -> None:
        with self._lock:
            self._held[holding.lease.key] = holding

    def remove(self, holding: Holding) -> None:
        with self._lock:
            self._held.pop(holding.lease.key, None)

    def all(self) -> Mapping[tuple[str, int], Holding]:
        with self._lock:
            return dict(self._held)


def run_task(
    board: JobBoard,
    shop: Workshop,
    worker: str,
    task_id: str | None = None,
    *,
    holdings: Holdings | None = None,
) -> bool:
    """Claim a task (or that one), do it, hand it in; False where there was none for us.

    The caller keeps the leases in `holdings` alive with `beat`.
    """
    lease = board.claim(worker, task_id)
    if lease is None:
        return False
    holding = Holding(lease, board)
    kept = holdings or Holdings()
    kept.add(holding)
    scratch = shop.scratch / f"{lease.task.id}-f{lease.fence}"
    try:
        with lease_span(lease) as told:
            end = _attempt(board, shop, holding, scratch)
            told.tell(end=end)
            if end in {"transient", "poison"}:
                told.failed(end)
        shop.meters.task_ended(lease.task.kind, end)
    finally:
        kept.remove(holding)
        shutil.rmtree(scratch, ignore_errors=True)
    return True


def _attempt(board: JobBoard, shop: Workshop, holding: Holding, scratch: Path) -> End:
    """Do a task and hand in what came of it; answers how that ended."""
    lease = holding.lease
    try:
        scratch.mkdir(parents=True)
        result = perform(shop, lease, holding, scratch)
        # The last mark before the lease goes: a commit carries no progress of its own.
        board.heartbeat({lease.key: holding.frames})
        return "done" if board.commit(lease, result) else "late"
    except Cancelled:
        if not holding.was_drained:
            return "cancelled"
        failure = Failure("drained", "drained", "the worker was stopped")
    except Exception as error:
        failure = failure_of(error)
        if failure.code == "internal":
            LOG.exception("task.crashed", extra={"task": lease.task.id, "kind": lease.task.kind})
        if isinstance(error, BoxVerdict | ToolStalled):
            shop.meters.box_killed(error.limit if isinstance(error, BoxVerdict) else "stalled")
    board.fail(lease, failure)
    return failure.verdict


def beat(board: JobBoard, holdings: Holdings) -> None:
    """One heartbeat for all leases; those that are lost or cancelled are told to stop."""
    held = holdings.all()
    if not held:
        return
    for key in board.heartbeat({key: holding.frames for key, holding in held.items()}):
        held[key].stop()


def failure_of(error: Exception) -> Failure:
    """What an error means for the task [operations-W8]."""
    verdict: Verdict = "transient"
    detail = str(error)
    match error:
        case ToolStalled():
            code = "stalled"
        case ToolFailed():
            code, detail = "tool_failed", error.stderr_tail[-STDERR_SHOWN:] or detail
        case NoRoom() | StoreFull():
            verdict, code = "poison", "disk_full"
        case OSError() if is_full(error):
            verdict, code, detail = "poison", "disk_full", str(NoRoom(str(error.filename or "")))
        case BoxVerdict():
            verdict, code = "poison", f"limit_{error.limit}"
        case TextUnavailable():
            verdict, code = "poison", "text_unavailable"
        case MediaUnusable():
            verdict, code, detail = "poison", error.code, error.detail
        case CheckFailed():
            verdict, code = "poison", "check_failed"
        case InputChanged():
            verdict, code = "poison", "input_changed"
        case ExportRefused():
            verdict, code, detail = "poison", error.code, error.detail
        case BadTimeline() | TimelineError():
            verdict, code = "poison", "bad_timeline"
        case StoreError() | OSError() | ExporterError():
            code = "storage" if isinstance(error, StoreError | OSError) else "exporter"
        case _:
            code, detail = "internal", f"{type(error).__name__}: {error}"
    return Failure(verdict, code, detail)


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """`slots` tasks at a time; one per core, because encoders run one thread each."""

    slots: int
    worker: str = "embedded"


class Hands:
    """Tasks that a carrier names, done on the carrier's own threads, with one heartbeat for all of them."""

    def __init__(self, board: JobBoard, shop: Workshop, worker: str) -> None:
        self._board = board
        self._shop = shop
        self._worker = worker
        self._holdings = Holdings()
        self._empty = threading.Condition()
        self._busy = 0
        self._closing = threading.Event()
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    @property
    def busy(self) -> int:
        """How many tasks are in hand."""
        return self._busy

    def start(self) -> None:
        self._heart.start()

    def do(self, task_id: str) -> bool:
        """Claim that task and do it; False where it is not ours, or where nothing more is taken.

        The calling thread must outlive the task: the kernel ends ffmpeg with it.
        """
        with self._empty:
            if self._closing.is_set():
                return False
            self._busy += 1
        try:
            return run_task(self._board, self._shop, self._worker, task_id, holdings=self._holdings)
        finally:
            with self._empty:
                self._busy -= 1
                self._empty.notify_all()

    def close(self) -> None:
        """Take nothing more; what is in hand goes on."""
        self._closing.set()

    def drained(self, seconds: float) -> bool:
        """Wait until nothing is in hand; False where that took longer."""
        with self._empty:
            return self._empty.wait_for(lambda: self._busy == 0, seconds)

    def stop(self) -> None:
        """Give back what is in hand, without counting an attempt [operations-W8]."""
        self.close()
        for holding in self._holdings.all().values():
            holding.stop(drained=True)
        with self._empty:
            self._empty.wait_for(lambda: self._busy == 0)
        self._ended.set()
        self._heart.join()

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            try:
                beat(self._board, self._holdings)
            except Exception:
                LOG.exception("board.unreachable", extra={"worker": self._worker})


class WorkerPool:
    """Threads that take tasks from a board until they are stopped."""

    def __init__(self, board: JobBoard, shop: Workshop, options: PoolOptions) -> None:
        self._board = board
        self._shop = shop
        self._options = options
        self._holdings = Holdings()
        self._wake = threading.Condition()
        self._wakes = 0
        self._closing = threading.Event()
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for slot in range(self._options.slots):
            name = f"{self._options.worker}-{slot}"
            self._threads.append(
                threading.Thread(target=self._work, args=(name,), name=name, daemon=True)
            )
        self._threads.append(threading.Thread(target=self._beat, name="heartbeat", daemon=True))
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There may be a task."""
        with self._wake:
            self._wakes += 1
            self._wake.notify_all()

    def stop(self, drain_seconds: float = 0.0) -> None:
        """Take no more tasks; let running ones end for so long, then give them back [operations-W8]."""
        self._closing.set()
        self.wake()
        workers = self._threads[:-1]
        for thread in workers:
            thread.join(drain_seconds / max(1, len(workers)) if drain_seconds else 0)
        for holding in self._holdings.all().values():
            holding.stop(drained=True)
        for thread in workers:
            thread.join()
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _work(self, name: str) -> None:
        while not self._closing.is_set():
            with self._wake:
                seen = self._wakes
            if self._guarded(
                lambda: run_task(self._board, self._shop, name, holdings=self._holdings)
            ):
                self.wake()
                continue
            self._rest(seen)

    def _rest(self, seen: int) -> None:
        """Until somebody wakes us after `seen` was read."""
        with self._wake:
            self._wake.wait_for(lambda: self._wakes != seen, IDLE_SECONDS)

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            self._guarded(lambda: beat(self._board, self._holdings) or False)

    def _guarded(self, act: Callable[[], bool]) -> bool:
        """A board that cannot be reached for a moment ends no thread: the next round tries again."""
        try:
            return act()
        except Exception:
            LOG.exception("board.unreachable", extra={"worker": self._options.worker})
            return False
