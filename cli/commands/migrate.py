"""`cutroom migrate`: bring the database to this version; harmless when it is there."""

import argparse
from pathlib import Path

from backend.db.migrations import migrate
from cli.errors import CommandFailed, ExitCode
from cli.wiring import database_faults, read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    if not settings.database_url and not settings.data_dir.is_dir():
        raise CommandFailed("no such data folder", str(settings.data_dir), ExitCode.BAD_INPUT)
    with database_faults(settings):
        migrate(settings.sqlalchemy_url)
    return ExitCode.DONE
