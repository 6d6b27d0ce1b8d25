"""Threads over HTTP. Every route answers the whole thread: what the panel shows is one value."""

from collections import defaultdict
from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import CallerDep
from backend.comments import repository, service
from backend.comments.schemas import (
    Author,
    CommentView,
    PeopleList,
    ReplyRequest,
    Stroke,
    ThreadChange,
    ThreadList,
    ThreadRequest,
    ThreadView,
)
from backend.comments.tables import CommentRow, ThreadRow
from backend.db.metadata import iso
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit
from backend.db.session import ClockDep, SessionDep
from backend.projects.access import require_project

router = APIRouter(tags=["comments"])


@router.get("/projects/{project_id}/people")
async def list_people(project_id: str, session: SessionDep, caller: CallerDep) -> PeopleList:
    access = await require_project(session, caller, project_id, "read")
    return PeopleList(items=await service.list_people(session, access))


@router.get("/projects/{project_id}/comments")
async def list_threads(
    project_id: str,
    session: SessionDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> ThreadList:
    await require_project(session, caller, project_id, "read")
    rows, next_cursor = await repository.list_threads(
        session, project_id, cursor=cursor, limit=limit
    )
    return ThreadList(items=await _views(session, rows), next_cursor=next_cursor)


@router.post("/projects/{project_id}/comments", status_code=201)
async def start_thread(
    project_id: str, body: ThreadRequest, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> ThreadView:
    access = await require_project(session, caller, project_id, "comment")
    thread = await service.start_thread(session, caller, access, body, now=clock.now())
    return await _view(session, thread)


@router.patch("/projects/{project_id}/comments/{thread_id}")
async def resolve_thread(
    project_id: str,
    thread_id: str,
    body: ThreadChange,
    session: SessionDep,
    caller: CallerDep,
    clock: ClockDep,
) -> ThreadView:
    access = await require_project(session, caller, project_id, "comment")
    thread = await repository.get_thread(session, project_id, thread_id)
    await service.resolve(session, caller, access, thread, resolved=body.resolved, now=clock.now())
    return await _view(session, thread)


@router.post("/projects/{project_id}/comments/{thread_id}/replies", status_code=201)
async def reply(
    project_id: str,
    thread_id: str,
    body: ReplyRequest,
    session: SessionDep,
    caller: CallerDep,
    clock: ClockDep,
) -> ThreadView:
    access = await require_project(session, caller, project_id, "comment")
    thread = await repository.get_thread(session, project_id, thread_id)
    await service.reply(session, caller, access, thread, body, now=clock.now())
    return await _view(session, thread)


@router.patch("/projects/{project_id}/comments/{thread_id}/replies/{comment_id}")
async def change_words(
    project_id: str,
    thread_id: str,
    comment_id: str,
    body: ReplyRequest,
    session: SessionDep,
    caller: CallerDep,
    clock: ClockDep,
) -> ThreadView:
    access = await require_project(session, caller, project_id, "comment")
    thread = await repository.get_thread(session, project_id, thread_id)
    comment = await repository.get_comment(session, thread, comment_id)
    await service.change_words(session, caller, access, thread, comment, body, now=clock.now())
    return await _view(session, thread)


@router.delete("/projects/{project_id}/comments/{thread_id}/replies/{comment_id}", status_code=204)
async def remove_comment(
    project_id: str,
    thread_id: str,
    comment_id: str,
    session: SessionDep,
    caller: CallerDep,
    clock: ClockDep,
) -> None:
    access = await require_project(session, caller, project_id, "comment")
    thread = await repository.get_thread(session, project_id, thread_id)
    comment = await repository.get_comment(session, thread, comment_id)
    await service.remove_comment(session, caller, access, thread, comment, now=clock.now())


async def _view(session: AsyncSession, thread: ThreadRow) -> ThreadView:
    return (await _views(session, [thread]))[0]


async def _views(session: AsyncSession, threads: Sequence[ThreadRow]) -> list[ThreadView]:
    said: dict[str, list[CommentRow]] = defaultdict(list)
    for row in await repository.list_comments(session, [thread.id for thread in threads]):
        said[row.thread_id].append(row)
    return [_thread(thread, said[thread.id]) for thread in threads]


def _thread(row: ThreadRow, said: Sequence[CommentRow]) -> ThreadView:
    return ThreadView(
        id=row.id,
        project=row.project_id,
        sequence=row.sequence,
        clip=row.clip,
        t=row.at,
        duration=row.duration,
        drawing=[Stroke.model_validate(stroke) for stroke in row.drawing],
        resolved_at=iso(row.resolved_at) if row.resolved_at else None,
        resolved_by=row.resolved_by,
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        comments=[_comment(comment) for comment in said],
    )


def _comment(row: CommentRow) -> CommentView:
    return CommentView(
        id=row.id,
        author=Author(id=row.author_id, name=row.author_name),
        text=row.text,
        mentions=[str(mention) for mention in row.mentions],
        created_at=iso(row.created_at),
        edited_at=iso(row.edited_at) if row.edited_at else None,
    )
