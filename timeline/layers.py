"""What one output frame shows, bottom to top: the one evaluator behind preview and exporter.

Everything is evaluated at the middle of the frame. No matrices: sines differ between languages,
so placing a picture is the business of who draws it [timeline-R12].
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Literal, cast

from timeline.keyframes import evaluated, fade_weight
from timeline.media import AssetFacts
from timeline.model import Json
from timeline.resolved import (
    CueSpan,
    Curves,
    EffectUse,
    EffectValue,
    Frames,
    Layer,
    Props,
    SequenceView,
    Span,
    TrackView,
    TransitionUse,
    TransitionView,
)
from timeline.schema import (
    CLIPS,
    EFFECT_KINDS,
    GENERATORS,
    PICTURE_EFFECTS,
    TEXT_STYLE,
    TIME_REMAP,
    TRANSFORM,
    clip_defaults,
)
from timeline.spans import local_of
from timeline.timing import frame, frame_containing, middle
from timeline.values import Prop

_TRANSFORM: Final = tuple(TRANSFORM)
_TEXT: Final = (*_TRANSFORM, "text", *TEXT_STYLE)
_PROPS: Final[Mapping[str, tuple[str, ...]]] = {
    "media": _TRANSFORM,
    "sequence": _TRANSFORM,
    "generator": _TRANSFORM,
    "adjustment": ("blend",),
    "title": _TEXT,
    "captions": _TEXT,
}


def layers(frames: Frames, n: int, sequence: str | None = None) -> tuple[Layer, ...]:
    """The layers of output frame `n` of the film, or of another sequence that it reaches.

    Lookups are binary searches: the cost follows the layers shown, not the length of the film. A
    timeline that is `too_complex` shows nothing [timeline-R7].
    """
    views = frames.resolved.sequences
    view = views.get(frames.resolved.sequence if sequence is None else sequence)
    if view is None or not frames.drawable:
        return ()
    at = middle(n, frames.rate)
    shown = _Evaluator(frames).sequence_layers(view, at, n)
    filters = tuple(effect for effect in view.effects if effect.kind in PICTURE_EFFECTS)
    if not shown or not filters:
        return shown
    # What a sequence does to its whole picture is an adjustment above everything.
    whole = Layer(view.id, "adjustment", {"blend": "normal"}, 1.0, _effects(filters, at))
    return (*shown, whole)


def opacity(span: Span, at: int) -> float:
    """Opacity x fades of a span at sequence tick `at`, 0..1 [timeline-K5]."""
    shown = _evaluated_prop("opacity", span, local_of(span, at), 1)
    return cast("float", shown) * fade(span, at, "linear")


def fade(span: Span, at: int, curve_default: str) -> float:
    """The weight of the clip's own fades at a sequence tick; they stand on the clip's edges."""
    props = span.props
    weight = 1.0
    fade_in, fade_out = cast("int", props.get("fade_in", 0)), cast("int", props.get("fade_out", 0))
    if fade_in:
        share = (at - span.clip_start) / fade_in
        weight *= fade_weight(cast("str", props.get("fade_in_curve", curve_default)), share)
    if fade_out:
        share = (span.clip_start + span.clip_duration - at) / fade_out
        weight *= fade_weight(cast("str", props.get("fade_out_curve", curve_default)), share)
    return weight


def source_tick(span: Span, at: int) -> int:
    """The tick of the source that a media span shows at a sequence tick; remapped time counts."""
    inner = local_of(span, at)
    keys = span.curves.get("time")
    if keys is None:
        return inner
    return int(evaluated(keys, inner, TIME_REMAP.low, TIME_REMAP.high) // 1)


def picture(source: int, facts: AssetFacts | None) -> int:
    """The number of the source picture at a source tick, clamped to those there are [timeline-T8]."""
    if facts is None or facts.duration is None:
        return 0
    last = max(0, frame_containing(facts.duration - 1, facts.rate))
    return min(max(0, frame_containing(source, facts.rate)), last)


class _Evaluator:
    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._resolved = frames.resolved

    def sequence_layers(
        self, view: SequenceView, at: int, n: int | None = None
    ) -> tuple[Layer, ...]:
        """Layers at a sequence tick; `n` is that of an output frame, None inside of a nested one."""
        shown: list[Layer] = []
        for kind in ("video", "caption"):
            for track in view.tracks:
                if track.kind == kind and track.active:
                    shown += self._track_layers(track, at, n)
        return tuple(shown)

    def _track_layers(self, track: TrackView, at: int, n: int | None) -> list[Layer]:
        if track.kind == "caption":
            span = span_at(track, at)
            return _caption_layers(track, span, at) if span is not None and span.active else []
        transition = transition_at(self._frames.cuts.get(track.id, ()), at)
        if transition is None:
            span = span_at(track, at)
            return self._span_layers(track, span, at) if span is not None else []
        progress = self._progress(transition, at, n)
        sides: list[Layer] = []
        for side, span in _sides(track, transition):
            use = TransitionUse(transition.id, transition.kind, side, progress, transition.params)
            sides += [
                replace(layer, transition=use) for layer in self._span_layers(track, span, at)
            ]
        return sides

    def _progress(self, transition: TransitionView, at: int, n: int | None) -> float:
        start = transition.at - transition.in_offset
        end = transition.at + transition.out_offset
        if n is None:
            return (at - start) / (end - start)
        first, last = frame(start, self._frames.rate), frame(end, self._frames.rate)
        return (n - first + 0.5) / (last - first)

    def _span_layers(self, track: TrackView, span: Span, at: int) -> list[Layer]:
        if not span.active:
            return []
        inner = local_of(span, at)
        shown: int | None = None
        if span.kind == "media":
            facts = self._resolved.assets.get(span.asset or "")
            shown = picture(source_tick(span, at), facts)
        layer = Layer(
            clip=span.clip,
            kind=span.kind,
            props=_evaluated_props(span, track.kind, inner),
            opacity=opacity(span, at),
            effects=_effects(span.effects, inner),
            asset=span.asset,
            media=span.media,
            generator=span.generator,
            track_effects=_effects(track.effects, at),
            picture=shown,
        )
        if span.kind == "sequence" and span.sequence is not None:
            return [self._nested(layer, span.sequence, inner)]
        return [layer]

    def _nested(self, layer: Layer, sequence: str, inner: int) -> Layer:
        view = self._resolved.sequences[sequence]
        inside = 0 <= inner < view.duration
        return replace(
            layer,
            layers=self.sequence_layers(view, inner) if inside else (),
            size=(view.width, view.height),
            # The sequence's own effects work on its whole picture, before those of the clip.
            effects=(*_effects(view.effects, inner), *layer.effects),
        )


def span_at(track: TrackView, at: int) -> Span | None:
    """The span of a track that holds a sequence tick, by binary search."""
    index = bisect_right(track.spans, at, key=_span_start) - 1
    if index < 0 or track.spans[index].end <= at:
        return None
    return track.spans[index]


def transition_at(cuts: tuple[TransitionView, ...], at: int) -> TransitionView | None:
    """The transition of one track that is under way at a sequence tick, by binary search."""
    index = bisect_right(cuts, at, key=_transition_start) - 1
    if index < 0 or cuts[index].at + cuts[index].out_offset <= at:
        return None
    return cuts[index]


def _span_start(span: Span) -> int:
    return span.start


def _transition_start(transition: TransitionView) -> int:
    return transition.at - transition.in_offset


def _sides(
    track: TrackView, transition: TransitionView
) -> Iterable[tuple[Literal["left", "right"], Span]]:
    """The spans around the cut, left one first (A under B)."""
    index = bisect_left(track.spans, transition.at, key=_span_start)
    if transition.left is not None and index > 0:
        left = track.spans[index - 1]
        if left.clip == transition.left and left.end == transition.at:
            yield "left", left
    if transition.right is not None and index < len(track.spans):
        right = track.spans[index]
        if right.clip == transition.right and right.start == transition.at:
            yield "right", right


def _caption_layers(track: TrackView, span: Span, at: int) -> list[Layer]:
    """One layer for each cue on screen, in the style of its clip unless the cue says otherwise."""
    shown = [cue for cue in span.cues if cue.start <= at < cue.start + cue.duration and cue.text]
    if not shown:
        return []
    inner = local_of(span, at)
    props = _evaluated_props(span, track.kind, inner)
    return [
        Layer(
            clip=span.clip,
            kind="captions",
            props={**props, **cue.props, "text": cue.text},
            opacity=opacity(span, at),
            effects=_effects(span.effects, inner),
            cue=cue.id,
            word=_word(cue, at),
            track_effects=_effects(track.effects, at),
        )
        for cue in shown
    ]


def _word(cue: CueSpan, at: int) -> int | None:
    """The index of the word being said; None between words."""
    passed = at - cue.start
    for index, (begin, duration, _) in enumerate(cue.words):
        if begin <= passed < begin + duration:
            return index
    return None


def _evaluated_props(span: Span, track_kind: str, inner: int) -> dict[str, Json]:
    defaults = clip_defaults(span.kind, track_kind)
    props: dict[str, Json] = {
        key: _evaluated_prop(key, span, inner, defaults[key]) for key in _PROPS.get(span.kind, ())
    }
    if span.kind == "generator" and span.generator is not None:
        for name, prop in GENERATORS[span.generator].items():
            props[f"p:{name}"] = span.props.get(f"p:{name}", prop.default)
    return props


def _evaluated_prop(key: str, span: Span, inner: int, default: Json) -> Json:
    keys = span.curves.get(key)
    if keys is not None:
        return evaluated(keys, inner, CLIPS[key].low, CLIPS[key].high)
    return span.props.get(key, default)


def _effects(effects: tuple[EffectUse, ...], at: int) -> tuple[EffectValue, ...]:
    """Effects with their parameters at a time of their owner: local for clips, else sequence time."""
    return tuple(
        EffectValue(
            effect.kind,
            effect.kind_version,
            _params(effect.params, effect.curves, EFFECT_KINDS[effect.kind].params, at),
        )
        for effect in effects
    )


def _params(params: Props, curves: Curves, schema: Mapping[str, Prop], at: int) -> Props:
    if not curves:
        return params
    moving = {
        name: evaluated(keys, at, schema[name].low, schema[name].high)
        for name, keys in curves.items()
    }
    return {**params, **moving}
