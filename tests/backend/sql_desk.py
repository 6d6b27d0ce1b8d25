"""The SQL board behind the desk of the contract suite: a real database, a clock that is moved by hand."""

import asyncio

from sqlalchemy.orm import Session

from backend.auth.local_owner import ensure_local_owner
from backend.db.session import Database
from backend.exports.board import SqlBoard
from backend.exports.meters import BoardMeters
from backend.exports.queue import add_task
from backend.exports.tables import ExportRow
from backend.projects.tables import ProjectRow
from kit.clock import ManualClock
from kit.metrics import Metrics


class SqlDesk:
    def __init__(self, database: Database) -> None:
        self._clock = ManualClock()
        self._database = database
        self.metrics = Metrics()
        self.board = SqlBoard(
            self._database,
            self._clock,
            seconds=self._seconds,
            chance=lambda: 1.0,
            meters=BoardMeters(self.metrics),
        )
        with self._database.write_in_thread() as session:
            self._user, self._workspace = ensure_local_owner(session, now=self._clock.now())
            session.add(
                ProjectRow(
                    id="prj_1",
                    workspace_id=self._workspace,
                    name="Film",
                    created_by=self._user,
                    created_at=self._clock.now(),
                    updated_at=self._clock.now(),
                )
            )
        self._count = 0

    def _seconds(self, _session: Session) -> float:
        return 1000.0 + self._clock.monotonic()

    def order(self) -> str:
        self._count += 1
        export_id = f"exp_{self._count}"
        with self._database.write_in_thread() as session:
            session.add(
                ExportRow(
                    id=export_id,
                    workspace_id=self._workspace,
                    project_id="prj_1",
                    requested_by=self._user,
                    requested_name="Owner",
                    name="Film",
                    state="queued",
                    preset="source",
                    job={"document": {}, "assets": {}, "captions": "burn", "on_missing": "slate"},
                    credits_held=0,
                    lease_token=0,
                    tasks_left=1,
                    frames_done=0,
                    traceparent="",
                    created_at=self._clock.now(),
                )
            )
            session.flush()
            add_task(session, workspace_id=self._workspace, kind="plan", export_id=export_id)
        return export_id

    def cancel(self, export_id: str) -> bool:
        return self.board.cancel(export_id)

    def state(self, export_id: str) -> str:
        return self._row(export_id).state

    def frames(self, export_id: str) -> tuple[int, int | None]:
        row = self._row(export_id)
        return row.frames_done, row.frames_total

    def _row(self, export_id: str) -> ExportRow:
        with self._database.read_in_thread() as session:
            return session.get_one(ExportRow, export_id)

    def advance(self, seconds: float) -> None:
        """Time passes, and the keeper makes its round."""
        self.let_pass(seconds)
        self.board.sweep()

    def let_pass(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def close(self) -> None:
        asyncio.run(self._database.close())
