"""The sandbox on its loopback port, and the thread that runs its timers and deliveries."""

import threading
import time
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import structlog

from backend.payments.sandbox.account import Account
from backend.payments.sandbox.api import answer_api
from backend.payments.sandbox.control import PREFIX, ControlPlane
from backend.payments.sandbox.delivery import Deliveries, Send, send_over_http
from backend.payments.sandbox.errors import NoConnection
from backend.payments.sandbox.wire import Answer, Asked, asked

HOST: Final = "127.0.0.1"  # never any other: whoever reaches this can "pay"
BODY_BYTES_MAX: Final = 1 << 20
TICK_SECONDS: Final = 0.05
QUIET_TICK_SECONDS: Final = 1.0  # between two looks while nobody asks here and nothing is due
AWAKE_SECONDS: Final = 1.0  # so long after the last request or delivery it looks each tick


@dataclass(frozen=True, slots=True)
class Keys:
    """What the merchant is told about the account."""

    key_id: str
    key_secret: str
    webhook_secret: str
    control_token: str


class Sandbox:
    """The other side, whole. `start` binds a loopback port; tests may do without and `tick`."""

    def __init__(
        self,
        account: Account,
        send: Send = send_over_http,
        *,
        awake_seconds: float = AWAKE_SECONDS,
        quiet_seconds: float = QUIET_TICK_SECONDS,
    ) -> None:
        self.account: Final = account
        self.deliveries: Final = Deliveries(account, send)
        self.control: Final = ControlPlane(account, self.deliveries)
        self._awake_seconds = awake_seconds
        self._quiet_seconds = quiet_seconds
        self._stopping = threading.Event()
        self._asked = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._threads: list[threading.Thread] = []

    @property
    def keys(self) -> Keys:
        config = self.account.config
        return Keys(
            config["key_id"],
            config["key_secret"],
            config["webhook_secret"],
            config["control_token"],
        )

    @property
    def address(self) -> str:
        if self._server is None:
            raise RuntimeError("the sandbox has not been started")
        return f"http://{HOST}:{self._server.server_address[1]}"

    def answer(self, request: Asked) -> Answer:
        """One request, to the API or the control plane; NoConnection for a fault that drops it."""
        try:
            if request.path.startswith(PREFIX):
                return self.control.answer(request)
            return answer_api(self.account, request)
        finally:
            self._asked.set()

    def tick(self) -> int:
        """Run the timers and deliveries that are due; answers how many."""
        return self.account.run_timers() + self.deliveries.deliver_due()

    def start(self, *, delivers: bool = True) -> None:
        """Listen on loopback, and run timers and deliveries where it `delivers`, until `stop`."""
        self._server = ThreadingHTTPServer((HOST, 0), _handler_for(self))
        self._server.daemon_threads = True
        serve = partial(self._server.serve_forever, poll_interval=TICK_SECONDS)
        for name, work in (("server", serve), ("ticks", self._tick_on))[: 2 if delivers else 1]:
            thread = threading.Thread(target=work, name=f"razorpay-sandbox-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stopping.set()
        self._asked.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for thread in self._threads:
            thread.join()
        self.account.close()

    def _tick_on(self) -> None:
        """Each tick while something goes on; seldom in the quiet, as each look is a transaction.

        In the quiet it still looks: another process may have asked the same account for something.
        """
        log = structlog.stdlib.get_logger()
        awake_until = time.monotonic()
        while not self._stopping.wait(TICK_SECONDS):
            try:
                is_awake = self.tick() > 0 or self._asked.is_set()
            except Exception:
                log.exception("sandbox.failed")
                is_awake = True
            now = time.monotonic()
            if is_awake:
                self._asked.clear()
                awake_until = now + self._awake_seconds
            elif now > awake_until:
                self._asked.wait(self._quiet_seconds)


def _handler_for(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PATCH(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def _answer(self) -> None:
            length = self.headers.get("content-length", "0")
            if not length.isdigit() or int(length) > BODY_BYTES_MAX:
                self.send_error(413)
                self.close_connection = True
                return
            body = self.rfile.read(int(length))
            request = asked(self.command, self.path, dict(self.headers.items()), body)
            try:
                answer = sandbox.answer(request)
            except NoConnection:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing: our own client logs its calls."""

    return Handler
