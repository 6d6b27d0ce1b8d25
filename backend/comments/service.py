"""Start, answer, change, resolve and remove threads. Services never commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller
from backend.auth.errors import BadRequest
from backend.auth.roles import may
from backend.comments import repository
from backend.comments.errors import NotYourComment, TooManyComments
from backend.comments.schemas import PersonView, ReplyRequest, ThreadRequest
from backend.comments.tables import CommentRow, ThreadRow
from backend.db.event_log import record_event
from backend.projects.access import ProjectAccess
from kit.ids import sortable_id

THREADS_MAX: Final = 2_000  # in one project; more nobody reads
REPLIES_MAX: Final = 500  # in one thread


async def list_people(session: AsyncSession, access: ProjectAccess) -> list[PersonView]:
    """Who may open the project and so be mentioned: members, then guests, each by name."""
    members = await repository.list_members(session, access.project.workspace_id)
    guests = await repository.list_guests(session, access.project.id)
    return [
        *(PersonView(id=user.id, name=user.name, role="member") for user in members),
        *(PersonView(id=user.id, name=user.name, role="guest") for user in guests),
    ]


async def start_thread(
    session: AsyncSession,
    caller: Caller,
    access: ProjectAccess,
    body: ThreadRequest,
    *,
    now: datetime,
) -> ThreadRow:
    if await repository.count_threads(session, access.project.id) >= THREADS_MAX:
        raise TooManyComments("the project", THREADS_MAX)
    thread = ThreadRow(
        id=sortable_id("cth"),
        project_id=access.project.id,
        sequence=body.sequence,
        clip=body.clip,
        at=body.t,
        duration=body.duration,
        drawing=[stroke.model_dump() for stroke in body.drawing],
        created_at=now,
        updated_at=now,
    )
    session.add(thread)
    await session.flush()
    await _say(session, caller, access, thread, body.text, body.mentions, now)
    return thread


async def reply(
    session: AsyncSession,
    caller: Caller,
    access: ProjectAccess,
    thread: ThreadRow,
    body: ReplyRequest,
    *,
    now: datetime,
) -> None:
    if await repository.count_comments(session, thread.id) >= REPLIES_MAX:
        raise TooManyComments("the thread", REPLIES_MAX)
    await _say(session, caller, access, thread, body.text, body.mentions, now)


async def resolve(
    session: AsyncSession,
    caller: Caller,
    access: ProjectAccess,
    thread: ThreadRow,
    *,
    resolved: bool,
    now: datetime,
) -> None:
    if resolved != (thread.resolved_at is not None):
        thread.resolved_at = now if resolved else None
        thread.resolved_by = caller.name if resolved else None
        await _tell(session, access, thread, now)


async def change_words(
    session: AsyncSession,
    caller: Caller,
    access: ProjectAccess,
    thread: ThreadRow,
    comment: CommentRow,
    body: ReplyRequest,
    *,
    now: datetime,
) -> None:
    if comment.author_id != caller.user_id:
        raise NotYourComment(comment.id)
    await _require_people(session, access, body.mentions)
    comment.text, comment.mentions, comment.edited_at = body.text, list(body.mentions), now
    await _tell(session, access, thread, now)


async def remove_comment(
    session: AsyncSession,
    caller: Caller,
    access: ProjectAccess,
    thread: ThreadRow,
    comment: CommentRow,
    *,
    now: datetime,
) -> None:
    """The thread goes with its first comment [comments-C3]."""
    if comment.author_id != caller.user_id and not may(access.role, "edit"):
        raise NotYourComment(comment.id)
    said = await repository.list_comments(session, [thread.id])
    gone = [row.id for row in said] if said[0].id == comment.id else [comment.id]
    await session.execute(delete(CommentRow).where(CommentRow.id.in_(gone)))
    if len(gone) == len(said):
        await session.execute(delete(ThreadRow).where(ThreadRow.id == thread.id))
    await _tell(session, access, thread, now)


async def _say(
    session: AsyncSession,
    caller: Caller,
    access: ProjectAccess,
    thread: ThreadRow,
    text: str,
    mentions: Sequence[str],
    now: datetime,
) -> None:
    await _require_people(session, access, mentions)
    session.add(
        CommentRow(
            id=sortable_id("cmt"),
            thread_id=thread.id,
            author_id=caller.user_id,
            author_name=caller.name,
            text=text,
            mentions=list(mentions),
            created_at=now,
        )
    )
    await session.flush()
    await _tell(session, access, thread, now)


async def _require_people(
    session: AsyncSession, access: ProjectAccess, mentions: Sequence[str]
) -> None:
    """Somebody who cannot open the project would be told of what they may not see [comments-C4]."""
    if not mentions:
        return
    known = {person.id for person in await list_people(session, access)}
    if not known.issuperset(mentions):
        raise BadRequest("mentions", "names somebody who may not open the project")


async def _tell(
    session: AsyncSession, access: ProjectAccess, thread: ThreadRow, now: datetime
) -> None:
    thread.updated_at = now
    await record_event(
        session,
        workspace_id=access.project.workspace_id,
        project_id=access.project.id,
        kind="comment",
        body={"id": thread.id},
        at=now,
    )
