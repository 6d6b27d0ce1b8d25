"""Every query about projects and share links."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller
from backend.auth.errors import NotVisible
from backend.auth.roles import Role, lowered, role_of
from backend.auth.tables import MemberRow, ShareLinkRow
from backend.db.metadata import iso
from backend.db.paging import BadCursor, cursor_keys, cursor_text
from backend.projects.access import find_access
from backend.projects.tables import ProjectRow


async def list_projects(
    session: AsyncSession,
    caller: Caller,
    *,
    workspace_id: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[tuple[ProjectRow, Role]], str | None]:
    """The projects that the caller may open, last changed first, and the cursor for more."""
    if caller.project_id is not None:
        found = await find_access(session, caller, caller.project_id)
        return ([(found.project, found.role)] if found else []), None
    wanted = (
        select(ProjectRow, MemberRow.role)
        .join(MemberRow, MemberRow.workspace_id == ProjectRow.workspace_id)
        .where(MemberRow.user_id == caller.user_id, ProjectRow.deleted_at.is_(None))
        .order_by(ProjectRow.updated_at.desc(), ProjectRow.id.desc())
        .limit(limit + 1)
    )
    for only in (caller.workspace_id, workspace_id):
        if only is not None:
            wanted = wanted.where(ProjectRow.workspace_id == only)
    if cursor is not None:
        text, last_id = cursor_keys(cursor, 2)
        at = _moment(text)
        wanted = wanted.where(
            or_(
                ProjectRow.updated_at < at,
                and_(ProjectRow.updated_at == at, ProjectRow.id < last_id),
            )
        )
    rows = (await session.execute(wanted)).all()
    shown: list[tuple[ProjectRow, Role]] = [
        (row, lowered(role_of(role), caller.ceiling)) for row, role in rows[:limit]
    ]
    last = shown[-1][0] if len(rows) > limit else None
    return shown, cursor_text(last.updated_at.isoformat(), last.id) if last else None


async def list_share_links(
    session: AsyncSession, project_id: str, *, now: datetime
) -> Sequence[ShareLinkRow]:
    return (
        await session.scalars(
            select(ShareLinkRow)
            .where(ShareLinkRow.project_id == project_id, ShareLinkRow.expires_at > now)
            .order_by(ShareLinkRow.id)
        )
    ).all()


async def get_share_link(session: AsyncSession, project_id: str, link_id: str) -> ShareLinkRow:
    link = await session.get(ShareLinkRow, link_id)
    if link is None or link.project_id != project_id:
        raise NotVisible("share link", link_id)
    return link


def project_json(project: ProjectRow) -> dict[str, str]:
    """What the `project` event tells; the role is each reader's own."""
    return {
        "id": project.id,
        "name": project.name,
        "workspace": project.workspace_id,
        "created_at": iso(project.created_at),
        "updated_at": iso(project.updated_at),
    }


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCursor from error
