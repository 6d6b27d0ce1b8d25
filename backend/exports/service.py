"""THE EXPORT CLICK, our half: snapshot -> resolve -> price -> hold -> enqueue. Services never commit."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from backend.assets.repository import list_of_workspace
from backend.assets.tables import AssetRow
from backend.assets.views import asset_json, media_of
from backend.auth.caller import Caller
from backend.auth.errors import NotAllowed
from backend.credits import repository as ledger
from backend.credits.ledger import Mode
from backend.credits.service import open_wallet
from backend.db.audit_log import record_act
from backend.db.event_log import record_event
from backend.db.session import Database
from backend.exports import repository
from backend.exports.errors import QuoteOver, TooManyWaiting
from backend.exports.jobs_json import job_json
from backend.exports.paid import paid_keys
from backend.exports.planning import Priced, Snapshot, asset_ids, planned, priced
from backend.exports.queue import add_task, database_seconds
from backend.exports.settlement import tell_export
from backend.exports.tables import ExportRow, QuoteRow
from backend.exports.views import export_json
from backend.exports.waiting import WAITING, media_arrived
from backend.projects.access import ProjectAccess, require_project
from backend.projects.tables import ProjectRow
from kit.ids import sortable_id
from kit.logs import bound_traceparent
from timeline.film_options import FilmOptions
from timeline.jobs import ExportJob
from timeline.media import AssetFacts, AssetState
from timeline.media_json import media_json
from timeline.model import Document, Json, document_json
from timeline.timing import TimeRange

QUOTE_AGE_MAX: Final = timedelta(minutes=15)
WAITING_MAX: Final = 500


class DocumentReader(Protocol):
    async def read_document(self, project_id: str) -> Document:
        """The committed document of a project."""
        ...


class SegmentIndex(Protocol):
    """What the engine has made before."""

    @property
    def build_id(self) -> str:
        """The build that renders; its name is part of every segment's key."""
        ...

    def cached(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of the keys that are in the cache; blocks."""
        ...


class NoSegments:
    """Where no engine is at hand nothing is known to be made before, and quotes stay upper bounds."""

    @property
    def build_id(self) -> str:
        return ""

    def cached(self, keys: Iterable[str]) -> frozenset[str]:  # noqa: ARG002 - the port's
        return frozenset()


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose wallet pays."""

    workspace_id: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants made of a project."""

    project_id: str
    preset: str
    span: TimeRange | None
    options: FilmOptions
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


async def price(
    database: Database, segments: SegmentIndex, order: Order, snapshot: Snapshot, payer: Payer
) -> Priced:
    """What the order costs at most; ExportRefused. Off the event loop, because films can be long."""
    plan = await asyncio.to_thread(
        planned, snapshot, order.preset, order.span, order.options, segments.build_id
    )
    async with database.read() as session:
        paid = await session.run_sync(_paid, payer, plan.drawn_keys)
    reusable = await asyncio.to_thread(segments.cached, paid)
    return await asyncio.to_thread(priced, plan, reusable)


def _paid(session: Session, payer: Payer, keys: frozenset[str]) -> frozenset[str]:
    wallet = ledger.find_wallet(session, payer.workspace_id, payer.mode)
    return paid_keys(session, wallet.id, keys) if wallet is not None else frozenset()


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


@dataclass(frozen=True, slots=True)
class Paid:
    """What an order sets aside, from whose wallet, counted with which prices."""

    payer: Payer
    credits: int
    price_version: int


async def credits_to_hold(
    session: AsyncSession, order: Order, found: Priced, payer: Payer, *, now: datetime
) -> Paid:
    """As quoted, or the price of now where there is no quote; QuoteOver.

    `found` is the price of now: a quote is an upper bound, never raised behind anybody's back.
    """
    version = found.quote.price_version
    if order.quote_id is None:
        return Paid(payer, found.quote.credits, version)
    row = await session.get(QuoteRow, order.quote_id)
    if row is None or row.project_id != order.project_id or row.expires_at <= now:
        raise QuoteOver("expired", found)
    if row.price_version != version:
        raise QuoteOver("expired", found)
    if found.quote.credits > row.credits:
        raise QuoteOver("dearer", found)
    return Paid(payer, row.credits, version)


async def require_spender(session: AsyncSession, caller: Caller, project_id: str) -> ProjectAccess:
    """The project, for a caller who may spend its workspace's credits: a guest never does [auth-A8]."""
    found = await require_project(session, caller, project_id, "edit")
    if caller.project_id is not None:
        raise NotAllowed("spend credits", "guest")
    return found


async def request_export(
    session: AsyncSession,
    caller: Caller,
    project: ProjectRow,
    order: Order,
    snapshot: Snapshot,
    paid: Paid,
    *,
    now: datetime,
) -> ExportRow:
    """Hold, export, first task and event, in one transaction; HoldRefused. The film comes later."""
    if await repository.count_waiting(session, project.workspace_id) >= WAITING_MAX:
        raise TooManyWaiting(f"{WAITING_MAX} exports are waiting already")
    export = _new_export(caller, project, order, snapshot, now)
    await session.run_sync(_hold, export, paid, now)
    session.add(export)
    await session.flush()

    await session.run_sync(_enqueue, export, now)
    await record_act(
        session,
        export.workspace_id,
        "export.requested",
        target=export.id,
        detail={"held": str(export.credits_held or 0)},
        at=now,
    )
    return export


def _hold(session: Session, export: ExportRow, paid: Paid, now: datetime) -> None:
    wallet = open_wallet(session, paid.payer.workspace_id, paid.payer.mode, now=now)
    held = ledger.hold(
        session,
        wallet.id,
        paid.credits,
        kind="export",
        ref_id=export.id,
        actor=export.requested_by,
        at=now,
    )
    export.hold_id, export.credits_held = held.id, held.amount
    export.price_version = paid.price_version


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
        options=order.options,
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
        credits_held=0,
        lease_token=0,
        tasks_left=1,
        frames_done=0,
        traceparent=bound_traceparent(),
        created_at=now,
    )


def _pending(snapshot: Snapshot) -> list[Json]:
    names = sorted(name for name, facts in snapshot.pending.items() if facts.state == "pending")
    return [*names]


def _state(row: AssetRow) -> AssetState:
    return "failed" if row.state == "failed" else "pending"
