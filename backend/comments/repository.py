"""Every query about comments; each is bound to one project."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.errors import NotVisible
from backend.auth.tables import MemberRow, SessionRow, ShareLinkRow, UserRow
from backend.comments.tables import CommentRow, ThreadRow
from backend.db.paging import cursor_keys, cursor_text


async def list_threads(
    session: AsyncSession, project_id: str, *, cursor: str | None, limit: int
) -> tuple[list[ThreadRow], str | None]:
    """Oldest first, and the cursor of the next page [comments-C6]."""
    wanted = select(ThreadRow).where(ThreadRow.project_id == project_id)
    if cursor is not None:
        (last,) = cursor_keys(cursor, 1)
        wanted = wanted.where(ThreadRow.id > last)
    rows = list((await session.scalars(wanted.order_by(ThreadRow.id).limit(limit + 1))).all())
    shown = rows[:limit]
    return shown, cursor_text(shown[-1].id) if len(rows) > limit else None


async def list_comments(session: AsyncSession, threads: Sequence[str]) -> Sequence[CommentRow]:
    """What was said in these threads, in order."""
    return (
        await session.scalars(
            select(CommentRow).where(CommentRow.thread_id.in_(threads)).order_by(CommentRow.id)
        )
    ).all()


async def get_thread(session: AsyncSession, project_id: str, thread_id: str) -> ThreadRow:
    found = await session.scalar(
        select(ThreadRow).where(ThreadRow.id == thread_id, ThreadRow.project_id == project_id)
    )
    if found is None:
        raise NotVisible("comment", thread_id)
    return found


async def get_comment(session: AsyncSession, thread: ThreadRow, comment_id: str) -> CommentRow:
    found = await session.scalar(
        select(CommentRow).where(CommentRow.id == comment_id, CommentRow.thread_id == thread.id)
    )
    if found is None:
        raise NotVisible("comment", comment_id)
    return found


async def count_threads(session: AsyncSession, project_id: str) -> int:
    found = await session.scalar(
        select(func.count()).select_from(ThreadRow).where(ThreadRow.project_id == project_id)
    )
    return found or 0


async def count_comments(session: AsyncSession, thread_id: str) -> int:
    found = await session.scalar(
        select(func.count()).select_from(CommentRow).where(CommentRow.thread_id == thread_id)
    )
    return found or 0


async def list_members(session: AsyncSession, workspace_id: str) -> Sequence[UserRow]:
    """People of the workspace, by name."""
    return (
        await session.scalars(
            select(UserRow)
            .join(MemberRow, MemberRow.user_id == UserRow.id)
            .where(MemberRow.workspace_id == workspace_id)
            .order_by(UserRow.name, UserRow.id)
        )
    ).all()


async def list_guests(session: AsyncSession, project_id: str) -> Sequence[UserRow]:
    """Guests who came by a share link of the project that still opens it."""
    return (
        await session.scalars(
            select(UserRow)
            .join(SessionRow, SessionRow.user_id == UserRow.id)
            .join(ShareLinkRow, ShareLinkRow.id == SessionRow.share_link_id)
            .where(ShareLinkRow.project_id == project_id, UserRow.kind == "guest")
            .order_by(UserRow.name, UserRow.id)
            .distinct()
        )
    ).all()
