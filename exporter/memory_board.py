"""The JobBoard in memory: an export without a server, and the pattern for the one over SQL."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from kit.clock import Clock, SystemClock
from timeline.jobs import (
    AssetJob,
    ExportJob,
    ExportReport,
    ExportState,
    Failure,
    Lease,
    NewTask,
    Task,
    TaskKind,
    TaskResult,
    TaskState,
)
from timeline.model import Json

LEASE_SECONDS: Final = 30.0
ATTEMPTS_MAX: Final = 5
PAUSE_SECONDS_MAX: Final = 60.0

EndState: TypeAlias = Literal["done", "failed", "cancelled"]
ENDED: Final = ("done", "failed", "cancelled")


@dataclass(slots=True)
class _Row:
    """A task as the board keeps it. `frames_done` counts frames to encode and never falls."""

    task: Task
    job_id: str
    state: TaskState
    fence: int = 0
    attempts: int = 0
    worker: str = ""
    lease_until: float = 0.0
    not_before: float = 0.0
    frames_done: int = 0


@dataclass(slots=True)
class _Order:
    """A job with what has become of it."""

    job: ExportJob | AssetJob
    state: ExportState
    tasks_left: int
    frames_total: int | None = None
    report: ExportReport | None = None
    body: Mapping[str, Json] = field(default_factory=dict[str, Json])
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the board knows of a job: `frames_done` of `frames_total` frames to encode (None: not known yet)."""

    state: ExportState
    frames_done: int
    frames_total: int | None
    report: ExportReport | None
    body: Mapping[str, Json]
    failure: Failure | None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


