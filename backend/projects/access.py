"""What a caller may open. What they may not see does not exist: the answer is the same [auth-A7]."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.authenticator import Memberships
from backend.auth.caller import Caller
from backend.auth.errors import NotAllowed, NotVisible
from backend.auth.repository import member_role, workspace_role
from backend.auth.roles import Right, Role, lowered, may
from backend.auth.tables import ShareLinkRow
from backend.db.by_name import ByName
from backend.projects.tables import ProjectRow

_PROJECTS: Final = ProjectRow.__table__.c
_PRESENT: Final = ByName(
    select(_PROJECTS.id, _PROJECTS.workspace_id).where(_PROJECTS.deleted_at.is_(None)), _PROJECTS.id
)
_LINKS: Final = ByName(select(ShareLinkRow.id), ShareLinkRow.__table__.c.id)


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


class Reach(NamedTuple):
    """A project's workspace, and the caller's role in it, None when there is none for them."""

    workspace_id: str
    role: Role | None


def find_reaches(
    connection: Connection, wanted: Sequence[tuple[Caller, str]], memberships: Memberships
) -> list[Reach | None]:
    """As `find_access`, for many callers and projects at once; None: no such project."""
    present = _PRESENT.rows(connection, {project_id for _, project_id in wanted})
    projects: dict[str, str] = {row[0]: row[1] for row in present}
    guests = {caller.share_link_id for caller, _ in wanted if caller.share_link_id is not None}
    links = {row[0] for row in _LINKS.rows(connection, guests)}
    found: list[Reach | None] = []
    for caller, project_id in wanted:
        workspace_id = projects.get(project_id)
        if workspace_id is None:
            found.append(None)
        elif caller.project_id is None:
            member = memberships.get((workspace_id, caller.user_id))
            role = member_role(caller, workspace_id, member.role if member else None)
            found.append(Reach(workspace_id, role))
        else:
            is_inside = caller.project_id == project_id and caller.share_link_id in links
            role = lowered("editor", caller.ceiling) if is_inside else None
            found.append(Reach(workspace_id, role))
    return found


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
