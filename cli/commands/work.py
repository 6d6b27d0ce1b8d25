"""`cutroom work`: workers alone, for many machines."""

import argparse
import threading

from backend.exports.board import SqlBoard
from cli.carriers import EmbeddedEngine, embedded_shop
from cli.errors import ExitCode
from cli.wiring import cluster_parts, read_cluster_settings
from kit.logs import configure_logs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slots", type=int, metavar="N", help="tasks at a time (one per core)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_cluster_settings(slots=arguments.slots)
    configure_logs(settings.log_format)
    parts = cluster_parts(settings)
    shop = embedded_shop(settings.data_dir, parts.store, parts.clock)
    board = SqlBoard(parts.database, parts.clock)
    engine = EmbeddedEngine(board, parts.bus, shop, slots=settings.slots)
    engine.start()
    print(f"Cutroom works: {engine.description}", flush=True)
    try:
        threading.Event().wait()
    finally:
        engine.stop()
    return ExitCode.DONE
