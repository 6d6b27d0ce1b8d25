"""A sandbox of the tests: on loopback when the real client is to be heard, else in this process."""

import base64
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from backend.payments.gateway import RazorpayKeys
from backend.payments.sandbox.account import Account
from backend.payments.sandbox.delivery import Send, send_over_http
from backend.payments.sandbox.errors import NoConnection
from backend.payments.sandbox.server import Sandbox
from backend.payments.sandbox.store import MEMORY, Store
from backend.payments.sandbox.wire import Asked, asked
from kit.clock import Clock, SystemClock


@contextmanager
def running_sandbox(
    *,
    clock: Clock | None = None,
    send: Send = send_over_http,
    seed: int | None = 7,
    url: str = MEMORY,
) -> Generator[Sandbox]:
    """Its API on loopback; deliveries go out by themselves only with a webhook address."""
    sandbox = Sandbox(Account(Store(url), clock or SystemClock(), seed=seed), send)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.stop()


def keys_of(sandbox: Sandbox, *, more_secrets: tuple[str, ...] = ()) -> RazorpayKeys:
    keys = sandbox.keys
    return RazorpayKeys(
        "sandbox",
        keys.key_id,
        keys.key_secret,
        (keys.webhook_secret, *more_secrets),
        sandbox.address,
        "/sandbox/checkout.js",
    )


def control(sandbox: Sandbox, verb: str, http: str = "POST", /, **body: Any) -> Any:
    """One call of the control plane, without the socket."""
    headers = {"Authorization": f"Bearer {sandbox.keys.control_token}"}
    request = asked(http, f"/_control/{verb}", headers, json.dumps(body).encode())
    answer = sandbox.answer(request)
    found = json.loads(answer.body)
    assert answer.status == 200, found
    return found


def api(sandbox: Sandbox, method: str, target: str, body: Any = None) -> tuple[int, Any]:
    """One call of the API with the right keys, without the socket."""
    keys = sandbox.keys
    basic = base64.b64encode(f"{keys.key_id}:{keys.key_secret}".encode()).decode()
    request: Asked = asked(
        method,
        target,
        {"Authorization": f"Basic {basic}"},
        b"" if body is None else json.dumps(body).encode(),
    )
    try:
        answer = sandbox.answer(request)
    except NoConnection:
        return 0, None
    return answer.status, json.loads(answer.body) if answer.body else None
