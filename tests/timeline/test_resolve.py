"""Properties of resolve on sound and on hostile documents."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import asset_tables, hostile_documents, rates, timelines
from timeline.diagnostics import LEVELS
from timeline.layers import layers
from timeline.media import AssetFacts
from timeline.model import RECORD_ROOTS, Document, document_from_json
from timeline.nesting import SPANS_MAX
from timeline.on_frames import on_frames
from timeline.resolve import resolve
from timeline.resolved import Resolved, SequenceView, Span
from timeline.resolved_json import frames_json, layer_json, resolved_json
from timeline.schema import QUOTAS
from timeline.timing import TICK_MAX, TICKS, Rate

Assets = Mapping[str, AssetFacts]


def all_spans(resolved: Resolved) -> list[Span]:
    return [
        span
        for view in resolved.sequences.values()
        for track in view.tracks
        for span in track.spans
    ]


def codes(resolved: Resolved) -> set[tuple[str, str]]:
    return {(item.id, item.code) for item in resolved.diagnostics}


def strict_json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


@pytest.mark.rule("timeline-R1", "timeline-R3", "timeline-R10")
@given(document=hostile_documents(), assets=asset_tables(), rate=rates())
def test_any_document_resolves_to_a_sound_timeline(
    document: Document, assets: Assets, rate: Rate
) -> None:
    check_sound(document, assets, rate)


@pytest.mark.nightly
@pytest.mark.rule("timeline-R1", "timeline-R3", "timeline-R10")
@settings(max_examples=5_000, deadline=None)
@given(document=hostile_documents(), assets=asset_tables(), rate=rates())
def test_thousands_of_documents_resolve_to_sound_timelines(
    document: Document, assets: Assets, rate: Rate
) -> None:
    check_sound(document, assets, rate)


def check_sound(document: Document, assets: Assets, rate: Rate) -> None:
    resolved = resolve(document, assets)
    for span in all_spans(resolved):
        assert type(span.start) is int
        assert span.start >= 0
        assert span.duration >= 1
        assert span.end <= TICK_MAX
        assert abs(span.local_in) <= TICK_MAX
    pairs = [
        (item.id.encode("utf-16-be", "surrogatepass"), item.code) for item in resolved.diagnostics
    ]
    assert pairs == sorted(set(pairs))
    assert all(LEVELS[item.code] == item.level for item in resolved.diagnostics)
    frames = on_frames(resolved, rate.num, rate.den)
    strict_json(frames_json(frames))
    if resolved.fatal is None:
        strict_json([layer_json(layer) for n in (-1, 0, 1, 40) for layer in layers(frames, n)])


def shuffled(document: Document, order: int) -> Document:
    """The same records, written in another order."""
    turned: dict[str, Any] = {}
    for root in RECORD_ROOTS:
        items = list(document.records(root).items())
        turn = order % (len(items) + 1)
        turned[root] = {
            key: dict(reversed(list(record.items()))) for key, record in items[turn:] + items[:turn]
        }
    return replace(document, **turned)


@pytest.mark.rule("timeline-R2")
@given(document=timelines(), assets=asset_tables(), order=st.integers(0, 7))
def test_the_order_of_records_means_nothing(document: Document, assets: Assets, order: int) -> None:
    def json_of(one: Document) -> Any:
        found = resolved_json(resolve(one, assets))
        for item in found["diagnostics"]:  # type: ignore[union-attr]
            del item["detail"]  # type: ignore[index]
        return found

    assert json_of(document) == json_of(shuffled(document, order))


@pytest.mark.rule("timeline-R2", "timeline-R5")
@given(document=timelines(), assets=asset_tables())
def test_layout_does_not_depend_on_facts(document: Document, assets: Assets) -> None:
    def layout(facts: Assets) -> list[tuple[str, int, int, int]]:
        found = all_spans(resolve(document, facts))
        return [(span.clip, span.start, span.duration, span.local_in) for span in found]

    assert layout(assets) == layout({})


def places(document: Document, track: str) -> list[tuple[int, int, str]]:
    """(start, end, id) of the clips of a track, straight from the records."""
    found: list[tuple[int, int, str]] = []
    for clip_id, record in document.clips.items():
        start, duration = cast("int", record["start"]), cast("int", record["duration"])
        if record["track"] == track and "removed" not in record:
            found.append((start, start + duration, clip_id))
    return found


@pytest.mark.rule("timeline-R4")
@given(document=timelines())
def test_spans_show_the_latest_head_at_each_instant(document: Document) -> None:
    for view in resolve(document, {}).sequences.values():
        for track in view.tracks:
            clips = places(document, track.id)
            edges = {edge for span in track.spans for edge in (span.start, span.end)}
            edges |= {edge for start, end, _ in clips for edge in (start, end)}
            for at in edges:
                covering = [(start, clip) for start, end, clip in clips if start <= at < end]
                shown = [span.clip for span in track.spans if span.start <= at < span.end]
                assert shown == [clip for _, clip in sorted(covering)[-1:]]


@pytest.mark.rule("timeline-R8")
@given(document=timelines(), assets=asset_tables())
def test_transitions_stay_inside_of_their_spans_and_apart(
    document: Document, assets: Assets
) -> None:
    for view in resolve(document, assets).sequences.values():
        reached: dict[str, int] = {}
        for one in view.transitions:
            assert one.in_offset + one.out_offset > 0
            assert one.at - one.in_offset >= reached.get(one.track, 0)
            reached[one.track] = one.at + one.out_offset
            assert one.left is None or has_span(view, one.left, one.at - one.in_offset, one.at)
            assert one.right is None or has_span(view, one.right, one.at, one.at + one.out_offset)


def has_span(view: SequenceView, clip: str, start: int, end: int) -> bool:
    return any(
        span.clip == clip and span.start <= start and end <= span.end
        for track in view.tracks
        for span in track.spans
    )


@pytest.mark.rule("timeline-R7")
def test_too_many_spans_by_nesting_stop_an_export() -> None:
    levels, uses = 7, 6  # 6 ** 7 is 279 936
    sequences = {f"s{level}": {"order": f"a{level}"} for level in range(levels + 1)}
    tracks = {f"t{level}": {"sequence": f"s{level}"} for level in range(levels + 1)}
    clips = {
        f"c{level}_{use}": {
            "track": f"t{level}",
            "kind": "sequence" if level < levels else "title",
            "sequence": f"s{level + 1}",
            "start": use * TICKS,
            "duration": TICKS,
        }
        for level in range(levels + 1)
        for use in range(uses)
    }
    document = document_from_json({"sequences": sequences, "tracks": tracks, "clips": clips})  # type: ignore[dict-item]
    assert uses**levels > SPANS_MAX
    fatal = resolve(document, {}).fatal
    assert fatal is not None
    assert fatal.code == "too_complex"
    assert resolve(document, {}, "s2").fatal is None


@pytest.mark.rule("timeline-H7")
def test_records_over_the_quota_are_left_out_by_id() -> None:
    quota = QUOTAS["tracks"]
    tracks: dict[str, Any] = {f"t{number:04d}": {} for number in reversed(range(quota + 3))}
    document = document_from_json({"sequences": {"s": {}}, "tracks": tracks})
    resolved = resolve(document, {})
    kept = {track.id for track in resolved.sequences["s"].tracks}
    assert kept == set(sorted(tracks)[:quota])
    assert ("tracks", "over_quota") in codes(resolved)


@pytest.mark.rule("timeline-R1")
def test_records_that_are_no_objects_are_skipped_alone() -> None:
    document = document_from_json({"sequences": {"s": {}}, "tracks": {"v": {}}})
    clips: Any = {"a": 5, "b": [], "c": None, "d": {"track": "v", "kind": "title"}}
    resolved = resolve(replace(document, clips=clips), {})
    assert [span.clip for span in all_spans(resolved)] == ["d"]
    assert {("a", "bad_record"), ("b", "bad_record"), ("c", "bad_record")} <= codes(resolved)


@pytest.mark.rule("timeline-L5")
def test_a_document_for_later_readers_is_fatal_and_resolves_all_the_same() -> None:
    document = document_from_json(
        {
            "meta": {"min_reader": 2},
            "sequences": {"s": {}},
            "tracks": {"v": {}},
            "clips": {"a": {"track": "v", "kind": "title"}},
        }
    )
    resolved = resolve(document, {})
    assert resolved.fatal is not None
    assert resolved.fatal.code == "too_new"
    assert len(all_spans(resolved)) == 1
