"""Decode an original once, in the box, to learn what it really shows and when: containers lie, pictures do not."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

from exporter.errors import MediaUnusable, ToolFailed
from exporter.ffmpeg_process import HEAD, Ffmpeg, run_ffmpeg
from exporter.normalise import input_arguments
from exporter.probe import SECONDS_MAX, Probe
from kit.box import Limits

NO_TIME_MIN: Final = 1 << 62  # AV_NOPTS_VALUE and its kin: no timestamp at all
PICTURES_FILE: Final = "pictures.txt"
SOUND_FILE: Final = "sound.txt"


@dataclass(frozen=True, slots=True)
class Scan:
    """Presentation times of the decoded pictures, ascending, in ticks of `tick` seconds; `is_clean`: no error met.

    `unshown` counts pictures without a time, or whose time had passed when they came, or is more than 12 hours away.
    `first_sound` is when the first decoded sample sounds, `last_sound` when the last piece begins, in seconds on
    the same clock; None where there is none.
    """

    times: tuple[int, ...]
    tick: Fraction
    first_sound: Fraction | None
    is_clean: bool
    unshown: int = 0
    last_sound: Fraction | None = None

    @property
    def first_picture(self) -> Fraction | None:
        return self.times[0] * self.tick if self.times else None

    @property
    def seconds(self) -> Fraction:
        """From the first to the last of what was decoded; what that lasts itself is not counted."""
        ends = [self.times[-1] * self.tick] if self.times else []
        starts = [self.times[0] * self.tick] if self.times else []
        if self.first_sound is not None and self.last_sound is not None:
            starts.append(self.first_sound)
            ends.append(self.last_sound)
        return max(ends) - min(starts) if ends else Fraction(0)


def scan(
    ffmpeg: Ffmpeg,
    original: Path,
    found: Probe,
    scratch: Path,
    limits: Limits,
    cancelled: Callable[[], bool],
) -> Scan:
    """Decode everything; a second time, forgiving, where the first met an error."""
    try:
        _decode(ffmpeg, original, found, scratch, limits, cancelled, strict=True)
        is_clean = True
    except ToolFailed:
        is_clean = False
        try:
            _decode(ffmpeg, original, found, scratch, limits, cancelled, strict=False)
        except ToolFailed as error:
            reason = error.stderr_tail.strip().splitlines()[-1:] or ["it ended at once"]
            raise MediaUnusable(
                "media_damaged", f"nothing in it can be decoded: {reason[0][:300]}"
            ) from error
    pictures, timeless, tick = _times(scratch / PICTURES_FILE)
    sounds, _, sound_tick = _times(scratch / SOUND_FILE)
    for name in (PICTURES_FILE, SOUND_FILE):
        (scratch / name).unlink(missing_ok=True)
    shown = _within(_ascending(pictures), int(SECONDS_MAX / tick))
    return Scan(
        times=tuple(shown),
        tick=tick,
        first_sound=sounds[0] * sound_tick if sounds else None,
        is_clean=is_clean,
        unshown=timeless + len(pictures) - len(shown),
        last_sound=sounds[-1] * sound_tick if sounds else None,
    )


def _decode(
    ffmpeg: Ffmpeg,
    original: Path,
    found: Probe,
    scratch: Path,
    limits: Limits,
    cancelled: Callable[[], bool],
    *,
    strict: bool,
) -> None:
    video, sound = found.video, found.sound
    arguments = [
        *HEAD,
        "-y",
        "-noautorotate",
        *(("-xerror",) if strict else ("-max_error_rate", "1")),
    ]
    arguments += ["-err_detect", "explode"] if strict else []
    codecs = {"video": video.codec if video else "", "sound": sound.codec if sound else ""}
    arguments += input_arguments(found.demuxer, threads=2, **codecs)
    if video:
        arguments += [
            "-map",
            f"0:{video.index}",
            "-fps_mode",
            "passthrough",
            "-c:v",
            "wrapped_avframe",
        ]
        arguments += [
            "-stats_enc_pre:v",
            f"/out/{PICTURES_FILE}",
            "-stats_enc_pre_fmt:v",
            "{ptsi} {tbi}",
        ]
    if sound:
        arguments += ["-map", f"0:{sound.index}", "-c:a", "pcm_s16le"]
        arguments += [
            "-stats_enc_pre:a",
            f"/out/{SOUND_FILE}",
            "-stats_enc_pre_fmt:a",
            "{ptsi} {tbi}",
        ]
    arguments += ["-sn", "-dn", "-f", "null", "-"]
    run_ffmpeg(
        ffmpeg,
        arguments,
        inputs={"0": original},
        output_dir=scratch,
        limits=limits,
        cancelled=cancelled,
    )


def _times(path: Path) -> tuple[list[int], int, Fraction]:
    """The times that ffmpeg wrote, one `TIME NUM/DEN` a line, how many lines had none, and what a time counts."""
    times: list[int] = []
    timeless = 0
    tick = Fraction(1)
    if not path.exists():
        return times, timeless, tick
    with path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            time, _, base = line.strip().partition(" ")
            if abs(int(time)) < NO_TIME_MIN:
                times.append(int(time))
                tick = Fraction(base)
            else:
                timeless += 1
    return times, timeless, tick


def _ascending(times: list[int]) -> list[int]:
    """Without pictures that come before one already shown: a player never shows them either."""
    if all(earlier < later for earlier, later in pairwise(times)):
        return times
    shown: list[int] = []
    for time in times:
        if not shown or time > shown[-1]:
            shown.append(time)
    return shown


def _within(times: list[int], span: int) -> list[int]:
    """Ascending times up to `span` after the first."""
    if not times or times[-1] - times[0] <= span:
        return times
    return times[: bisect_right(times, times[0] + span)]
