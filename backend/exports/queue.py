"""Tasks as rows: put on the board, chosen, swept. Sync, for sessions of either way in."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.orm import Session

from backend.db.session import hint_after_commit
from backend.exports.tables import ExportRow, TaskRow
from kit.ids import sortable_id
from timeline.jobs import NewTask, TaskKind

LEASE_SECONDS: Final = 30.0
CANDIDATES_MAX: Final = 200  # enough to see every waiting workspace's first tasks
WORK_TOPIC: Final = "work.ready"
WEIGHTS: Final = {"asset_ingest": 1, "asset_views": 1}
EXPORT_WEIGHT: Final = 2

Seconds = Callable[[Session], float]
"""The database's clock: lease times never come from a worker's."""


def database_seconds(session: Session) -> float:
    """Seconds since 1970 by the clock of the database."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    clock = (
        "(julianday('now') - 2440587.5) * 86400.0"
        if sqlite
        else "extract(epoch from clock_timestamp())"
    )
    return float(session.execute(text(f"select {clock}")).scalar_one())


def add_task(
    session: Session,
    *,
    workspace_id: str,
    kind: TaskKind,
    export_id: str | None = None,
    asset_id: str | None = None,
    new: NewTask | None = None,
) -> TaskRow:
    """Put one task on the board, and tell workers once the transaction stands."""
    row = TaskRow(
        id=sortable_id("tsk"),
        export_id=export_id,
        asset_id=asset_id,
        workspace_id=workspace_id,
        kind=kind,
        position=new.position if new else 0,
        version=1,
        payload=dict(new.payload) if new else {},
        state="blocked" if new and new.blocked else "ready",
        attempts=0,
        fence=0,
        worker="",
        lease_until=0.0,
        beat_at=0.0,
        not_before=0.0,
        frames_done=0,
        frames_total=None,
        error="",
    )
    session.add(row)
    hint_after_commit(session, WORK_TOPIC)
    return row


def any_ready(session: Session, seconds: Seconds) -> bool:
    """A cheap look before a writing one."""
    now = seconds(session)
    found = session.execute(
        select(TaskRow.id).where(TaskRow.state == "ready", TaskRow.not_before <= now).limit(1)
    )
    return found.first() is not None


def next_ready(session: Session, now: float, task_id: str | None = None) -> TaskRow | None:
    """The task whose turn it is [operations-W9], or that one, locked where the database can."""
    if task_id is not None:
        return session.scalar(_ready(now).where(TaskRow.id == task_id))
    return next(iter(in_turn(session, now)), None)


def in_turn(session: Session, now: float) -> list[TaskRow]:
    """Ready tasks, the next one first; as many as are looked at in one go."""
    ranked = _ranked(session.scalars(_ready(now)).all(), _leased_by_workspace(session))
    return [row for _, row in sorted(ranked, key=lambda pair: pair[0])]


def _ready(now: float) -> Select[TaskRow]:
    return (
        select(TaskRow)
        .outerjoin(ExportRow, ExportRow.id == TaskRow.export_id)
        .where(TaskRow.state == "ready", TaskRow.not_before <= now, ExportRow.ended_at.is_(None))
        .order_by(TaskRow.position, TaskRow.id)
        .limit(CANDIDATES_MAX)
        .with_for_update(skip_locked=True, of=TaskRow)
    )


def _ranked(
    ready: Iterable[TaskRow], leased: Counter[str]
) -> Iterable[tuple[tuple[int, int, int, str], TaskRow]]:
    """A workspace's tasks queue behind each other, whoever else waits stands beside them."""
    queued: Counter[str] = Counter()
    for row in ready:
        place = leased[row.workspace_id] + queued[row.workspace_id]
        queued[row.workspace_id] += 1
        weight = WEIGHTS.get(row.kind, EXPORT_WEIGHT)
        yield ((place + 1) * weight, weight, row.position, row.id), row


def _leased_by_workspace(session: Session) -> Counter[str]:
    rows = session.execute(
        select(TaskRow.workspace_id, func.count())
        .where(TaskRow.state == "leased")
        .group_by(TaskRow.workspace_id)
    )
    counted: Counter[str] = Counter()
    for workspace_id, count in rows:
        counted[workspace_id] = count
    return counted


def sweep(session: Session, now: float) -> int:
    """Leases that ran out are ready again; the fence makes the late owner harmless."""
    swept = session.execute(
        update(TaskRow)
        .where(TaskRow.state == "leased", TaskRow.lease_until < now)
        .values(state="ready", fence=TaskRow.fence + 1, sent_at=0.0)
        .returning(TaskRow.id)
    ).all()
    if swept:
        hint_after_commit(session, WORK_TOPIC)
    return len(swept)


def take_back_all(session: Session) -> int:
    """At the start of the only process on this database: every lease was its own [operations-W11]."""
    taken = session.execute(
        update(TaskRow)
        .where(TaskRow.state == "leased")
        .values(state="ready", fence=TaskRow.fence + 1, not_before=0.0)
        .returning(TaskRow.id)
    ).all()
    return len(taken)
