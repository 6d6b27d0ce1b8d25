"""Who is at the door, and whether this request may come in: caller, CSRF, sizes, rates.

Everything here is about the request as such; what a caller may do is each feature's question.
"""

from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.auth.authenticator import Authenticator
from backend.auth.cookies import cookie_name
from backend.auth.errors import TooMany
from backend.auth.limits import TokenBuckets
from backend.db.audit_log import ASKER, Asker
from backend.problems import problem, problem_of
from backend.settings import Settings
from kit.clock import Clock

SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
BODY_BYTES_MAX: Final = 1 << 20
BODY_BYTES_EDITS_MAX: Final = 8 << 20  # commands and scenes
BODY_BYTES_IMPORT_MAX: Final = 64 << 20
UPLOAD_TYPES: Final = ("application/offset+octet-stream", "multipart/form-data")
BODY_TYPES: Final = ("application/json", *UPLOAD_TYPES)
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Max-Age": "7200",
}


class BodyTooLarge(Exception):
    """More bytes than this route takes."""


class Guard:
    """Lets requests of `/api/` in, with `scope["caller"]` set, or answers a problem."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, authenticator: Authenticator, clock: Clock
    ) -> None:
        self._app = app
        self._settings = settings
        self._authenticator = authenticator
        self._reads = TokenBuckets(clock, burst=1000, per_second=200)
        self._writes = TokenBuckets(clock, burst=250, per_second=50)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers=CORS)(scope, receive, send)
            return
        refused = await self._refusal(scope, headers)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._limited(scope, headers, receive, send)

    async def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """A problem answer, or None when the request may go on."""
        path, method = scope["path"], scope["method"]
        cookie = _cookie(headers, cookie_name(self._settings))
        bearer = _bearer(headers)
        try:
            scope["caller"] = await self._authenticator.caller_of(cookie=cookie, bearer=bearer)
        except Exception as error:  # noqa: BLE001 - a problem answer like any route's
            return problem_of(error, instance=path)
        ASKER.set(_asker(scope))
        if method not in SAFE and bearer is None and cookie is not None:
            reason = self._foreign(scope, headers)
            if reason:
                return problem(403, "foreign-request", reason, instance=path)
        wait = self._wait_seconds(scope)
        if wait:
            return problem_of(TooMany("too many requests", retry_seconds=wait), instance=path)
        return None

    def _wait_seconds(self, scope: Scope) -> float:
        caller = scope.get("caller")
        buckets = self._reads if scope["method"] in SAFE else self._writes
        return buckets.wait_seconds(caller.user_id if caller else _address(scope))

    def _foreign(self, scope: Scope, headers: Headers) -> str | None:
        """Why a cookie request is not from our own pages [auth-A4]; None when it is."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            if site != "same-origin":
                return "this request comes from another site"
        elif origin is not None and not is_ours(
            origin, settings=self._settings, scheme=scope["scheme"], host=headers.get("host", "")
        ):
            return "this request comes from another origin"
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if kind and kind not in BODY_TYPES:
            return "a body must be JSON, tus or a multipart upload"
        return None

    async def _limited(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        limit = body_bytes_max(scope["path"], headers.get("content-type", ""))
        too_large = problem(
            413,
            "body-too-large",
            f"at most {limit} bytes here",
            instance=scope["path"],
            headers={"Connection": "close"},
        )
        declared = headers.get("content-length", "")
        if limit is None:
            await self._app(scope, receive, send)
            return
        if declared.isdigit() and int(declared) > limit:
            await too_large(scope, receive, send)
            return
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            if seen > limit and not started:
                return  # whatever the route makes of the broken body, ours is the answer
            started = True
            await send(message)

        with suppress(BodyTooLarge):
            await self._app(scope, counted, noted)
        if seen > limit and not started:
            await too_large(scope, receive, send)


def is_ours(origin: str, *, settings: Settings, scheme: str, host: str) -> bool:
    """Whether a browser's Origin is this server: `CUTROOM_PUBLIC_URL`, else the request's Host."""
    ours = settings.public_url or f"{scheme}://{host}"
    return urlsplit(origin)[:2] == urlsplit(ours)[:2]


def body_bytes_max(path: str, content_type: str) -> int | None:
    """The most bytes a body may have; None where the route itself counts (uploads)."""
    last = path.rsplit("/", 1)[-1]
    if content_type.startswith(UPLOAD_TYPES) and ("/uploads" in path or last == "assets"):
        return None
    if "/projects/" in path and last == "timeline":
        return BODY_BYTES_IMPORT_MAX
    return BODY_BYTES_EDITS_MAX if last in {"commands", "scenes"} else BODY_BYTES_MAX


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found else None


def _bearer(headers: Headers) -> str | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _asker(scope: Scope) -> Asker:
    """Whom the audit log names for what this request does."""
    caller = scope["caller"]
    if caller is None:
        return Asker("nobody", address=_address(scope))
    return Asker(caller.user_id, caller.credential_id, _address(scope))


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "-"
