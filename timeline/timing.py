"""Time: ticks, rates, ranges, and every conversion between them.

A tick is one flick, 1/705 600 000 s. Everything here is integer arithmetic; seconds as floats
are refused by the whole core. Floor division goes towards minus infinity.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

TICKS: Final = 705_600_000  # per second
TICK_MAX: Final = 1 << 50  # 443 hours; safe in a JavaScript number


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """Frames or samples per second, `num/den`, both positive, as given (not reduced)."""

    num: int
    den: int = 1

    def __post_init__(self) -> None:
        if self.num < 1 or self.den < 1:
            raise ValueError(f"a rate is positive, not {self.num}/{self.den}")

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)

    def __str__(self) -> str:
        return f"{self.num}/{self.den}"


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """Half-open stretch of ticks `[start, start + duration)`; never empty."""

    start: int
    duration: int

    def __post_init__(self) -> None:
        if self.duration < 1:
            raise ValueError(f"a time range is never empty, not {self.duration} ticks")

    @property
    def end(self) -> int:
        """First tick that is not inside."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True, order=True)
class FrameRange:
    """Half-open stretch of output frames `[start, start + frames)`; never empty."""

    start: int
    frames: int

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise ValueError(f"a frame range is never empty, not {self.frames} frames")

    @property
    def end(self) -> int:
        """First frame that is not inside."""
        return self.start + self.frames


def tick(number: int, rate: Rate) -> int:
    """The tick at which a frame begins, to the nearest [timeline-T1]."""
    return (2 * number * TICKS * rate.den + rate.num) // (2 * rate.num)


def middle(number: int, rate: Rate) -> int:
    """The tick at the middle of a frame: what an output frame shows [timeline-T2]."""
    return (2 * number + 1) * TICKS * rate.den // (2 * rate.num)


def frame(at: int, rate: Rate) -> int:
    """The first frame whose middle is at or after `at`: where a boundary falls [timeline-T3]."""
    return -((TICKS * rate.den - 2 * at * rate.num) // (2 * TICKS * rate.den))


def sample(at: int, sample_rate: int) -> int:
    """The sample on which a sound boundary falls [timeline-T4]."""
    return frame(at, Rate(sample_rate))


def frame_containing(at: int, rate: Rate) -> int:
    """The frame that contains `at`; only for labels (timecode) and for source pictures [timeline-T5]."""
    return at * rate.num // (TICKS * rate.den)


def snapped(at: int, rate: Rate) -> int:
    """The start of the frame nearest to `at` [timeline-E2]."""
    return tick((2 * at * rate.num + TICKS * rate.den) // (2 * TICKS * rate.den), rate)


def local(at: int, start: int, source_in: int, speed_num: int = 1, speed_den: int = 1) -> int:
    """Local time of a clip at sequence tick `at` [timeline-T6]."""
    return source_in + (at - start) * speed_num // speed_den


def timecode(at: int, rate: Rate, *, start_tc: int = 0, drop_frame: bool = False) -> str:
    """`HH:MM:SS:FF` for people, `;` before frames when drop-frame (SMPTE ST 12-1) [timeline-T7]."""
    nominal = -(-rate.num // rate.den)
    number = frame_containing(at + start_tc, rate)
    if drop_frame and rate.den == 1001 and nominal % 30 == 0:
        dropped = nominal // 15  # labels left out in each minute but every tenth
        per_minute = nominal * 60 - dropped
        tens, rest = divmod(number, per_minute * 10 + dropped)
        number += dropped * 9 * tens
        if rest >= dropped:
            number += dropped * ((rest - dropped) // per_minute)
    seconds, frames = divmod(number, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    separator = ";" if drop_frame else ":"
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{separator}{frames:02d}"


def grid_frames(rate: Rate) -> int:
    """Frames of one cell of the grid: about 2 s, a multiple of the mezzanine's GOP [export-X2]."""
    return 15 * max(1, 2 * rate.num // (15 * rate.den))
