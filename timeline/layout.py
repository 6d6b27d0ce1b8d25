"""Where clips stand: missing lengths from the source, and what of each is visible [timeline-R4].

clip 2         +-----+                 clips of one track may overlap, because a merge
clip 1   +--------------+              keeps every edit; the later head wins
         | 1   |  2  |1 |              and the spans are disjoint
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from timeline.media import AssetFacts
from timeline.reading import ClipRecord, fits_the_clock
from timeline.schema import CLIP_DURATION_DEFAULT
from timeline.timing import TICKS, Rate


class Placed(NamedTuple):
    """A clip with its place: nothing is missing any more."""

    clip: ClipRecord
    start: int
    duration: int
    source_in: int

    @property
    def end(self) -> int:
        return self.start + self.duration


class Visible(NamedTuple):
    """One visible stretch of a placed clip."""

    placed: Placed
    start: int
    end: int


def placed(clip: ClipRecord, source_duration: int | None) -> Placed | None:
    """The place of a clip whose source is that long; None where it leaves the clock [timeline-R3]."""
    source_in = clip.source_in
    if source_in is None:
        source_in = (source_duration or 0) if clip.speed[0] < 0 else 0
    duration = clip.duration
    if duration is None:
        duration = _duration_left(source_in, source_duration, clip.speed)
    if not fits_the_clock(clip.start, duration, source_in, clip.speed):
        return None
    return Placed(clip, clip.start, duration, source_in)


def _duration_left(source_in: int, source_duration: int | None, speed: tuple[int, int]) -> int:
    """What is left of the source at this speed, 5 s where that is nothing or unknown."""
    num, den = speed
    if source_duration is None or num == 0:
        return CLIP_DURATION_DEFAULT
    left = source_duration - source_in if num > 0 else source_in
    duration = left * den // abs(num)
    return duration if duration >= 1 else CLIP_DURATION_DEFAULT


def visible_parts(clips: Iterable[Placed]) -> list[Visible]:
    """Disjoint, sorted stretches that cover what the clips cover; the greatest (start, id) wins."""
    parts: list[Visible] = []
    beneath: list[Placed] = []  # what has begun, the winner last
    now = 0

    def advance(until: int | None) -> None:
        nonlocal now
        while beneath and (until is None or now < until):
            top = beneath[-1]
            end = top.end if until is None else min(top.end, until)
            if end > now:
                parts.append(Visible(top, now, end))
                now = end
            if top.end <= now:
                beneath.pop()

    for clip in sorted(clips, key=lambda one: (one.start, one.clip.id)):
        advance(clip.start)
        now = clip.start
        beneath.append(clip)
    advance(None)
    return parts


def beyond_source(
    low: int, high: int, facts: AssetFacts | None, speed: tuple[int, int], rate: Rate
) -> bool:
    """Whether source ticks `low`..`high` leave the asset by more than a frame of the timeline."""
    if facts is None or facts.duration is None:
        return False
    over = max(-low, high - facts.duration)
    times = (abs(speed[0]), speed[1]) if speed[0] else (1, 1)
    return over * times[1] * rate.num > TICKS * rate.den * times[0]


def covers(stretches: Sequence[tuple[int, int]], duration: int) -> bool:
    """Whether the stretches (start, end) leave no hole in [0, duration)."""
    reached = 0
    for start, end in sorted(stretches):
        if start > reached:
            return False
        reached = max(reached, end)
    return reached >= duration
