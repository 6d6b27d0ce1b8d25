"""Timelines -> sound plans: which samples sound when, and what a key depends on."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.films import FRAME, film
from timeline.errors import BadTimeline
from timeline.media import AssetFacts, MediaFacts, SoundRendition
from timeline.resolve import resolve
from timeline.sound_plan import (
    Bus,
    Fade,
    FlacSource,
    MixSource,
    SoundClip,
    SoundPlan,
    sound_from_json,
    sound_json,
    sound_key,
)
from timeline.sound_planner import gain_of, plan_sound
from timeline.timing import TICKS

SECONDS = 20
FACTS = AssetFacts(duration=SECONDS * TICKS, has_audio=True)
MEDIA = {
    name: MediaFacts(
        FACTS, sound=SoundRendition(name * 8, f"snd/{name}.flac", 48_000, 2, SECONDS * 48_000)
    )
    for name in "abcdefgh"
}


def planned(document: Any, **window: int) -> SoundPlan:
    resolved = resolve(document, {name: media.facts for name, media in MEDIA.items()})
    return plan_sound(resolved, MEDIA, start=window.get("start", 0), end=window.get("end")).plan


def clips(plan: SoundPlan) -> list[SoundClip]:
    return [clip for bus in plan.buses for clip in bus.clips]


@pytest.mark.rule("export-X15")
def test_clips_lie_at_the_samples_of_their_ticks_and_read_at_one_shift() -> None:
    plan = planned(film(A1="A[0,100)@10 B[130,200)@40"))
    one, two = clips(plan)
    assert (one.start, one.samples, one.first) == (0, 160_000, 16_000)
    assert (two.start, two.samples, two.first) == (208_000, 112_000, 64_000)
    assert plan.samples == 320_000


@pytest.mark.rule("export-X15")
@given(cut=st.integers(2, 98), extra=st.integers(0, FRAME - 1))
def test_a_split_clip_reads_the_same_samples_without_a_ramp(cut: int, extra: int) -> None:
    whole = clips(planned(film(A1="A[0,100)@10")))[0]
    at = cut * FRAME + extra
    halves = {
        "A": {"duration": at},
        "Ab": {
            "track": "A1",
            "kind": "media",
            "asset": "a",
            "start": at,
            "duration": 100 * FRAME - at,
            "source_in": 10 * FRAME + at,
        },
    }
    left, right = clips(planned(film(A1="A[0,100)@10", more={"clips": halves})))
    assert left.samples + right.samples == whole.samples
    assert right.start == left.samples
    assert right.first - right.start == left.first - left.start == whole.first
    assert [fade.is_in for fade in left.fades] == [True]
    assert [fade.is_in for fade in right.fades] == [False]


@pytest.mark.rule("export-X14")
def test_a_crossfade_reaches_over_the_cut_on_both_sides() -> None:
    joint = {
        "transitions": {
            "t": {"left": "A", "right": "B", "in_offset": 5 * FRAME, "out_offset": 10 * FRAME}
        }
    }
    left, right = clips(planned(film(A1="A[0,100)@10 B[100,200)@40", more=joint)))
    assert (left.start, left.samples) == (0, 110 * 1600)
    assert (right.start, right.samples, right.first) == (95 * 1600, 105 * 1600, 35 * 1600)
    assert left.fades[0] == Fade(95 * 1600, 15 * 1600, is_in=False, curve="equal_power")
    assert right.fades[0] == Fade(0, 15 * 1600, is_in=True, curve="equal_power")


@pytest.mark.rule("export-X14")
def test_hard_cuts_get_ramps_of_five_milliseconds() -> None:
    left, right = clips(planned(film(A1="A[0,100)@10 B[100,200)@40")))
    for clip in (left, right):
        assert Fade(0, 240, is_in=True, curve="linear") in clip.fades
        assert Fade(clip.samples - 240, 240, is_in=False, curve="linear") in clip.fades


@pytest.mark.rule("export-X14")
def test_gains_pans_and_keyframes_become_numbers() -> None:
    more = {
        "clips": {"A": {"gain_db": -6, "pan": 0.5, "fade_in": FRAME}},
        "tracks": {"A1": {"kf:gain_db:k1": [0, 0], "kf:gain_db:k2": [TICKS, -96]}},
    }
    plan = planned(film(A1="A[0,60)", more=more))
    clip = clips(plan)[0]
    assert (clip.gain, clip.pan) == (0.501187234, 0.5)
    assert clip.fades[0] == Fade(0, 1600, is_in=True, curve="equal_power")
    gain = plan.buses[0].gain
    assert isinstance(gain, tuple)
    assert (gain[0], gain[50], gain[100], gain[150]) == (1.0, gain_of(-48), 0.0, 0.0)


@pytest.mark.rule("export-X14")
def test_muted_tracks_missing_sound_and_disabled_clips_are_silent() -> None:
    silent: list[dict[str, Any]] = [
        {"tracks": {"A1": {"muted": True}}},
        {"clips": {"A": {"enabled": False}}},
        {"clips": {"A": {"asset": "gone"}}},
        {"clips": {"A": {"speed_num": 0}}},
    ]
    for more in silent:
        assert planned(film(A1="A[0,100)", more=more)).is_silent
    solo = planned(film(A1="A[0,100)", A2="B[0,100)", more={"tracks": {"A2": {"solo": True}}}))
    sources = [clip.source for clip in clips(solo)]
    assert [source.hash for source in sources if isinstance(source, FlacSource)] == ["b" * 8]


@pytest.mark.rule("export-X14")
def test_ducking_names_the_bus_that_it_listens_to() -> None:
    more = {"effects": {"e": {"owner": "A2", "kind": "ducking", "p:by": "A1", "p:amount_db": -9}}}
    plan = planned(film(A1="A[0,100)", A2="B[0,100)", more=more))
    (ducking,) = plan.buses[1].ducking
    assert (ducking.by, ducking.amount_db, ducking.attack_ms) == (0, -9, 50)


@pytest.mark.rule("export-X14")
def test_a_nested_sequence_is_a_mix_of_its_own() -> None:
    more: dict[str, Any] = {
        "sequences": {"inner": {"width": 640, "height": 360, "sample_rate": 44_100}},
        "tracks": {"in1": {"sequence": "inner", "kind": "audio", "order": "a0"}},
        "clips": {
            "I": {"track": "in1", "asset": "c", "start": 0, "duration": 50 * FRAME},
            "A": {"kind": "sequence", "sequence": "inner", "asset": None},
        },
    }
    (clip,) = clips(planned(film(A1="A[10,40)@5", more=more)))
    assert isinstance(clip.source, MixSource)
    assert clip.source.mix.sample_rate == 48_000
    assert (clip.start, clip.first, clip.samples) == (16_000, 8_000, 48_000)


@pytest.mark.rule("export-X15")
def test_a_range_of_the_film_is_the_same_sound_from_there_on() -> None:
    document = film(A1="A[0,100)@10 B[130,200)@40")
    one, two = clips(planned(document, start=60 * FRAME, end=150 * FRAME))
    assert (one.start, one.first, one.samples) == (0, 112_000, 64_000)
    assert (two.start, two.samples) == (112_000, 32_000)


@pytest.mark.rule("export-X34")
def test_the_key_depends_on_what_can_be_heard_and_on_nothing_else() -> None:
    def key(document: Any) -> str:
        return sound_key(planned(document), "engine")

    base = key(film(V1="A[0,100)", A1="B[0,100)"))
    unheard: list[dict[str, Any]] = [
        {"clips": {"A": {"opacity": 0.5}}},
        {"clips": {"B": {"name": "music", "color": "red", "link": "x"}}},
        {"markers": {"m": {"t": 5}}},
        {"tracks": {"A1": {"name": "Music"}}},
    ]
    for more in unheard:
        assert key(film(V1="A[0,100)", A1="B[0,100)", more=more)) == base
    heard: list[dict[str, Any]] = [
        {"clips": {"B": {"gain_db": -1}}},
        {"clips": {"B": {"start": FRAME}}},
        {"sequences": {"seq": {"loudness_lufs": -16}}},
        {"sequences": {"seq": {"channel_layout": "mono"}}},
    ]
    keys = [key(film(V1="A[0,100)", A1="B[0,100)", more=more)) for more in heard]
    assert len({base, *keys}) == 5
    assert sound_key(planned(film(A1="B[0,100)")), "other") != sound_key(
        planned(film(A1="B[0,100)")), "engine"
    )


@pytest.mark.rule("export-X34")
def test_a_plan_comes_back_from_json_as_it_was() -> None:
    more: dict[str, Any] = {
        "clips": {
            "A": {
                "gain_db": -3.5,
                "kf:pan:a": [0, -1],
                "kf:pan:b": [TICKS, 1],
                "speed_num": 3,
                "speed_den": 2,
            },
            "B": {"kf:time:a": [0, 0], "kf:time:b": [TICKS, TICKS // 2]},
            "C": {"kind": "generator", "generator": "tone", "asset": None},
        },
        "effects": {
            "e": {"owner": "A2", "kind": "ducking", "p:by": "A1"},
            "f": {"owner": "A", "kind": "eq", "p:bands": [[1000, 3, 1], [80, -6, 0.7]]},
            "g": {"owner": "A1", "kind": "compressor"},
            "h": {"owner": "seq", "kind": "limiter", "p:ceiling_dbtp": -2},
        },
        "sequences": {"seq": {"loudness_lufs": -14}},
    }
    plan = planned(film(A1="A[0,100) B[100,200)", A2="C[0,50)", more=more))
    assert sound_from_json(json.loads(json.dumps(sound_json(plan)))) == plan
    assert plan.buses[1].ducking
    assert plan.buses[0].clips[0].effects[0].rows == ((1000.0, 3.0, 1.0), (80.0, -6.0, 0.7))
    assert [effect.kind for effect in (*plan.buses[0].effects, *plan.effects)] == [
        "compressor",
        "limiter",
    ]


@pytest.mark.rule("export-X34")
@pytest.mark.parametrize("broken", [None, [], {}, {"buses": 3}])
def test_what_is_no_sound_plan_is_refused(broken: Any) -> None:
    with pytest.raises(BadTimeline):
        sound_from_json(broken)
    whole = sound_json(replace(SoundPlan(48_000, 2, 10, (Bus(()),))))
    with pytest.raises(BadTimeline):
        sound_from_json({**whole, "samples": "10"})
