"""The session cookie: HttpOnly, SameSite=Lax, and on https `__Host-` and Secure [auth-A3]."""

from typing import Final

from fastapi import Request, Response

from backend.settings import Settings

AGE_SECONDS: Final = 90 * 86_400


def cookie_name(settings: Settings) -> str:
    return "__Host-cutroom" if settings.is_https else "cutroom"


def set_cookie(response: Response, settings: Settings, key: str) -> None:
    response.set_cookie(
        cookie_name(settings),
        key,
        max_age=AGE_SECONDS,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, settings: Settings) -> None:
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def set_attempt_cookie(response: Response, settings: Settings, value: str, *, seconds: int) -> None:
    """Lax: the browser brings it along when the provider sends it back to us."""
    response.set_cookie(
        attempt_cookie_name(settings),
        value,
        max_age=seconds,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def attempt_cookie_name(settings: Settings) -> str:
    return f"{cookie_name(settings)}-openid"


def address_of(request: Request) -> str:
    """Where the request comes from, as the limits count it."""
    return request.client.host if request.client else "-"


def public_address(request: Request, settings: Settings) -> str:
    """`https://host` of this server as people see it, without a slash at the end."""
    return settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
