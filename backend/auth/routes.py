"""Accounts, sign-in, workspaces, members, invites."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import repository, service
from backend.auth.caller import Caller, CallerDep, OptionalCallerDep
from backend.auth.cookies import address_of, clear_cookie, public_address, set_cookie
from backend.auth.errors import SignupClosed, WrongCredentials
from backend.auth.limits import SignInLimits
from backend.auth.mailing import OptionalMailerDep, mail_invite
from backend.auth.mails import language_of
from backend.auth.passwords import PasswordChecker
from backend.auth.roles import role_of
from backend.auth.schemas import (
    AccountRequest,
    ActList,
    ActView,
    InviteList,
    InviteRequest,
    InviteView,
    Me,
    MemberChange,
    MemberList,
    MemberRequest,
    MemberView,
    PreferencesChange,
    PreferencesView,
    SignInRequest,
    WorkspaceList,
    WorkspaceRequest,
    WorkspaceView,
)
from backend.auth.service import SignedIn
from backend.auth.tables import InviteRow, MemberRow, UserRow
from backend.db import audit_log
from backend.db.metadata import iso
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit
from backend.db.session import ClockDep, Database, DatabaseDep, SessionDep
from backend.settings import SettingsDep

router = APIRouter(tags=["people"])


def read_passwords(request: Request) -> PasswordChecker:
    return request.app.state.passwords


def read_sign_in_limits(request: Request) -> SignInLimits:
    return request.app.state.sign_in_limits


PasswordsDep = Annotated[PasswordChecker, Depends(read_passwords)]
LimitsDep = Annotated[SignInLimits, Depends(read_sign_in_limits)]


@router.post("/accounts", status_code=201)
async def sign_up(
    body: AccountRequest,
    request: Request,
    database: DatabaseDep,
    passwords: PasswordsDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> Me:
    if settings.signup != "open":
        raise SignupClosed
    limits.count_signup(address_of(request))
    password_hash = await passwords.hashed(body.password)
    async with database.write() as session:
        user = await service.add_account(
            session, email=body.email, password_hash=password_hash, name=body.name, now=clock.now()
        )
        return await _me(session, _caller_for(SignedIn("", user)))


@router.post("/session")
async def sign_in(
    body: SignInRequest,
    request: Request,
    response: Response,
    database: DatabaseDep,
    present: OptionalCallerDep,
    passwords: PasswordsDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> Me:
    now = clock.now()
    if present is not None and present.credential != "session":
        present = None
    user: UserRow | None = None
    if body.email is not None and body.password is not None:
        limits.check_sign_in(body.email.lower(), address_of(request))
        user = await _known(database, passwords, limits, body, address_of(request), now)
    elif present is None and (body.share or body.invite):
        limits.count_signup(address_of(request))  # each makes somebody new
    async with database.write() as session:
        inside = body.share and await service.find_open_share(
            session, body.share, present=present, now=now
        )
        if inside and present is not None:
            return (await _me(session, present)).model_copy(update={"project": inside.project_id})
        if user is not None:
            signed_in = await service.sign_in(session, user, replaces=present, now=now)
        elif body.welcome is not None:
            signed_in = await service.sign_in_with_welcome(
                session, body.welcome, replaces=present, now=now
            )
        elif body.share is not None:
            signed_in = await service.sign_in_with_share(
                session, body.share, name=body.name, replaces=present, now=now
            )
        else:
            signed_in = await service.sign_in_with_invite(
                session, body.invite or "", name=body.name, present=present, now=now
            )
        me = await _me(session, _caller_for(signed_in))
    set_cookie(response, settings, signed_in.key)
    return me


async def _known(
    database: Database,
    passwords: PasswordChecker,
    limits: SignInLimits,
    body: SignInRequest,
    address: str,
    now: datetime,
) -> UserRow:
    email = (body.email or "").strip().lower()
    async with database.read() as session:
        user = await repository.find_user_by_email(session, email)
    if not await passwords.fits(user.password_hash if user else None, body.password or ""):
        limits.count_failure(email, address)
        async with database.write() as session:
            await service.record_failure(session, user, now=now)
        raise WrongCredentials
    if user is None:
        raise WrongCredentials
    if passwords.is_outdated(user.password_hash or ""):
        password_hash = await passwords.hashed(body.password or "")
        async with database.write() as session:
            (await repository.get_user(session, user.id)).password_hash = password_hash
    return user


@router.delete("/session", status_code=204)
async def sign_out(
    session: SessionDep,
    caller: OptionalCallerDep,
    settings: SettingsDep,
    clock: ClockDep,
    response: Response,
) -> None:
    if caller is not None:
        await service.sign_out(session, caller, now=clock.now())
    clear_cookie(response, settings)


@router.get("/me")
async def who_am_i(session: SessionDep, caller: CallerDep) -> Me:
    return await _me(session, caller)


@router.get("/me/preferences")
async def my_preferences(session: SessionDep, caller: CallerDep) -> PreferencesView:
    row = await repository.find_preferences(session, caller.user_id)
    return PreferencesView(values=row.body if row else {})


@router.patch("/me/preferences")
async def change_my_preferences(
    body: PreferencesChange, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> PreferencesView:
    kept = await service.change_preferences(session, caller, body.values, now=clock.now())
    return PreferencesView(values=kept)


@router.get("/workspaces")
async def list_workspaces(session: SessionDep, caller: CallerDep) -> WorkspaceList:
    return WorkspaceList(items=await _workspaces(session, caller))


@router.post("/workspaces", status_code=201)
async def add_workspace(
    body: WorkspaceRequest, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> WorkspaceView:
    service.require_person(caller)
    workspace = await service.add_workspace(
        session, owner_id=caller.user_id, name=body.name, now=clock.now()
    )
    return WorkspaceView(id=workspace.id, name=workspace.name, role="owner")


@router.get("/workspaces/{workspace_id}/members")
async def list_members(workspace_id: str, session: SessionDep, caller: CallerDep) -> MemberList:
    await repository.require_workspace(session, caller, workspace_id, "read")
    members = await repository.list_members(session, workspace_id)
    return MemberList(items=[_member(member, user) for member, user in members])


@router.post("/workspaces/{workspace_id}/members", status_code=201)
async def add_member(
    workspace_id: str, body: MemberRequest, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> MemberView:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    member, user = await service.add_member(
        session, workspace_id, email=body.email, role=body.role, now=clock.now()
    )
    return _member(member, user)


@router.patch("/workspaces/{workspace_id}/members/{user_id}")
async def change_member(
    workspace_id: str,
    user_id: str,
    body: MemberChange,
    session: SessionDep,
    caller: CallerDep,
    clock: ClockDep,
) -> MemberView:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    member, user = await service.change_member(
        session, workspace_id, user_id, role=body.role, now=clock.now()
    )
    return _member(member, user)


@router.delete("/workspaces/{workspace_id}/members/{user_id}", status_code=204)
async def remove_member(
    workspace_id: str, user_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> None:
    if user_id == caller.user_id:  # anybody may leave
        await repository.require_workspace(session, caller, workspace_id, "read")
    else:
        await repository.require_workspace(
            session, caller, workspace_id, "administer the workspace"
        )
    await service.remove_member(session, workspace_id, user_id, now=clock.now())


@router.get("/workspaces/{workspace_id}/invites")
async def list_invites(
    workspace_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> InviteList:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    invites = await repository.list_invites(session, workspace_id, now=clock.now())
    return InviteList(items=[_invite(invite) for invite in invites])


@router.post("/workspaces/{workspace_id}/invites", status_code=201)
async def add_invite(
    workspace_id: str,
    body: InviteRequest,
    request: Request,
    database: DatabaseDep,
    mailer: OptionalMailerDep,
    caller: CallerDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> InviteView:
    """The link is in the answer too: whoever asks can hand it over, whatever becomes of a mail."""
    async with database.write() as session:
        await repository.require_workspace(
            session, caller, workspace_id, "administer the workspace"
        )
        if mailer is not None and body.email is not None:
            limits.count_mail(caller.user_id)
        invite, key = await service.add_invite(
            session, caller, workspace_id, role=body.role, email=body.email, now=clock.now()
        )
        chosen = await repository.find_preferences(session, caller.user_id)
    made = _invite(invite)
    url = f"{public_address(request, settings)}/join#{key}"
    if mailer is not None and body.email is not None:
        accepted = request.headers.get("accept-language", "")
        language = language_of((chosen.body if chosen else {}).get("language"), accepted)
        mail_invite(mailer, caller, to=body.email, url=url, language=language)
        made = made.model_copy(update={"mailed": True})
    return made.model_copy(update={"url": url, "key": key})


@router.delete("/workspaces/{workspace_id}/invites/{invite_id}", status_code=204)
async def remove_invite(
    workspace_id: str, invite_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> None:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    await service.remove_invite(session, workspace_id, invite_id, now=clock.now())


@router.get("/workspaces/{workspace_id}/audit")
async def list_acts(
    workspace_id: str,
    session: SessionDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> ActList:
    """What was done in the workspace, newest first [auth-A12]."""
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    acts, next_cursor = await audit_log.list_acts(session, workspace_id, cursor=cursor, limit=limit)
    return ActList(items=[_act(row) for row in acts], next_cursor=next_cursor)


def _act(row: audit_log.ActRow) -> ActView:
    return ActView(
        seq=row.seq,
        act=row.act,
        actor=row.actor,
        via=row.via,
        target=row.target,
        detail=row.detail,
        address=row.address,
        trace_id=row.trace_id,
        at=iso(row.at),
        hash=row.hash,
    )


async def _me(session: AsyncSession, caller: Caller) -> Me:
    return Me(
        id=caller.user_id,
        name=caller.name,
        email=caller.email,
        kind=caller.kind,
        workspaces=await _workspaces(session, caller),
        project=caller.project_id,
    )


async def _workspaces(session: AsyncSession, caller: Caller) -> list[WorkspaceView]:
    found = await repository.list_workspaces(session, caller)
    return [WorkspaceView(id=row.id, name=row.name, role=role) for row, role in found]


def _caller_for(signed_in: SignedIn) -> Caller:
    user, link = signed_in.user, signed_in.share_link
    return Caller(
        user_id=user.id,
        name=user.name,
        email=user.email,
        kind=service.kind_of(user),
        credential="session",
        credential_id="",
        expires_at=None,
        workspace_id=link.workspace_id if link else None,
        project_id=link.project_id if link else None,
    )


def _member(member: MemberRow, user: UserRow) -> MemberView:
    return MemberView(
        id=user.id,
        name=user.name,
        email=user.email,
        role=role_of(member.role),
        created_at=iso(member.created_at),
    )


def _invite(invite: InviteRow) -> InviteView:
    return InviteView(
        id=invite.id,
        role=role_of(invite.role),
        email=invite.email,
        created_at=iso(invite.created_at),
        expires_at=iso(invite.expires_at),
    )
