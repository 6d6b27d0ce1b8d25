# pyright: basic
# opentimelineio has no types; it is only used here, as the second opinion.
"""OpenTimelineIO both ways; the reference package is the second opinion."""

import json
import warnings
from typing import Any

import pytest
from hypothesis import given, settings

from tests.edited_films import FACTS, films
from tests.films import FRAME, assets, film, shown
from tests.strategies import asset_tables, timelines
from timeline.errors import BadTimeline
from timeline.media import AssetEntry, AssetFacts
from timeline.model import RECORD_ROOTS, Change, Document, applied, document_json
from timeline.otio import read_otio, timeline_to_otio, write_otio
from timeline.otio_values import exact_rate, exact_ratio, rational_time, ticks, time_range
from timeline.records import TimelineFile
from timeline.resolve import resolve
from timeline.timing import TICKS, Rate

with warnings.catch_warnings():
    # Its compiled half names no module, which newer Pythons tell at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    import opentimelineio as otio

ENTRIES = {name: AssetEntry(f"clips/{name} 1.mp4", f"{name}.mp4") for name in FACTS}


def live_records(document: Document) -> dict[str, Any]:
    whole = document_json(document)
    return {root: whole[root] for root in ("meta", *RECORD_ROOTS)}


def stripped(text: str) -> str:
    """The same file without the promise that its structure is untouched."""
    whole = json.loads(text)
    whole["metadata"]["cutroom"]["structure"] = "changed elsewhere"
    return json.dumps(whole)


def spans_of(document: Document, facts: dict[str, AssetFacts]) -> dict[str, Any]:
    view = resolve(document, facts)
    tracks = view.sequences[view.sequence].tracks
    return {
        track.id: [
            (span.start, span.duration, span.local_in, span.speed, span.kind, span.asset)
            for span in track.spans
        ]
        for track in tracks
        if track.kind != "caption"
    }


@pytest.mark.rule("timeline-O1")
@settings(max_examples=40)
@given(films())
def test_our_own_file_comes_back_whole(document: Document) -> None:
    file = TimelineFile(document, ENTRIES)
    written = write_otio(file, FACTS)
    back = read_otio(written.text)
    assert live_records(back.file.document) == live_records(document)
    assert back.file.assets == ENTRIES
    assert back.losses == ()


@pytest.mark.rule("timeline-O1")
@settings(max_examples=40)
@given(films())
def test_the_structure_alone_shows_the_same(document: Document) -> None:
    text = stripped(write_otio(TimelineFile(document, ENTRIES), FACTS).text)
    back = read_otio(text).file.document
    assert spans_of(back, FACTS) == spans_of(document, FACTS)


@pytest.mark.rule("timeline-O1")
@settings(max_examples=40)
@given(timelines(), asset_tables())
def test_any_timeline_of_ours_is_written_and_read(
    document: Document, facts: dict[str, AssetFacts]
) -> None:
    written = write_otio(TimelineFile(document, {}), facts)
    assert live_records(read_otio(written.text).file.document) == live_records(document)
    read_otio(stripped(written.text))


@pytest.mark.rule("timeline-O4")
@settings(max_examples=25)
@given(films())
def test_the_reference_package_reads_the_same_ranges(document: Document) -> None:
    text = write_otio(TimelineFile(document, ENTRIES), FACTS).text
    theirs: Any = otio.adapters.read_from_string(text, "otio_json")
    view = resolve(document, FACTS)
    sequence = view.sequences[view.sequence]
    rate = Rate(sequence.fps_num, sequence.fps_den)
    for track, their_track in zip(sequence.tracks, theirs.tracks, strict=True):
        items = [item for item in their_track if not isinstance(item, otio.schema.Transition)]
        clips = [item for item in items if not isinstance(item, otio.schema.Gap)]
        assert len(clips) == len(track.spans)
        for span, item in zip(track.spans, clips, strict=True):
            place = their_track.range_of_child(item)
            start = round(place.start_time.rescaled_to(30).value * FRAME)
            assert abs(start - span.start) <= 1
            assert ticks(rational_time(span.start, rate), "start") == span.start
            assert round(place.duration.rescaled_to(30).value * FRAME) == span.duration
    again = otio.adapters.write_to_string(theirs, "otio_json")
    assert live_records(read_otio(again).file.document) == live_records(document)


