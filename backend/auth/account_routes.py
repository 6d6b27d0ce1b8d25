"""One's own password and sign-ins, reset links, tokens and ownership of a workspace."""

import json
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from backend.auth import account, repository
from backend.auth.caller import CallerDep
from backend.auth.cookies import address_of, set_cookie
from backend.auth.errors import NotAllowed, NotVisible, WrongCredentials
from backend.auth.mailing import OptionalMailerDep, mail_reset
from backend.auth.passwords import LENGTH_MAX
from backend.auth.personal_data import personal_data
from backend.auth.roles import Role, role_of
from backend.auth.routes import LimitsDep, PasswordsDep
from backend.auth.schemas import Body, Email, Key, NewPassword
from backend.auth.tables import ApiTokenRow
from backend.db.metadata import iso
from backend.db.session import ClockDep, DatabaseDep, SessionDep
from backend.settings import SettingsDep

router = APIRouter(tags=["people"])

TTL_SECONDS_DEFAULT: Final = 90 * 86_400
TTL_SECONDS_MAX: Final = 366 * 86_400


class PasswordChange(Body):
    password: Annotated[str, Field(max_length=LENGTH_MAX)]
    new_password: NewPassword


class ResetRequest(Body):
    email: Email


class ResetRedemption(Body):
    key: Key
    password: NewPassword


class TokenRequest(Body):
    role: Role
    ttl: Annotated[int, Field(ge=1, le=TTL_SECONDS_MAX)] = TTL_SECONDS_DEFAULT


class TransferRequest(Body):
    """`user` becomes the owner, and who gives it away becomes `then`."""

    user: str
    then: Role = "editor"


class SignInView(BaseModel):
    id: str
    created_at: str
    seen_at: str
    expires_at: str
    current: bool


class SignInList(BaseModel):
    items: list[SignInView]
    next_cursor: str | None = None


class TokenView(BaseModel):
    """`token` only in the answer that made it: stored is a hash."""

    id: str
    user: str
    role: Role
    created_at: str
    expires_at: str
    used_at: str | None
    token: str | None = None


class TokenList(BaseModel):
    items: list[TokenView]
    next_cursor: str | None = None


@router.get("/me/data")
async def my_data(
    session: SessionDep, caller: CallerDep, limits: LimitsDep, clock: ClockDep
) -> Response:
    """Everything that is kept about the caller, as a JSON file."""
    if caller.credential == "token":
        raise NotAllowed("take out somebody's data", "token")
    limits.count_archive(caller.user_id)
    found = await personal_data(session, caller, now=clock.now())
    return Response(
        json.dumps(found, ensure_ascii=False, indent=1),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="cutroom-data.json"'},
    )


@router.get("/me/sessions")
async def list_sessions(session: SessionDep, caller: CallerDep, clock: ClockDep) -> SignInList:
    found = await account.list_sessions(session, caller.user_id)
    return SignInList(
        items=[
            SignInView(
                id=row.id,
                created_at=iso(row.created_at),
                seen_at=iso(row.seen_at),
                expires_at=iso(row.expires_at),
                current=row.id == caller.credential_id,
            )
            for row in found
            if row.expires_at > clock.now()
        ]
    )


@router.delete("/me/sessions", status_code=204)
async def end_other_sessions(session: SessionDep, caller: CallerDep, clock: ClockDep) -> None:
    """Sign out everywhere else."""
    account.require_session(caller)
    await account.end_sessions(session, caller.user_id, but=caller.credential_id, now=clock.now())


@router.delete("/me/sessions/{session_id}", status_code=204)
async def end_session(
    session_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> None:
    account.require_session(caller)
    await account.end_session(session, caller, session_id, now=clock.now())


@router.post("/me/password", status_code=204)
async def change_password(
    body: PasswordChange,
    request: Request,
    response: Response,
    database: DatabaseDep,
    caller: CallerDep,
    passwords: PasswordsDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> None:
    """Every sign-in ends; this browser gets a new one."""
    account.require_account(caller)
    address = address_of(request)
    limits.check_sign_in(caller.user_id, address)
    async with database.read() as session:
        stored = (await repository.get_user(session, caller.user_id)).password_hash
    if not await passwords.fits(stored, body.password):
        limits.count_failure(caller.user_id, address)
        raise WrongCredentials("the present password is wrong")
    password_hash = await passwords.hashed(body.new_password)
    async with database.write() as session:
        signed_in = await account.change_password(
            session, caller.user_id, password_hash, now=clock.now()
        )
    set_cookie(response, settings, signed_in.key)


@router.post("/password-resets", status_code=202)
async def ask_for_reset(
    body: ResetRequest,
    request: Request,
    database: DatabaseDep,
    mailer: OptionalMailerDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> None:
    """The same answer at the same time whoever has that email: the rest is done beside the request."""
    if mailer is None:
        raise NotVisible("way to reset", "mail")
    limits.count_reset(body.email, address_of(request))
    work = mail_reset(
        database,
        mailer,
        body.email,
        address=settings.public_url,
        accepted=request.headers.get("accept-language", ""),
        now=clock.now(),
    )
    request.app.state.background.start("password_reset.mail", work)


@router.post("/password-resets/redeem", status_code=204)
async def redeem_reset(
    body: ResetRedemption,
    request: Request,
    database: DatabaseDep,
    passwords: PasswordsDep,
    limits: LimitsDep,
    clock: ClockDep,
) -> None:
    """A new password by the link of an operator or a mail; it works once, and every sign-in ends."""
    address = address_of(request)
    limits.check_sign_in("reset", address)
    limits.count_failure("reset", address)
    password_hash = await passwords.hashed(body.password)
    async with database.write() as session:
        await account.redeem_reset(session, body.key, password_hash, now=clock.now())


@router.get("/workspaces/{workspace_id}/tokens")
async def list_tokens(workspace_id: str, session: SessionDep, caller: CallerDep) -> TokenList:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    found = await account.list_tokens(session, workspace_id)
    return TokenList(items=[_token(row) for row in found])


@router.post("/workspaces/{workspace_id}/tokens", status_code=201)
async def add_token(
    workspace_id: str, body: TokenRequest, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> TokenView:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    row, token = await account.add_token(
        session,
        caller,
        workspace_id,
        role=body.role,
        ttl=timedelta(seconds=body.ttl),
        now=clock.now(),
    )
    return _token(row).model_copy(update={"token": token})


@router.delete("/workspaces/{workspace_id}/tokens/{token_id}", status_code=204)
async def remove_token(
    workspace_id: str, token_id: str, session: SessionDep, caller: CallerDep, clock: ClockDep
) -> None:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    await account.remove_token(session, workspace_id, token_id, now=clock.now())


@router.post("/workspaces/{workspace_id}/transfer", status_code=204)
async def transfer_workspace(
    workspace_id: str,
    body: TransferRequest,
    session: SessionDep,
    caller: CallerDep,
    clock: ClockDep,
) -> None:
    await repository.require_workspace(session, caller, workspace_id, "administer the workspace")
    await account.transfer_workspace(
        session, caller, workspace_id, to=body.user, then=body.then, now=clock.now()
    )


def _token(row: ApiTokenRow) -> TokenView:
    return TokenView(
        id=row.id,
        user=row.user_id,
        role=role_of(row.role),
        created_at=iso(row.created_at),
        expires_at=iso(row.expires_at),
        used_at=iso(row.used_at) if row.used_at else None,
    )
