"""`cutroom token create`: an API token for programs, alone on standard output [auth-A5]."""

import argparse
from datetime import timedelta
from pathlib import Path
from typing import Final

from backend.auth.local_owner import new_owner_token
from backend.auth.roles import ROLES
from cli.errors import ExitCode
from cli.wiring import open_database, read_settings
from kit.clock import SystemClock

TTL_SECONDS: Final = 90 * 86_400
TTL_SECONDS_MAX: Final = 366 * 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="print a new API token")
    create.add_argument("--role", choices=ROLES, default="owner", help="what it may do (owner)")
    create.add_argument(
        "--ttl",
        type=_seconds,
        default=TTL_SECONDS,
        metavar="S",
        help="seconds until it ends (90 days)",
    )
    create.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    with open_database(settings) as database, database.write_in_thread() as session:
        token = new_owner_token(
            session,
            role=arguments.role,
            ttl=timedelta(seconds=arguments.ttl),
            now=SystemClock().now(),
        )
    print(token)
    return ExitCode.DONE


def _seconds(text: str) -> int:
    seconds = int(text)
    if not 1 <= seconds <= TTL_SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"must be 1 to {TTL_SECONDS_MAX} seconds")
    return seconds
