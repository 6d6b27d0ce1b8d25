"""What goes wrong on the way, when told so: by count for a test of one case, by share for chaos."""

import time
from collections.abc import Callable
from typing import Any, Final

from backend.payments.sandbox.account import Account
from backend.payments.sandbox.desk import Desk
from backend.payments.sandbox.errors import NoConnection, Refused
from backend.payments.sandbox.store import Record
from backend.payments.sandbox.wire import Answer, Asked, json_answer

KINDS: Final = ("429", "500", "html", "302", "204", "slow", "drop_before", "drop_after")
SLOW_SECONDS: Final = 0.5


def checked_fault(body: Record) -> Record:
    """A fault as the control plane takes it: `kind`, `times` or `share`, `method`, `path`."""
    fault = {
        "kind": str(body.get("kind")),
        "times": body.get("times", 1 if "share" not in body else None),
        "share": body.get("share"),
        "method": body.get("method"),
        "path": body.get("path", ""),
        "seconds": body.get("seconds", SLOW_SECONDS),
    }
    if fault["kind"] not in KINDS:
        raise Refused("No such fault", field="kind")
    return fault


def with_faults(account: Account, request: Asked, answer: Callable[[], Answer]) -> Answer:
    """The answer, or what becomes of it; `drop_after`, `html` and `204` have applied the request."""
    with account.desk() as desk:
        fault = _drawn(desk, request)
    if fault is None:
        return answer()
    match fault["kind"]:
        case "429":
            refused = Refused("Request throttled", status=429, reason="rate_limit_exceeded")
            return Answer(429, json_answer(refused.body()).body, {"Retry-After": "1"})
        case "500":
            return json_answer(_server_error().body(), 500)
        case "302":
            return Answer(302, b"", {"Location": "/v1/elsewhere"})
        case "drop_before":
            raise NoConnection
        case "slow":
            time.sleep(float(fault["seconds"]))
            return answer()
        case "drop_after":
            answer()
            raise NoConnection
        case "html":
            answer()
            return Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})
        case _:
            answer()
            return Answer(204, b"")


def _drawn(desk: Desk, request: Asked) -> Record | None:
    """The first fault that meets this request; one that is counted is used up."""
    faults: list[Record] = desk.config["faults"]
    for fault in faults:
        if not _meets(fault, request) or not _happens(desk, fault):
            continue
        if fault["times"] is not None:
            fault["times"] -= 1
            desk.save_config(faults=[item for item in faults if item["times"] != 0])
        return fault
    return None


def _meets(fault: Record, request: Asked) -> bool:
    method: Any = fault["method"]
    return method in (None, request.method) and request.path.startswith(str(fault["path"]))


def _happens(desk: Desk, fault: Record) -> bool:
    return fault["share"] is None or desk.random.random() < float(fault["share"])


def _server_error() -> Refused:
    return Refused(
        "We are facing some trouble completing your request at the moment.",
        status=500,
        code="SERVER_ERROR",
        reason="server_error",
    )
