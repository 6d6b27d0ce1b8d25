"""`cutroom account reset`: a one-time link for a new password, alone on standard output [auth-A13]."""

import argparse
from pathlib import Path

from backend.auth.account import new_reset_key
from cli.data_folder import holder_of
from cli.errors import CommandFailed, ExitCode
from cli.wiring import open_database, read_settings
from kit.clock import SystemClock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    reset = actions.add_parser("reset", help="print a link for a new password, good for 15 minutes")
    reset.add_argument("email", metavar="EMAIL", help="whose")
    reset.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    with open_database(settings) as database, database.write_in_thread() as session:
        key = new_reset_key(session, arguments.email.strip().lower(), now=SystemClock().now())
    if key is None:
        raise CommandFailed("nobody has this email", arguments.email, ExitCode.BAD_INPUT)
    holder = holder_of(settings.data_dir)
    print(f"{settings.public_url or (holder.address if holder else '')}/reset#{key}")
    return ExitCode.DONE
