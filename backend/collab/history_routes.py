"""History over HTTP: versions, what they hold, what changed, and who did it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from backend.auth.caller import CallerDep
from backend.collab.history import History, Told, actor_names
from backend.collab.routes import CollabDep, CommandsDep, allowed, edit_view, timeline_answer
from backend.collab.schemas import (
    ActivityItem,
    ActivityList,
    ActivityPart,
    DifferenceView,
    EditView,
    PersonView,
    VersionChanges,
    VersionList,
    VersionRequest,
    VersionView,
)
from backend.collab.tables import CollabVersionRow
from backend.collab.versions import (
    add_automatic,
    find_version,
    list_versions,
    name_version,
    seq_before,
)
from backend.db.metadata import iso
from backend.db.paging import PAGE_DEFAULT, BadCursor, Cursor, Limit, cursor_keys, cursor_text
from backend.db.session import ClockDep, DatabaseDep, SessionDep
from backend.projects.access import require_project
from timeline.model import Json, document_json
from timeline.what_changed import Difference

router = APIRouter(tags=["history"])

DIFFERENCES_MAX: Final = 50  # more are counted: nobody reads them
STRETCHES_DEFAULT: Final = 20
STRETCHES_MAX: Final = 50
PLACE_DIGITS_MAX: Final = 18


def read_history(request: Request) -> History:
    return request.app.state.history


HistoryDep = Annotated[History, Depends(read_history)]
Stretches = Annotated[int, Query(ge=1, le=STRETCHES_MAX)]


@router.get("/projects/{project_id}/versions")
async def read_versions(
    project_id: str,
    session: SessionDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> VersionList:
    """Named and automatic versions, newest first."""
    await require_project(session, caller, project_id, "read")
    rows, next_cursor = await list_versions(session, project_id, cursor=cursor, limit=limit)
    return VersionList(items=[_version(row) for row in rows], next_cursor=next_cursor)


@router.post("/projects/{project_id}/versions", status_code=201)
async def make_version(
    project_id: str,
    body: VersionRequest,
    session: SessionDep,
    caller: CallerDep,
    clock: ClockDep,
) -> VersionView:
    """Name the timeline as it is now."""
    await require_project(session, caller, project_id, "edit")
    row = await name_version(session, caller, project_id, name=body.name, now=clock.now())
    return _version(row)


@router.patch("/projects/{project_id}/versions/{version_id}")
async def rename_version(
    project_id: str,
    version_id: str,
    body: VersionRequest,
    session: SessionDep,
    caller: CallerDep,
) -> VersionView:
    """Give a version a name; one that kept itself stays for good then."""
    await require_project(session, caller, project_id, "edit")
    row = await find_version(session, project_id, version_id)
    row.name, row.kind = body.name, "named"
    if not row.author_id:
        row.author_id, row.author_name = caller.user_id, caller.name
    return _version(row)


@router.get("/projects/{project_id}/versions/{version_id}")
async def read_version(
    project_id: str,
    version_id: str,
    caller: CallerDep,
    database: DatabaseDep,
    history: HistoryDep,
    form: Annotated[Literal["cutroom", "otio"], Query(alias="format")] = "cutroom",
    resolved: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """The timeline as it was, in the forms of `GET .../timeline`."""
    found = await allowed(database, caller, project_id, "read")
    async with database.read() as session:
        version = await find_version(session, project_id, version_id)
    document = await history.read_at(project_id, version.seq)
    return await timeline_answer(database, found, document, form=form, resolved=resolved)


@router.get("/projects/{project_id}/versions/{version_id}/changes")
async def read_version_changes(
    project_id: str,
    version_id: str,
    caller: CallerDep,
    database: DatabaseDep,
    history: HistoryDep,
    until: Annotated[Literal["version", "now"], Query()] = "version",
) -> VersionChanges:
    """What changed from the version before to this one, or from this one to now, and by whom."""
    found = await allowed(database, caller, project_id, "read")
    async with database.read() as session:
        version = await find_version(session, project_id, version_id)
        since = version.seq if until == "now" else await seq_before(session, version)
    last = await history.head(project_id) if until == "now" else version.seq
    workspace_id = found.project.workspace_id
    actors, differences = await history.differences(project_id, workspace_id, since, last)
    async with database.read() as session:
        names = await actor_names(session, actors)
    return VersionChanges(people=_people(actors, names), **_told(differences))


@router.post("/projects/{project_id}/versions/{version_id}/restore")
async def restore_version(
    project_id: str,
    version_id: str,
    caller: CallerDep,
    database: DatabaseDep,
    collab: CollabDep,
    history: HistoryDep,
    commands: CommandsDep,
    clock: ClockDep,
) -> EditView:
    """Make the timeline what it was then: an edit like any other, which can be undone."""
    found = await allowed(database, caller, project_id, "edit")
    async with database.read() as session:
        version = await find_version(session, project_id, version_id)
    then = await history.read_at(project_id, version.seq)
    command: dict[str, Json] = {"op": "restore", "document": document_json(then)}
    async with collab.here(project_id):
        async with database.write() as session:
            name = f"before {version.name or 'an earlier version'}"
            await add_automatic(session, project_id, now=clock.now(), name=name, by=caller)
        written = await commands.run(
            project_id,
            found.project.workspace_id,
            [command],
            origin=f"restore:{version_id}:{caller.user_id}",
        )
    return edit_view(written)


@router.get("/projects/{project_id}/activity")
async def read_activity(
    project_id: str,
    caller: CallerDep,
    database: DatabaseDep,
    history: HistoryDep,
    cursor: Cursor = None,
    limit: Stretches = STRETCHES_DEFAULT,
) -> ActivityList:
    """Who did what, newest first: stretches of work without a pause."""
    found = await allowed(database, caller, project_id, "read")
    up_to = _place(cursor) if cursor is not None else None
    told, following = await history.activity(
        project_id, found.project.workspace_id, up_to=up_to, limit=limit
    )
    actors = [actor for item in told for actor in item.stretch.actors]
    async with database.read() as session:
        names = await actor_names(session, actors)
    return ActivityList(
        items=[_activity(item, names) for item in told],
        next_cursor=cursor_text(str(following)) if following is not None else None,
    )


def _place(cursor: str) -> int:
    (place,) = cursor_keys(cursor, 1)
    if not place.isdecimal() or len(place) > PLACE_DIGITS_MAX:
        raise BadCursor
    return int(place)


def _version(row: CollabVersionRow) -> VersionView:
    return VersionView(
        id=row.id,
        name=row.name,
        kind="named" if row.kind == "named" else "automatic",
        author=PersonView(id=row.author_id, name=row.author_name or "Cutroom"),
        created_at=iso(row.created_at),
    )


def _activity(told: Told, names: Mapping[str, str]) -> ActivityItem:
    stretch = told.stretch
    return ActivityItem(
        id=f"work_{stretch.first}",
        begun_at=iso(stretch.begun_at),
        ended_at=iso(stretch.ended_at),
        parts=[
            ActivityPart(people=_people(part.actors, names), **_told(part.differences))
            for part in told.parts
        ],
    )


def _people(actors: Sequence[str], names: Mapping[str, str]) -> list[PersonView]:
    return [PersonView(id=actor, name=names[actor]) for actor in actors]


def _told(differences: Sequence[Difference]) -> dict[str, Any]:
    return {
        "changes": [
            DifferenceView(kind=item.kind, map=item.map, ids=list(item.ids), text=item.text)
            for item in differences[:DIFFERENCES_MAX]
        ],
        "more": max(0, len(differences) - DIFFERENCES_MAX),
    }
