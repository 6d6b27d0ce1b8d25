"""What a caller may open. What they may not see does not exist: the answer is the same [auth-A7]."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller
from backend.auth.errors import NotAllowed, NotVisible
from backend.auth.repository import workspace_role
from backend.auth.roles import Right, Role, lowered, may
from backend.auth.tables import ShareLinkRow
from backend.projects.tables import ProjectRow


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    project: ProjectRow
    role: Role


async def find_access(
    session: AsyncSession, caller: Caller, project_id: str
) -> ProjectAccess | None:
    """The project and the caller's role in it, or None when there is none for them."""
    project = await session.scalar(
        select(ProjectRow).where(ProjectRow.id == project_id, ProjectRow.deleted_at.is_(None))
    )
    if project is None:
        return None
    role = (
        await _guest_role(session, caller, project_id)
        if caller.project_id is not None
        else await workspace_role(session, caller, project.workspace_id)
    )
    return ProjectAccess(project, role) if role is not None else None


async def project_role(session: AsyncSession, caller: Caller, project_id: str) -> Role:
    """The caller's role in a project; NotVisible when they see no such project."""
    found = await find_access(session, caller, project_id)
    if found is None:
        raise NotVisible("project", project_id)
    return found.role


async def require_project(
    session: AsyncSession, caller: Caller, project_id: str, right: Right
) -> ProjectAccess:
    """The project, for a caller who may do that; NotVisible, NotAllowed."""
    found = await find_access(session, caller, project_id)
    if found is None:
        raise NotVisible("project", project_id)
    if not may(found.role, right):
        raise NotAllowed(right, found.role)
    return found


async def _guest_role(session: AsyncSession, caller: Caller, project_id: str) -> Role | None:
    if caller.project_id != project_id:
        return None
    link = await session.get(ShareLinkRow, caller.share_link_id)
    return lowered("editor", caller.ceiling) if link is not None else None
