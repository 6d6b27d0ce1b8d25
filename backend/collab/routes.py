"""The document over HTTP: read, import, edit, land scenes, and tokens for rooms.

No request holds a database session while it waits for the log: on SQLite the two would wait for
each other.
"""

import asyncio
from datetime import timedelta
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from backend.assets.repository import use_in_project
from backend.auth.authenticator import membership_epoch
from backend.auth.caller import Caller, CallerDep
from backend.auth.cookies import public_address
from backend.auth.errors import BadRequest
from backend.auth.roles import Right, lowered
from backend.auth.room_tokens import TTL_SECONDS_MAX, RoomClaims, signed_room_token
from backend.collab.commands import Commands, Written
from backend.collab.errors import ProjectNotEmpty
from backend.collab.facts import assets_named, facts_table, read_assets
from backend.collab.imports import file_of, read_file, with_our_assets
from backend.collab.schemas import (
    ChangeView,
    CommandsRequest,
    EditView,
    ImportView,
    RoomTokenRequest,
    RoomTokenView,
    ScenesRequest,
)
from backend.collab.service import CollabService
from backend.collab.versions import add_automatic
from backend.db.metadata import iso
from backend.db.session import ClockDep, Database, DatabaseDep
from backend.projects.access import ProjectAccess, require_project
from backend.settings import SettingsDep
from timeline.model import Document, Json, document_json
from timeline.otio import write_otio
from timeline.records import timeline_file_json
from timeline.resolve import resolve
from timeline.resolved_json import diagnostic_json, resolved_json

router = APIRouter(tags=["timeline"])

FILE_TYPE: Final = "application/json"


def read_collab(request: Request) -> CollabService:
    return request.app.state.collab


CollabDep = Annotated[CollabService, Depends(read_collab)]


def read_commands(collab: CollabDep, database: DatabaseDep) -> Commands:
    return Commands(collab, database)


CommandsDep = Annotated[Commands, Depends(read_commands)]


async def allowed(
    database: Database, caller: Caller, project_id: str, right: Right
) -> ProjectAccess:
    async with database.read() as session:
        return await require_project(session, caller, project_id, right)


@router.post("/projects/{project_id}/collab-token")
async def make_room_token(
    project_id: str,
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    settings: SettingsDep,
    clock: ClockDep,
    body: RoomTokenRequest | None = None,
) -> RoomTokenView:
    """A token for one room; its role and its life are never more than the caller's own."""
    asked = body or RoomTokenRequest()
    async with database.read() as session:
        found = await require_project(session, caller, project_id, "read")
        workspace_id = found.project.workspace_id
        epoch = await membership_epoch(session, workspace_id=workspace_id, user_id=caller.user_id)
    role = lowered(found.role, asked.role)
    ends = clock.now() + timedelta(seconds=asked.ttl or TTL_SECONDS_MAX)
    if caller.expires_at is not None:
        ends = min(ends, caller.expires_at)
    claims = RoomClaims(
        user_id=caller.user_id,
        workspace_id=workspace_id,
        project_id=project_id,
        role=role,
        credential=caller.credential,
        credential_id=caller.credential_id,
        epoch=epoch,
        expires_at=ends,
    )
    address = "ws" + public_address(request, settings).removeprefix("http")
    return RoomTokenView(
        url=f"{address}/collab/{project_id}",
        token=signed_room_token(settings.secret_keys, claims),
        expires_at=iso(ends),
        role=role,
    )


