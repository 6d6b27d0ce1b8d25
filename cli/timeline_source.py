"""SOURCE of a command: a timeline file with its media found on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cli.errors import CommandFailed, ExitCode
from timeline.errors import BadTimeline
from timeline.media import MediaFacts, PictureRendition
from timeline.model import Document, Json, Record
from timeline.records import TimelineFile, read_timeline_file

SIDE_MIN: Final = 16  # pixels of a sequence


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
    found = read_source(path).file
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


def with_own_size(source: TimelineSource, media: Mapping[str, MediaFacts]) -> TimelineSource:
    """An `.otio` that tells no size or rate takes those of its first picture."""
    if source.path.suffix.lower() != ".otio":
        return source
    document = source.document
    main = document.meta.get("main_sequence")
    name = main if isinstance(main, str) and main in document.sequences else None
    name = name or min(document.sequences, default=None)
    first = _first_picture(document, media)
    if name is None or first is None:
        return source
    own: dict[str, Json] = {
        "width": max(SIDE_MIN, first.width),
        "height": max(SIDE_MIN, first.height),
    }
    record = document.sequences[name]
    if record.get("fps_num") is None:
        own |= {"fps_num": first.rate.num, "fps_den": first.rate.den}
    told = {key: value for key, value in record.items() if value is not None}
    sequences = {**document.sequences, name: {**own, **told}}
    return replace(source, document=replace(document, sequences=sequences))


def _first_picture(document: Document, media: Mapping[str, MediaFacts]) -> PictureRendition | None:
    def start(item: tuple[str, Record]) -> tuple[int, str]:
        at = item[1].get("start", 0)
        return (at if isinstance(at, int) else 0, item[0])

    for _, record in sorted(document.clips.items(), key=start):
        facts = media.get(str(record.get("asset")))
        if facts is not None and facts.picture is not None:
            return facts.picture
    return None


@dataclass(frozen=True, slots=True)
class SourceReading:
    """A timeline file as read, and what of it could not be taken over."""

    file: TimelineFile
    losses: tuple[str, ...] = ()


def read_source(path: Path) -> SourceReading:
    """Read a `.cutroom.json` or `.otio` by its ending; CommandFailed names file and field."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise CommandFailed(reason, str(path), ExitCode.BAD_INPUT) from error
    try:
        if path.suffix.lower() == ".otio":
            from timeline.otio import read_otio  # noqa: PLC0415 - only where it is needed

            reading = read_otio(content)
            return SourceReading(reading.file, reading.losses)
        return SourceReading(read_timeline_file(content))
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
