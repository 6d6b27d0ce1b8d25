"""The words of a command line that say which film is wanted: preset, range, captions, loudness."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from cli.errors import CommandFailed, ExitCode
from timeline.film_options import (
    LOUDNESS_TARGETS,
    CaptionMode,
    FilmOptions,
    LoudnessTarget,
    OnMissing,
)
from timeline.model import Document
from timeline.plan import Fit
from timeline.presets import PRESETS, Preset
from timeline.resolve import resolve
from timeline.timing import TICK_MAX, TICKS, Rate, tick

TIMECODE: Final = re.compile(r"(\d{1,3}):([0-5]?\d):([0-5]?\d)(?:[:;](\d{1,3})|(\.\d{1,9}))?")
SECONDS: Final = re.compile(r"\d{1,6}(\.\d{1,9})?")
FRAMES: Final = re.compile(r"(\d{1,9})f")
LOUDNESS: Final[Mapping[str, LoudnessTarget]] = {
    "timeline": "timeline",
    "off": "off",
    **{f"{target:.0f}": target for target in LOUDNESS_TARGETS},
}
TIME_HELP: Final = "seconds (12.5), frames (300f) or timecode (00:00:10:00)"


def add_order_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", default="source", help=", ".join(PRESETS))
    parser.add_argument(
        "--range",
        metavar="IN,OUT",
        help=f"only this part, OUT exclusive, either may be empty; {TIME_HELP}",
    )
    parser.add_argument(
        "--fit",
        choices=("contain", "cover", "blur"),
        help="another shape: on the background, cut to fill, or on a blurred copy",
    )
    parser.add_argument(
        "--captions",
        choices=("burn", "soft", "none"),
        default="burn",
        help="drawn, as a track and a .vtt, or left out",
    )
    parser.add_argument(
        "--loudness",
        choices=tuple(LOUDNESS),
        default="timeline",
        help="LUFS: -14 streaming, -16 podcasts, -23 broadcast",
    )
    parser.add_argument(
        "--poster",
        metavar="TIME",
        help=f"a .jpg of the frame at that time beside the film; {TIME_HELP}",
    )
    parser.add_argument("--on-missing", choices=("slate", "fail"), default="slate")


def ordered_options(arguments: argparse.Namespace, document: Document) -> FilmOptions:
    """CommandFailed names the option that is wrong."""
    poster = arguments.poster
    rate = Rate(30) if poster is None else rate_of(document)
    return FilmOptions(
        captions=cast("CaptionMode", arguments.captions),
        on_missing=cast("OnMissing", arguments.on_missing),
        fit=cast("Fit | None", arguments.fit),
        loudness=LOUDNESS[arguments.loudness],
        poster=None if poster is None else ticks_of(poster, rate, "--poster"),
    )


def ordered_span(arguments: argparse.Namespace, document: Document) -> tuple[int, int] | None:
    """(start, duration) in ticks; None for the whole film. An empty OUT is the end."""
    if arguments.range is None:
        return None
    first, comma, last = cast("str", arguments.range).partition(",")
    if not comma:
        raise CommandFailed(f"{arguments.range!r} is not IN,OUT", "--range", ExitCode.BAD_INPUT)
    rate = rate_of(document)
    start = ticks_of(first, rate, "--range") if first.strip() else 0
    end = ticks_of(last, rate, "--range") if last.strip() else TICK_MAX
    if end <= start:
        raise CommandFailed("OUT is not after IN", "--range", ExitCode.BAD_INPUT)
    return start, end - start


def ticks_of(text: str, rate: Rate, option: str) -> int:
    """A time as people write it, in ticks; frames count at the sequence's rate."""
    word = text.strip()
    if found := FRAMES.fullmatch(word):
        return tick(int(found[1]), rate)
    if SECONDS.fullmatch(word):
        whole, _, part = word.partition(".")
        return int(whole) * TICKS + int(f"{part:0<9}") * TICKS // 10**9
    if found := TIMECODE.fullmatch(word):
        hours, minutes, seconds = (int(found[number]) for number in (1, 2, 3))
        whole = (hours * 60 + minutes) * 60 + seconds
        if found[4] is not None:
            # Timecode counts frames: a second of 29.97 has 30 of them.
            return tick(whole * -(-rate.num // rate.den) + int(found[4]), rate)
        part = (found[5] or ".0")[1:]
        return whole * TICKS + int(f"{part:0<9}") * TICKS // 10**9
    raise CommandFailed(f"{text!r} is not {TIME_HELP}", option, ExitCode.BAD_INPUT)


def rate_of(document: Document) -> Rate:
    """The rate of the main sequence, for times that count frames."""
    resolved = resolve(document, {})
    view = resolved.sequences.get(resolved.sequence)
    return Rate(view.fps_num, view.fps_den) if view is not None else Rate(30)


def check_extension(out: Path, preset: Preset) -> None:
    """OUT is called as its preset's files are; CommandFailed."""
    if out.suffix.lower() != preset.file.extension:
        what = f"{preset.name} makes {preset.file.extension} files"
        raise CommandFailed(what, f"-o {out}", ExitCode.BAD_INPUT)
