"""Every query about assets and uploads."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from backend.assets.tables import AssetRow, ProjectAssetRow, UploadRow
from backend.auth.caller import Caller
from backend.auth.errors import NotVisible
from backend.auth.repository import list_workspaces
from backend.db.paging import cursor_keys, cursor_text
from backend.projects.tables import ProjectRow


async def readable_workspaces(session: AsyncSession, caller: Caller) -> set[str]:
    """Where the caller may see assets; a guest only those of their project, see `list_by_id`."""
    if caller.project_id is not None:
        return {caller.workspace_id} if caller.workspace_id else set()
    return {row.id for row, _ in await list_workspaces(session, caller)}


async def list_by_id(
    session: AsyncSession, caller: Caller, ids: Collection[str]
) -> Sequence[AssetRow]:
    """Those of the assets that this caller may see."""
    wanted = select(AssetRow).where(
        AssetRow.id.in_(ids),
        AssetRow.workspace_id.in_(await readable_workspaces(session, caller)),
    )
    if caller.project_id is not None:
        wanted = wanted.where(or_(_is_of_project(caller.project_id), AssetRow.project_id.is_(None)))
    return (await session.scalars(wanted)).all()


async def get_asset(session: AsyncSession, caller: Caller, asset_id: str) -> AssetRow:
    found = await list_by_id(session, caller, (asset_id,))
    if not found:
        raise NotVisible("asset", asset_id)
    return found[0]


async def list_assets(
    session: AsyncSession,
    workspace_id: str,
    *,
    project_id: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[AssetRow], str | None]:
    """A workspace's or a project's assets, newest first, and the cursor for more."""
    wanted = (
        select(AssetRow)
        .where(AssetRow.workspace_id == workspace_id)
        .order_by(AssetRow.id.desc())
        .limit(limit + 1)
    )
    if project_id is not None:
        wanted = wanted.where(_is_of_project(project_id))
    if cursor is not None:
        wanted = wanted.where(AssetRow.id < cursor_keys(cursor, 1)[0])
    rows = (await session.scalars(wanted)).all()
    shown = rows[:limit]
    return shown, cursor_text(shown[-1].id) if len(rows) > limit else None


def _is_of_project(project_id: str) -> ColumnElement[bool]:
    used = select(ProjectAssetRow.asset_id).where(ProjectAssetRow.project_id == project_id)
    return or_(AssetRow.project_id == project_id, AssetRow.id.in_(used))


async def use_in_project(
    session: AsyncSession, caller: Caller, project: ProjectRow, ids: Collection[str]
) -> None:
    """Count assets of its workspace among a project's media; those that the caller may not see stay out."""
    rows = [
        {"project_id": project.id, "asset_id": row.id}
        for row in await list_by_id(session, caller, ids)
        if row.workspace_id == project.workspace_id and row.project_id != project.id
    ]
    if rows:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        await session.execute(dialect.insert(ProjectAssetRow).values(rows).on_conflict_do_nothing())


async def list_of_workspace(
    session: AsyncSession, workspace_id: str, ids: Collection[str]
) -> Sequence[AssetRow]:
    """The assets of a workspace among these ids: what its documents may refer to."""
    return (
        await session.scalars(
            select(AssetRow).where(AssetRow.workspace_id == workspace_id, AssetRow.id.in_(ids))
        )
    ).all()


async def find_twin(session: AsyncSession, workspace_id: str, sha256: str) -> AssetRow | None:
    """A ready asset of the workspace with the same bytes: its renditions are ours too."""
    return await session.scalar(
        select(AssetRow)
        .where(
            AssetRow.workspace_id == workspace_id,
            AssetRow.sha256 == sha256,
            AssetRow.state == "ready",
        )
        .order_by(AssetRow.id)
        .limit(1)
    )


async def get_upload(session: AsyncSession, caller: Caller, upload_id: str) -> UploadRow:
    upload = await session.get(UploadRow, upload_id)
    if upload is None or upload.user_id != caller.user_id:
        raise NotVisible("upload", upload_id)
    return upload


async def forget_upload(session: AsyncSession, upload_id: str) -> None:
    await session.execute(delete(UploadRow).where(UploadRow.id == upload_id))
