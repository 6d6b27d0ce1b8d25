"""A resolved timeline on the frames of an output rate: quantised once, here [timeline-R11].

Only pictures are cut on frames; sound is cut at `sample(t)` of the ticks. Nested sequences are
sampled at the middles of the outer frames and need no grid of their own.
"""

from collections.abc import Iterable
from dataclasses import replace

from timeline.diagnostics import Findings
from timeline.resolved import (
    CueSpan,
    Frames,
    Resolved,
    SequenceView,
    Span,
    TrackView,
    TransitionView,
)
from timeline.timing import Rate, frame


def on_frames(resolved: Resolved, num: int, den: int) -> Frames:
    """`resolved` with start and end frames (exclusive) at `num/den` frames per second.

    Neighbours share a boundary. Spans of video and caption tracks without a frame are left out and
    reported as `too_short`; so are transitions and cues, silently. The film has
    `frame(duration)` frames.
    """
    rate = Rate(num, den)
    findings = Findings()
    findings.keep(resolved.diagnostics)
    sequences = dict(resolved.sequences)
    entry = sequences.get(resolved.sequence)
    if entry is not None:
        sequences[entry.id] = _sequence_on_frames(entry, rate, findings)
    return Frames(
        resolved=replace(resolved, sequences=sequences, diagnostics=findings.diagnostics()),
        fps_num=num,
        fps_den=den,
        duration_frames=frame(resolved.duration, rate),
        cuts=_cuts_by_track(sequences.values()),
        drawable=all(item.code != "too_complex" for item in resolved.diagnostics),
    )


def _sequence_on_frames(view: SequenceView, rate: Rate, findings: Findings) -> SequenceView:
    return replace(
        view,
        tracks=tuple(_track_on_frames(track, rate, findings) for track in view.tracks),
        transitions=tuple(
            placed
            for transition in view.transitions
            if (placed := _transition_on_frames(transition, rate)) is not None
        ),
    )


def _track_on_frames(track: TrackView, rate: Rate, findings: Findings) -> TrackView:
    spans: list[Span] = []
    for span in track.spans:
        start, end = frame(span.start, rate), frame(span.end, rate)
        if start == end and track.kind != "audio":
            findings.add("too_short", span.clip, f"no frame at {rate}")
            continue
        cues = tuple(
            placed for cue in span.cues if (placed := _cue_on_frames(cue, rate)) is not None
        )
        spans.append(replace(span, start_frame=start, end_frame=end, cues=cues))
    return replace(track, spans=tuple(spans))


def _cue_on_frames(cue: CueSpan, rate: Rate) -> CueSpan | None:
    start, end = frame(cue.start, rate), frame(cue.start + cue.duration, rate)
    return replace(cue, start_frame=start, end_frame=end) if start < end else None


def _transition_on_frames(transition: TransitionView, rate: Rate) -> TransitionView | None:
    start = frame(transition.at - transition.in_offset, rate)
    end = frame(transition.at + transition.out_offset, rate)
    return replace(transition, start_frame=start, end_frame=end) if start < end else None


def _cuts_by_track(views: Iterable[SequenceView]) -> dict[str, tuple[TransitionView, ...]]:
    found: dict[str, list[TransitionView]] = {}
    for view in views:
        for transition in view.transitions:
            found.setdefault(transition.track, []).append(transition)
    return {track: tuple(transitions) for track, transitions in found.items()}
