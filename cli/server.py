"""uvicorn, told how we want it: our socket, our signals, a stop within two seconds."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from cli.errors import CommandFailed

GRACE_SECONDS: Final = 1
BACKLOG: Final = 2048


class Server(uvicorn.Server):
    """Says when it listens, and tells the app first when it is about to stop."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app: Any = self.config.app
        app.state.stopping.set()
        await super().shutdown(sockets)


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening address of ours, or one line that says why not."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CommandFailed("no such address", f"{host}:{port}") from error
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        words = {98: "port in use", 48: "port in use", 13: "port not allowed"}
        what = words.get(error.errno or 0, error.strerror or "cannot listen")
        raise CommandFailed(what, f"{host}:{port}") from error
    sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature
    return sock


def run_server(
    app: FastAPI,
    sock: socket.socket,
    *,
    listening: Callable[[], Awaitable[None]],
    trusted_proxies: str = "",
    websockets: type[asyncio.Protocol] | None = None,
) -> None:
    """Serve until a signal; the signal is raised again afterwards, so the exit code is its own."""
    config = uvicorn.Config(
        app,
        ws=websockets or "none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies or None,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
        lifespan="on",
    )
    Server(config, listening).run(sockets=[sock])
