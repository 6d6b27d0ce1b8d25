"""Errors -> RFC 9457 problem answers, in one place.

Features raise facts (`errors.py` of each); here every family gets its status and its type. What is
not listed is a bug: 500 with the trace id, the cause in the log and not in the answer.
"""

import errno
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend.assets.errors import BadRange, NotMedia, NotThereYet, TooLarge, UploadFault
from backend.auth.errors import (
    AlreadyTaken,
    BadRequest,
    NotAllowed,
    NotSignedIn,
    NotVisible,
    OpenIdFault,
    SignupClosed,
    TooMany,
    WrongCredentials,
)
from backend.collab.errors import DocumentTooLarge, ProjectNotEmpty, RoomUnavailable
from backend.collab.log import LogAway, NoDocument
from backend.comments.errors import NotYourComment, TooManyComments
from backend.credits.errors import HoldRefused, InsufficientCredits, WalletFrozen, WalletInDebt
from backend.db.idempotency import KeyBusy, KeyMissing, KeyReused
from backend.db.paging import BadCursor
from backend.db.session import DatabaseAway, DatabaseFull, UnstorableText
from backend.exports.errors import AlreadyEnded, NoFilm, QuoteStale, TooManyWaiting
from backend.payments.errors import (
    BodyTooLong,
    NotRefundable,
    RazorpayRefused,
    RazorpayUnavailable,
    SignatureInvalid,
    StillRunning,
    WebhookRefused,
    WebhooksOff,
)
from kit.object_store import StoreAway, StoreFull
from kit.text_errors import TextUnavailable
from timeline.errors import BadTimeline, EditRefused, ExportRefused, TimelineError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5

PROBLEMS: Final[dict[type[Exception], tuple[HTTPStatus, str]]] = {
    NotSignedIn: (HTTPStatus.UNAUTHORIZED, "not-signed-in"),
    WrongCredentials: (HTTPStatus.UNAUTHORIZED, "wrong-credentials"),
    NotVisible: (HTTPStatus.NOT_FOUND, "not-found"),
    NotAllowed: (HTTPStatus.FORBIDDEN, "not-allowed"),
    OpenIdFault: (HTTPStatus.SERVICE_UNAVAILABLE, "sign-in-unavailable"),
    SignupClosed: (HTTPStatus.FORBIDDEN, "signup-closed"),
    AlreadyTaken: (HTTPStatus.CONFLICT, "already-taken"),
    BadRequest: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-body"),
    BadCursor: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-cursor"),
    UnstorableText: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-text"),
    TooMany: (HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests"),
    KeyMissing: (HTTPStatus.BAD_REQUEST, "idempotency-key-missing"),
    KeyBusy: (HTTPStatus.CONFLICT, "idempotency-key-busy"),
    InsufficientCredits: (HTTPStatus.PAYMENT_REQUIRED, "insufficient-credits"),
    WalletInDebt: (HTTPStatus.PAYMENT_REQUIRED, "wallet-in-debt"),
    WalletFrozen: (HTTPStatus.PAYMENT_REQUIRED, "wallet-frozen"),
    KeyReused: (HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused"),
    NotMedia: (HTTPStatus.UNPROCESSABLE_ENTITY, "not-media"),
    TooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    UploadFault: (HTTPStatus.BAD_REQUEST, "upload-fault"),
    NotThereYet: (HTTPStatus.NOT_FOUND, "not-there-yet"),
    BadRange: (HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "range-not-satisfiable"),
    QuoteStale: (HTTPStatus.CONFLICT, "quote-stale"),
    AlreadyEnded: (HTTPStatus.CONFLICT, "already-ended"),
    TooManyWaiting: (HTTPStatus.TOO_MANY_REQUESTS, "too-many-exports"),
    NoFilm: (HTTPStatus.NOT_FOUND, "no-film"),
    RazorpayUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "razorpay-unavailable"),
    RazorpayRefused: (HTTPStatus.BAD_GATEWAY, "razorpay-refused"),
    SignatureInvalid: (HTTPStatus.BAD_REQUEST, "signature-invalid"),
    NotRefundable: (HTTPStatus.CONFLICT, "not-refundable"),
    StillRunning: (HTTPStatus.CONFLICT, "still-running"),
    WebhookRefused: (HTTPStatus.UNAUTHORIZED, "signature-invalid"),
    WebhooksOff: (HTTPStatus.NOT_FOUND, "not-found"),
    BodyTooLong: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large"),
    EditRefused: (HTTPStatus.CONFLICT, "edit-refused"),
    ExportRefused: (HTTPStatus.UNPROCESSABLE_ENTITY, "export-refused"),
    BadTimeline: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-timeline"),
    TimelineError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-timeline"),
    ProjectNotEmpty: (HTTPStatus.CONFLICT, "project-not-empty"),
    DocumentTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "document-too-large"),
    RoomUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "document-unavailable"),
    LogAway: (HTTPStatus.SERVICE_UNAVAILABLE, "document-unavailable"),
    NoDocument: (HTTPStatus.NOT_FOUND, "not-found"),
    TextUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "text-unavailable"),
    NotYourComment: (HTTPStatus.FORBIDDEN, "not-your-comment"),
    TooManyComments: (HTTPStatus.CONFLICT, "too-many-comments"),
    DatabaseFull: (HTTPStatus.INSUFFICIENT_STORAGE, "storage-full"),
    StoreFull: (HTTPStatus.INSUFFICIENT_STORAGE, "storage-full"),
    StoreAway: (HTTPStatus.SERVICE_UNAVAILABLE, "storage-away"),
    DatabaseAway: (HTTPStatus.SERVICE_UNAVAILABLE, "database-away"),
}

