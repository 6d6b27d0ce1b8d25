"""Sign-in at an OpenID provider: the ways in, the way there, and the way back [auth-A16]."""

from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field

from backend.auth import openid
from backend.auth.caller import OptionalCallerDep
from backend.auth.cookies import (
    address_of,
    attempt_cookie_name,
    set_attempt_cookie,
    set_cookie,
)
from backend.auth.errors import NotVisible, OpenIdFault, OpenIdWhy, TooMany
from backend.auth.mailing import OptionalMailerDep
from backend.auth.openid_attempt import AGE_MAX, PATH_LENGTH_MAX, Attempt, attempt_of, is_own_path
from backend.auth.openid_provider import Identity, OpenIdProvider
from backend.auth.routes import LimitsDep
from backend.auth.schemas import Body, Key
from backend.db.session import ClockDep, DatabaseDep
from backend.settings import Settings, SettingsDep
from kit.clock import Clock

router = APIRouter(tags=["people"])

LIMITED_AS: Final = "openid"
BLAMELESS: Final = frozenset(("cancelled", "unavailable"))


def find_provider(request: Request) -> OpenIdProvider | None:
    return request.app.state.openid


def get_provider(request: Request) -> OpenIdProvider:
    provider = find_provider(request)
    if provider is None:
        raise NotVisible("sign-in", "openid")
    return provider


ProviderDep = Annotated[OpenIdProvider, Depends(get_provider)]


def _own_path(text: str) -> str:
    if not is_own_path(text):
        raise ValueError("must be a path of this site")
    return text


class OpenIdRequest(Body):
    """`next` is the page to come back to, `invite` the key of an invitation to accept on the way."""

    next: Annotated[str, Field(max_length=PATH_LENGTH_MAX), AfterValidator(_own_path)] = "/"
    invite: Key | None = None


class OpenIdStart(BaseModel):
    """Where the browser goes now."""

    url: str


class OpenIdWay(BaseModel):
    name: str


class WaysIn(BaseModel):
    """What the sign-in page offers; `openid` is null where no provider is configured."""

    signup: Literal["open", "invite"]
    openid: OpenIdWay | None
    reset_by_mail: bool


@router.get("/session/ways")
async def list_ways(settings: SettingsDep, mailer: OptionalMailerDep) -> WaysIn:
    way = OpenIdWay(name=settings.openid_label) if settings.openid_issuer else None
    return WaysIn(signup=settings.signup, openid=way, reset_by_mail=mailer is not None)


@router.post("/session/openid")
async def begin(
    body: OpenIdRequest,
    request: Request,
    response: Response,
    provider: ProviderDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> OpenIdStart:
    """The address at the provider, and a cookie that only this browser brings back."""
    limits.check_sign_in(LIMITED_AS, address_of(request))
    attempt = Attempt.begun(next_path=body.next, invite=body.invite or "", now=clock.now())
    url = await provider.address_for(attempt, callback=_callback(settings))
    set_attempt_cookie(
        response,
        settings,
        attempt.cookie(settings.secret_keys),
        seconds=int(AGE_MAX.total_seconds()),
    )
    return OpenIdStart(url=url)


@router.get("/session/openid/callback", response_class=RedirectResponse, status_code=303)
async def come_back(
    request: Request,
    provider: ProviderDep,
    database: DatabaseDep,
    present: OptionalCallerDep,
    limits: LimitsDep,
    settings: SettingsDep,
    clock: ClockDep,
) -> RedirectResponse:
    """From the provider to the page that was wanted, or to the sign-in page with what went wrong."""
    address, now = address_of(request), clock.now()
    attempt = None
    try:
        limits.check_sign_in(LIMITED_AS, address)
        attempt = _attempt(request, settings, clock)
        identity = await _identity(request, provider, attempt, settings)
        async with database.write() as session:
            signed_in = await openid.sign_in_with_identity(
                session,
                identity,
                invite=attempt.invite,
                may_sign_up=settings.signup == "open",
                count_signup=lambda: limits.count_signup(address),
                present=present if present and present.credential == "session" else None,
                now=now,
            )
    except TooMany:
        return _sent_back(settings, "limited", attempt)
    except OpenIdFault as fault:
        if fault.why not in BLAMELESS:
            limits.count_failure(LIMITED_AS, address)
            async with database.write() as session:
                await openid.record_fault(session, fault, now=now)
        return _sent_back(settings, fault.why, attempt)
    answer = RedirectResponse(attempt.next_path, status_code=303)
    set_attempt_cookie(answer, settings, "", seconds=0)
    set_cookie(answer, settings, signed_in.key)
    return answer


def _attempt(request: Request, settings: Settings, clock: Clock) -> Attempt:
    """The attempt of this browser that the answer belongs to."""
    cookie = request.cookies.get(attempt_cookie_name(settings), "")
    attempt = attempt_of(settings.secret_keys, cookie, now=clock.now())
    if attempt is None or not attempt.is_answered_by(request.query_params.get("state", "")):
        raise OpenIdFault("interrupted")
    return attempt


async def _identity(
    request: Request, provider: OpenIdProvider, attempt: Attempt, settings: Settings
) -> Identity:
    told = request.query_params
    if told.get("error"):
        raise OpenIdFault("cancelled" if told["error"] == "access_denied" else "untrusted")
    return await provider.identity(
        told.get("code", ""),
        attempt,
        callback=_callback(settings),
        answered_by=told.get("iss"),
    )


def _callback(settings: Settings) -> str:
    """What is registered at the provider."""
    return f"{settings.public_url}/api/v1/session/openid/callback"


def _sent_back(settings: Settings, why: OpenIdWhy, attempt: Attempt | None) -> RedirectResponse:
    """To the sign-in page, which still knows where people wanted to go."""
    wanted = attempt.next_path if attempt else "/"
    told = {"problem": why, **({"next": wanted} if wanted != "/" else {})}
    answer = RedirectResponse(f"/signin?{urlencode(told)}", status_code=303)
    set_attempt_cookie(answer, settings, "", seconds=0)
    return answer
