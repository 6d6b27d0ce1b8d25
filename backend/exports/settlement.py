"""How an order ends: state, event and what happens to its credits, in one transaction [operations-W1].

There is no ledger yet, so nothing is held and nothing is captured; the place for it is here.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.assets.tables import AssetRow
from backend.assets.views import asset_json
from backend.db.event_log import append_event
from backend.exports.tables import ExportRow, TaskRow
from backend.exports.views import export_json, problem_json, report_json
from timeline.jobs import ExportReport, Failure
from timeline.media import MediaFacts
from timeline.media_json import media_json
from timeline.model import Json

OPEN: Final = ("blocked", "ready", "leased")


def export_done(session: Session, row: ExportRow, report: ExportReport, *, now: datetime) -> None:
    row.state = "done"
    row.report = report_json(report)
    row.film_key = report.output
    row.film_sha256 = report.sha256
    row.film_size_bytes = report.size_bytes
    _end(session, row, now)


def export_failed(session: Session, row: ExportRow, failure: Failure, *, now: datetime) -> None:
    row.state = "failed"
    row.problem = problem_json(failure)
    _end(session, row, now)


def export_cancelled(session: Session, row: ExportRow, *, now: datetime) -> None:
    row.state = "cancelled"
    _end(session, row, now)


def tell_export(session: Session, row: ExportRow, *, now: datetime) -> None:
    """The `export` event of a change of state; the last statement of a transaction."""
    session.flush()
    append_event(
        session,
        workspace_id=row.workspace_id,
        project_id=row.project_id,
        kind="export",
        body=export_json(row),
        at=now,
    )


def tell_asset(session: Session, row: AssetRow, *, now: datetime) -> None:
    """The `asset` event of a change of state."""
    session.flush()
    append_event(
        session,
        workspace_id=row.workspace_id,
        project_id=row.project_id,
        kind="asset",
        body=asset_json(row),
        at=now,
    )


def asset_failed(session: Session, row: AssetRow, failure: Failure, *, now: datetime) -> None:
    """Exports cannot use it; people see why."""
    row.state = "failed"
    row.views_state = "none"
    row.problem = problem_json(failure)
    tell_asset(session, row, now=now)


def asset_ingested(session: Session, row: AssetRow, media: MediaFacts, *, now: datetime) -> None:
    """Exports can use it. What it is, the probe knows better than the first bytes did."""
    row.state, row.progress = "ready", 0.0
    row.kind = "image" if media.still else "video" if media.picture else "audio"
    row.media = media_json(media)
    tell_asset(session, row, now=now)


def asset_viewed(
    session: Session, row: AssetRow, views: dict[str, Json] | None, *, now: datetime
) -> None:
    """What the editor shows is there; None: it could not be made, and exports do not need it."""
    row.views_state = "ready" if views is not None else "none"
    row.views = views
    tell_asset(session, row, now=now)


def _end(session: Session, row: ExportRow, now: datetime) -> None:
    row.ended_at = now
    session.execute(
        update(TaskRow)
        .where(TaskRow.export_id == row.id, TaskRow.state.in_(OPEN))
        .values(state="cancelled", payload={})
    )
    tell_export(session, row, now=now)
