"""`cutroom up`: everything in one process tree, on one folder."""

import argparse
import ipaddress
import socket
import sys
from pathlib import Path
from typing import Final

from backend.auth.local_owner import ensure_local_owner, forget_welcome_keys, new_welcome_key
from backend.collab.port import port_bridge
from backend.db.migrations import migrate
from backend.main import Parts, create_app
from backend.settings import Settings
from cli.data_folder import DataFolder, locked_folder
from cli.errors import CommandFailed, ExitCode
from cli.razorpay import Till, open_till
from cli.sample import land_sample_once, make_sample_project_once
from cli.server import bound_socket, local_address, run_server
from cli.telemetry import tracing
from cli.wiring import database_faults, embedded_parts, read_settings, with_secret_key
from kit.logs import configure_logs

TOKEN_LENGTH_MIN: Final = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where everything lives (./data)")
    parser.add_argument("--no-demo", action="store_true", help="make no sample project")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    _check(settings, arguments.host, arguments.port)
    configure_logs(settings.log_format)
    with tracing("cutroom-up"), locked_folder(settings.data_dir) as folder:
        sock = bound_socket(arguments.host, arguments.port)
        try:
            with open_till(settings) as till:
                _serve(settings, folder, sock, till, demo=not arguments.no_demo)
        finally:
            sock.close()
    return ExitCode.DONE


def _check(settings: Settings, host: str, port: int) -> None:
    if not 0 <= port <= 65_535:
        raise CommandFailed("not a port", f"--port {port}", ExitCode.BAD_INPUT)
    token = settings.bootstrap_token.get_secret_value()
    if is_loopback(host):
        return
    if token and len(token) < TOKEN_LENGTH_MIN:
        raise CommandFailed(
            f"needs at least {TOKEN_LENGTH_MIN} characters when others can reach this address",
            "CUTROOM_BOOTSTRAP_TOKEN",
            ExitCode.BAD_INPUT,
        )
    if not settings.is_https:
        print(
            "cutroom: warning: others can reach this address and it is not encrypted; "
            "put a TLS proxy in front and set CUTROOM_PUBLIC_URL",
            file=sys.stderr,
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _serve(
    settings: Settings, folder: DataFolder, sock: socket.socket, till: Till, *, demo: bool
) -> None:
    settings = with_secret_key(settings)
    with database_faults(settings):
        migrate(settings.sqlalchemy_url)
        parts = till.in_parts(embedded_parts(settings))
        key = _prepare(parts)
    app = create_app(parts)
    local = local_address(sock)
    address = settings.public_url or local

    async def listening() -> None:
        if demo:
            await make_sample_project_once(parts, folder.path, local)
        folder.tell(address)
        print(f"Cutroom is ready: {address}/#welcome={key}", flush=True)
        till.tell(local)
        if demo:
            app.state.background.start("sample", land_sample_once(parts, folder.path, local))

    run_server(
        app,
        sock,
        listening=listening,
        trusted_proxies=settings.trusted_proxies,
        websockets=port_bridge(app.state.collab.door),
    )


def _prepare(parts: Parts) -> str:
    """The local owner and the fresh one-time key of this start."""
    now = parts.clock.now()
    with parts.database.write_in_thread() as session:
        ensure_local_owner(session, now=now)
        forget_welcome_keys(session)
        return new_welcome_key(session, now=now)
