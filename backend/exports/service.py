"""THE EXPORT CLICK, our half: snapshot -> resolve -> price -> enqueue. Services never commit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from backend.assets.repository import list_of_workspace
from backend.assets.tables import AssetRow
from backend.assets.views import asset_json, media_of
from backend.auth.caller import Caller
from backend.db.event_log import record_event
from backend.db.session import Database
from backend.exports import repository
from backend.exports.errors import StaleReason, TooManyWaiting
from backend.exports.jobs_json import job_json
from backend.exports.planning import Priced, Snapshot, asset_ids, priced
from backend.exports.queue import add_task, database_seconds
from backend.exports.settlement import tell_export
from backend.exports.tables import ExportRow, QuoteRow
from backend.exports.views import export_json
from backend.exports.waiting import WAITING, media_arrived
from backend.projects.tables import ProjectRow
from kit.ids import sortable_id
from timeline.jobs import ExportJob
from timeline.media import AssetFacts, AssetState
from timeline.media_json import media_json
from timeline.model import Document, Json, document_json
from timeline.timing import TimeRange

QUOTE_AGE_MAX: Final = timedelta(minutes=15)
WAITING_MAX: Final = 500
CREDITS_HELD: Final = 0  # nothing is held before there is a ledger


class DocumentReader(Protocol):
    async def read_document(self, project_id: str) -> Document:
        """The committed document of a project."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants made of a project."""

    preset: str
    span: TimeRange | None
    quote_id: str | None = None


async def snapshot_of(
    database: Database, documents: DocumentReader, project: ProjectRow
) -> Snapshot:
    """The committed document and what is known of its assets."""
    document = await documents.read_document(project.id)
    async with database.read() as session:
        rows = await list_of_workspace(session, project.workspace_id, asset_ids(document))
    found = {row.id: media_of(row) for row in rows}
    return Snapshot(
        document,
        {name: media for name, media in found.items() if media is not None},
        {row.id: AssetFacts(state=_state(row)) for row in rows if row.media is None},
    )


async def price(order: Order, snapshot: Snapshot) -> Priced:
    """What the order costs at most; ExportRefused. Off the event loop, because films can be long."""
    return await asyncio.to_thread(priced, snapshot, order.preset, order.span)


def new_quote(project: ProjectRow, order: Order, found: Priced, *, now: datetime) -> QuoteRow:
    """That price, good for 15 minutes."""
    return QuoteRow(
        id=sortable_id("qte"),
        project_id=project.id,
        preset=order.preset,
        range_start=order.span.start if order.span else None,
        range_duration=order.span.duration if order.span else None,
        credits=found.quote.credits,
        price_version=found.quote.price_version,
        expires_at=now + QUOTE_AGE_MAX,
    )


async def stale_reason(
    session: AsyncSession, project: ProjectRow, quote_id: str, found: Priced, *, now: datetime
) -> StaleReason | None:
    """Why an order may not be held to that quote any more; `found` is the price of now."""
    row = await session.get(QuoteRow, quote_id)
    if row is None or row.project_id != project.id or row.expires_at <= now:
        return "expired"
    if row.price_version != found.quote.price_version:
        return "expired"
    return "dearer" if found.quote.credits > row.credits else None


async def request_export(
    session: AsyncSession,
    caller: Caller,
    project: ProjectRow,
    order: Order,
    snapshot: Snapshot,
    *,
    now: datetime,
) -> ExportRow:
    """The export, its first task and its event, in one transaction; the film comes later."""
    if await repository.count_waiting(session, project.workspace_id) >= WAITING_MAX:
        raise TooManyWaiting(f"{WAITING_MAX} exports are waiting already")
    export = _new_export(caller, project, order, snapshot, now)
    session.add(export)
    await session.flush()

    await session.run_sync(_enqueue, export, now)
    return export


class RunningWork:
    """What is worked on now, for the event stream."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def running(self, project_id: str) -> Sequence[tuple[str, dict[str, Json]]]:
        async with self._database.read() as session:
            assets = await repository.list_assets_in_work(session, project_id)
            exports = await repository.list_running(session, project_id)
            seconds = await session.run_sync(database_seconds) if exports else 0.0
        return [
            *(("export", export_json(row, now_seconds=seconds)) for row in exports),
            *(("asset", asset_json(row)) for row in assets),
        ]


class BoardWork:
    """`backend/assets/work.py` on the board of this room."""

    async def added(self, session: AsyncSession, asset: AssetRow) -> None:
        kind = _wanted_task(asset)
        if kind is not None:
            await session.run_sync(
                lambda inner: add_task(
                    inner, workspace_id=asset.workspace_id, kind=kind, asset_id=asset.id
                )
            )
        await session.flush()
        await record_event(
            session,
            workspace_id=asset.workspace_id,
            project_id=asset.project_id,
            kind="asset",
            body=asset_json(asset),
            at=asset.created_at,
        )


def _enqueue(session: Session, export: ExportRow, now: datetime) -> None:
    task = add_task(session, workspace_id=export.workspace_id, kind="plan", export_id=export.id)
    if not media_arrived(session, export):
        task.state, export.state = "blocked", "planning"
    tell_export(session, export, now=now)


def _wanted_task(asset: AssetRow) -> Literal["asset_ingest", "asset_views"] | None:
    if asset.state == "pending":
        return "asset_ingest"
    return "asset_views" if asset.views_state == "pending" else None


def _new_export(
    caller: Caller, project: ProjectRow, order: Order, snapshot: Snapshot, now: datetime
) -> ExportRow:
    job = ExportJob(
        id=sortable_id("exp"),
        document=document_json(snapshot.document),
        assets={name: media_json(found) for name, found in snapshot.media.items()},
    )
    return ExportRow(
        id=job.id,
        workspace_id=project.workspace_id,
        project_id=project.id,
        requested_by=caller.user_id,
        requested_name=caller.name,
        name=project.name,
        state="queued",
        preset=order.preset,
        range_start=order.span.start if order.span else None,
        range_duration=order.span.duration if order.span else None,
        job={**job_json(job), WAITING: _pending(snapshot)},
        credits_held=CREDITS_HELD,
        lease_token=0,
        tasks_left=1,
        frames_done=0,
        traceparent=str(structlog.contextvars.get_contextvars().get("traceparent", "")),
        created_at=now,
    )


def _pending(snapshot: Snapshot) -> list[Json]:
    names = sorted(name for name, facts in snapshot.pending.items() if facts.state == "pending")
    return [*names]


def _state(row: AssetRow) -> AssetState:
    return "failed" if row.state == "failed" else "pending"
