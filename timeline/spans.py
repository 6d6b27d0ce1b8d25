"""Visible stretches as spans, and what is odd about the media behind them [timeline-R5]."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, cast

from timeline.diagnostics import Findings
from timeline.gathered import CueRecord, Gathered, SequenceRecord, TrackRecord
from timeline.layout import Placed, Visible, beyond_source
from timeline.media import AssetTable
from timeline.model import Json
from timeline.resolved import (
    CueSpan,
    EffectUse,
    MarkerView,
    MediaState,
    Props,
    Span,
    TrackView,
    TransitionView,
)
from timeline.schema import TEXT_STYLE, clip_defaults
from timeline.timing import TICKS, Rate, local

_MEDIA_CODES: Final = {
    "missing": "media_missing",
    "pending": "media_pending",
    "failed": "media_failed",
}


def clip_span(part: Visible, track: TrackRecord, gathered: Gathered, assets: AssetTable) -> Span:
    """One visible stretch as a span of its track."""
    place, clip = part.placed, part.placed.clip
    sequence = clip.sequence if clip.sequence in gathered.sequences else None
    media: MediaState | None = None
    if clip.kind == "media":
        facts = assets.get(clip.asset) if clip.asset is not None else None
        media = facts.state if facts is not None else "missing"
    elif (clip.kind == "sequence" and sequence is None) or (
        clip.kind == "generator" and clip.generator is None
    ):
        media = "missing"
    return Span(
        clip=clip.id,
        kind=clip.kind,
        start=part.start,
        duration=part.end - part.start,
        local_in=local(part.start, place.start, place.source_in, *clip.speed),
        speed=clip.speed,
        clip_start=place.start,
        clip_duration=place.duration,
        active=clip.enabled and track.active,
        asset=clip.asset,
        media=media,
        sequence=sequence,
        generator=clip.generator,
        props=_faded_props(place),
        curves=clip.curves,
        effects=gathered.effects.get(("clips", clip.id), ()),
        cues=_cues(part, gathered) if clip.kind == "captions" else (),
        markers=_markers(part, gathered.markers.get(("clips", clip.id), ())),
    )


def _faded_props(place: Placed) -> Props:
    """`fade_in` limited to the clip, `fade_out` to the rest [timeline-R9]."""
    fade_in = min(place.clip.fade_in, place.duration)
    fade_out = min(place.clip.fade_out, place.duration - fade_in)
    if fade_in == 0 == fade_out:
        return place.clip.props
    fades: dict[str, Json] = {"fade_in": fade_in, "fade_out": fade_out}
    return {**place.clip.props, **{key: value for key, value in fades.items() if value}}


def _markers(part: Visible, markers: Sequence[MarkerView]) -> tuple[MarkerView, ...]:
    if not markers:
        return ()
    place = part.placed
    edges = sorted(
        local(at, place.start, place.source_in, *place.clip.speed) for at in (part.start, part.end)
    )
    first = bisect_left(markers, edges[0], key=_marker_time)
    return tuple(markers[first : bisect_left(markers, edges[1], key=_marker_time)])


def _marker_time(marker: MarkerView) -> int:
    return marker.t


def _cues(part: Visible, gathered: Gathered) -> tuple[CueSpan, ...]:
    """Cues cut to the visible stretch, in sequence ticks; words keep their own times."""
    place = part.placed
    cues = gathered.cues.get(place.clip.id)
    if cues is None:
        return ()
    shift = place.start - place.source_in
    found: list[CueSpan] = []
    for cue in cues.between(part.start - shift, part.end - shift):
        begin = cue.t + shift
        start, end = max(begin, part.start), min(begin + cue.duration, part.end)
        if start < end:
            found.append(_cue_span(cue, place, begin, (start, end)))
    return tuple(found)


def _cue_span(cue: CueRecord, place: Placed, begin: int, cut: tuple[int, int]) -> CueSpan:
    words = cast("list[tuple[int, int, str]]", cue.values.get("words", []))
    start, end = cut
    style = {
        key: cue.values[key]
        for key in TEXT_STYLE
        if key in cue.values and cue.values[key] != _clip_style(place, key)
    }
    return CueSpan(
        id=cue.id,
        start=start,
        duration=end - start,
        text=cast("str", cue.values.get("text", "")),
        speaker=cast("str", cue.values.get("speaker", "")),
        words=tuple((at + begin - start, duration, text) for at, duration, text in words),
        props=style,
    )


def _clip_style(place: Placed, key: str) -> Json:
    return place.clip.props.get(key, clip_defaults("captions", "caption")[key])


def report_media(
    span: Span, track_kind: str, rate: Rate, assets: AssetTable, findings: Findings
) -> None:
    """What is odd about the media of a span that shows or sounds."""
    if not span.active or span.media is None:
        return
    code = _MEDIA_CODES.get(span.media)
    if code is not None:
        findings.add(code, span.clip, span.asset or "")
        return
    facts = assets.get(span.asset or "")
    if facts is None:
        return
    if not (facts.has_audio if track_kind == "audio" else facts.has_video):
        findings.add("no_stream", span.clip, track_kind)
    elif "time" not in span.curves:
        edges = sorted((span.local_in, local_of(span, span.end)))
        if beyond_source(edges[0], edges[1], facts, span.speed, rate):
            findings.add("past_media_end", span.clip, span.asset or "")


def report_tables(uses: Iterable[EffectUse], assets: AssetTable, findings: Findings) -> None:
    """What is odd about the look-up tables of effects that are on."""
    for use in uses:
        asset = use.params.get("asset") if use.kind == "lut" else None
        if not isinstance(asset, str):
            continue
        facts = assets.get(asset)
        code = _MEDIA_CODES.get("missing" if facts is None else facts.state)
        if code is not None:
            findings.add(code, use.id, asset)
        elif facts is not None and (facts.has_video or facts.has_audio):
            findings.add("no_stream", use.id, "no look-up table")


def local_of(span: Span, at: int) -> int:
    """Local time of a span's clip at a sequence tick, inside of the span or around it."""
    # From the span's own head the speed would be rounded twice; the clip's start is the anchor.
    num, den = span.speed
    passed = (span.start - span.clip_start) * num // den
    return span.local_in - passed + (at - span.clip_start) * num // den