@pytest.mark.rule("timeline-O1")
def test_what_another_tool_changed_counts_and_the_rest_is_kept() -> None:
    document = film(
        V1="A[0,100)@10 B[100,200)@10",
        more={
            "clips": {"A": {"opacity": 0.5}, "B": {"x": 0.25}},
            "transitions": {"t": {"left": "A", "right": "B", "p:curve": "linear"}},
            "effects": {"e": {"owner": "B", "kind": "blur", "p:sigma_h": 0.1}},
        },
    )
    facts = assets(a=300, b=300)
    entries = {"a": AssetEntry("a.mp4"), "b": AssetEntry("b.mp4")}
    text = write_otio(TimelineFile(document, entries), facts).text
    theirs: Any = otio.adapters.read_from_string(text, "otio_json")
    clip = theirs.tracks[0][0]
    clip.source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(20, 30), otio.opentime.RationalTime(60, 30)
    )
    back = read_otio(otio.adapters.write_to_string(theirs, "otio_json")).file
    assert shown(back.document, facts) == {"V1": "A[0,60)@20 B[60,160)@10"}
    assert back.document.clips["A"]["opacity"] == 0.5
    assert back.document.clips["B"]["x"] == 0.25
    assert back.document.transitions["t"]["p:curve"] == "linear"
    assert back.document.effects["e"]["owner"] == "B"
    assert back.assets == entries


@pytest.mark.rule("timeline-O1")
def test_a_clip_that_another_tool_deleted_is_gone_with_its_transition() -> None:
    document = film(
        V1="A[0,100) B[100,200)", more={"transitions": {"t": {"left": "A", "right": "B"}}}
    )
    whole = timeline_to_otio(document, {}, {})[0]
    track: Any = whole["tracks"]["children"][0]  # type: ignore[index, call-overload]
    track["children"] = track["children"][:1]
    back = read_otio(json.dumps(whole)).file.document
    assert set(back.clips) == {"A"}
    assert back.transitions == {}


def foreign() -> Any:
    """A cut as another tool writes it, at 23.976."""
    time, stretch = otio.opentime.RationalTime, otio.opentime.TimeRange
    rate = 23.976
    media = otio.schema.ExternalReference(
        "file:///media/scene%2001.mov", stretch(time(86400, rate), time(480, rate))
    )
    track = otio.schema.Track("Pictures", kind="Video")
    track.append(otio.schema.Gap(source_range=stretch(time(0, rate), time(24, rate))))
    first = otio.schema.Clip("one", media, stretch(time(86424, rate), time(48, rate)))
    first.markers.append(
        otio.schema.Marker("look", stretch(time(86434, rate), time(1, rate)), color="RED")
    )
    track.append(first)
    track.append(otio.schema.Transition("x", "SMPTE_Dissolve", time(6, rate), time(6, rate)))
    second = otio.schema.Clip("two", media, stretch(time(86400, rate), time(24, rate)))
    second.effects.append(otio.schema.LinearTimeWarp(time_scalar=-0.699999988))
    track.append(second)
    held = otio.schema.Clip("three", media, stretch(time(86410, rate), time(12, rate)))
    held.effects.append(otio.schema.FreezeFrame())
    track.append(held)
    track.append(otio.schema.Clip("gone", otio.schema.MissingReference(), media.available_range))
    sound = otio.schema.Track("Sound", kind="Audio")
    sound.append(otio.schema.Clip("s", media, stretch(time(86424, rate), time(48, rate))))
    timeline = otio.schema.Timeline("Foreign", global_start_time=time(86400, rate))
    timeline.tracks.extend([track, sound])
    return timeline


