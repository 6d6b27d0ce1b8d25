"""What board and ledger look like at this moment, for Prometheus [door-D5, operations-T5]."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Executable, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.credits.tables import HoldRow
from backend.db.session import Database
from backend.exports.queue import database_seconds
from backend.exports.tables import ExportRow, TaskRow, WorkerRow
from backend.exports.workers import SEEN_SECONDS
from kit.clock import Clock


async def export_metrics(database: Database, clock: Clock) -> Sequence[Metric]:
    async with database.read() as session:
        now = await session.run_sync(database_seconds)
        return [
            await _counted(
                session,
                GaugeMetricFamily("cutroom_tasks", "Tasks on the board.", labels=("kind", "state")),
                select(TaskRow.kind, TaskRow.state, func.count()).group_by(
                    TaskRow.kind, TaskRow.state
                ),
            ),
            await _counted(
                session,
                GaugeMetricFamily("cutroom_exports", "Orders of films.", labels=("state",)),
                select(ExportRow.state, func.count()).group_by(ExportRow.state),
            ),
            await _age(
                session,
                "cutroom_queue_age_seconds",
                "How long the export that waits longest has waited for its first task.",
                select(func.min(ExportRow.created_at)).where(ExportRow.state == "queued"),
                clock,
            ),
            await _age(
                session,
                "cutroom_holds_open_seconds",
                "Age of the oldest credits that are set aside and not settled.",
                select(func.min(HoldRow.created_at)).where(HoldRow.state == "active"),
                clock,
            ),
            await _counted(
                session,
                GaugeMetricFamily("cutroom_workers", "Workers seen within a minute.", labels=()),
                select(func.count()).where(WorkerRow.seen_at >= now - SEEN_SECONDS),
            ),
            await _counted(
                session,
                GaugeMetricFamily("cutroom_slots", "Tasks they do at a time.", labels=()),
                select(func.coalesce(func.sum(WorkerRow.slots), 0)).where(
                    WorkerRow.seen_at >= now - SEEN_SECONDS, WorkerRow.draining_since.is_(None)
                ),
            ),
        ]


async def _counted(
    session: AsyncSession, family: GaugeMetricFamily, query: Executable
) -> GaugeMetricFamily:
    """Rows of labels and a number."""
    rows: Sequence[Any] = (await session.execute(query)).all()
    for *labels, count in rows:
        family.add_metric([str(label) for label in labels], float(count))
    return family


async def _age(
    session: AsyncSession, name: str, words: str, oldest: Executable, clock: Clock
) -> GaugeMetricFamily:
    """Seconds since a moment, 0 where there is none."""
    moment: datetime | None = (await session.execute(oldest)).scalar_one_or_none()
    age = 0.0 if moment is None else (clock.now() - moment).total_seconds()
    return GaugeMetricFamily(name, words, max(0.0, age))
