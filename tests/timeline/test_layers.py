"""Frames and layers against a slow reading of the rules."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import asset_tables, rates, timelines
from timeline.keyframes import bezier, evaluated
from timeline.layers import layers
from timeline.media import AssetFacts
from timeline.model import Document, document_from_json
from timeline.on_frames import on_frames
from timeline.resolve import resolve
from timeline.resolved import Frames, Key
from timeline.timing import TICKS, Rate, frame, middle

Assets = Mapping[str, AssetFacts]


def entry_tracks(frames: Frames) -> list[list[tuple[str, int, int]]]:
    view = frames.resolved.sequences[frames.resolved.sequence]
    return [
        [(span.clip, span.start_frame or 0, span.end_frame or 0) for span in track.spans]
        for track in view.tracks
        if track.kind == "video"
    ]


@pytest.mark.rule("timeline-R11")
@given(document=timelines(), rate=rates())
def test_spans_tile_frames_as_they_tile_ticks(document: Document, rate: Rate) -> None:
    resolved = resolve(document, {})
    frames = on_frames(resolved, rate.num, rate.den)
    assert frames.duration_frames == frame(resolved.duration, rate)
    for track in entry_tracks(frames):
        for clip, start, end in track:
            assert start < end, clip
        for (_, _, end), (_, start, _) in pairwise(track):
            assert end <= start


@pytest.mark.rule("timeline-R12", "timeline-R13")
@given(document=timelines(), assets=asset_tables(), share=st.floats(0, 1))
def test_a_frame_shows_the_spans_that_hold_its_middle(
    document: Document, assets: Assets, share: float
) -> None:
    frames = on_frames(resolve(document, assets), 30, 1)
    number = int(share * frames.duration_frames)
    at = middle(number, Rate(30))
    view = frames.resolved.sequences[frames.resolved.sequence]
    expected: list[tuple[str, str | None]] = []
    for track in view.tracks:
        if track.kind != "video":
            continue
        under_way = [
            one
            for one in view.transitions
            if one.track == track.id and one.at - one.in_offset <= at < one.at + one.out_offset
        ]
        for one in under_way:
            expected += [(clip, one.id) for clip in (one.left, one.right) if clip is not None]
        if not under_way:
            expected += [(span.clip, None) for span in track.spans if span.start <= at < span.end]
    shown = [
        (layer.clip, layer.transition.id if layer.transition else None)
        for layer in layers(frames, number)
    ]
    assert shown == expected


@pytest.mark.rule("timeline-R12")
@given(document=timelines(), assets=asset_tables())
def test_progress_runs_evenly_over_the_frames_of_a_transition(
    document: Document, assets: Assets
) -> None:
    frames = on_frames(resolve(document, assets), 25, 1)
    for one in frames.resolved.sequences[frames.resolved.sequence].transitions:
        first, last = one.start_frame or 0, one.end_frame or 0
        track = next(
            track
            for track in frames.resolved.sequences[frames.resolved.sequence].tracks
            if track.id == one.track
        )
        if track.kind != "video":
            continue
        for number in {first, (first + last) // 2, last - 1}:
            found = {
                layer.transition.progress
                for layer in layers(frames, number)
                if layer.transition is not None and layer.transition.id == one.id
            }
            assert found <= {(number - first + 0.5) / (last - first)}


@pytest.mark.rule("timeline-R5", "timeline-T8")
@given(document=timelines(), assets=asset_tables(), number=st.integers(0, 400))
def test_pictures_stay_inside_of_the_asset(document: Document, assets: Assets, number: int) -> None:
    for layer in layers(on_frames(resolve(document, assets), 30, 1), number):
        if layer.picture is None:
            continue
        facts = assets.get(layer.asset or "")
        known = facts.duration if facts is not None and facts.duration is not None else 0
        rate = facts.rate if facts is not None else Rate(30)
        assert 0 <= layer.picture * TICKS * rate.den <= max(0, known - 1) * rate.num


@pytest.mark.rule("timeline-R14")
def test_effects_of_a_sequence_are_evaluated_in_its_time() -> None:
    document = document_from_json(
        {
            "sequences": {"s": {}},
            "tracks": {"v": {}},
            "clips": {"a": {"track": "v", "kind": "title", "start": 0, "duration": 2 * TICKS}},
            "effects": {
                "e": {
                    "owner": "s",
                    "kind": "color",
                    "kf:contrast:a": [0, 0],
                    "kf:contrast:b": [2 * TICKS, 2],
                }
            },
        }
    )
    frames = on_frames(resolve(document, {}), 1, 1)
    above = [layers(frames, number)[-1] for number in (0, 1)]
    assert [(layer.kind, layer.clip) for layer in above] == [("adjustment", "s")] * 2
    assert [layer.effects[0].params["contrast"] for layer in above] == [0.5, 1.5]
    assert above[0].effects[0].params["saturation"] == 1
    assert layers(frames, 9) == ()


handles = st.tuples(st.floats(0, 1), st.floats(-2, 2), st.floats(0, 1), st.floats(-2, 2))


@pytest.mark.rule("timeline-K2", "timeline-K3")
@given(at=st.integers(-TICKS, 3 * TICKS), shape=handles)
def test_curves_hold_outside_and_stay_in_range_inside(
    at: int, shape: tuple[float, float, float, float]
) -> None:
    keys: tuple[Key, ...] = ((0, 0.25, "bezier", *shape), (2 * TICKS, 0.75, "linear"))
    value = evaluated(keys, at, 0, 1)
    assert 0 <= value <= 1
    if at <= 0:
        assert value == 0.25
    if at >= 2 * TICKS:
        assert value == 0.75


@pytest.mark.rule("timeline-K3")
@given(share=st.floats(0, 1))
def test_a_bezier_along_the_diagonal_is_the_identity(share: float) -> None:
    assert abs(bezier(share, 1 / 3, 1 / 3, 2 / 3, 2 / 3) - share) < 1e-9
