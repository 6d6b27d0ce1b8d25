"""`cutroom restore DIR`: a backup into an empty place, then the ledger is replayed."""

import argparse
from pathlib import Path
from typing import cast

from backend.credits.audit import audited
from backend.exports.audit import audit_exports
from cli.backups import restore_from
from cli.errors import CommandFailed
from cli.wiring import database_faults, object_store, open_database, read_settings, store_faults


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="what `cutroom backup` wrote")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    folder = cast("Path", arguments.folder)
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    with open_database(settings) as database, database_faults(settings), store_faults():
        copied = restore_from(folder, database, object_store(settings))
        with database.snapshot() as connection:
            audit = audited(connection)
            audit_exports(connection, audit)
    if audit.wrong:
        raise CommandFailed(f"{audit.wrong} differences in the ledger", str(folder))
    print(f"{copied.objects} objects, {audit.wallets} wallets, nothing differs: {folder}")
    return 0
