"""Plans tile the film, keys follow content alone, and copies are packets that can stand [export-X1 to X12]."""

import json
import random
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.film_options import film_media
from timeline.media import AssetFacts, MediaFacts, PictureRendition, StillRendition
from timeline.model import Json, document_from_json
from timeline.on_frames import on_frames
from timeline.plan import CopySegment, DrawnSegment, GroupSource, Output, Plan, RenditionSource
from timeline.plan_json import plan_from_json, plan_json
from timeline.plan_words import TOO_FEW, names_of, segment_words
from timeline.planner import Wanted, copied_samples, pieces, plan_segments
from timeline.presets import find_preset, output_of
from timeline.resolve import resolve
from timeline.timing import TICKS, Rate, grid_frames

Record = dict[str, Json]
RANKS: Final = (0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 11, 10)  # one GOP of 12 with B-pictures


def at(frames: int) -> int:
    return frames * TICKS // 30


def rendition(name: str, pictures: int = 600, gop: int = 15, **more: object) -> MediaFacts:
    picture = PictureRendition(
        hash=(name * 64)[:64],
        key=f"mz/{name}",
        width=1920,
        height=1080,
        rate=Rate(30),
        pictures=pictures,
        sync=tuple(range(0, pictures, gop)),
        fingerprint="house",
    )
    picture = replace(picture, **more)  # pyright: ignore[reportArgumentType]
    rate = picture.rate
    duration = picture.pictures * TICKS * rate.den // rate.num
    return MediaFacts(AssetFacts("ready", duration, rate.num, rate.den), name=name, picture=picture)


MEDIA: Final = {
    "a": rendition("a"),
    "b": rendition("b"),
    "pal": rendition("c", 500, rate=Rate(25), width=1280, height=720),
    "adopted": rendition("d", gop=60, fingerprint="camera", adopted=True),
    "photo": MediaFacts(
        AssetFacts(duration=None), still=StillRendition("e" * 64, "img/e", 800, 600, has_alpha=True)
    ),
}


def clip(asset: str, start: int, count: int, source: int = 0, **more: Json) -> Record:
    return {
        "track": "v1",
        "asset": asset,
        "start": at(start),
        "duration": at(count),
        "source_in": at(source),
        **more,
    }


def planned(
    clips: dict[str, Record],
    transitions: dict[str, Record] | None = None,
    *,
    output: Output | None = None,
    sequence: Record | None = None,
    first: int = 0,
    count: int | None = None,
) -> Plan:
    tracks: dict[str, Json] = {"v1": {"order": "a0"}, "v2": {"order": "a1"}}
    whole: dict[str, Json] = {
        "sequences": {"s": dict(sequence or {})},
        "tracks": tracks,
        "clips": dict[str, Json](clips),
        "transitions": dict[str, Json](transitions or {}),
    }
    resolved = resolve(
        document_from_json(whole), {name: facts.facts for name, facts in MEDIA.items()}
    )
    made = output or output_of(find_preset("source"), resolved.sequences[resolved.sequence])
    frames = on_frames(resolved, made.fps_num, made.fps_den)
    return plan_segments(frames, MEDIA, Wanted(made, "engine", first, count))


def shape(plan: Plan) -> list[tuple[str, int, int]]:
    return [(segment.kind, segment.start, segment.frames) for segment in plan.segments]


def keys(plan: Plan) -> set[str]:
    return {segment.key for segment in plan.segments}


def random_clips(seed: int, count: int = 8) -> dict[str, Record]:
    chance = random.Random(seed)
    clips: dict[str, Record] = {}
    for index in range(count):
        more: Record = chance.choice(
            [
                {},
                {},
                {"opacity": 0.5},
                {"speed_num": 2},
                {"fade_in": at(10)},
                {"scale_x": 0.5, "scale_y": 0.5},
                {"kf:x:a": [0, 0, "linear"], "kf:x:b": [at(20), 0.3, "linear"]},
                {"rotation": 30},
            ]
        )
        record = clip(
            chance.choice(sorted(MEDIA)),
            chance.randint(0, 400),
            chance.randint(1, 150),
            chance.randint(0, 300),
            **more,
        )
        record["track"] = chance.choice(["v1", "v2"])
        clips[f"c{index}"] = record
    return clips


