"""`cutroom inspect FILE`: facts of a media file, or the diagnostics of a timeline."""

import argparse
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

from cli.errors import CommandFailed, ExitCode
from cli.timeline_source import TimelineSource, open_timeline
from exporter.errors import MediaUnusable, ToolFailed
from exporter.headers import headers_of
from exporter.probe import Probe, SoundFacts, VideoFacts
from exporter.prober import Prober
from exporter.settings import BadSetting, find_prober, read_settings
from exporter.sniff import HEAD_BYTES, STILLS, check_pixels, sniffed, still_head
from timeline.model import Json
from timeline.resolve import resolve
from timeline.resolved import Resolved
from timeline.timing import TICKS, Rate, frame, timecode

SUMMARY: Final = "facts of a media file, or diagnostics of a timeline"
TIMELINE_SUFFIXES: Final = (".json", ".otio")
SHOWN: Final = {
    "mov": "MP4 or MOV",
    "matroska": "Matroska or WebM",
    "png_pipe": "PNG",
    "jpeg_pipe": "JPEG",
    "webp_pipe": "WebP",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a media file, .cutroom.json or .otio"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument(
        "--media",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="look for media by name",
    )


def run(arguments: argparse.Namespace) -> int:
    path = cast("Path", arguments.file)
    head = _head(path)
    with _open_prober() as prober:
        try:
            if path.suffix.lower() in TIMELINE_SUFFIXES or head.lstrip()[:1] == b"{":
                source = open_timeline(path, arguments.media)
                return _timeline(source, prober, as_json=arguments.json)
            facts = _media(path, head, prober)
        except MediaUnusable as unusable:
            raise CommandFailed(unusable.detail, str(path), ExitCode.BAD_INPUT) from unusable
        except ToolFailed as failed:
            raise CommandFailed(str(failed), str(path)) from failed
    if arguments.json:
        print(json.dumps(facts))
    else:
        _print(facts)
    return ExitCode.DONE


def _open_prober() -> closing[Prober]:
    try:
        return closing(find_prober(read_settings()))
    except BadSetting as bad:
        raise CommandFailed(str(bad), "environment", ExitCode.BAD_INPUT) from bad


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise CommandFailed(
            error.strerror or "cannot be read", str(path), ExitCode.BAD_INPUT
        ) from error


def _print(facts: Mapping[str, Json], indent: str = "") -> None:
    for name, value in facts.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            _print(value, indent + "  ")
        elif value is not None:
            print(f"{indent}{name.replace('_', ' '):<{18 - len(indent)}}{value}")


# --- media


def _media(path: Path, head: bytes, prober: Prober) -> dict[str, Json]:
    demuxer = sniffed(head)
    facts: dict[str, Json] = {
        "file": path.name,
        "kind": "still",
        "container": SHOWN.get(demuxer, demuxer),
        "size_bytes": path.stat().st_size,
    }
    if demuxer in STILLS:
        still = still_head(demuxer, head)
        return {
            **facts,
            "still": {"width": still.width, "height": still.height, "has_alpha": still.has_alpha},
        }
    found = prober.probe(path, demuxer)
    if found.video is not None:
        check_pixels(found.video.width, found.video.height)
    facts["kind"] = "video" if found.video else "sound"
    return {**facts, **_streams(found)}


def _streams(found: Probe) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "duration_seconds": round(float(found.seconds), 6) if found.seconds is not None else None,
        "timecode": found.timecode or None,
    }
    if found.video is not None:
        facts["video"] = _video(found.video)
    if found.sound is not None:
        facts["sound"] = _sound(found.sound)
    return facts


def _video(video: VideoFacts) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "codec": video.codec,
        "width": video.width,
        "height": video.height,
        "rate": _fraction(video.declared_rate),
        "pixel_format": video.pixel_format,
        "colour_matrix": video.matrix or None,
    }
    if video.sample_aspect != 1:
        facts["sample_aspect"] = _fraction(video.sample_aspect)
    named = {"hdr": video.is_hdr, "alpha": video.has_alpha, "interlaced": video.is_interlaced}
    return {**facts, **{name: True for name, holds in named.items() if holds}}


def _sound(sound: SoundFacts) -> dict[str, Json]:
    return {"codec": sound.codec, "sample_rate": sound.sample_rate, "channels": sound.channels}


def _fraction(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


# --- timelines


def _timeline(source: TimelineSource, prober: Prober, *, as_json: bool) -> int:
    media = {
        asset: headers_of(path, source.names[asset], prober).facts
        for asset, path in source.files.items()
    }
    resolved = resolve(source.document, media)
    facts = _timeline_facts(source, resolved)
    if as_json:
        print(json.dumps(facts))
    else:
        _print({name: value for name, value in facts.items() if name != "diagnostics"})
        for line in _diagnostic_lines(resolved):
            print(line)
    fatal = resolved.fatal
    if fatal is not None:
        raise CommandFailed(
            f"{fatal.code}: {fatal.detail or fatal.id}", str(source.path), ExitCode.BAD_INPUT
        )
    return ExitCode.DONE


def _timeline_facts(source: TimelineSource, resolved: Resolved) -> dict[str, Json]:
    facts: dict[str, Json] = {"file": source.path.name, "kind": "timeline"}
    facts["name"] = source.document.meta.get("name", "Untitled")
    view = resolved.sequences.get(resolved.sequence)
    if view is not None:
        rate = Rate(view.fps_num, view.fps_den)
        facts["sequence"] = {
            "name": view.name,
            "width": view.width,
            "height": view.height,
            "rate": str(rate),
            "sample_rate": view.sample_rate,
            "frames": frame(view.duration, rate),
            "duration_seconds": round(view.duration / TICKS, 6),
            "timecode": timecode(view.duration, rate),
            "tracks": len(view.tracks),
            "clips": sum(len(track.spans) for track in view.tracks),
        }
    used = {"found": len(source.files), "named": len(source.names)}
    facts["media"] = cast("Json", used)
    facts["diagnostics"] = [cast("Json", asdict(item)) for item in resolved.diagnostics]
    return facts


def _diagnostic_lines(resolved: Resolved) -> Iterable[str]:
    for item in resolved.diagnostics:
        detail = f": {item.detail}" if item.detail else ""
        yield f"{item.level:<8}{item.code} {item.id}{detail}"
