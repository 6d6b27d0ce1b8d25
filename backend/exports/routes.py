"""Quotes, exports, their state, their end, the film."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import datetime
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from backend.assets.bytes import Shown, bytes_answer
from backend.assets.routes import StoreDep
from backend.assets.service import plain_name
from backend.auth.caller import CallerDep
from backend.credits.routes import ModeDep
from backend.credits.service import open_wallet
from backend.credits.wallet import Wallet
from backend.db.idempotency import Claim, checked_key, claim_key, keep_answer
from backend.db.metadata import iso
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit
from backend.db.session import ClockDep, Database, DatabaseDep, SessionDep
from backend.exports import repository, service
from backend.exports.board import SqlBoard
from backend.exports.errors import AlreadyEnded, NoFilm, QuoteOver, QuoteStale
from backend.exports.planning import Priced
from backend.exports.presets import main_view, preset_json
from backend.exports.queue import database_seconds
from backend.exports.schemas import (
    CancelledView,
    ExportList,
    ExportRequest,
    ExportView,
    PresetList,
    QuoteRequest,
    QuoteView,
)
from backend.exports.service import DocumentReader, Order, Payer, SegmentIndex, require_spender
from backend.exports.tables import ExportRow, QuoteRow
from backend.exports.views import container_of, export_json
from backend.projects.access import require_project
from backend.projects.tables import ProjectRow
from kit.object_store import ObjectStore
from timeline.errors import ExportRefused
from timeline.model import Json
from timeline.presets import PRESET_VERSION, PRESETS
from timeline.quote import PRICES
from timeline.resolved_json import diagnostic_json

router = APIRouter(tags=["exports"])

JsonBody = dict[str, Json]
DIAGNOSTICS_SHOWN_MAX: Final = 200


def read_documents(request: Request) -> DocumentReader:
    return request.app.state.documents


def read_board(request: Request) -> SqlBoard:
    return request.app.state.board


def read_segments(request: Request) -> SegmentIndex:
    return request.app.state.segments


SegmentsDep = Annotated[SegmentIndex, Depends(read_segments)]
DocumentsDep = Annotated[DocumentReader, Depends(read_documents)]
BoardDep = Annotated[SqlBoard, Depends(read_board)]


@router.get("/export-presets", response_model=PresetList)
async def list_presets(
    caller: CallerDep,
    database: DatabaseDep,
    documents: DocumentsDep,
    project: Annotated[str | None, Query(max_length=60)] = None,
) -> JsonBody:
    """What an export can be; with `project`, in which size and rate."""
    sequence = None
    if project is not None:
        async with database.read() as session:
            found = await require_project(session, caller, project, "read")
        document = await documents.read_document(found.project.id)
        sequence = await asyncio.to_thread(main_view, document)
    items: list[Json] = [preset_json(preset, sequence) for preset in PRESETS.values()]
    return {"version": PRESET_VERSION, "items": items, "next_cursor": None}


@router.post("/projects/{project_id}/quotes", status_code=201, response_model=QuoteView)
async def add_quote(
    project_id: str,
    body: QuoteRequest,
    caller: CallerDep,
    database: DatabaseDep,
    documents: DocumentsDep,
    segments: SegmentsDep,
    mode: ModeDep,
    clock: ClockDep,
) -> JsonBody:
    async with database.read() as session:
        found = await require_spender(session, caller, project_id)
    snapshot = await service.snapshot_of(database, documents, found.project)
    span = body.range.span if body.range else None
    order = Order(project_id, body.preset, span, body.options)
    payer = Payer(found.project.workspace_id, mode)
    price = await service.price(database, segments, order, snapshot, payer)
    return await _kept_quote(database, found.project, order, price, payer, now=clock.now())


@router.post("/projects/{project_id}/exports", status_code=202, response_model=ExportView)
async def request_export(
    project_id: str,
    body: ExportRequest,
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    documents: DocumentsDep,
    segments: SegmentsDep,
    mode: ModeDep,
    clock: ClockDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    key = checked_key(idempotency_key)
    sent, path, now = await request.body(), request.url.path, clock.now()
    async with database.read() as session:
        found = await require_spender(session, caller, project_id)
    snapshot = await service.snapshot_of(database, documents, found.project)
    span = body.range.span if body.range else None
    order = Order(project_id, body.preset, span, body.options, body.quote)
    payer = Payer(found.project.workspace_id, mode)
    price = await _price_or_refusal(service.price(database, segments, order, snapshot, payer))
    claim = Claim(caller.user_id, path, key, sent)
    try:
        async with database.write() as session:
            kept = await claim_key(session, claim, now=now)
            if kept is not None:
                return _replayed(kept.status or HTTPStatus.ACCEPTED, kept.answer or "")
            if isinstance(price, ExportRefused):
                raise price
            paid = await service.credits_to_hold(session, order, price, payer, now=now)
            export = await service.request_export(
                session, caller, found.project, order, snapshot, paid, now=now
            )
            answer = json.dumps(export_json(export))
            await keep_answer(session, claim, status=HTTPStatus.ACCEPTED, answer=answer)
        return _replayed(HTTPStatus.ACCEPTED, answer)
    except QuoteOver as over:
        quote = await _kept_quote(database, found.project, order, over.price, payer, now=now)
        raise QuoteStale(over.reason, quote) from over


async def _price_or_refusal(pricing: Awaitable[Priced]) -> Priced | ExportRefused:
    """An order that was answered before is answered the same, so a refusal waits for its turn."""
    try:
        return await pricing
    except ExportRefused as refused:
        return refused


@router.get("/projects/{project_id}/exports", response_model=ExportList)
async def list_exports(
    project_id: str,
    session: SessionDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> JsonBody:
    await require_project(session, caller, project_id, "read")
    rows, next_cursor = await repository.list_exports(
        session, project_id, cursor=cursor, limit=limit
    )
    seconds = await session.run_sync(database_seconds)
    return {
        "items": [export_json(row, now_seconds=seconds) for row in rows],
        "next_cursor": next_cursor,
    }


@router.get("/exports/{export_id}", response_model=ExportView)
async def get_export(export_id: str, session: SessionDep, caller: CallerDep) -> JsonBody:
    export = await repository.get_export(session, caller, export_id, "read")
    seconds = await session.run_sync(database_seconds)
    return export_json(export, now_seconds=seconds)


@router.post("/exports/{export_id}/cancel", response_model=CancelledView)
async def cancel_export(
    export_id: str, caller: CallerDep, database: DatabaseDep, board: BoardDep
) -> JsonBody:
    async with database.read() as session:
        await repository.get_export(session, caller, export_id, "edit")
    cancelled = await asyncio.to_thread(board.cancel, export_id)
    async with database.read() as session:
        export = await repository.get_export(session, caller, export_id, "edit")
    if not cancelled:
        raise AlreadyEnded(export.state)
    return {**export_json(export), "credits_released": export.credits_held}


@router.head("/exports/{export_id}/file", include_in_schema=False, response_class=Response)
@router.get("/exports/{export_id}/file", response_class=Response)
async def get_film(
    export_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    """The film; its ETag is its sha256."""
    export = await repository.get_export(session, caller, export_id, "read")
    if export.film_key is None or export.film_sha256 is None:
        raise NoFilm(f"this export is {export.state}")
    container = container_of(export.preset)
    name = plain_name(export.name.replace("/", "-")) + container.extension
    shown = Shown(export.film_key, export.film_sha256, container.media_type, name)
    return await bytes_answer(request, store, shown)


@router.get("/exports/{export_id}/captions.vtt", response_class=Response)
async def get_captions(
    export_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    """The captions of a film that was ordered with soft ones, as WebVTT."""
    export = await repository.get_export(session, caller, export_id, "read")
    return await _beside(request, store, export, ".vtt", "text/vtt")


@router.get("/exports/{export_id}/poster.jpg", response_class=Response)
async def get_poster(
    export_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    """The poster of a film that was ordered with one."""
    export = await repository.get_export(session, caller, export_id, "read")
    return await _beside(request, store, export, ".jpg", "image/jpeg")


async def _beside(
    request: Request, store: ObjectStore, export: ExportRow, extension: str, media_type: str
) -> Response:
    """A small file next to the film; its ETag says which film it is of."""
    if export.film_key is None or export.film_sha256 is None:
        raise NoFilm(f"this export is {export.state}")
    key = str(PurePosixPath(export.film_key).with_suffix(extension))
    if await asyncio.to_thread(store.stat, key) is None:
        raise NoFilm(f"this export was ordered without {extension}")
    name = plain_name(export.name.replace("/", "-")) + extension
    tag = f"{export.film_sha256}{extension}"
    return await bytes_answer(request, store, Shown(key, tag, media_type, name))


def _replayed(status: int, answer: str) -> Response:
    return Response(answer, status_code=status, media_type="application/json")


async def _kept_quote(
    database: Database,
    project: ProjectRow,
    order: Order,
    price: Priced,
    payer: Payer,
    *,
    now: datetime,
) -> JsonBody:
    row = service.new_quote(project, order, price, now=now)
    async with database.write() as session:
        wallet = await session.run_sync(open_wallet, payer.workspace_id, payer.mode, now=now)
        session.add(row)
    return _quote(row, price, wallet)


def _quote(row: QuoteRow, priced: Priced, wallet: Wallet) -> JsonBody:
    found = priced.quote
    lines: list[Json] = [
        {"kind": kind, "frames": frames, "millicredits": frames * price, "bound": bound}
        for kind, frames, price, bound in (
            ("encoded", found.frames_encoded, priced.per_frame, "at_most"),
            ("copied", found.frames_copied, PRICES.copied, "at_least"),
            ("reused", found.frames_reused, 0, "at_least"),
        )
    ]
    return {
        "id": row.id,
        "credits": row.credits,
        "available": wallet.available,
        "enough": wallet.available >= row.credits and not wallet.frozen,
        "price_version": row.price_version,
        "expires_at": iso(row.expires_at),
        "frames": priced.frames,
        "lines": lines,
        "diagnostics": [
            diagnostic_json(item) for item in priced.diagnostics[:DIAGNOSTICS_SHOWN_MAX]
        ],
    }
