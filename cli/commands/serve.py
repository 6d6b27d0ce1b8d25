"""`cutroom serve`: API and collaboration alone, for many machines; workers are `cutroom work`."""

import argparse

from backend.collab.port import port_bridge
from backend.main import create_app
from cli.errors import ExitCode
from cli.server import bound_socket, run_server
from cli.wiring import cluster_parts, read_cluster_settings
from kit.logs import configure_logs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_cluster_settings()
    configure_logs(settings.log_format)
    sock = bound_socket(arguments.host, arguments.port)
    app = create_app(cluster_parts(settings))

    async def listening() -> None:
        print(f"Cutroom serves: {settings.public_url or sock.getsockname()}", flush=True)

    run_server(
        app,
        sock,
        listening=listening,
        trusted_proxies=settings.trusted_proxies,
        websockets=port_bridge(app.state.collab.door),
    )
    return ExitCode.DONE
