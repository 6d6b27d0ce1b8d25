"""`cutroom export SOURCE -o OUT`: the film of a timeline file, without a server."""

import argparse
import json
import os
from pathlib import Path
from typing import Final, cast

from cli.errors import CommandFailed, ExitCode
from cli.local_export import LocalRoom, export_job, failed_command, followed, ingested, local_room
from cli.progress import Progress, ProgressForm, progress_of, report_json
from cli.timeline_source import TimelineSource, open_timeline, with_own_size
from timeline.jobs import ExportReport
from timeline.presets import PRESETS, find_preset

SUMMARY: Final = "make the film of a timeline file, without a server"
WORKERS_MAX: Final = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help=".cutroom.json or .otio")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="an .mp4")
    parser.add_argument("--preset", default="source", help=", ".join(PRESETS))
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
    parser.add_argument("--captions", choices=("burn", "none"), default="burn")
    parser.add_argument("--on-missing", choices=("slate", "fail"), default="slate")


def run(arguments: argparse.Namespace) -> int:
    out = cast("Path", arguments.output)
    _check_output(out)
    if arguments.report is not None:
        _check_writable(arguments.report)
    if not 1 <= arguments.workers <= WORKERS_MAX:
        raise CommandFailed(f"not 1 to {WORKERS_MAX}", "--workers", ExitCode.BAD_INPUT)
    find_preset(arguments.preset)
    source = open_timeline(arguments.source, arguments.media)
    progress = progress_of(cast("ProgressForm", arguments.progress))
    with local_room(
        out, workers=arguments.workers, cache=arguments.cache, keep=not arguments.no_cache
    ) as room:
        report = _exported(room, source, arguments, progress)
    if arguments.report is not None:
        arguments.report.write_text(json.dumps(report_json(report), indent=2) + "\n")
    progress.done(report)
    return ExitCode.DONE


def _exported(
    room: LocalRoom, source: TimelineSource, arguments: argparse.Namespace, progress: Progress
) -> ExportReport:
    media = ingested(room, source, progress.media)
    job = export_job(
        with_own_size(source, media),
        media,
        preset=arguments.preset,
        captions=arguments.captions,
        on_missing=arguments.on_missing,
    )
    room.board.enqueue(job)
    room.pool.wake()
    standing = followed(room, job.id, progress.standing)
    if standing.report is None:
        failure = failed_command(standing, source.path)
        progress.failed(failure.what)
        raise failure
    return standing.report


def _check_output(out: Path) -> None:
    if out.suffix.lower() != ".mp4":
        raise CommandFailed("not an .mp4", f"-o {out}", ExitCode.BAD_INPUT)
    _check_writable(out)


def _check_writable(path: Path) -> None:
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise CommandFailed("cannot be written", str(path), ExitCode.BAD_INPUT)
    if path.exists() and not os.access(path, os.W_OK):
        raise CommandFailed("cannot be written", str(path), ExitCode.BAD_INPUT)
