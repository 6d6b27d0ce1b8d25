"""Versions: names for places in the log. Nothing of the log is ever rewritten for them."""

from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller
from backend.auth.errors import NotVisible
from backend.collab.tables import CollabHeadRow, CollabVersionRow
from backend.db.paging import cursor_keys, cursor_text
from kit.ids import sortable_id

VersionKind: TypeAlias = Literal["named", "automatic"]


async def name_version(
    session: AsyncSession, caller: Caller, project_id: str, *, name: str, now: datetime
) -> CollabVersionRow:
    """Name the document as it is durable now."""
    row = CollabVersionRow(
        id=sortable_id("ver"),
        project_id=project_id,
        seq=await _head(session, project_id),
        kind="named",
        name=name,
        author_id=caller.user_id,
        author_name=caller.name,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def add_automatic(
    session: AsyncSession,
    project_id: str,
    *,
    now: datetime,
    name: str = "",
    by: Caller | None = None,
) -> None:
    """Keep the document as it is durable now, unless that very state is kept already.

    `name` says why, where there is a reason but the time; `by` is who gave the reason.
    """
    seq = await _head(session, project_id)
    kept = select(CollabVersionRow.id).where(
        CollabVersionRow.project_id == project_id,
        CollabVersionRow.kind == "automatic",
        CollabVersionRow.seq == seq,
    )
    if await session.scalar(kept) is not None:
        return
    session.add(
        CollabVersionRow(
            id=sortable_id("ver"),
            project_id=project_id,
            seq=seq,
            kind="automatic",
            name=name,
            author_id=by.user_id if by else "",
            author_name=by.name if by else "",
            created_at=now,
        )
    )
    await session.flush()


async def list_versions(
    session: AsyncSession, project_id: str, *, cursor: str | None, limit: int
) -> tuple[list[CollabVersionRow], str | None]:
    """Newest first, and the cursor of the next page."""
    wanted = select(CollabVersionRow).where(CollabVersionRow.project_id == project_id)
    if cursor is not None:
        (last,) = cursor_keys(cursor, 1)
        wanted = wanted.where(CollabVersionRow.id < last)
    rows = list(
        (await session.scalars(wanted.order_by(CollabVersionRow.id.desc()).limit(limit + 1))).all()
    )
    shown = rows[:limit]
    return shown, cursor_text(shown[-1].id) if len(rows) > limit else None


async def find_version(session: AsyncSession, project_id: str, version_id: str) -> CollabVersionRow:
    row = await session.scalar(
        select(CollabVersionRow).where(
            CollabVersionRow.id == version_id, CollabVersionRow.project_id == project_id
        )
    )
    if row is None:
        raise NotVisible("version", version_id)
    return row


async def seq_before(session: AsyncSession, version: CollabVersionRow) -> int:
    """The place of the version before this one; the seed where it is the first."""
    found = await session.scalar(
        select(CollabVersionRow.seq)
        .where(
            CollabVersionRow.project_id == version.project_id,
            CollabVersionRow.seq < version.seq,
        )
        .order_by(CollabVersionRow.seq.desc())
        .limit(1)
    )
    return found or 1


async def _head(session: AsyncSession, project_id: str) -> int:
    head = await session.scalar(
        select(CollabHeadRow.head).where(CollabHeadRow.project_id == project_id)
    )
    return head or 0
