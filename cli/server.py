"""uvicorn, told how we want it: our socket, our signals, a stop within two seconds."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from cli.errors import CommandFailed

GRACE_SECONDS: Final = 1
BACKLOG: Final = 2048
GARBAGE_MIN: Final = 20_000  # new objects before the collector looks at the youngest


class Server(uvicorn.Server):
    """Says when it listens, and tells the app first when it is about to stop."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self._listening()
        spare_the_collector()

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


def own_address(sock: socket.socket) -> str:
    """Where other machines reach a socket of ours; bound to all, it is this machine's own name."""
    host, port = str(sock.getsockname()[0]), int(sock.getsockname()[1])
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - only compared
        host = socket.gethostbyname(socket.gethostname())
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def spare_the_collector() -> None:
    """What is loaded by now stays: the collector need not walk it, which took 110 ms at a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_MIN, 20, 50)


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


def local_address(sock: socket.socket) -> str:
    """The address of a listening socket, as this machine reaches it."""
    host, port = str(sock.getsockname()[0]), int(sock.getsockname()[1])
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - only shown
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
