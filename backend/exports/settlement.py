"""How an order ends: state, event and what happens to its credits, in one transaction [operations-W1].

`done` captures, any other end releases, and nothing else ever settles a hold [credits-L11]: an
export is in an end state exactly when its hold is settled.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.assets.tables import AssetRow, ProjectAssetRow
from backend.assets.views import asset_json
from backend.credits import repository as ledger
from backend.db.audit_log import append_act
from backend.db.event_log import append_event
from backend.exports.paid import keep_paid, paid_keys
from backend.exports.tables import ExportRow, TaskRow
from backend.exports.views import export_json, problem_json, report_json
from timeline.jobs import ExportReport, Failure
from timeline.media import MediaFacts
from timeline.media_json import media_json
from timeline.model import Json
from timeline.quote import PRICE_TABLES, price_of_film

OPEN: Final = ("blocked", "ready", "leased")


def export_done(session: Session, row: ExportRow, report: ExportReport, *, now: datetime) -> None:
    row.state = "done"
    row.report = report_json(report)
    row.film_key = report.output
    row.film_sha256 = report.sha256
    row.film_size_bytes = report.size_bytes
    _capture(session, row, report, now)
    _end(session, row, now)


def export_failed(session: Session, row: ExportRow, failure: Failure, *, now: datetime) -> None:
    row.state = "failed"
    row.problem = problem_json(failure)
    _release(session, row, now)
    _end(session, row, now)


def export_cancelled(session: Session, row: ExportRow, *, now: datetime) -> None:
    row.state = "cancelled"
    _release(session, row, now)
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
    """The `asset` event of a change of state, to every project whose media it is [assets-U10]."""
    session.flush()
    used = select(ProjectAssetRow.project_id).where(ProjectAssetRow.asset_id == row.id)
    others = session.scalars(used).all() if row.project_id is not None else ()
    for project_id in (row.project_id, *others):
        append_event(
            session,
            workspace_id=row.workspace_id,
            project_id=project_id,
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
    row.kind = _kind(media)
    row.media = media_json(media)
    tell_asset(session, row, now=now)


def _kind(media: MediaFacts) -> str:
    if media.cube is not None:
        return "lut"
    if media.still is not None:
        return "image"
    return "video" if media.picture is not None else "audio"


def asset_viewed(
    session: Session, row: AssetRow, views: dict[str, Json] | None, *, now: datetime
) -> None:
    """What the editor shows is there; None: it could not be made, and exports do not need it."""
    row.views_state = "ready" if views is not None else "none"
    row.views = views
    tell_asset(session, row, now=now)


def _capture(session: Session, row: ExportRow, report: ExportReport, now: datetime) -> None:
    """Spend the smaller of the hold and what the film costs, priced under the wallet's lock.

    What is drawn belongs to what this wallet has paid for from then on; that is free when reused.
    """
    if row.hold_id is None:  # ordered before there was a ledger
        return
    session.flush()
    held = ledger.lock_hold(session, row.hold_id)
    ledger.lock_wallet(session, held.wallet_id)
    drawn = {item.key for item in report.made if item.kind != "copied"}
    paid = paid_keys(session, held.wallet_id, drawn)
    prices = PRICE_TABLES.get(row.price_version or 0)
    cost = price_of_film(report, paid, prices) if prices is not None else None
    row.credits_captured = ledger.capture_hold(
        session, held, held.amount if cost is None else cost, actor=row.requested_by, at=now
    )
    keep_paid(session, held.wallet_id, drawn - paid, row.id)


def _release(session: Session, row: ExportRow, now: datetime) -> None:
    if row.hold_id is None:
        return
    session.flush()
    held = ledger.lock_hold(session, row.hold_id)
    ledger.release_hold(session, held, actor=row.requested_by, at=now)


def _end(session: Session, row: ExportRow, now: datetime) -> None:
    row.ended_at = now
    session.execute(
        update(TaskRow)
        .where(TaskRow.export_id == row.id, TaskRow.state.in_(OPEN))
        .values(state="cancelled", payload={})
    )
    tell_export(session, row, now=now)
    detail = {"held": str(row.credits_held or 0), "captured": str(row.credits_captured or 0)}
    append_act(
        session, row.workspace_id, f"export.{row.state}", target=row.id, detail=detail, at=now
    )
