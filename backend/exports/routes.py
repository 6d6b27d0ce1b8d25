"""Quotes, exports, their state, their end, the film."""

import asyncio
import json
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request, Response

from backend.assets.bytes import Shown, bytes_answer
from backend.assets.routes import StoreDep
from backend.assets.service import plain_name
from backend.auth.caller import CallerDep
from backend.db.idempotency import checked_key, find_answer, keep_answer
from backend.db.metadata import iso
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit
from backend.db.session import ClockDep, Database, DatabaseDep, SessionDep
from backend.exports import repository, service
from backend.exports.board import SqlBoard
from backend.exports.errors import AlreadyEnded, NoFilm, QuoteStale, StaleReason
from backend.exports.planning import Priced, Snapshot
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
from backend.exports.service import DocumentReader, Order
from backend.exports.tables import QuoteRow
from backend.exports.views import export_json
from backend.projects.access import require_project
from backend.projects.tables import ProjectRow
from timeline.errors import ExportRefused
from timeline.model import Json
from timeline.presets import PRESETS
from timeline.quote import PRICES
from timeline.resolved_json import diagnostic_json

router = APIRouter(tags=["exports"])

JsonBody = dict[str, Json]
DIAGNOSTICS_SHOWN_MAX: Final = 200


def read_documents(request: Request) -> DocumentReader:
    return request.app.state.documents


def read_board(request: Request) -> SqlBoard:
    return request.app.state.board


DocumentsDep = Annotated[DocumentReader, Depends(read_documents)]
BoardDep = Annotated[SqlBoard, Depends(read_board)]


@router.get("/export-presets", response_model=PresetList)
async def list_presets(_caller: CallerDep) -> JsonBody:
    items: list[Json] = [
        {
            "name": preset.name,
            "title": preset.label,
            "size": [*preset.size] if preset.size else None,
            "short_side": preset.short_side,
            "scale": preset.scale,
        }
        for preset in PRESETS.values()
    ]
    return {"items": items, "next_cursor": None}


@router.post("/projects/{project_id}/quotes", status_code=201, response_model=QuoteView)
async def add_quote(
    project_id: str,
    body: QuoteRequest,
    caller: CallerDep,
    database: DatabaseDep,
    documents: DocumentsDep,
    clock: ClockDep,
) -> JsonBody:
    async with database.read() as session:
        found = await require_project(session, caller, project_id, "edit")
    snapshot = await service.snapshot_of(database, documents, found.project)
    order = Order(body.preset, body.range.span if body.range else None)
    price = await service.price(order, snapshot)
    return await _kept_quote(database, found.project, order, price, now=clock.now())


@router.post("/projects/{project_id}/exports", status_code=202, response_model=ExportView)
async def request_export(
    project_id: str,
    body: ExportRequest,
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    documents: DocumentsDep,
    clock: ClockDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    key = checked_key(idempotency_key)
    sent, path, now = await request.body(), request.url.path, clock.now()
    async with database.read() as session:
        found = await require_project(session, caller, project_id, "edit")
    snapshot = await service.snapshot_of(database, documents, found.project)
    order = Order(body.preset, body.range.span if body.range else None, body.quote)
    price = await _price_or_refusal(order, snapshot)
    stale: StaleReason | None = None
    async with database.write() as session:
        known = await find_answer(
            session, caller=caller.user_id, path=path, key=key, body=sent, now=now
        )
        if known is not None:
            return _replayed(*known)
        if isinstance(price, ExportRefused):
            raise price
        if order.quote_id is not None:
            stale = await service.stale_reason(
                session, found.project, order.quote_id, price, now=now
            )
        if stale is None:
            export = await service.request_export(
                session, caller, found.project, order, snapshot, now=now
            )
            answer = json.dumps(export_json(export))
            keep_answer(
                session,
                caller=caller.user_id,
                path=path,
                key=key,
                body=sent,
                status=HTTPStatus.ACCEPTED,
                answer=answer,
                now=now,
            )
            return _replayed(HTTPStatus.ACCEPTED, answer)
    raise QuoteStale(stale, await _kept_quote(database, found.project, order, price, now=now))


async def _price_or_refusal(order: Order, snapshot: Snapshot) -> Priced | ExportRefused:
    """An order that was answered before is answered the same, so a refusal waits for its turn."""
    try:
        return await service.price(order, snapshot)
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
    name = plain_name(export.name.replace("/", "-")) + ".mp4"
    shown = Shown(export.film_key, export.film_sha256, "video/mp4", name)
    return await bytes_answer(request, store, shown)


def _replayed(status: int, answer: str) -> Response:
    return Response(answer, status_code=status, media_type="application/json")


async def _kept_quote(
    database: Database, project: ProjectRow, order: Order, price: Priced, *, now: datetime
) -> JsonBody:
    row = service.new_quote(project, order, price, now=now)
    async with database.write() as session:
        session.add(row)
    return _quote(row, price)


def _quote(row: QuoteRow, priced: Priced) -> JsonBody:
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
        "available": None,
        "enough": True,
        "price_version": row.price_version,
        "expires_at": iso(row.expires_at),
        "frames": priced.frames,
        "lines": lines,
        "diagnostics": [
            diagnostic_json(item) for item in priced.diagnostics[:DIAGNOSTICS_SHOWN_MAX]
        ],
    }
