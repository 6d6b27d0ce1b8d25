"""`cutroom backup DIR`: tables and objects into a folder, also beside a running server."""

import argparse
from pathlib import Path
from typing import cast

from cli.backups import back_up
from cli.wiring import database_faults, object_store, open_database, read_settings, store_faults
from kit.clock import SystemClock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to; only news are added")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    folder = cast("Path", arguments.folder)
    with open_database(settings) as database, database_faults(settings), store_faults():
        made = back_up(database, object_store(settings), folder, SystemClock())
    rows = sum(table["rows"] for table in made["tables"].values())
    print(
        f"{rows} rows of {len(made['tables'])} tables, {made['objects']} objects"
        f" ({made['sent']} new, {made['sent_bytes']} bytes): {folder}"
    )
    return 0
