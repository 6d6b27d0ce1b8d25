"""Assets: lists, hydration, bytes, and the small upload by multipart."""

import asyncio
import shutil
from collections import OrderedDict
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile

from backend.assets import repository, service
from backend.assets.bytes import Shown, bytes_answer
from backend.assets.schemas import IDS_MAX, AssetList, AssetView, UseAssetsRequest
from backend.assets.tables import AssetRow
from backend.assets.uploads import Uploads
from backend.assets.views import asset_json
from backend.assets.work import AssetWork
from backend.auth.caller import CallerDep
from backend.auth.errors import BadRequest
from backend.auth.repository import require_workspace
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit
from backend.db.session import ClockDep, DatabaseDep, SessionDep
from backend.projects.access import require_project
from kit.ids import random_id
from kit.object_store import ObjectStore
from timeline.model import Json

router = APIRouter(tags=["assets"])

IDS_LENGTH_MAX: Final = IDS_MAX * 40
SETTLED_KEPT_MAX: Final = 5_000

JsonBody = dict[str, Json]


class SettledAssets:
    """Answers about assets that change no more, so that a batch costs no parsing of facts twice."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, JsonBody] = OrderedDict()

    def json(self, row: AssetRow) -> JsonBody:
        known = self._kept.get(row.id)
        if known is not None:
            self._kept.move_to_end(row.id)
            return known
        made = asset_json(row)
        if row.state != "pending" and row.views_state != "pending":
            self._kept[row.id] = made
            if len(self._kept) > SETTLED_KEPT_MAX:
                self._kept.popitem(last=False)
        return made


def read_store(request: Request) -> ObjectStore:
    return request.app.state.store


def read_uploads(request: Request) -> Uploads:
    return request.app.state.uploads


def read_asset_work(request: Request) -> AssetWork:
    return request.app.state.asset_work


def read_settled(request: Request) -> SettledAssets:
    return request.app.state.settled_assets


StoreDep = Annotated[ObjectStore, Depends(read_store)]
UploadsDep = Annotated[Uploads, Depends(read_uploads)]
AssetWorkDep = Annotated[AssetWork, Depends(read_asset_work)]
SettledDep = Annotated[SettledAssets, Depends(read_settled)]


@router.post("/workspaces/{workspace_id}/assets", status_code=201, response_model=AssetView)
async def add_asset(
    workspace_id: str,
    file: Annotated[UploadFile, File()],
    caller: CallerDep,
    database: DatabaseDep,
    store: StoreDep,
    uploads: UploadsDep,
    work: AssetWorkDep,
    clock: ClockDep,
    project: Annotated[str | None, Form()] = None,
) -> JsonBody:
    async with database.read() as session:
        place = await service.place_of(
            session, caller, workspace_id=workspace_id, project_id=project
        )
    asset_id = random_id("as")
    with uploads.turn(asset_id):
        try:
            uploads.begin(asset_id, file.size or 0)
            await _copied(file, uploads.path(asset_id))
            original = await service.stored(uploads.path(asset_id), store)
        finally:
            uploads.forget(asset_id)
    async with database.write() as session:
        asset = await service.add_asset(
            session,
            caller,
            work,
            asset_id=asset_id,
            place=place,
            name=file.filename or "",
            original=original,
            now=clock.now(),
        )
    return asset_json(asset)


async def _copied(file: UploadFile, target: Path) -> None:
    def copied() -> None:
        with target.open("wb") as stream:
            shutil.copyfileobj(file.file, stream)

    await asyncio.to_thread(copied)


@router.get("/workspaces/{workspace_id}/assets", response_model=AssetList)
async def list_assets(
    workspace_id: str,
    session: SessionDep,
    caller: CallerDep,
    settled: SettledDep,
    project: str | None = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> JsonBody:
    if caller.project_id is not None:
        project = project or caller.project_id
    if project is not None:
        await require_project(session, caller, project, "read")
    else:
        await require_workspace(session, caller, workspace_id, "read")
    rows, next_cursor = await repository.list_assets(
        session, workspace_id, project_id=project, cursor=cursor, limit=limit
    )
    return {"items": [settled.json(row) for row in rows], "next_cursor": next_cursor}


@router.post("/projects/{project_id}/assets", response_model=AssetList)
async def use_assets(
    project_id: str,
    body: UseAssetsRequest,
    session: SessionDep,
    caller: CallerDep,
    settled: SettledDep,
) -> JsonBody:
    """Count media of the workspace among this project's; answers those that are there now."""
    found = await require_project(session, caller, project_id, "edit")
    await repository.use_in_project(session, caller, found.project, body.assets)
    rows = await repository.list_by_id(session, caller, body.assets)
    return {"items": [settled.json(row) for row in rows], "next_cursor": None}


@router.get("/assets", response_model=AssetList)
async def hydrate(
    session: SessionDep,
    caller: CallerDep,
    settled: SettledDep,
    ids: Annotated[str, Query(max_length=IDS_LENGTH_MAX)],
) -> JsonBody:
    """Those of the assets that the caller may see, in the order asked for."""
    wanted = list(dict.fromkeys(part for part in ids.split(",") if part))
    if len(wanted) > IDS_MAX:
        raise BadRequest("ids", f"at most {IDS_MAX} at once")
    found = {row.id: row for row in await repository.list_by_id(session, caller, wanted)}
    return {
        "items": [settled.json(found[name]) for name in wanted if name in found],
        "next_cursor": None,
    }


@router.get("/assets/{asset_id}", response_model=AssetView)
async def get_asset(
    asset_id: str, session: SessionDep, caller: CallerDep, settled: SettledDep
) -> JsonBody:
    return settled.json(await repository.get_asset(session, caller, asset_id))


@router.head("/assets/{asset_id}/content", include_in_schema=False, response_class=Response)
@router.get("/assets/{asset_id}/content", response_class=Response)
async def get_content(
    asset_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    """The original, as it came."""
    asset = await repository.get_asset(session, caller, asset_id)
    shown = Shown(asset.original_key, asset.sha256, asset.media_type)
    return await bytes_answer(request, store, shown)