RETRIED: Final = (
    OpenIdFault,
    DatabaseAway,
    StoreAway,
    RoomUnavailable,
    LogAway,
    TooManyWaiting,
    StillRunning,
    KeyBusy,
)
FULL_DETAIL: Final = "the disk of the server is full; nothing was changed, and reading still works"


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    instance: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> ProblemResponse:
    """One problem; `kind` is the last part of `type`, and its words are the title."""
    body = {
        "type": f"/problems/{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": instance,
        **more,
    }
    return ProblemResponse(body, status_code=status, headers=dict(headers or {}))


def problem_of(error: Exception, *, instance: str) -> ProblemResponse:
    """The answer for an error of ours, found by its class or the nearest parent that is listed."""
    for family in type(error).__mro__:
        if family in PROBLEMS:
            status, kind = PROBLEMS[family]
            return problem(
                error.status if isinstance(error, UploadFault) else status,
                kind,
                _detail(error),
                instance=instance,
                headers=_headers(error),
                **_more(error),
            )
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return problem(
            HTTPStatus.INSUFFICIENT_STORAGE, "storage-full", FULL_DETAIL, instance=instance
        )
    structlog.stdlib.get_logger().error("request.failed", path=instance, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "something of ours broke; the trace id leads to it",
        instance=instance,
    )


def register_problems(app: FastAPI) -> None:
    """Answer every error that we know in this form; `door/trace.py` does it for the rest."""
    for family in (*PROBLEMS, OSError):
        app.add_exception_handler(family, _answer)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _answer(request: Request, error: Exception) -> ProblemResponse:
    return problem_of(error, instance=request.url.path)


async def _invalid(request: Request, error: Exception) -> ProblemResponse:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error).__name__)
    found = field_errors(error.errors())
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if any(item["type"] == "json_invalid" for item in error.errors()):
        status = HTTPStatus.BAD_REQUEST
    first = found[0]
    return problem(
        status,
        "invalid-body",
        f"{first['field']}: {first['message']}" if first["field"] else first["message"],
        instance=request.url.path,
        errors=found,
    )


def field_errors(errors: Sequence[Any]) -> list[dict[str, str]]:
    """The list of pydantic as `[{field, message}]`, the place in the body joined by dots."""
    found: list[dict[str, str]] = []
    for item in errors:
        where = [str(part) for part in item["loc"]]
        field = ".".join(where[1:] if where[:1] in (["body"], ["query"], ["header"]) else where)
        found.append({"field": field, "message": item["msg"].removeprefix("Value error, ")})
    return found


async def _http(request: Request, error: Exception) -> ProblemResponse:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error).__name__)
    kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-").replace("'", "")
    return problem(
        error.status_code,
        kind,
        str(error.detail),
        instance=request.url.path,
        headers=error.headers,
    )


def _detail(error: Exception) -> str:
    if isinstance(error, DatabaseFull | StoreFull):
        return FULL_DETAIL
    if isinstance(error, StoreAway):
        return "the object store does not answer; try again in a moment"
    if isinstance(error, DatabaseAway):
        return "the database does not answer; try again in a moment"
    return str(error)


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, TooMany | RazorpayUnavailable):
        return {"Retry-After": str(max(1, round(error.retry_seconds)))}
    if isinstance(error, RETRIED):
        return {"Retry-After": str(RETRY_SECONDS)}
    if isinstance(error, BadRange):
        return {"Content-Range": f"bytes */{error.size_bytes}"}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else {}


def _more(error: Exception) -> dict[str, Any]:
    match error:
        case BadRequest() | BadTimeline():
            return {"errors": [{"field": error.field, "message": error.detail}]}
        case EditRefused():
            return {"code": error.code, "id": error.record_id}
        case ExportRefused() | NotMedia():
            return {"code": error.code}
        case QuoteStale():
            return {"reason": error.reason, "quote": dict(error.quote)}
        case NotRefundable():
            return {"reason": error.reason}
        case HoldRefused():
            return {
                "required": error.required,
                "available": error.available,
                "debt": error.debt,
            }
        case AlreadyEnded():
            return {"state": error.state}
        case _:
            return {}
