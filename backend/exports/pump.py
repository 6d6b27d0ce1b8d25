"""Ready tasks -> messages: a few more than there are hands, the next in turn first [operations-W9, W10].

What is in flight and not claimed within ten seconds is told again, so a lost message costs seconds, never a task.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.session import Database
from backend.exports.carrier import QUEUES, Carrier
from backend.exports.queue import Seconds, in_turn
from backend.exports.tables import ExportRow, TaskRow
from backend.exports.workers import all_slots, seen_workers

TOLD_AGAIN_SECONDS: Final = 10.0
MESSAGES_PER_SLOT: Final = 2


class Pump:
    def __init__(self, database: Database, carrier: Carrier, seconds: Seconds) -> None:
        self._database = database
        self._carrier = carrier
        self._seconds = seconds

    def pump(self) -> int:
        """Tell of the tasks whose turn it is; answers how many. CarrierAway: told again later."""
        with self._database.write_in_thread() as session:
            now = self._seconds(session)
            told_before = now - TOLD_AGAIN_SECONDS
            taken = session.execute(
                select(func.count()).where(
                    (TaskRow.state == "leased")
                    | ((TaskRow.state == "ready") & (TaskRow.sent_at > told_before))
                )
            ).scalar_one()
            room = MESSAGES_PER_SLOT * all_slots(session, now) - taken
            rows = [row for row in in_turn(session, now) if row.sent_at <= told_before]
            chosen = rows[: max(0, room)]
            for row in chosen:
                row.sent_at = now
            traces = _traceparents(session, chosen)
            messages = [(row.id, QUEUES[row.kind], traces.get(row.export_id, "")) for row in chosen]
        for task_id, queue, traceparent in messages:
            self._carrier.send(task_id, queue, traceparent)
        return len(messages)

    def send_canaries(self) -> None:
        """To every worker that was seen lately."""
        with self._database.read_in_thread() as session:
            workers = seen_workers(session, self._seconds(session))
        for worker in workers:
            self._carrier.send_canary(worker)


def _traceparents(session: Session, rows: Iterable[TaskRow]) -> dict[str | None, str]:
    """Those of the orders that tasks belong to."""
    wanted = {row.export_id for row in rows if row.export_id is not None}
    if not wanted:
        return {}
    found = select(ExportRow.id, ExportRow.traceparent).where(ExportRow.id.in_(wanted))
    return {row.id: row.traceparent for row in session.execute(found)}
