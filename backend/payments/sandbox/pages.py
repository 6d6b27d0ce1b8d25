"""Checkout in the browser, served by the editor's own port: `/sandbox/...`, marked as no real money."""

from pathlib import Path
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from backend.payments.sandbox.account import Account
from backend.payments.sandbox.errors import Refused
from backend.payments.sandbox.payments import pay

FOLDER: Final = Path(__file__).parent / "browser"
PREFIX: Final = "/sandbox/"
SCRIPT: Final = "/sandbox/checkout.js"
FILES: Final = {
    "checkout.js": "text/javascript",
    "page.js": "text/javascript",
    "page.css": "text/css",
}
OUTCOMES: Final = ("captured", "failed", "late_authorized")
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


class CheckoutPages:
    """An ASGI app: the script, the page of an order, and the click on it."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except Refused as refused:
            answer = JSONResponse(refused.body(), status_code=refused.status)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path.removeprefix(PREFIX)
        headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-cache"}
        if request.method == "GET" and path in FILES:
            return Response((FOLDER / path).read_bytes(), media_type=FILES[path], headers=headers)
        kind, _, rest = path.partition("/")
        if kind != "checkout":
            raise Refused("The requested URL was not found on the server.", status=404)
        order_id, _, verb = rest.partition("/")
        if request.method == "GET" and not verb:
            with self._account.desk() as desk:
                desk.get("order", order_id)
            return Response(
                (FOLDER / "page.html").read_bytes(), media_type="text/html", headers=headers
            )
        if request.method == "GET" and verb == "order":
            with self._account.desk() as desk:
                return JSONResponse(desk.get("order", order_id))
        if request.method == "POST" and verb == "pay":
            return JSONResponse(self._paid(order_id, await _body(request)))
        raise Refused("The requested URL was not found on the server.", status=404)

    def _paid(self, order_id: str, body: dict[str, Any]) -> dict[str, Any]:
        outcome = str(body.get("outcome"))
        if outcome not in OUTCOMES:
            raise Refused("No such outcome", field="outcome")
        if str(body.get("vpa", "")).startswith("failure@"):
            outcome = "failed"
        with self._account.desk() as desk:
            return pay(desk, order_id, str(body.get("method", "upi")), outcome)


async def _body(request: Request) -> dict[str, Any]:
    """A click on our own page sends JSON; a form of another site cannot."""
    if request.headers.get("content-type") != "application/json":
        raise Refused("The request body is not JSON", status=415)
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Refused("This request comes from another site", status=403)
    try:
        found = await request.json()
    except ValueError as error:
        raise Refused("The request body is not valid JSON") from error
    if not isinstance(found, dict):
        raise Refused("The request body is not an object")
    return cast("dict[str, Any]", found)
