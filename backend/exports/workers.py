"""Who works, as every node sees it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.db.session import Database
from backend.exports.queue import Seconds, database_seconds
from backend.exports.tables import WorkerRow

SEEN_SECONDS: Final = 60.0
FORGOTTEN_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Worker:
    """One `cutroom work`: how many tasks it does at a time, its version and the level of its box."""

    id: str
    host: str
    slots: int
    version: str
    sandbox: str


def show_worker(
    database: Database,
    worker: Worker,
    *,
    draining: bool = False,
    seconds: Seconds = database_seconds,
) -> None:
    """It is there now; `draining`: it takes nothing more."""
    with database.write_in_thread() as session:
        now = seconds(session)
        row = session.get(WorkerRow, worker.id)
        if row is None:
            row = WorkerRow(id=worker.id)
            session.add(row)
        row.host, row.slots = worker.host, worker.slots
        row.version, row.sandbox, row.seen_at = worker.version, worker.sandbox, now
        if draining and row.draining_since is None:
            row.draining_since = now


def hide_worker(database: Database, worker_id: str) -> None:
    """It has stopped."""
    with database.write_in_thread() as session:
        session.execute(delete(WorkerRow).where(WorkerRow.id == worker_id))


def seen_workers(session: Session, now: float) -> list[str]:
    """Ids of those that may be told something."""
    seen = select(WorkerRow.id).where(WorkerRow.seen_at >= now - SEEN_SECONDS)
    return list(session.scalars(seen.order_by(WorkerRow.id)))


def count_workers(database: Database, *, seconds: Seconds = database_seconds) -> int:
    """How many were seen within a minute; blocks."""
    with database.read_in_thread() as session:
        return len(seen_workers(session, seconds(session)))


def all_slots(session: Session, now: float) -> int:
    """How many tasks all workers together can do at a time; who drains counts no more."""
    counted = select(func.coalesce(func.sum(WorkerRow.slots), 0)).where(
        WorkerRow.seen_at >= now - SEEN_SECONDS, WorkerRow.draining_since.is_(None)
    )
    return int(session.execute(counted).scalar_one())


def forget_workers(session: Session, now: float) -> None:
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < now - FORGOTTEN_SECONDS))