@pytest.mark.rule("timeline-O2", "timeline-O3")
def test_a_foreign_cut_is_read_by_its_structure() -> None:
    reading = read_otio(otio.adapters.write_to_string(foreign(), "otio_json"))
    document = reading.file.document
    frame = TICKS * 1001 // 24_000
    sequence = document.sequences["seq_1"]
    assert (sequence["fps_num"], sequence["fps_den"]) == (24_000, 1001)
    assert sequence["start_tc"] == 86_400 * frame
    assert "width" not in sequence
    assert reading.file.assets == {"as_1": AssetEntry("/media/scene 01.mov", "scene 01.mov")}
    one, two, three = (document.clips[name] for name in ("c1", "c2", "c3"))
    assert (one["start"], one["duration"], one["source_in"]) == (24 * frame, 48 * frame, 24 * frame)
    assert (two["speed_num"], two["speed_den"]) == (-7, 10)
    assert two["duration"] == 24 * frame
    assert two["source_in"] == -(-24 * frame * 7 // 10)
    assert three["speed_num"] == 0
    assert "asset" not in document.clips["c4"]
    assert document.transitions["t1"] == {
        "left": "c1",
        "right": "c2",
        "in_offset": 6 * frame,
        "out_offset": 6 * frame,
    }
    assert document.markers["m1"]["owner"] == "c1"
    assert document.markers["m1"]["t"] == 34 * frame
    assert document.tracks["a1"]["kind"] == "audio"


@pytest.mark.rule("timeline-O2")
@pytest.mark.parametrize(
    ("written", "exact"),
    [
        (23.976, Rate(24_000, 1001)),
        (23.98, Rate(24_000, 1001)),
        (29.97, Rate(30_000, 1001)),
        (59.94005994, Rate(60_000, 1001)),
        (25.0, Rate(25)),
        (44_100.0, Rate(44_100)),
        (18.0, Rate(18)),
    ],
)
def test_float_rates_become_exact_rates(written: float, exact: Rate) -> None:
    assert exact_rate(written) == exact


@pytest.mark.rule("timeline-O2")
def test_float_ratios_become_near_fractions() -> None:
    found = exact_ratio(-0.699999988)
    assert (found.numerator, found.denominator) == (-7, 10)


@pytest.mark.rule("timeline-O3")
def test_a_warped_clip_lasts_as_long_as_on_the_timeline() -> None:
    document = film(V1="A[0,30)@50x2/1 B[30,60)@90x-1/2")
    written, _ = timeline_to_otio(document, assets(a=300, b=300), ENTRIES)
    track: Any = written["tracks"]["children"][0]  # type: ignore[index, call-overload]
    first, second = track["children"]
    assert first["source_range"]["start_time"]["value"] == 50
    assert first["source_range"]["duration"]["value"] == 30
    assert first["metadata"]["cutroom"]["extent"] == [50 * FRAME, 110 * FRAME]
    assert first["effects"][0]["time_scalar"] == 2
    assert second["source_range"]["start_time"]["value"] == 75
    assert second["effects"][0]["time_scalar"] == -0.5


@pytest.mark.rule("timeline-O4")
def test_only_stock_schemas_are_written() -> None:
    document = film(
        V1="A[0,100)x0/1 T[100,200)",
        C1="U[0,50)",
        more={
            "clips": {"T": {"kind": "title", "text": "Hello"}},
            "markers": {"m": {"owner": "A", "t": 5}, "n": {"owner": "seq", "t": 9}},
            "effects": {"e": {"owner": "A", "kind": "blur"}},
        },
    )
    text = write_otio(TimelineFile(document, ENTRIES), assets(a=300)).text
    stock = {
        "Timeline.1",
        "Stack.1",
        "Track.1",
        "Clip.2",
        "Gap.1",
        "Transition.1",
        "Marker.2",
        "Effect.1",
        "LinearTimeWarp.1",
        "FreezeFrame.1",
        "ExternalReference.1",
        "GeneratorReference.1",
        "MissingReference.1",
        "RationalTime.1",
        "TimeRange.1",
    }
    names: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            if "OTIO_SCHEMA" in value:
                names.add(value["OTIO_SCHEMA"])
            for item in value.values():
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    collect(json.loads(text))
    assert names <= stock


@pytest.mark.rule("timeline-O5")
def test_what_other_tools_will_not_find_is_listed() -> None:
    document = film(V1="A[0,100)", C1="U[0,50)", more={"clips": {"A": {"opacity": 0.5}}})
    losses = write_otio(TimelineFile(document, {}), {}).losses
    assert set(losses) == {"A: opacity", "a: no path of this asset is known", "C1: captions"}


@pytest.mark.rule("timeline-O5")
def test_unknown_schemas_are_skipped_and_reported() -> None:
    whole: Any = timeline_to_otio(film(V1="A[0,100) B[100,200)"), {}, {})[0]
    whole["metadata"] = {}
    whole["tracks"]["children"][0]["children"].insert(1, {"OTIO_SCHEMA": "Hologram.7"})
    reading = read_otio(json.dumps(whole))
    assert any("Hologram" in loss for loss in reading.losses)
    assert shown(reading.file.document)["V1"] == "A[0,100)@0 B[100,200)@0"


@pytest.mark.rule("timeline-O5")
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", ""),
        ("[]", ""),
        ("{", ""),
        ("{}", "OTIO_SCHEMA"),
        ('{"OTIO_SCHEMA": "Timeline.1"}', "tracks"),
        ('{"OTIO_SCHEMA": "SerializableCollection.1", "children": []}', "children"),
        (
            json.dumps(
                {
                    "OTIO_SCHEMA": "Timeline.1",
                    "tracks": {
                        "OTIO_SCHEMA": "Stack.1",
                        "children": [
                            {
                                "OTIO_SCHEMA": "Track.1",
                                "kind": "Video",
                                "children": [
                                    {
                                        "OTIO_SCHEMA": "Clip.2",
                                        "source_range": {
                                            "start_time": {"rate": 24, "value": "soon"},
                                            "duration": {"rate": 24, "value": 1},
                                        },
                                    }
                                ],
                            }
                        ],
                    },
                }
            ),
            "v1/0/source_range/start_time/value",
        ),
        ("[" * 100_000, ""),
    ],
)
def test_bad_files_are_refused_with_their_field(text: str, field: str) -> None:
    with pytest.raises(BadTimeline) as refused:
        read_otio(text)
    assert refused.value.field == field


