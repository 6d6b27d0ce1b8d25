"""Make, delete, share a project; follow its document. Services never commit."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller
from backend.auth.errors import BadRequest
from backend.auth.keys import hashed, new_link_key
from backend.auth.repository import list_workspaces, require_workspace
from backend.auth.roles import Role, may
from backend.auth.schemas import CONTROL, NAME_LENGTH_MAX
from backend.auth.service import REVOKED
from backend.auth.tables import ShareLinkRow
from backend.db.audit_log import record_act
from backend.db.event_log import record_event
from backend.db.session import Database, hint_after_commit
from backend.projects import repository
from backend.projects.access import ProjectAccess
from backend.projects.documents import ProjectDocuments
from backend.projects.tables import ProjectRow
from kit.clock import Clock
from kit.ids import sortable_id
from timeline.model import Json
from timeline.timing import Rate

LINK_AGE_MAX: Final = timedelta(days=30)


async def add_project(
    session: AsyncSession,
    caller: Caller,
    documents: ProjectDocuments,
    *,
    name: str,
    workspace_id: str | None,
    width: int,
    height: int,
    rate: Rate,
    now: datetime,
) -> ProjectAccess:
    """A project with its seeded document, in one transaction."""
    chosen = workspace_id or await _first_workspace(session, caller)
    role = await require_workspace(session, caller, chosen, "edit")
    project = ProjectRow(
        id=sortable_id("prj"),
        workspace_id=chosen,
        name=name,
        created_by=caller.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(project)
    await session.flush()
    await documents.seed(
        session,
        project.id,
        name=name,
        width=width,
        height=height,
        fps_num=rate.num,
        fps_den=rate.den,
    )
    await _tell(session, project, now)
    return ProjectAccess(project, role)


class EditedProjectRows:
    """The rows of projects follow the edits of their documents, the name included [projects-P5]."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def edited(self, names: Mapping[str, Json]) -> None:
        """All in one transaction; what is no name for people leaves the row's own.

        Raises DatabaseAway, DatabaseFull.
        """
        now = self._clock.now()
        async with self._database.write() as session:
            for project_id, name in names.items():
                project = await session.get(ProjectRow, project_id)
                if project is None or project.deleted_at is not None:
                    continue
                project.updated_at = now
                project.name = _plain_name(name) or project.name
                await session.flush()
                await _tell(session, project, now)


async def delete_project(session: AsyncSession, project: ProjectRow, *, now: datetime) -> None:
    """From now on nobody sees it; its sockets close."""
    project.deleted_at = now
    await session.flush()
    await _tell(session, project, now, deleted=True)
    await record_act(session, project.workspace_id, "project.deleted", target=project.id, at=now)
    hint_after_commit(session, REVOKED, {"project": project.id})


async def add_share_link(
    session: AsyncSession, caller: Caller, project: ProjectRow, *, role: Role, now: datetime
) -> tuple[ShareLinkRow, str]:
    """A link and its key, which is shown once [auth-A8]."""
    key = new_link_key()
    link = ShareLinkRow(
        id=sortable_id("lnk"),
        key_hash=hashed(key),
        project_id=project.id,
        workspace_id=project.workspace_id,
        role=role,
        created_by=caller.user_id,
        created_at=now,
        expires_at=now + LINK_AGE_MAX,
    )
    session.add(link)
    detail = {"project": project.id, "role": role}
    await record_act(
        session, project.workspace_id, "share_link.created", target=link.id, detail=detail, at=now
    )
    return link, key


async def remove_share_link(
    session: AsyncSession, project: ProjectRow, link_id: str, *, now: datetime
) -> None:
    """Everybody who came by it is out within a second."""
    link = await repository.get_share_link(session, project.id, link_id)
    await session.delete(link)
    await record_act(
        session,
        project.workspace_id,
        "share_link.removed",
        target=link_id,
        detail={"project": project.id},
        at=now,
    )
    hint_after_commit(session, REVOKED, {"share_link": link_id, "project": project.id})


def _plain_name(name: Json) -> str | None:
    """The name in a document, held to what `PlainName` lets in; None where it is none."""
    if not isinstance(name, str):
        return None
    return CONTROL.sub("", name).strip()[:NAME_LENGTH_MAX].strip() or None


async def _first_workspace(session: AsyncSession, caller: Caller) -> str:
    found = await list_workspaces(session, caller)
    for workspace, role in found:
        if may(role, "edit"):
            return workspace.id
    raise BadRequest("workspace", "there is none in which you may make projects")


async def _tell(
    session: AsyncSession, project: ProjectRow, now: datetime, *, deleted: bool = False
) -> None:
    body: dict[str, Json] = {**repository.project_json(project)}
    if deleted:
        body["deleted"] = True
    await record_event(
        session,
        workspace_id=project.workspace_id,
        project_id=project.id,
        kind="project",
        body=body,
        at=now,
    )