@pytest.mark.rule("export-X1")
@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_segments_tile_the_film_and_travel_as_json(seed: int) -> None:
    plan = planned(random_clips(seed))
    begin = 0
    for segment in plan.segments:
        assert segment.start == begin
        assert segment.frames > 0
        begin += segment.frames
    assert begin == plan.frames
    assert plan_from_json(json.loads(json.dumps(plan_json(plan)))) == plan


@pytest.mark.rule("export-X1", "export-X5")
@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_every_number_that_changes_has_one_value_for_each_frame(seed: int) -> None:
    for segment in planned(random_clips(seed)).drawn:
        for layer in segment.layers:
            if layer.pictures:
                assert sum(count for _, count, _ in layer.pictures) == segment.frames
            if isinstance(layer.alpha, tuple):
                assert len(layer.alpha) == segment.frames
            if layer.quads is not None:
                assert len(layer.quads) in (1, segment.frames)


@pytest.mark.rule("export-X2", "export-X4")
@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), by=st.integers(0, 100_000))
def test_a_ripple_moves_segments_and_changes_none(seed: int, by: int) -> None:
    clips = random_clips(seed)
    moved = {
        name: {**record, "start": int(str(record["start"])) + at(by)}
        for name, record in clips.items()
    }
    before = [segment for segment in planned(clips).segments if segment.kind != "GAP"]
    after = [segment for segment in planned(moved).segments if segment.kind != "GAP"]
    assert [segment.key for segment in before] == [segment.key for segment in after]


@pytest.mark.rule("export-X4")
@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_names_and_ids_change_no_key(seed: int) -> None:
    clips = random_clips(seed)
    renamed = {f"z{name}": {**record, "name": "Other"} for name, record in clips.items()}
    assert keys(planned(clips)) == keys(planned(renamed))


@pytest.mark.rule("export-X4")
@pytest.mark.parametrize(
    "change",
    [
        {"source_in": at(41)},
        {"opacity": 0.6},
        {"x": 0.01},
        {"scale_x": 0.7},
        {"crop_l": 0.1},
        {"flip_h": True},
        {"rotation": 1},
        {"blend": "multiply"},
        {"fade_in": at(60)},
        {"asset": "b"},
    ],
)
def test_a_visible_change_changes_the_keys_of_that_clip_alone(change: Record) -> None:
    clips = {
        "c1": clip("a", 0, 60, 40, opacity=0.5),
        "c2": clip("a", 60, 60, 100, opacity=0.5),
    }
    before = planned(clips)
    after = planned({**clips, "c1": {**clips["c1"], **change}})
    first = {segment.key for segment in before.segments if segment.start < 60}
    assert not first & keys(after)
    assert keys(before) - first <= keys(after)


@pytest.mark.rule("export-X4")
def test_encoder_settings_and_the_binary_are_in_the_key_and_the_presets_name_is_not() -> None:
    clips = {"c1": clip("a", 0, 60, opacity=0.5)}
    plain = planned(clips)
    softer = replace(plain.output, video=replace(plain.output.video, crf=20))
    assert not keys(plain) & keys(planned(clips, output=softer))
    uncopied = replace(plain.output, video=replace(plain.output.video, copy=False))
    assert keys(plain) == keys(planned(clips, output=uncopied))


@pytest.mark.rule("export-X1")
def test_a_covering_picture_hides_what_is_below_and_a_hidden_edit_changes_no_key() -> None:
    top = {**clip("a", 0, 60, opacity=1.0), "track": "v2"}
    hidden = {"c1": clip("b", 0, 60, opacity=0.5), "c2": top}
    other = {"c1": clip("b", 0, 60, 7, rotation=45), "c2": top}
    assert keys(planned(hidden)) == keys(planned(other))
    assert shape(planned(hidden)) == shape(planned({"c2": top}))


