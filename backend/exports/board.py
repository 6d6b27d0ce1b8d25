"""The JobBoard over SQL [operations-W1 to W5]: what is true about work stands in our tables.

Every method is one transaction, safe from any thread. Each later write names (task, fence): where
no row matches, the lease is lost and nothing is written.
"""

import random
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.assets.tables import AssetRow
from backend.db.session import Database
from backend.exports import settlement
from backend.exports.jobs_json import asset_job, export_job, task_of
from backend.exports.meters import BoardMeters
from backend.exports.queue import (
    LEASE_SECONDS,
    Seconds,
    add_task,
    any_ready,
    database_seconds,
    next_ready,
    sweep,
    take_back_all,
)
from backend.exports.tables import ExportRow, TaskRow
from backend.exports.waiting import free_waiting
from kit.clock import Clock
from kit.logs import bind_trace
from kit.metrics import Metrics
from timeline.jobs import ExportJob, ExportState, Failure, Lease, TaskResult
from timeline.media_json import media_from_json

ATTEMPTS_MAX: Final = 5
PAUSE_SECONDS_MAX: Final = 60.0
ERROR_SHOWN: Final = 4000
ORDER: Final = ("queued", "planning", "rendering", "stitching", "checking")
ENTERED: Final[dict[str, ExportState]] = {
    "plan": "planning",
    "segments": "rendering",
    "audio": "rendering",
    "stitch": "stitching",
}


class SqlBoard:
    """`seconds` is the database's clock, `clock` the time of day for people."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        seconds: Seconds = database_seconds,
        lease_seconds: float = LEASE_SECONDS,
        chance: Callable[[], float] = random.random,
        meters: BoardMeters | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._seconds = seconds
        self._lease_seconds = lease_seconds
        self._chance = chance
        self._meters = meters or BoardMeters(Metrics())

    def claim(self, worker: str, task_id: str | None = None) -> Lease | None:
        with self._database.read_in_thread() as session:
            if not any_ready(session, self._seconds):
                return None
        with self._database.write_in_thread() as session:
            now = self._seconds(session)
            row = next_ready(session, now, task_id)
            if row is None:
                return None
            if row.export_id is not None and _lock_idle(session, row.export_id) is None:
                return None  # being cancelled or handed in at this moment; there is a next round
            row.state, row.worker, row.sent_at = "leased", worker, 0.0
            row.fence += 1
            row.attempts += 1
            row.lease_until, row.beat_at = now + self._lease_seconds, now
            return self._lease(session, row, now)

    def _lease(self, session: Session, row: TaskRow, now: float) -> Lease:
        """What was claimed; the claiming thread does it, so what that logs and writes is of the order's trace."""
        if row.asset_id is not None:
            asset = session.get_one(AssetRow, row.asset_id)
            bind_trace("")
            return Lease(task_of(row), asset_job(asset), row.worker, row.fence, row.attempts)
        export = session.get_one(ExportRow, row.export_id)
        bind_trace(export.traceparent)
        lease = Lease(task_of(row), export_job(export), row.worker, row.fence, row.attempts)
        if row.kind == "stitch":
            export.lease_token = row.fence
        if export.rendering_since is None and row.kind == "segments":
            export.rendering_since = now
        self._enter(session, export, ENTERED.get(row.kind))
        return lease

    def heartbeat(self, frames_done: Mapping[tuple[str, int], int]) -> frozenset[tuple[str, int]]:
        if not frames_done:
            return frozenset()
        lost: set[tuple[str, int]] = set()
        with self._database.write_in_thread() as session:
            now = self._seconds(session)
            exports: set[str] = set()
            for (task_id, fence), frames in frames_done.items():
                row = _held(session, task_id, fence)
                if row is None:
                    lost.add((task_id, fence))
                    continue
                row.lease_until, row.beat_at = now + self._lease_seconds, now
                row.frames_done = max(row.frames_done, frames)
                if row.export_id is not None:
                    exports.add(row.export_id)
                elif row.frames_total:
                    asset = session.get_one(AssetRow, row.asset_id)
                    asset.progress = min(1.0, row.frames_done / row.frames_total)
            session.flush()
            for export_id in sorted(exports):
                if _lock_idle(session, export_id) is not None:  # else the next beat counts them
                    _count_frames(session, export_id)
        return frozenset(lost)

    def expect(self, lease: Lease, frames: int) -> None:
        with self._database.write_in_thread() as session:
            row = _held(session, *lease.key)
            if row is not None:
                row.frames_total = frames

    def announce(self, lease: Lease, state: ExportState) -> None:
        with self._database.write_in_thread() as session:
            export = _locked_export(session, lease)
            if export is not None and _held(session, *lease.key) is not None:
                self._enter(session, export, state)

    def commit(self, lease: Lease, result: TaskResult) -> bool:
        with self._database.write_in_thread() as session:
            export = _locked_export(session, lease)
            row = _held(session, *lease.key)
            if row is None or (export is not None and _is_over(export, lease, result)):
                now_owned = session.get(TaskRow, lease.task.id)
                if now_owned is not None and now_owned.fence != lease.fence:
                    self._meters.fenced_out()
                return False
            row.state, row.payload = "done", {}
            if export is not None:
                self._commit_export(session, export, result)
            else:
                self._commit_asset(session, session.get_one(AssetRow, row.asset_id), row, result)
        self._meters.export_ended(export)
        return True

    def _commit_export(self, session: Session, export: ExportRow, result: TaskResult) -> None:
        """Fan-out and fan-in: the commit that leaves only blocked tasks frees them [operations-W5]."""
        for new in result.new_tasks:
            add_task(
                session,
                workspace_id=export.workspace_id,
                kind=new.kind,
                export_id=export.id,
                new=new,
            )
        export.tasks_left += len(result.new_tasks) - 1
        if result.frames_total is not None:
            export.frames_total = result.frames_total
        session.flush()
        _count_frames(session, export.id)
        if export.tasks_left == 0:
            if result.report is None:
                failure = Failure("poison", "internal", "the last task handed in no report")
                settlement.export_failed(session, export, failure, now=self._clock.now())
            else:
                settlement.export_done(session, export, result.report, now=self._clock.now())
            return
        _free_blocked(session, export)

    def _commit_asset(
        self, session: Session, asset: AssetRow, row: TaskRow, result: TaskResult
    ) -> None:
        now = self._clock.now()
        if row.kind == "asset_views":
            settlement.asset_viewed(session, asset, dict(result.body), now=now)
            return
        media = media_from_json(result.body.get("media"), f"assets/{asset.id}")
        if asset.views_state == "pending":
            add_task(
                session, workspace_id=asset.workspace_id, kind="asset_views", asset_id=asset.id
            )
        settlement.asset_ingested(session, asset, media, now=now)
        free_waiting(session, asset.workspace_id)

    def fail(self, lease: Lease, failure: Failure) -> None:
        with self._database.write_in_thread() as session:
            export = _locked_export(session, lease)
            row = _held(session, *lease.key)
            if row is None:
                return
            row.error = f"{failure.code}: {failure.detail}"[:ERROR_SHOWN]
            if failure.verdict == "drained":
                row.attempts -= 1
                row.state = "ready"
            elif failure.verdict == "transient" and row.attempts < ATTEMPTS_MAX:
                pause = min(PAUSE_SECONDS_MAX, 0.5 * 2**row.attempts) * self._chance()
                row.not_before = self._seconds(session) + pause
                row.state = "ready"
            else:
                row.state = "failed"
                self._give_up(session, row, export, failure)
        self._meters.export_ended(export)

    def _give_up(
        self, session: Session, row: TaskRow, export: ExportRow | None, failure: Failure
    ) -> None:
        now = self._clock.now()
        if export is not None:
            settlement.export_failed(session, export, failure, now=now)
            return
        asset = session.get_one(AssetRow, row.asset_id)
        if row.kind == "asset_views":
            settlement.asset_viewed(session, asset, None, now=now)
        else:
            settlement.asset_failed(session, asset, failure, now=now)
            free_waiting(session, asset.workspace_id)

    def cancelled(self, lease: Lease) -> bool:
        with self._database.read_in_thread() as session:
            return _held(session, *lease.key) is None

    def cancel(self, export_id: str) -> bool:
        """Stop an export; False where it has ended otherwise."""
        with self._database.write_in_thread() as session:
            export = session.get_one(ExportRow, export_id, with_for_update=True)
            if export.state in {"done", "failed"}:
                return False
            if export.state == "cancelled":
                return True
            settlement.export_cancelled(session, export, now=self._clock.now())
        self._meters.export_ended(export)
        return True

    def sweep(self) -> int:
        """Give tasks of dead workers to others."""
        with self._database.write_in_thread() as session:
            swept = sweep(session, self._seconds(session))
        self._meters.leases_expired(swept)
        return swept

    def take_back_all(self) -> int:
        """After a restart of the only process on this database."""
        with self._database.write_in_thread() as session:
            return take_back_all(session)

    def _enter(self, session: Session, export: ExportRow, state: ExportState | None) -> None:
        """A state is only ever left forwards."""
        if state is None or export.state not in ORDER or state not in ORDER:
            return
        if ORDER.index(state) > ORDER.index(export.state):
            export.state = state
            settlement.tell_export(session, export, now=self._clock.now())


