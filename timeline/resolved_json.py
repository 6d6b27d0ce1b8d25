"""Resolved timelines, frames and layers as JSON: the shapes of `timeline.md` section 4.

Absent things (None) are left out, except a transition's sides and a layer's `transition`, which
are null. The same function in TypeScript gives the same JSON [timeline-R2].
"""

from collections.abc import Mapping, Sequence
from typing import cast

from timeline.model import Json
from timeline.resolved import (
    CueSpan,
    Curves,
    Diagnostic,
    EffectUse,
    EffectValue,
    Frames,
    Layer,
    MarkerView,
    Resolved,
    SequenceView,
    Span,
    TrackView,
    TransitionUse,
    TransitionView,
)

JsonObject = dict[str, Json]


def resolved_json(resolved: Resolved) -> JsonObject:
    return {
        "schema": resolved.schema,
        "sequence": resolved.sequence,
        "duration": resolved.duration,
        "recovered": list(resolved.recovered),
        "diagnostics": [diagnostic_json(item) for item in resolved.diagnostics],
        "sequences": {key: _sequence_json(view) for key, view in resolved.sequences.items()},
    }


def frames_json(frames: Frames) -> JsonObject:
    """A resolved timeline on frames, with the rate and the length of the film."""
    return {
        **resolved_json(frames.resolved),
        "fps_num": frames.fps_num,
        "fps_den": frames.fps_den,
        "duration_frames": frames.duration_frames,
    }


def diagnostic_json(item: Diagnostic) -> JsonObject:
    return {"code": item.code, "id": item.id, "detail": item.detail, "level": item.level}


def layer_json(layer: Layer) -> JsonObject:
    whole = _present(
        {
            "clip": layer.clip,
            "kind": layer.kind,
            "asset": layer.asset,
            "media": layer.media,
            "generator": layer.generator,
            "picture": layer.picture,
            "layers": None if layer.layers is None else [layer_json(one) for one in layer.layers],
            "size": None if layer.size is None else list(layer.size),
            "background": layer.background,
            "cue": layer.cue,
            "word": layer.word,
            "props": dict(layer.props),
            "opacity": layer.opacity,
            "effects": [_effect_value_json(effect) for effect in layer.effects],
            "track_effects": [_effect_value_json(effect) for effect in layer.track_effects] or None,
        }
    )
    whole["transition"] = None if layer.transition is None else _use_json(layer.transition)
    return whole


def _use_json(use: TransitionUse) -> JsonObject:
    return {
        "id": use.id,
        "kind": use.kind,
        "side": use.side,
        "progress": use.progress,
        "params": dict(use.params),
    }


def _present(values: Mapping[str, Json]) -> JsonObject:
    return {key: value for key, value in values.items() if value is not None}


def _sequence_json(view: SequenceView) -> JsonObject:
    return {
        "name": view.name,
        "width": view.width,
        "height": view.height,
        "fps_num": view.fps_num,
        "fps_den": view.fps_den,
        "sample_rate": view.sample_rate,
        "duration": view.duration,
        "props": dict(view.props),
        "effects": [_effect_json(effect) for effect in view.effects],
        "markers": [_marker_json(marker) for marker in view.markers],
        "tracks": [_track_json(track) for track in view.tracks],
        "transitions": [_transition_json(one) for one in view.transitions],
    }


def _track_json(track: TrackView) -> JsonObject:
    return {
        "id": track.id,
        "kind": track.kind,
        "active": track.active,
        "props": dict(track.props),
        "curves": _curves_json(track.curves),
        "effects": [_effect_json(effect) for effect in track.effects],
        "spans": [_span_json(span) for span in track.spans],
    }


def _span_json(span: Span) -> JsonObject:
    return _present(
        {
            "clip": span.clip,
            "kind": span.kind,
            "asset": span.asset,
            "media": span.media,
            "sequence": span.sequence,
            "generator": span.generator,
            "active": span.active,
            "start": span.start,
            "duration": span.duration,
            "local_in": span.local_in,
            "speed": list(span.speed),
            "clip_start": span.clip_start,
            "clip_duration": span.clip_duration,
            "props": dict(span.props),
            "curves": _curves_json(span.curves),
            "effects": [_effect_json(effect) for effect in span.effects],
            "cues": [_cue_json(cue) for cue in span.cues],
            "markers": [_marker_json(marker) for marker in span.markers],
            "start_frame": span.start_frame,
            "end_frame": span.end_frame,
        }
    )


def _cue_json(cue: CueSpan) -> JsonObject:
    return _present(
        {
            "id": cue.id,
            "start": cue.start,
            "duration": cue.duration,
            "text": cue.text,
            "speaker": cue.speaker,
            "words": [list(word) for word in cue.words],
            "props": dict(cue.props),
            "start_frame": cue.start_frame,
            "end_frame": cue.end_frame,
        }
    )


def _transition_json(one: TransitionView) -> JsonObject:
    frames: JsonObject = {"start_frame": one.start_frame, "end_frame": one.end_frame}
    whole: JsonObject = {
        "id": one.id,
        "track": one.track,
        "left": one.left,
        "right": one.right,
        "at": one.at,
        "in_offset": one.in_offset,
        "out_offset": one.out_offset,
        "kind": one.kind,
        "params": dict(one.params),
    }
    return whole | _present(frames)


def _marker_json(marker: MarkerView) -> JsonObject:
    return {
        "id": marker.id,
        "t": marker.t,
        "duration": marker.duration,
        "props": dict(marker.props),
    }


def _effect_json(effect: EffectUse) -> JsonObject:
    return {
        "id": effect.id,
        "kind": effect.kind,
        "kind_version": effect.kind_version,
        "params": dict(effect.params),
        "curves": _curves_json(effect.curves),
    }


def _effect_value_json(effect: EffectValue) -> JsonObject:
    return {
        "kind": effect.kind,
        "kind_version": effect.kind_version,
        "params": dict(effect.params),
    }


def _curves_json(curves: Curves) -> JsonObject:
    return {
        name: [list(cast("Sequence[Json]", key)) for key in keys] for name, keys in curves.items()
    }
