"""Projects and their share links."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from backend.auth.account import require_account
from backend.auth.caller import CallerDep
from backend.auth.cookies import address_of, clear_cookie, public_address
from backend.auth.errors import WrongCredentials
from backend.auth.repository import get_user
from backend.auth.roles import role_of
from backend.auth.routes import LimitsDep, PasswordsDep
from backend.auth.tables import ShareLinkRow
from backend.db.metadata import iso
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit
from backend.db.session import ClockDep, DatabaseDep, SessionDep
from backend.projects import repository, service
from backend.projects.access import ProjectAccess, require_project
from backend.projects.documents import ProjectDocuments
from backend.projects.leaving import delete_account
from backend.projects.schemas import (
    DeletionRequest,
    ProjectChange,
    ProjectList,
    ProjectRequest,
    ProjectView,
    ShareLinkList,
    ShareLinkRequest,
    ShareLinkView,
    rate_of,
)
from backend.settings import SettingsDep

router = APIRouter(tags=["projects"])


def read_documents(request: Request) -> ProjectDocuments:
    return request.app.state.documents


ProjectDocumentsDep = Annotated[ProjectDocuments, Depends(read_documents)]


@router.post("/me/deletion", status_code=204)
async def delete_my_account(
    body: DeletionRequest,
    request: Request,
    response: Response,
    database: DatabaseDep,
    caller: CallerDep,
    passwords: PasswordsDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> None:
    """For good; the present password says that it is meant."""
    require_account(caller)
    address = address_of(request)
    limits.check_sign_in(caller.user_id, address)
    async with database.read() as session:
        stored = (await get_user(session, caller.user_id)).password_hash
    if stored is not None and not await passwords.fits(stored, body.password or ""):
        limits.count_failure(caller.user_id, address)
        raise WrongCredentials("the present password is wrong")
    async with database.write() as session:
        await delete_account(session, caller.user_id, now=clock.now())
    clear_cookie(response, settings)


@router.get("/projects")
async def list_projects(
    session: SessionDep,
    caller: CallerDep,
    workspace: str | None = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> ProjectList:
    shown, next_cursor = await repository.list_projects(
        session, caller, workspace_id=workspace, cursor=cursor, limit=limit
    )
    return ProjectList(
        items=[_project(ProjectAccess(row, role)) for row, role in shown], next_cursor=next_cursor
    )


@router.post("/projects", status_code=201)
async def add_project(
    body: ProjectRequest,
    session: SessionDep,
    caller: CallerDep,
    documents: ProjectDocumentsDep,
    clock: ClockDep,
) -> ProjectView:
    made = await service.add_project(
        session,
        caller,
        documents,
        name=body.name,
        workspace_id=body.workspace,
        width=body.width,
        height=body.height,
        rate=rate_of(body.fps),
        now=clock.now(),
    )
    return _project(made)


@router.get("/projects/{project_id}")
async def get_project(project_id: str, session: SessionDep, caller: CallerDep) -> ProjectView:
    return _project(await require_project(session, caller, project_id, "read"))


@router.patch("/projects/{project_id}")
async def change_project(
    project_id: str,
    body: ProjectChange,
    caller: CallerDep,
    database: DatabaseDep,
    documents: ProjectDocumentsDep,
) -> ProjectView:
    """A rename is an edit of the document: everybody in it sees it, and the row follows."""
    async with database.read() as session:
        await require_project(session, caller, project_id, "edit")
    await documents.rename(project_id, body.name, origin=f"rename:{caller.user_id}")
    async with database.read() as session:
        return _project(await require_project(session, caller, project_id, "edit"))


@router.delete("/projects/{project_id}", status_code=204)
async def delete_project(
    project_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> None:
    found = await require_project(session, caller, project_id, "administer the workspace")
    await service.delete_project(session, found.project, now=clock.now())


@router.get("/projects/{project_id}/share-links")
async def list_share_links(
    project_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> ShareLinkList:
    await require_project(session, caller, project_id, "administer the workspace")
    links = await repository.list_share_links(session, project_id, now=clock.now())
    return ShareLinkList(items=[_link(link) for link in links])


@router.post("/projects/{project_id}/share-links", status_code=201)
async def add_share_link(
    project_id: str,
    body: ShareLinkRequest,
    request: Request,
    session: SessionDep,
    caller: CallerDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> ShareLinkView:
    found = await require_project(session, caller, project_id, "administer the workspace")
    link, key = await service.add_share_link(
        session, caller, found.project, role=body.role, now=clock.now()
    )
    url = f"{public_address(request, settings)}/share#{key}"
    return _link(link).model_copy(update={"url": url, "key": key})


@router.delete("/projects/{project_id}/share-links/{link_id}", status_code=204)
async def remove_share_link(
    project_id: str, link_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> None:
    found = await require_project(session, caller, project_id, "administer the workspace")
    await service.remove_share_link(session, found.project, link_id, now=clock.now())


def _project(found: ProjectAccess) -> ProjectView:
    row = found.project
    return ProjectView(
        id=row.id,
        name=row.name,
        workspace=row.workspace_id,
        role=found.role,
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
    )


def _link(link: ShareLinkRow) -> ShareLinkView:
    return ShareLinkView(
        id=link.id,
        role=role_of(link.role),
        created_at=iso(link.created_at),
        expires_at=iso(link.expires_at),
    )
