"""SOURCE of a command: a timeline file with its media found on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.errors import CommandFailed, ExitCode
from timeline.errors import BadTimeline
from timeline.model import Document
from timeline.records import TimelineFile, read_timeline_file


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """A document and, by asset, the name people know and the file where one was found."""

    path: Path
    document: Document
    names: Mapping[str, str]
    files: Mapping[str, Path]


def open_timeline(path: Path, media_dirs: Sequence[Path]) -> TimelineSource:
    """Read a `.cutroom.json` or `.otio`; CommandFailed names file and field.

    A file of media is looked for where the timeline says, from the timeline's folder; then by its
    name in `media_dirs`.
    """
    for folder in media_dirs:
        if not folder.is_dir():
            raise CommandFailed("no such folder", f"--media {folder}", ExitCode.BAD_INPUT)
    found = _read(path)
    names: dict[str, str] = {}
    files: dict[str, Path] = {}
    for asset in sorted(_used_assets(found.document)):
        entry = found.assets.get(asset)
        if entry is None or entry.path is None:
            continue
        names[asset] = entry.name or Path(entry.path).name
        located = _located(path.parent, entry.path, names[asset], media_dirs)
        if located is not None:
            files[asset] = located
    return TimelineSource(path, found.document, names, files)


def _read(path: Path) -> TimelineFile:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise CommandFailed(reason, str(path), ExitCode.BAD_INPUT) from error
    try:
        if path.suffix.lower() == ".otio":
            from timeline.otio import read_otio  # noqa: PLC0415 - only where it is needed

            return read_otio(content).file
        return read_timeline_file(content)
    except BadTimeline as bad:
        where = f"{path}: {bad.field}" if bad.field else str(path)
        raise CommandFailed(bad.detail, where, ExitCode.BAD_INPUT) from bad


def _used_assets(document: Document) -> set[str]:
    """Assets that a clip, an effect or a variable names; others need not be there."""
    used: set[str] = set()
    for record in document.clips.values():
        asset = record.get("asset")
        if isinstance(asset, str) and record.get("removed") is not True:
            used.add(asset)
    for record in document.effects.values():
        asset = record.get("p:asset")
        if isinstance(asset, str):
            used.add(asset)
    return used


def _located(folder: Path, stated: str, name: str, media_dirs: Sequence[Path]) -> Path | None:
    candidates = [folder / stated]
    for media_dir in media_dirs:
        candidates += [media_dir / Path(stated).name, media_dir / name]
    for candidate in candidates:
        try:
            if candidate.is_file():
                return candidate
        except (OSError, ValueError):  # a name that no file can have
            continue
    return None
