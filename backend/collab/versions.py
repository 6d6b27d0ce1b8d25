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


async def add_version(
    session: AsyncSession,
    caller: Caller,
    project_id: str,
    *,
    name: str,
    kind: VersionKind,
    now: datetime,
) -> CollabVersionRow:
    """Name the document as it is durable now."""
    head = await session.scalar(
        select(CollabHeadRow.head).where(CollabHeadRow.project_id == project_id)
    )
    row = CollabVersionRow(
        id=sortable_id("ver"),
        project_id=project_id,
        seq=head or 0,
        kind=kind,
        name=name,
        author_id=caller.user_id,
        author_name=caller.name,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


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
