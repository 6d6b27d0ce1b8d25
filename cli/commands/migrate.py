"""`cutroom migrate`: bring the database to this version; harmless when it is there."""

import argparse
from pathlib import Path

from backend.db.app_role import UnfitRole, grant_to_app_role
from backend.db.migrations import migrate
from backend.settings import Settings
from cli.errors import CommandFailed, ExitCode
from cli.wiring import database_faults, read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")
    parser.add_argument(
        "--app-role",
        metavar="ROLE",
        help="Postgres: let `serve` and `work` run as this role, which can unwrite no entry",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    if not settings.database_url and not settings.data_dir.is_dir():
        raise CommandFailed("no such data folder", str(settings.data_dir), ExitCode.BAD_INPUT)
    if arguments.app_role and not settings.database_url.startswith("postgres"):
        raise CommandFailed("only Postgres has roles", "--app-role", ExitCode.BAD_INPUT)
    with database_faults(settings):
        migrate(settings.sqlalchemy_url)
        if arguments.app_role:
            _grant(settings, arguments.app_role)
    return ExitCode.DONE


def _grant(settings: Settings, role: str) -> None:
    try:
        grant_to_app_role(settings.sqlalchemy_url, role)
    except UnfitRole as unfit:
        raise CommandFailed(str(unfit), role, ExitCode.BAD_INPUT) from unfit