def _locked_export(session: Session, lease: Lease) -> ExportRow | None:
    """The export of a lease, locked before its tasks [operations-W1]; None for work on an asset."""
    if not isinstance(lease.job, ExportJob):
        return None
    return session.get_one(ExportRow, lease.job.id, with_for_update=True)


def _lock_idle(session: Session, export_id: str) -> ExportRow | None:
    """The export, locked, unless somebody else has it: who holds a task already never waits for it."""
    return session.scalar(
        select(ExportRow)
        .where(ExportRow.id == export_id, ExportRow.ended_at.is_(None))
        .with_for_update(skip_locked=True)
    )


def _is_over(export: ExportRow, lease: Lease, result: TaskResult) -> bool:
    """Whether this report comes from a stitch that was given to somebody else, or too late [credits-L12]."""
    if export.ended_at is not None:
        return True
    return (
        result.report is not None
        and lease.task.kind == "stitch"
        and export.lease_token != lease.fence
    )


def _held(session: Session, task_id: str, fence: int) -> TaskRow | None:
    return session.scalar(
        select(TaskRow)
        .where(TaskRow.id == task_id, TaskRow.fence == fence, TaskRow.state == "leased")
        .with_for_update()
    )


def _free_blocked(session: Session, export: ExportRow) -> None:
    open_now = session.execute(
        select(func.count()).where(
            TaskRow.export_id == export.id, TaskRow.state.in_(("ready", "leased"))
        )
    ).scalar_one()
    if open_now == 0:
        session.execute(
            update(TaskRow)
            .where(TaskRow.export_id == export.id, TaskRow.state == "blocked")
            .values(state="ready")
        )


def _count_frames(session: Session, export_id: str) -> None:
    """Frames done of an export never fall [events-V1]."""
    done = session.execute(
        select(func.coalesce(func.sum(TaskRow.frames_done), 0)).where(
            TaskRow.export_id == export_id
        )
    ).scalar_one()
    session.execute(
        update(ExportRow)
        .where(ExportRow.id == export_id, ExportRow.frames_done < done)
        .values(frames_done=done)
    )