@pytest.mark.rule("export-X2", "export-X3")
def test_runs_are_cut_on_a_grid_of_the_source_and_short_ends_join() -> None:
    plan = planned({"c1": clip("a", 0, 195, 55, opacity=0.5)})
    assert shape(plan) == [("BODY", 0, 65), ("BODY", 65, 60), ("BODY", 125, 70)]
    assert pieces([0] * 11 + [1] * 60 + [2] * 5) == [(0, 76)]
    assert pieces([0] * 12 + [1] * 60 + [2] * 12) == [(0, 12), (12, 60), (72, 12)]
    grids = [grid_frames(Rate(*rate)) for rate in ((30, 1), (24, 1), (25, 1), (60, 1), (240, 1))]
    assert grids == [60, 45, 45, 120, 480]
    assert grid_frames(Rate(30000, 1001)) == 45


@pytest.mark.rule("export-X10", "export-X11")
def test_an_untouched_picture_is_copied_between_sync_pictures() -> None:
    plan = planned({"c1": clip("a", 0, 100, 7)})
    assert shape(plan) == [("EDGE", 0, 8), ("COPY", 8, 92)]
    copy = plan.segments[1]
    assert isinstance(copy, CopySegment)
    assert (copy.first_sample, copy.samples) == (15, 92)


@pytest.mark.rule("export-X11")
def test_a_copy_ends_with_the_longest_contiguous_prefix_in_decode_order() -> None:
    ranks = tuple(12 * gop + rank for gop in range(3) for rank in RANKS)
    source = replace(
        rendition("x", 36, gop=12).picture or PictureRendition("", "", 1, 1, Rate(1), 1),
        ranks=ranks,
    )
    assert copied_samples(source, 5, 36) == (12, 24)
    assert copied_samples(source, 0, 19) == (0, 19)
    assert copied_samples(source, 0, 17) == (0, 16), "13..15 stand behind 15; 18 is not ours"
    assert copied_samples(source, 30, 36) == (0, 0)


@pytest.mark.rule("export-X10")
@pytest.mark.parametrize(
    "touch",
    [
        {"opacity": 0.99},
        {"scale_x": 1.01},
        {"x": 0.001},
        {"crop_t": 0.1},
        {"flip_v": True},
        {"speed_num": 2},
        {"blend": "screen"},
        {"asset": "pal"},
        {"fade_out": at(100)},
    ],
)
def test_what_is_touched_is_not_copied(touch: Record) -> None:
    plan = planned({"c1": {**clip("a", 0, 100), **touch}})
    assert "COPY" not in {segment.kind for segment in plan.segments}


@pytest.mark.rule("export-X11")
def test_under_twelve_frames_nothing_is_copied() -> None:
    assert shape(planned({"c1": clip("a", 0, 30, 11)})) == [("EDGE", 0, 4), ("COPY", 4, 26)]
    assert shape(planned({"c1": clip("a", 0, 15, 11)})) == [("BODY", 0, 15)]


@pytest.mark.rule("export-X12")
def test_of_two_parameter_sets_under_one_number_the_longer_copy_wins() -> None:
    plan = planned({"c1": clip("a", 0, 100), "c2": clip("adopted", 100, 300)})
    copies = [item.rendition for item in plan.segments if isinstance(item, CopySegment)]
    assert copies == ["d" * 64]


@pytest.mark.rule("export-X1", "export-X3")
def test_a_transition_is_a_run_of_its_own() -> None:
    clips = {"c1": clip("a", 0, 60, 15), "c2": clip("b", 60, 60, 30)}
    blend: Record = {"left": "c1", "right": "c2", "in_offset": at(8), "out_offset": at(7)}
    plan = planned(clips, {"t": blend})
    mixed = [segment for segment in plan.segments if segment.kind == "MIX"]
    assert [(segment.start, segment.frames) for segment in mixed] == [(52, 15)]
    assert isinstance(mixed[0], DrawnSegment)
    left, right = mixed[0].layers
    assert left.pictures == ((67, 15, 1),)
    assert right.pictures == ((22, 15, 1),)
    assert right.alpha == tuple(round((k + 0.5) / 15, 6) for k in range(15))