@router.get("/projects/{project_id}/timeline")
async def read_timeline(
    project_id: str,
    caller: CallerDep,
    database: DatabaseDep,
    collab: CollabDep,
    form: Annotated[Literal["cutroom", "otio"], Query(alias="format")] = "cutroom",
    resolved: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """The timeline of now as `.cutroom.json` or `.otio`, or what resolve makes of it."""
    found = await allowed(database, caller, project_id, "read")
    document = await collab.read_document(project_id)
    return await timeline_answer(database, found, document, form=form, resolved=resolved)


async def timeline_answer(
    database: Database,
    found: ProjectAccess,
    document: Document,
    *,
    form: Literal["cutroom", "otio"],
    resolved: bool,
) -> Response:
    """A document as a file, or what resolve makes of it."""
    assets = await read_assets(database, found.project.workspace_id, assets_named(document))
    if resolved:
        view = await asyncio.to_thread(
            lambda: resolved_json(resolve(document, facts_table(assets)))
        )
        return JSONResponse(view)
    file = file_of(document, assets)
    if form == "otio":
        otio = await asyncio.to_thread(write_otio, file, facts_table(assets))
        return Response(otio.text, media_type=FILE_TYPE)
    return Response(timeline_file_json(file), media_type=FILE_TYPE)


@router.post("/projects/{project_id}/timeline")
async def import_timeline(
    project_id: str,
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    collab: CollabDep,
    commands: CommandsDep,
    clock: ClockDep,
    replace: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> ImportView:
    """Put the timeline of a file in the place of this one: one transaction, which can be undone."""
    found = await allowed(database, caller, project_id, "edit")
    body = await request.body()
    reading = await asyncio.to_thread(read_file, body)
    if not replace and _has_clips(await collab.read_document(project_id)):
        raise ProjectNotEmpty
    workspace_id = found.project.workspace_id
    document = await with_our_assets(database, workspace_id, reading.file)
    await _use_assets(database, caller, found, assets_named(document))
    command: dict[str, Json] = {"op": "replace_document", "document": document_json(document)}
    async with collab.here(project_id):
        if replace:
            async with database.write() as session:
                now = clock.now()
                await add_automatic(
                    session, project_id, now=now, name="before an import", by=caller
                )
        written = await commands.run(
            project_id, workspace_id, [command], origin=f"import:{caller.user_id}"
        )
    return ImportView(**dict(edit_view(written)), losses=list(reading.losses))


def _has_clips(document: Document) -> bool:
    return any(record.get("removed") is not True for record in document.clips.values())


@router.post("/projects/{project_id}/commands")
async def run_commands(
    project_id: str,
    body: CommandsRequest,
    caller: CallerDep,
    database: DatabaseDep,
    commands: CommandsDep,
) -> EditView:
    """Structural edits in one transaction, durable when answered; refused ones are 409."""
    found = await allowed(database, caller, project_id, "edit")
    wanted = cast("list[dict[str, Json]]", body.commands)
    await _use_assets(database, caller, found, assets_named(Document(), wanted))
    return edit_view(
        await commands.run(
            project_id,
            found.project.workspace_id,
            wanted,
            origin=f"command:{caller.user_id}",
            after=body.after_state,
            expect=cast("dict[str, Json]", body.expect),
        )
    )


@router.post("/projects/{project_id}/scenes")
async def land_scenes(
    project_id: str,
    body: ScenesRequest,
    caller: CallerDep,
    database: DatabaseDep,
    commands: CommandsDep,
) -> EditView:
    """Land generated clips; the same scenes again change nothing."""
    found = await allowed(database, caller, project_id, "edit")
    workspace_id = found.project.workspace_id
    await _check_assets(database, workspace_id, body)
    named = {name for scene in body.scenes for name in (scene.asset, scene.narration) if name}
    await _use_assets(database, caller, found, named)
    command = cast("dict[str, Json]", {"op": "land_scenes", **body.model_dump(exclude_none=True)})
    return edit_view(
        await commands.run(project_id, workspace_id, [command], origin=f"run:{body.run}")
    )


async def _use_assets(
    database: Database, caller: Caller, found: ProjectAccess, named: set[str]
) -> None:
    """What an edit brings in is the project's before anybody sees the edit [assets-U10]."""
    if named:
        async with database.write() as session:
            await use_in_project(session, caller, found.project, named)


async def _check_assets(database: Database, workspace_id: str, body: ScenesRequest) -> None:
    places = [
        (f"scenes.{number}.{key}", asset)
        for number, scene in enumerate(body.scenes)
        for key, asset in (("asset", scene.asset), ("narration", scene.narration))
        if asset is not None
    ]
    known = await read_assets(database, workspace_id, {asset for _, asset in places})
    for field, asset in places:
        if asset not in known:
            raise BadRequest(field, f"this workspace has no asset {asset}")


def edit_view(written: Written) -> EditView:
    edit = written.edit
    return EditView(
        id=f"edit_{written.seq}",
        changes=[ChangeView.model_validate(change.as_json()) for change in edit.changes],
        clamped=list(edit.clamped),
        created=dict(edit.created),
        diagnostics=[diagnostic_json(item) for item in written.diagnostics],
    )