@pytest.mark.rule("timeline-O1")
def test_removed_records_do_not_keep_a_file_from_coming_back() -> None:
    document = applied(
        film(V1="A[0,100) B[100,200)"), [Change("clips", "B", "removed", None, after=True)]
    )
    text = write_otio(TimelineFile(document, {}), {}).text
    assert set(read_otio(stripped(text)).file.document.clips) == {"A"}


@pytest.mark.rule("timeline-O5")
@pytest.mark.parametrize(
    ("start", "expected"),
    [(40, "A[0,60)@40 B[60,90)@0"), (-9_000, "A[0,100)@0 B[100,200)@0")],
)
def test_the_range_of_a_track_is_a_window_unless_it_shows_nothing(
    start: int, expected: str
) -> None:
    whole: Any = timeline_to_otio(film(V1="A[0,100) B[100,200)"), {}, {})[0]
    track = whole["tracks"]["children"][0]
    track["OTIO_SCHEMA"] = "Sequence.1"  # as tracks were called in old files
    track["source_range"] = time_range(
        rational_time(start * FRAME, Rate(30)), rational_time(90 * FRAME, Rate(30))
    )
    reading = read_otio(json.dumps(whole))
    assert shown(reading.file.document)["V1"] == expected
    assert bool(reading.losses) == (start < 0)


@pytest.mark.rule("timeline-O5")
def test_infinities_in_the_metadata_of_others_are_no_obstacle() -> None:
    whole: Any = timeline_to_otio(film(V1="A[0,100)"), {}, {})[0]
    whole["metadata"]["other"] = "here"
    text = json.dumps(whole).replace('"here"', '[NaN, Infinity], "more": Inf')
    assert shown(read_otio(text).file.document)["V1"] == "A[0,100)@0"