@pytest.mark.rule("export-X7")
def test_a_dissolve_of_pictures_that_do_not_cover_is_a_group() -> None:
    clips = {"c1": clip("photo", 0, 60), "c2": clip("a", 60, 60, 30)}
    plan = planned(clips, {"t": {"left": "c1", "right": "c2"}})
    mixed = next(segment for segment in plan.drawn if segment.kind == "MIX")
    source = mixed.layers[0].source
    assert isinstance(source, GroupSource)
    assert source.cross
    weights = [layer.alpha for layer in source.layers]
    assert isinstance(weights[0], tuple)
    assert isinstance(weights[1], tuple)
    assert all(abs(a + b - 1) < 1e-5 for a, b in zip(*weights, strict=True))


@pytest.mark.rule("export-X1")
def test_a_range_is_planned_as_a_part_of_the_whole() -> None:
    clips = {"c1": clip("a", 0, 240, 15, opacity=0.5)}
    whole = planned(clips)
    part = planned(clips, first=45, count=120)
    assert part.frames == 120
    assert keys(part) <= keys(whole)


@pytest.mark.rule("export-X1")
def test_gaps_are_background_and_share_their_keys() -> None:
    plan = planned({"c1": clip("a", 60, 60), "c2": clip("a", 180, 60)})
    gaps = [segment for segment in plan.drawn if segment.kind == "GAP"]
    assert [(gap.start, gap.frames) for gap in gaps] == [(0, 60), (120, 60)]
    assert gaps[0].key == gaps[1].key
    assert gaps[0].layers == ()


@pytest.mark.rule("export-X28")
def test_presets_keep_the_shape_in_even_pixels() -> None:
    odd: Record = {"width": 1279, "height": 719, "fps_num": 25}
    sizes: dict[str, tuple[int, int]] = {}
    for name in ("source", "h264-1080p", "vertical", "square", "draft"):
        resolved = resolve(
            document_from_json({"sequences": {"s": odd}, "clips": {"c": clip("a", 0, 10)}}), {}
        )
        output = output_of(find_preset(name), resolved.sequences[resolved.sequence])
        sizes[name] = (output.width, output.height)
        assert (output.fps_num, output.video.keyint) == (25, 50)
    assert sizes == {
        "source": (1278, 718),
        "h264-1080p": (1920, 1080),
        "vertical": (1080, 1920),
        "square": (1080, 1080),
        "draft": (638, 358),
    }


@pytest.mark.rule("export-X28")
def test_another_shape_is_fitted_on_the_background() -> None:
    resolved_output = planned({"c1": clip("a", 0, 30)}).output
    square = replace(resolved_output, width=1080, height=1080)
    plan = planned({"c1": clip("a", 0, 30)}, output=square)
    layer = plan.drawn[0].layers[0]
    assert isinstance(layer.source, RenditionSource)
    assert layer.box == (0, 236, 1080, 608)


@pytest.mark.rule("export-X10", "export-X25")
def test_under_a_text_that_is_not_drawn_yet_nothing_is_copied() -> None:
    title: Record = {"track": "v2", "kind": "title", "text": "Hello", "start": at(30)}
    clips = {"c1": clip("a", 0, 90, 15), "t": {**title, "duration": at(30)}}
    kinds = [(segment.kind, segment.start) for segment in planned(clips).segments]
    assert kinds == [("COPY", 0), ("MIX", 30), ("MIX", 45), ("COPY", 60)]
    blank = {**clips, "t": {**clips["t"], "text": "  "}}
    assert "MIX" not in {segment.kind for segment in planned(blank).segments}


