"""The outermost layer: trace id, security headers, one log line, and no error without an answer."""

import re
import time
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.door.metrics import HttpMetrics
from backend.problems import problem_of
from kit.logs import bind_trace, trace_id_of, traceparent_of
from kit.tracing import Span, span

CSP: Final = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'"
)
# Where Razorpay takes real or test money: its script, its frames and what they report to, on one page.
CREDITS_PAGE: Final = re.compile(r"/w/[^/]+/credits/?")
CHECKOUT: Final = "https://checkout.razorpay.com"
CSP_WITH_CHECKOUT: Final = (
    CSP.replace("script-src 'self'", f"script-src 'self' {CHECKOUT}")
    .replace("connect-src 'self'", "connect-src 'self' https://*.razorpay.com")
    .replace("img-src 'self'", "img-src 'self' https://*.razorpay.com")
    + f"; frame-src 'self' https://api.razorpay.com {CHECKOUT}"
)


class Trace:
    """Binds `traceparent` and `trace_id` for the log, and sets the headers of [auth-A9]."""

    def __init__(
        self, app: ASGIApp, *, https: bool, metrics: HttpMetrics, takes_money: bool = False
    ) -> None:
        self._app = app
        self._https = https
        self._takes_money = takes_money
        self._metrics = metrics
        self._log: Any = structlog.stdlib.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("traceparent") or ""
        with span(scope["method"], kind="server", parent=asked) as told:
            await self._answer(
                scope, receive, send, told.traceparent or traceparent_of(asked), told
            )

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, traceparent: str, told: Span
    ) -> None:
        """One request, of that trace; `told` is its span, where somebody asked for spans."""
        trace_id = trace_id_of(traceparent)
        bind_trace(traceparent)
        began = time.monotonic()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(scope=message), scope["path"], trace_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if status:  # the answer has begun: all that is left is to break it off
                raise
            answer = problem_of(error, instance=scope["path"])
            await answer(scope, receive, send_with_headers)
        finally:
            seconds = time.monotonic() - began
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.count(scope["method"], route, status, seconds)
            _tell(told, scope["method"], route, status)
            self._log.info(
                "request.answered",
                method=scope["method"],
                path=scope["path"],
                status=status,
                seconds=round(seconds, 4),
            )

    def _add_headers(self, headers: MutableHeaders, path: str, trace_id: str) -> None:
        headers["X-Trace-Id"] = trace_id
        pays = self._takes_money and CREDITS_PAGE.fullmatch(path) is not None
        headers.setdefault("Content-Security-Policy", CSP_WITH_CHECKOUT if pays else CSP)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = (
            "same-origin-allow-popups" if pays else "same-origin"
        )
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if path.startswith("/api/"):
            headers["Access-Control-Allow-Origin"] = "*"  # without credentials: only bearers gain
            headers["Access-Control-Expose-Headers"] = "*"
            headers.setdefault("Cache-Control", "no-store")


def _tell(told: Span, method: str, route: str, status: int) -> None:
    told.rename(f"{method} {route}")
    told.tell(
        **{
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        }
    )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        told.failed(str(status))
