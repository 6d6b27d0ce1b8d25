"""`cutroom link`: another one-time address of a running `cutroom up` [auth-A1]."""

import argparse
from pathlib import Path

from backend.auth.local_owner import new_welcome_key
from cli.data_folder import holder_of
from cli.errors import CommandFailed, ExitCode
from cli.wiring import open_database, read_settings
from kit.clock import SystemClock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    holder = holder_of(settings.data_dir)
    if holder is None or not holder.address:
        raise CommandFailed("no `cutroom up` runs on this folder", str(settings.data_dir))
    with open_database(settings) as database, database.write_in_thread() as session:
        key = new_welcome_key(session, now=SystemClock().now())
    print(f"{holder.address}/#welcome={key}")
    return ExitCode.DONE