@pytest.mark.rule("export-X23", "export-X25")
def test_a_film_from_the_originals_is_priced_as_encoded_but_for_what_was_adopted() -> None:
    def copied(asset: str, preset: str) -> int:
        document = document_from_json(
            {"sequences": {"s": {}}, "tracks": {"v1": {}}, "clips": {"c": clip(asset, 0, 60)}}
        )
        resolved = resolve(document, {asset: MEDIA[asset].facts})
        found = find_preset(preset)
        output = output_of(found, resolved.sequences[resolved.sequence])
        media = film_media(found, MEDIA)
        plan = plan_segments(on_frames(resolved, 30, 1), media, Wanted(output, "engine"))
        return sum(one.frames for one in plan.segments if one.kind == "COPY")

    assert [copied("a", preset) for preset in ("source", "h264-master")] == [60, 0]
    assert [copied("adopted", preset) for preset in ("source", "h264-master")] == [60, 60]


@pytest.mark.rule("export-X27")
def test_an_effect_that_is_not_drawn_is_told() -> None:
    whole: dict[str, Json] = {
        "sequences": {"s": {}},
        "tracks": {"v1": {}},
        "clips": {"c": clip("a", 0, 30)},
        "effects": {"e": {"owner": "c", "kind": "sharpen", "kind_version": 2}},
    }
    resolved = resolve(document_from_json(whole), {"a": MEDIA["a"].facts})
    output = output_of(find_preset("source"), resolved.sequences[resolved.sequence])
    plan = plan_segments(on_frames(resolved, 30, 1), MEDIA, Wanted(output, "engine"))
    assert [(item.code, item.id) for item in plan.diagnostics] == [("effect_unsupported", "e")]


@pytest.mark.nightly
@pytest.mark.rule("export-X1")
def test_ten_thousand_clips_are_planned() -> None:
    clips = {f"c{n}": clip("ab"[n % 2], 11 * n, 11, n % 300) for n in range(10_000)}
    assert planned(clips).frames == 110_000


@pytest.mark.rule("export-X1")
def test_a_fade_of_a_title_is_no_boundary_and_one_of_media_is() -> None:
    title: Record = {
        "track": "v2",
        "kind": "title",
        "text": "x",
        "start": at(0),
        "duration": at(50),
    }
    faded = {"fade_in": at(9), "fade_out": at(9)}
    under = planned({"c1": clip("a", 0, 60), "t": {**title, **faded}})
    assert shape(under)[:1] == [("MIX", 0, 50)]
    alone = planned({"c1": {**clip("a", 0, 60), **faded}})
    assert shape(alone) == [("BODY", 0, 9), ("EDGE", 9, 6), ("COPY", 15, 36), ("BODY", 51, 9)]


@pytest.mark.rule("export-X50")
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "copied from a, pictures 0 to 59"),
        ({"opacity": 0.5}, "a pictures 0 to 59: half transparent"),
        (
            {"flip_h": True, "crop_l": 0.1},
            "a pictures 0 to 59: placed or scaled, cropped, mirrored",
        ),
        ({"speed_num": 2}, "a pictures 1 to 119: another speed"),
        ({"asset": "pal"}, "c pictures 0 to 49: 1280x720 made to fit, 25/1 pictures a second"),
        ({"source_in": at(11), "duration": at(15)}, f"a pictures 11 to 25: {TOO_FEW}"),
        ({"rotation": 3}, "a pictures 0 to 59: moved or turned"),
    ],
)
def test_a_segment_says_in_words_why_it_is_not_copied(more: Record, words: str) -> None:
    plan = planned({"c1": {**clip("a", 0, 60), **more}})
    assert segment_words(plan.segments[0], plan, names_of(MEDIA)) == words


@pytest.mark.rule("export-X50")
def test_gaps_edges_and_stacks_have_words_too() -> None:
    title: Record = {
        "track": "v2",
        "kind": "title",
        "text": "x",
        "start": at(40),
        "duration": at(10),
    }
    plan = planned({"c1": clip("a", 20, 30, 11), "t": title})
    told = [segment_words(segment, plan, names_of(MEDIA)) for segment in plan.segments]
    assert told[0] == "the background alone"
    assert (
        told[1] == "a pictures 11 to 14: between the cut and the nearest packets that can be copied"
    )
    assert told[2] == "copied from a, pictures 15 to 30"
