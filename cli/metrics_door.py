"""`/metrics` of a worker: a small door of its own, for a process that answers nobody else [operations-O2]."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST

from backend.settings import Settings
from cli.server import bound_socket
from kit.metrics import Metrics, may_read

ASK_SECONDS_MAX: Final = 5.0  # one at a time is served: who is slow holds up no more than this
PLAIN: Final = "text/plain; charset=utf-8"


class _Answer(BaseHTTPRequestHandler):
    timeout = ASK_SECONDS_MAX
    server_version = "cutroom"
    sys_version = ""

    def __init__(self, metrics: Metrics, token: str, *request: Any) -> None:
        self._metrics = metrics
        self._token = token
        super().__init__(*request)

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self._send(HTTPStatus.NOT_FOUND, PLAIN, b"only /metrics is here\n")
        elif not may_read(self.headers.get("authorization", ""), self._token):
            self._send(HTTPStatus.UNAUTHORIZED, PLAIN, b"the token is missing or wrong\n")
        else:
            self._send(HTTPStatus.OK, CONTENT_TYPE_LATEST, self._metrics.text())

    def _send(self, status: HTTPStatus, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Who asks for numbers each few seconds is no news."""


@contextmanager
def metrics_door(settings: Settings, metrics: Metrics) -> Generator[None]:
    """Open while the block runs, where an address is set; CommandFailed where it cannot be had."""
    if not settings.metrics_address:
        yield
        return
    host, _, port = settings.metrics_address.rpartition(":")
    sock = bound_socket(host.strip("[]"), int(port))
    answer = partial(_Answer, metrics, settings.metrics_token.get_secret_value())
    door = HTTPServer(sock.getsockname()[:2], answer, bind_and_activate=False)
    door.socket.close()
    door.socket = sock
    thread = threading.Thread(target=door.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        door.shutdown()
        thread.join()
        door.server_close()
