"""Where what is drawn may change: the boundaries between which a film is planned [export-X1]."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, cast

from timeline.resolved import CueSpan, Curves, EffectUse, Frames, Span
from timeline.timing import Rate, frame

COPIED_KINDS: Final = ("media", "sequence")
"""What may be copied between its fades. A fade of anything else costs less inside of a longer run."""


def boundaries(frames: Frames, first: int, end: int) -> list[int]:
    """Frames at which a run may begin, ascending, from `first` to `end` (both included)."""
    view = frames.resolved.sequences[frames.resolved.sequence]
    rate = Rate(frames.fps_num, frames.fps_den)
    found = {first, end}
    for track in view.tracks:
        if track.kind == "audio" or not track.active:
            continue
        blends = [
            (item.start_frame, item.end_frame)
            for item in frames.cuts.get(track.id, ())
            if item.start_frame is not None and item.end_frame is not None
        ]
        starts = [start for start, _ in blends]
        for span in track.spans:
            found.update(
                at for at in _span_boundaries(span, rate) if not _is_inside(at, starts, blends)
            )
        found.update(at for blend in blends for at in blend)
        found.update(_curve_boundaries(track.effects, rate))
    found.update(_curve_boundaries(view.effects, rate))
    ordered = sorted(found)
    return ordered[bisect_left(ordered, first) : bisect_left(ordered, end) + 1]


def _curve_boundaries(effects: tuple[EffectUse, ...], rate: Rate) -> Iterator[int]:
    """Effects of tracks and sequences have their keys in sequence time."""
    for effect in effects:
        for keys in effect.curves.values():
            for key in (keys[0], keys[-1]) if keys else ():
                yield frame(cast("int", key[0]), rate)


def _is_inside(at: int, starts: list[int], blends: list[tuple[int, int]]) -> bool:
    """A transition is a run of its own: the cut in its middle is no boundary."""
    index = bisect_left(starts, at) - 1
    return index >= 0 and at < blends[index][1]


def _span_boundaries(span: Span, rate: Rate) -> Iterator[int]:
    start, end = cast("int", span.start_frame), cast("int", span.end_frame)
    yield start
    yield end
    inner: list[int] = []
    if span.kind in COPIED_KINDS:
        fade_in = cast("int", span.props.get("fade_in", 0))
        fade_out = cast("int", span.props.get("fade_out", 0))
        if fade_in:
            inner.append(frame(span.clip_start + fade_in, rate))
        if fade_out:
            inner.append(frame(span.clip_start + span.clip_duration - fade_out, rate))
    for curves in (span.curves, *(effect.curves for effect in span.effects)):
        inner += [frame(at, rate) for at in _key_ticks(span, curves)]
    for cue in span.cues:
        inner += _cue_boundaries(cue, rate)
    yield from (at for at in inner if start < at < end)


def _key_ticks(span: Span, curves: Curves) -> Iterator[int]:
    """Sequence ticks of the first and last key of each curve; keys stand in local time."""
    num, den = span.speed
    if num == 0:
        return
    for keys in curves.values():
        for key in (keys[0], keys[-1]) if keys else ():
            yield span.start + (cast("int", key[0]) - span.local_in) * den // num


def _cue_boundaries(cue: CueSpan, rate: Rate) -> Iterator[int]:
    if cue.start_frame is None or cue.end_frame is None:
        return
    yield cue.start_frame
    yield cue.end_frame
    for begin, duration, _ in cue.words:
        yield frame(cue.start + begin, rate)
        yield frame(cue.start + begin + duration, rate)