class MemoryBoard:
    """Who must do what, until when. Every method is safe from any thread."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        chance: Callable[[], float] = random.random,
        attempts_max: int = ATTEMPTS_MAX,
    ) -> None:
        self._clock = clock or SystemClock()
        self._chance = chance
        self._attempts_max = attempts_max
        self._rows: dict[str, _Row] = {}
        self._orders: dict[str, _Order] = {}
        self._changed = threading.Condition(threading.RLock())
        self._count = 0

    def enqueue(self, job: ExportJob) -> None:
        """Put an export on the board, as its first task."""
        with self._changed:
            self._orders[job.id] = _Order(job, "queued", tasks_left=1)
            self._add(job.id, NewTask("plan", 0, {}))
            self._changed.notify_all()

    def enqueue_asset(
        self, job: AssetJob, kind: Literal["asset_ingest", "asset_views"] = "asset_ingest"
    ) -> None:
        """Put the making of an asset's renditions on the board, under the asset's id."""
        with self._changed:
            self._orders[job.asset_id] = _Order(job, "queued", tasks_left=1)
            self._add(job.asset_id, NewTask(kind, 0, {}))
            self._changed.notify_all()

    def claim(self, worker: str, task_id: str | None = None) -> Lease | None:
        with self._changed:
            self._sweep()
            row = self._claimable(task_id)
            if row is None:
                return None
            row.state, row.worker = "leased", worker
            row.fence += 1
            row.attempts += 1
            row.lease_until = self._clock.monotonic() + LEASE_SECONDS
            order = self._orders[row.job_id]
            entered = _state_of(row.task.kind)
            if entered is not None and order.state in ("queued", "planning"):
                order.state = entered
            self._changed.notify_all()
            return Lease(row.task, order.job, worker, row.fence, row.attempts)

    def heartbeat(self, frames_done: Mapping[tuple[str, int], int]) -> frozenset[tuple[str, int]]:
        with self._changed:
            lost: set[tuple[str, int]] = set()
            for (task_id, fence), frames in frames_done.items():
                row = self._rows.get(task_id)
                if row is None or row.fence != fence or row.state != "leased":
                    lost.add((task_id, fence))
                    continue
                row.lease_until = self._clock.monotonic() + LEASE_SECONDS
                row.frames_done = max(row.frames_done, frames)
            self._changed.notify_all()
            return frozenset(lost)

    def expect(self, lease: Lease, frames: int) -> None:
        with self._changed:
            row = self._held(lease)
            if row is not None:
                self._orders[row.job_id].frames_total = frames
                self._changed.notify_all()

    def announce(self, lease: Lease, state: ExportState) -> None:
        with self._changed:
            row = self._held(lease)
            if row is not None:
                self._orders[row.job_id].state = state
                self._changed.notify_all()

    def commit(self, lease: Lease, result: TaskResult) -> bool:
        with self._changed:
            row = self._held(lease)
            if row is None:
                return False
            order = self._orders[row.job_id]
            row.state = "done"
            for new_task in result.new_tasks:
                self._add(row.job_id, new_task)
            order.tasks_left += len(result.new_tasks) - 1
            if result.frames_total is not None:
                order.frames_total = result.frames_total
            order.body = {**order.body, **result.body}
            self._settle(row, order, result)
            self._changed.notify_all()
            return True

    def fail(self, lease: Lease, failure: Failure) -> None:
        with self._changed:
            row = self._held(lease)
            if row is None:
                return
            if failure.verdict == "drained":
                row.attempts -= 1
                row.state = "ready"
            elif failure.verdict == "transient" and row.attempts < self._attempts_max:
                pause = min(PAUSE_SECONDS_MAX, 0.5 * 2**row.attempts) * self._chance()
                row.not_before = self._clock.monotonic() + pause
                row.state = "ready"
            else:
                row.state = "failed"
                self._end(row.job_id, "failed", failure)
            self._changed.notify_all()

    def cancelled(self, lease: Lease) -> bool:
        with self._changed:
            return self._held(lease) is None

    def cancel(self, job_id: str) -> bool:
        """Stop a job; False where it has ended already."""
        with self._changed:
            order = self._orders[job_id]
            if order.state in ENDED:
                return order.state == "cancelled"
            self._end(job_id, "cancelled", None)
            self._changed.notify_all()
            return True

    def standing(self, job_id: str) -> Standing:
        with self._changed:
            order = self._orders[job_id]
            done = sum(row.frames_done for row in self._rows.values() if row.job_id == job_id)
            return Standing(
                order.state, done, order.frames_total, order.report, order.body, order.failure
            )

    def wait(self, seconds: float) -> None:
        """Sleep until something changes, at most so long."""
        with self._changed:
            self._changed.wait(seconds)

    def _add(self, job_id: str, new_task: NewTask) -> None:
        self._count += 1
        task = Task(f"task_{self._count}", new_task.kind, new_task.position, new_task.payload)
        self._rows[task.id] = _Row(task, job_id, "blocked" if new_task.blocked else "ready")

    def _claimable(self, task_id: str | None) -> _Row | None:
        now = self._clock.monotonic()
        rows = self._rows.values() if task_id is None else [self._rows[task_id]]
        ready = [
            row
            for row in rows
            if row.state == "ready"
            and row.not_before <= now
            and self._orders[row.job_id].state not in ENDED
        ]
        return min(ready, key=lambda row: row.task.position, default=None)

    def _held(self, lease: Lease) -> _Row | None:
        row = self._rows.get(lease.task.id)
        if row is None or row.fence != lease.fence or row.state != "leased":
            return None
        return row

    def _sweep(self) -> None:
        """Leases that ran out are given to somebody else; the fence makes the late owner harmless."""
        now = self._clock.monotonic()
        for row in self._rows.values():
            if row.state == "leased" and row.lease_until < now:
                row.state = "ready"
                row.fence += 1

    def _settle(self, row: _Row, order: _Order, result: TaskResult) -> None:
        """The commit that leaves one task frees the blocked one; the last commit ends the job."""
        if order.tasks_left == 0:
            order.report = result.report
            self._end(row.job_id, "done", None)
            return
        mine = [other for other in self._rows.values() if other.job_id == row.job_id]
        blocked = [other for other in mine if other.state == "blocked"]
        if len(blocked) == order.tasks_left:
            for other in blocked:
                other.state = "ready"

    def _end(self, job_id: str, state: EndState, failure: Failure | None) -> None:
        order = self._orders[job_id]
        order.state, order.failure = state, failure
        for row in self._rows.values():
            if row.job_id == job_id and row.state in ("blocked", "ready", "leased"):
                row.state = "cancelled"
                row.task = replace(row.task, payload={})


def _state_of(kind: TaskKind) -> ExportState | None:
    match kind:
        case "plan":
            return "planning"
        case "segments" | "audio":
            return "rendering"
        case _:
            return None
