"""Ready tasks -> messages: a few more than there are hands, the next in turn first [operations-W9, W10].

What is in flight and not claimed within ten seconds is told again, so a lost message costs seconds, never a task.
"""

from typing import Final

from sqlalchemy import func, select

from backend.db.session import Database
from backend.exports.carrier import QUEUES, Carrier
from backend.exports.queue import Seconds, in_turn
from backend.exports.tables import TaskRow
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
            messages = [(row.id, QUEUES[row.kind]) for row in chosen]
        for task_id, queue in messages:
            self._carrier.send(task_id, queue)
        return len(messages)

    def send_canaries(self) -> None:
        """To every worker that was seen lately."""
        with self._database.read_in_thread() as session:
            workers = seen_workers(session, self._seconds(session))
        for worker in workers:
            self._carrier.send_canary(worker)
