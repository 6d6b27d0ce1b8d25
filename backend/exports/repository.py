"""Every query about exports of people; the board's own are in `queue.py`."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.assets.tables import AssetRow
from backend.auth.caller import Caller
from backend.auth.errors import NotAllowed, NotVisible
from backend.auth.roles import Right, may
from backend.db.paging import cursor_keys, cursor_text
from backend.exports.tables import ExportRow, TaskRow
from backend.exports.views import ENDED
from backend.projects.access import find_access

RUNNING_SHOWN_MAX: Final = 20


async def get_export(
    session: AsyncSession, caller: Caller, export_id: str, right: Right
) -> ExportRow:
    """An export of a project in which the caller may do that."""
    export = await session.get(ExportRow, export_id)
    access = await find_access(session, caller, export.project_id) if export else None
    if export is None or access is None:
        raise NotVisible("export", export_id)
    if not may(access.role, right):
        raise NotAllowed(right, access.role)
    return export


async def list_exports(
    session: AsyncSession, project_id: str, *, cursor: str | None, limit: int
) -> tuple[Sequence[ExportRow], str | None]:
    """A project's exports, newest first, and the cursor for more."""
    wanted = (
        select(ExportRow)
        .where(ExportRow.project_id == project_id)
        .order_by(ExportRow.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        wanted = wanted.where(ExportRow.id < cursor_keys(cursor, 1)[0])
    rows = (await session.scalars(wanted)).all()
    shown = rows[:limit]
    return shown, cursor_text(shown[-1].id) if len(rows) > limit else None


async def list_running(session: AsyncSession, project_id: str) -> Sequence[ExportRow]:
    return (
        await session.scalars(
            select(ExportRow)
            .where(ExportRow.project_id == project_id, ExportRow.state.not_in(ENDED))
            .order_by(ExportRow.id)
            .limit(RUNNING_SHOWN_MAX)
        )
    ).all()


async def list_assets_in_work(session: AsyncSession, project_id: str) -> Sequence[AssetRow]:
    """The assets of a project that a worker has in hand."""
    return (
        await session.scalars(
            select(AssetRow)
            .join(TaskRow, TaskRow.asset_id == AssetRow.id)
            .where(TaskRow.state == "leased", AssetRow.project_id == project_id)
            .order_by(AssetRow.id)
            .limit(RUNNING_SHOWN_MAX)
        )
    ).all()


async def count_waiting(session: AsyncSession, workspace_id: str) -> int:
    return (
        await session.execute(
            select(func.count()).where(
                ExportRow.workspace_id == workspace_id, ExportRow.state.not_in(ENDED)
            )
        )
    ).scalar_one()
