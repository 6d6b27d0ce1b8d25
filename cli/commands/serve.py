"""`cutroom serve`: API and collaboration alone, for many machines; workers are `cutroom work`."""

import argparse
import socket

from backend.auth.local_owner import ensure_local_owner
from backend.collab.port import port_bridge
from backend.main import create_app
from backend.settings import Settings
from cli.celery_app import CeleryCarrier, make_celery
from cli.errors import ExitCode
from cli.razorpay import Till, open_till
from cli.server import bound_socket, local_address, own_address, run_server
from cli.telemetry import tracing
from cli.wiring import cluster_bus, cluster_parts, database_faults, read_cluster_settings
from kit.logs import configure_logs
from kit.metrics import Metrics
from kit.redis_bus import RedisBus


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_cluster_settings()
    configure_logs(settings.log_format)
    sock = bound_socket(arguments.host, arguments.port)
    with tracing("cutroom-serve"), cluster_bus(settings) as bus, open_till(settings) as till:
        _serve(settings, bus, sock, till)
    return ExitCode.DONE


def _serve(settings: Settings, bus: RedisBus, sock: socket.socket, till: Till) -> None:
    parts = cluster_parts(
        settings,
        bus,
        Metrics(),
        carrier=CeleryCarrier(make_celery(settings.redis_url)),
        node_address=settings.node_address or own_address(sock),
    )
    if settings.bootstrap_token.get_secret_value():
        with database_faults(settings), parts.database.write_in_thread() as session:
            ensure_local_owner(session, now=parts.clock.now())
    app = create_app(till.in_parts(parts))

    async def listening() -> None:
        print(f"Cutroom serves: {settings.public_url or sock.getsockname()}", flush=True)
        till.tell(local_address(sock))

    run_server(
        app,
        sock,
        listening=listening,
        trusted_proxies=settings.trusted_proxies,
        websockets=port_bridge(app.state.collab.door),
    )