def report_held_frames(
    transitions: Sequence[TransitionView],
    tracks: Iterable[TrackView],
    rate: Rate,
    assets: AssetTable,
    findings: Findings,
) -> None:
    """Transitions that show source beyond the end of the asset: its last picture is held."""
    if not transitions:
        return
    ends: dict[tuple[str | None, int], Span] = {}
    starts: dict[tuple[str | None, int], Span] = {}
    for track in tracks:
        for span in track.spans:
            ends[span.clip, span.end] = span
            starts[span.clip, span.start] = span
    for transition in transitions:
        stretches = (
            (ends.get((transition.left, transition.at)), 0, transition.out_offset),
            (starts.get((transition.right, transition.at)), -transition.in_offset, 0),
        )
        for span, begin, end in stretches:
            if span is None or span.media != "ready" or "time" in span.curves or begin == end:
                continue
            edges = sorted(local_of(span, transition.at + by) for by in (begin, end))
            facts = assets.get(span.asset or "")
            if beyond_source(edges[0], edges[1], facts, span.speed, rate):
                findings.add("transition_holds_frames", transition.id, span.clip)


def linked_apart(
    places: Iterable[tuple[str, Sequence[Placed]]], sequence: SequenceRecord
) -> list[str]:
    """Clips of one link and asset that lie more than half a frame off the first picture among them."""
    sets: dict[tuple[str, str], list[tuple[bool, Placed]]] = {}
    for kind, found in places:
        for place in found:
            link, asset = place.clip.props.get("link"), place.clip.asset
            if isinstance(link, str) and asset is not None:
                sets.setdefault((link, asset), []).append((kind != "video", place))
    apart: list[str] = []
    for members in sets.values():
        if len(members) > 1:
            members.sort(key=lambda one: (one[0], one[1].clip.id))
            first = members[0][1]
            apart += [
                other.clip.id for _, other in members[1:] if _drifted(first, other, sequence.rate)
            ]
    return apart


def _drifted(first: Placed, other: Placed, rate: Rate) -> bool:
    if first.clip.speed != other.clip.speed:
        return True
    num, den = first.clip.speed
    # Where the source's start would lie, times the speed: equal while nothing has moved apart.
    offsets = [place.start * num - place.source_in * den for place in (first, other)]
    return 2 * abs(offsets[0] - offsets[1]) * rate.num > TICKS * rate.den * max(abs(num), 1)
