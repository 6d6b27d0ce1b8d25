"""The timeline file: what is refused, with which field, and that nothing is lost."""

import json
from typing import Any

import pytest
from hypothesis import given

from tests.strategies import timelines
from timeline.errors import BadTimeline
from timeline.media import AssetEntry
from timeline.model import Document
from timeline.records import TimelineFile, read_timeline_file, timeline_file_json
from timeline.resolve import resolve
from timeline.schema import QUOTAS


def refused_field(text: str | bytes) -> str:
    with pytest.raises(BadTimeline) as refusal:
        read_timeline_file(text)
    assert "\n" not in str(refusal.value)
    return refusal.value.field


@pytest.mark.rule("timeline-F1")
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"clips": {"c1": {"start": NaN}}}', "clips/c1/start"),
        ('{"clips": {"c1": {"start": -Infinity}}}', "clips/c1/start"),
        ('{"clips": {"c1": {"x": 1e999}}}', "clips/c1/x"),
        ('{"clips": {"c1": {"kf:x:a": [0, NaN]}}}', "clips/c1/kf:x:a/1"),
        ('{"clips": {"c1": {"start": 9007199254740993}}}', "clips/c1/start"),
        ('{"clips": {"c1": {"start": 1, "start": 2}}}', "clips/c1/start"),
        ('{"clips": {"c1": {}, "c1": {}}}', "clips/c1"),
        ('{"meta": {"name": "\\ud800"}}', "meta/name"),
        ('{"x": ' + "9" * 5_000 + "}", ""),
        ('{"x": ' + "[" * 64 + "]" * 64 + "}", "x" + "/0" * 63),
        ("[" * 200_000, ""),
        ("", ""),
        ("{", ""),
        ("{} {}", ""),
        ("\ufeff\ufeff{}", ""),
        (b"\xff\xfe{}", ""),
        (b"\x00" * 40, ""),
    ],
)
def test_what_is_not_strict_json_is_refused(text: str | bytes, field: str) -> None:
    assert refused_field(text) == field


@pytest.mark.rule("timeline-F2")
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[]", ""),
        ("null", ""),
        ('{"clips": []}', "clips"),
        ('{"meta": 5}', "meta"),
        ('{"clips": {"c1": 5}}', "clips/c1"),
        ('{"tracks": {"a\\nb": null}}', "tracks/a?b"),
        ('{"assets": []}', "assets"),
        ('{"assets": {"a": "clip.mp4"}}', "assets/a"),
        ('{"assets": {"a": {"path": 5}}}', "assets/a/path"),
        ('{"assets": {"a": {"name": []}}}', "assets/a/name"),
        ('{"schema": "1"}', "schema"),
        ('{"schema": true}', "schema"),
        ('{"clips": {"c1": {"' + "k" * 129 + '": 1}}}', "clips/c1/" + "k" * 32 + "..."),
    ],
)
def test_wrong_shapes_are_refused(text: str, field: str) -> None:
    assert refused_field(text) == field


@pytest.mark.rule("timeline-F2")
def test_wrong_values_are_for_resolve_to_judge() -> None:
    clip = '{"track": "v", "start": -5, "kind": 7, "opacity": "much"}'
    text = '{"sequences": {"s": {}}, "tracks": {"v": {}}, "clips": {"c1": ' + clip + "}}"
    found = resolve(read_timeline_file(text).document, {}).diagnostics
    assert ("c1", "bad_time") in {(item.id, item.code) for item in found}


@pytest.mark.rule("timeline-F2")
def test_everything_may_be_missing() -> None:
    assert read_timeline_file("{}") == read_timeline_file('{"clips": null, "assets": null}')


@pytest.mark.rule("timeline-H7")
def test_more_records_than_a_project_may_hold_are_refused() -> None:
    tracks: dict[str, Any] = {f"t{number}": {} for number in range(QUOTAS["tracks"] + 1)}
    assert refused_field(json.dumps({"tracks": tracks})) == "tracks"


@pytest.mark.rule("timeline-F3")
@given(document=timelines())
def test_a_file_comes_back_whole(document: Document) -> None:
    entry = AssetEntry("clips/ä.mp4", "Ä", {"x:acme:take": [1, {"deep": None}]})
    extra: dict[str, Any] = {"later": {"a": [1.5]}, "else": "\u2028"}
    file = TimelineFile(document, {"as_1": entry, "as_2": AssetEntry()}, 1, extra)
    text = timeline_file_json(file)
    assert read_timeline_file(text) == file
    assert read_timeline_file(text.encode()) == file
    assert timeline_file_json(read_timeline_file(text)) == text


@pytest.mark.rule("timeline-F3")
def test_records_stand_one_a_line_by_id_with_unknown_keys_last() -> None:
    text = '{"clips": {"b": {"zeta": 1, "alpha": 2, "start": 0, "track": "v"}, "a": {}}, "zz": 1}'
    written = timeline_file_json(read_timeline_file(text)).splitlines()
    assert '  "a": {},' in written
    assert '  "b": {"track": "v", "start": 0, "alpha": 2, "zeta": 1}},' in written


@pytest.mark.rule("timeline-F1")
def test_what_json_cannot_say_is_not_written() -> None:
    document = Document(clips={"c1": {"x": float("nan")}})
    with pytest.raises(BadTimeline) as refusal:
        timeline_file_json(TimelineFile(document))
    assert refusal.value.field == "clips/c1"
