"""`cutroom convert A B`: between `.cutroom.json` and `.otio`; prints what could not be carried over."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from cli.errors import CommandFailed, ExitCode
from cli.local_export import local_room
from cli.seen_media import seen
from cli.timeline_source import TimelineSource, open_timeline, read_source, with_own_size
from timeline.media import AssetEntry
from timeline.otio import write_otio
from timeline.records import TimelineFile, timeline_file_json

SUMMARY: Final = "between .cutroom.json and .otio"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="A", help="the file to read")
    parser.add_argument("target", type=Path, metavar="B", help="the file to write")
    parser.add_argument(
        "--media",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="look for media by name",
    )


def run(arguments: argparse.Namespace) -> int:
    target: Path = arguments.target
    kind = _kind(target)
    reading = read_source(arguments.source)
    source = open_timeline(arguments.source, arguments.media)
    text, losses = _converted(reading.file, source, kind, target)
    _write(target, text)
    for loss in (*reading.losses, *losses):
        print(f"cutroom: not carried over: {loss}", file=sys.stderr)
    return ExitCode.DONE


def _kind(target: Path) -> str:
    name = target.name.lower()
    for kind in (".cutroom.json", ".otio"):
        if name.endswith(kind):
            return kind
    raise CommandFailed("write a .cutroom.json or .otio", str(target), ExitCode.BAD_INPUT)


def _converted(
    file: TimelineFile, source: TimelineSource, kind: str, target: Path
) -> tuple[str, tuple[str, ...]]:
    with local_room(target, workers=1, cache=None) as room:
        media = seen(room, source)
    sized = with_own_size(source, media)
    file = replace(file, document=sized.document, assets=_moved(file, source.path, target))
    if kind == ".otio":
        written = write_otio(file, {asset: known.facts for asset, known in media.items()})
        return written.text, written.losses
    return timeline_file_json(file), ()


def _moved(file: TimelineFile, source: Path, target: Path) -> dict[str, AssetEntry]:
    """Asset paths are relative to the file that names them; a file in another folder names them anew."""
    here, there = source.resolve().parent, target.resolve().parent
    if here == there:
        return dict(file.assets)
    return {asset: _entry_from(entry, here, there) for asset, entry in file.assets.items()}


def _entry_from(entry: AssetEntry, here: Path, there: Path) -> AssetEntry:
    if entry.path is None or "://" in entry.path or Path(entry.path).is_absolute():
        return entry
    return replace(entry, path=Path(os.path.relpath(here / entry.path, there)).as_posix())


def _write(target: Path, text: str) -> None:
    """Complete or not at all."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        reason = error.strerror or "cannot be written"
        raise CommandFailed(reason, str(target), ExitCode.BAD_INPUT) from error
