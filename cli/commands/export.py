"""`cutroom export SOURCE -o OUT`: the film of a timeline file, without a server."""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from cli.errors import CommandFailed, ExitCode
from cli.film_order import (
    add_order_arguments,
    check_extension,
    ordered_options,
    ordered_span,
)
from cli.local_export import LocalRoom, export_job, failed_command, followed, ingested, local_room
from cli.progress import Progress, ProgressForm, progress_of, report_json
from cli.timeline_source import TimelineSource, open_timeline, with_own_size
from exporter.memory_board import Standing
from timeline.jobs import ExportReport
from timeline.presets import Preset, find_preset

SUMMARY: Final = "make the film of a timeline file, without a server"
WORKERS_MAX: Final = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help=".cutroom.json or .otio")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="the film; .mp4, or what the preset makes",
    )
    add_order_arguments(parser)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, metavar="N")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where finished segments are kept"
    )
    parser.add_argument("--no-cache", action="store_true", help="keep nothing")
    parser.add_argument(
        "--media",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="look for media by name",
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was done as JSON")
    parser.add_argument("--progress", choices=("bar", "json", "none"), default="bar")


def run(arguments: argparse.Namespace) -> int:
    out = cast("Path", arguments.output)
    _check_output(out, find_preset(arguments.preset))
    if arguments.report is not None:
        _check_writable(arguments.report)
    if not 1 <= arguments.workers <= WORKERS_MAX:
        raise CommandFailed(f"not 1 to {WORKERS_MAX}", "--workers", ExitCode.BAD_INPUT)
    made(arguments, progress_of(cast("ProgressForm", arguments.progress)))
    return ExitCode.DONE


def made(arguments: argparse.Namespace, progress: Progress) -> None:
    """The film of arguments that were found right; CommandFailed."""
    out = cast("Path", arguments.output)
    source = open_timeline(arguments.source, arguments.media)
    with local_room(
        out, workers=arguments.workers, cache=arguments.cache, keep=not arguments.no_cache
    ) as room:
        report = _exported(room, source, arguments, progress)
    if arguments.report is not None:
        arguments.report.write_text(json.dumps(report_json(report), indent=2) + "\n")
    progress.done(report)


def _exported(
    room: LocalRoom, source: TimelineSource, arguments: argparse.Namespace, progress: Progress
) -> ExportReport:
    standing = _attempt(room, source, arguments, progress, "export")
    if standing.failure is not None and standing.failure.code == "input_changed":
        # A file of the user changed under our hands: it is read and planned once more [export-X19].
        standing = _attempt(room, source, arguments, progress, "export-again")
    if standing.report is None:
        failure = failed_command(standing, source.path)
        progress.failed(failure.what)
        raise failure
    return standing.report


def _attempt(
    room: LocalRoom,
    source: TimelineSource,
    arguments: argparse.Namespace,
    progress: Progress,
    name: str,
) -> Standing:
    media = ingested(room, source, progress.media)
    sized = with_own_size(source, media)
    job = export_job(
        sized,
        media,
        preset=arguments.preset,
        span=ordered_span(arguments, sized.document),
        options=ordered_options(arguments, sized.document),
    )
    room.board.enqueue(replace(job, id=name))
    room.pool.wake()
    return followed(room, name, progress.standing)


def _check_output(out: Path, preset: Preset) -> None:
    check_extension(out, preset)
    _check_writable(out)


def _check_writable(path: Path) -> None:
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise CommandFailed("cannot be written", str(path), ExitCode.BAD_INPUT)
    if path.exists() and not os.access(path, os.W_OK):
        raise CommandFailed("cannot be written", str(path), ExitCode.BAD_INPUT)
