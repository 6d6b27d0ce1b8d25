"""The sound pass: what is heard lies where the plan says, to the sample."""

import re
import subprocess
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exporter.audio import MadeSound, make_sound, mixed_sound
from exporter.ffmpeg_process import Ffmpeg
from exporter.sound_arithmetic import DuckingGain, fade_over, laid_out, panned
from exporter.sound_sources import SoundTools
from kit.folder_store import FolderStore
from tests.media import Clips, Samples, bursts, read_sound
from tests.renditions import ingested, never
from timeline.keyframes import fade_weight
from timeline.plan import AudioCodec
from timeline.sound_plan import (
    Bus,
    Curve,
    Ducking,
    Fade,
    FlacSource,
    MixSource,
    SoundClip,
    SoundEffect,
    SoundPlan,
    Stretch,
    ToneSource,
)

RATE = 48_000


class Studio:
    """Sources made of samples, and plans mixed to samples."""

    def __init__(self, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, folder: Path) -> None:
        self._clips, self._ffmpeg, self._store, self._folder = clips, ffmpeg, store, folder
        self._files: dict[str, Path] = {}

    def source(self, name: str, samples: Samples) -> FlacSource:
        made = ingested(self._clips.sound(name, samples), self._store, self._ffmpeg)
        self._files[made.sound.hash] = made.flac
        return FlacSource(made.sound.hash, made.sound.channels, made.sound.samples)

    def mixed(self, plan: SoundPlan) -> Samples:
        scratch = self._folder / "mix"
        scratch.mkdir(exist_ok=True)
        tools = SoundTools(self._ffmpeg, self._files.__getitem__, scratch, never)
        raw, _ = mixed_sound(plan, tools, "test")
        heard = np.array(raw.samples(), np.float64)
        assert [path.name for path in scratch.iterdir()] == [raw.path.name]
        return heard

    def made(self, plan: SoundPlan, name: str = "out") -> MadeSound:
        scratch = self._folder / f"make-{name}"
        scratch.mkdir()
        out = self._folder / f"{name}.m4a"
        made = make_sound(
            plan, self._files.__getitem__, scratch, out, ffmpeg=self._ffmpeg, cancelled=never
        )
        assert list(scratch.iterdir()) == []
        return made


@pytest.fixture
def studio(clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path) -> Studio:
    return Studio(clips, ffmpeg, store, tmp_path)


def noise(seconds: float, seed: int = 1, channels: int = 2, level: float = 0.2) -> Samples:
    rng = np.random.default_rng(seed)
    whole = rng.uniform(-level, level, (round(seconds * RATE), channels))
    return np.round(whole * 32767) / 32768


def plan_of(*clips: SoundClip, samples: int, channels: int = 2) -> SoundPlan:
    return SoundPlan(RATE, channels, samples, (Bus(clips),))


@pytest.mark.rule("export-X14", "export-X15")
def test_samples_come_through_untouched_and_at_their_place(studio: Studio) -> None:
    samples = noise(25)
    source = studio.source("long", samples)
    placed = [
        (100, 5_000, 0),
        (30_000, 77_777, 3),
        (200_000, 600_000, 599_999),
        (790_000, 20_000, 1_190_000),
    ]
    plan = plan_of(*(SoundClip(source, *place) for place in placed), samples=840_000)
    heard = studio.mixed(plan)
    expected = np.zeros((840_000, 2))
    for start, count, first in placed:
        part = samples[first : first + count]
        expected[start : start + len(part)] += part
    assert np.abs(heard - expected).max() < 1e-6


@pytest.mark.rule("export-X15")
def test_the_sound_of_a_film_is_exactly_as_long_and_has_its_bursts_in_place(studio: Studio) -> None:
    clicks = np.zeros((5 * RATE, 2))
    for second in range(1, 5):
        clicks[second * RATE : second * RATE + 480] = (
            0.7 * np.cos(np.arange(480) * 2 * np.pi / 48)[:, None]
        )
    plan = plan_of(SoundClip(studio.source("clicks", clicks), 12_345, 200_000, 0), samples=222_222)
    heard = read_sound(studio.made(plan).path)
    assert len(heard) == 222_222
    found = bursts(heard, level=0.3)
    assert [abs(at - 12_345 - RATE * (n + 1)) <= 2 for n, at in enumerate(found)] == [True] * 4


@pytest.mark.rule("export-X14")
def test_the_same_plan_gives_the_same_bytes(studio: Studio) -> None:
    source = studio.source("noise", noise(3))
    plan = plan_of(SoundClip(source, 0, 130_000, 0, Stretch(3, 2)), samples=140_000)
    one, two = studio.made(plan, "one"), studio.made(plan, "two")
    assert one.path.read_bytes() == two.path.read_bytes()


@pytest.mark.rule("export-X14")
def test_gain_pan_fades_and_track_levels_multiply(studio: Studio) -> None:
    flat = np.full((RATE, 1), 0.5)
    clip = SoundClip(
        studio.source("flat", flat),
        0,
        RATE,
        0,
        gain=0.5,
        pan=-0.25,
        fades=(
            Fade(0, 4800, is_in=True, curve="linear"),
            Fade(RATE - 4800, 4800, is_in=False, curve="equal_power"),
        ),
    )
    levels = tuple(1 - n / 200 for n in range(101))
    heard = studio.mixed(SoundPlan(RATE, 2, RATE, (Bus((clip,), gain=levels),)))
    at = np.arange(RATE)
    expected = 0.25 * (1 - at / RATE / 2)
    expected = expected * np.clip((at + 0.5) / 4800, 0, 1)
    expected = expected * np.sqrt(np.clip(1 - (at + 0.5 - (RATE - 4800)) / 4800, 0, 1))
    assert np.abs(heard[:, 0] - expected).max() < 1e-4
    assert np.abs(heard[:, 1] - expected * 0.75).max() < 1e-4


@pytest.mark.rule("export-X14")
def test_a_linear_crossfade_of_one_source_with_itself_is_the_source(studio: Studio) -> None:
    samples = noise(4)
    source = studio.source("self", samples)
    one = SoundClip(
        source, 0, 100_000, 0, fades=(Fade(80_000, 20_000, is_in=False, curve="linear"),)
    )
    two = SoundClip(
        source, 80_000, 60_000, 80_000, fades=(Fade(0, 20_000, is_in=True, curve="linear"),)
    )
    heard = studio.mixed(plan_of(one, two, samples=140_000))
    assert np.abs(heard - samples[:140_000]).max() < 1e-6


@pytest.mark.rule("export-X14")
@pytest.mark.parametrize(
    "stretch", [Stretch(2), Stretch(1, 2), Stretch(2, pitch_lock=False), Stretch(-1)]
)
def test_speed_moves_events_and_keeps_the_length(studio: Studio, stretch: Stretch) -> None:
    clicks = np.zeros((6 * RATE, 2))
    for second in range(1, 6):
        clicks[second * RATE : second * RATE + 480] = (
            0.8 * np.cos(np.arange(480) * 2 * np.pi / 48)[:, None]
        )
    count = 5 * RATE // 2
    first = 5 * RATE + 4_800 if stretch.num < 0 else 0
    clip = SoundClip(studio.source("clicks6", clicks), 1_000, count, first, stretch)
    heard = studio.mixed(plan_of(clip, samples=count + 2_000))
    found = bursts(heard, level=0.25)
    speed = stretch.num / stretch.den
    planned = [1_000 + (second * RATE - first) / speed for second in range(1, 6)]
    planned = sorted(at for at in planned if 1_000 <= at < 1_000 + count)
    assert len(found) == len(planned)
    tolerance = 1_600 if stretch.pitch_lock and abs(speed) != 1 else 480
    assert max(abs(one - other) for one, other in zip(found, planned, strict=True)) <= tolerance
    assert not heard[:1_000].any()
    assert not heard[1_000 + count :].any()


@pytest.mark.rule("export-X14")
def test_remapped_time_follows_its_curve_and_is_silent_where_it_stands(studio: Studio) -> None:
    ramp = np.linspace(-0.5, 0.5, 2 * RATE)[:, None]
    positions = (*(480.0 * 2 * n for n in range(51)), *(48_000.0 for _ in range(50)))
    clip = SoundClip(studio.source("ramp", ramp), 0, RATE, 0, Stretch(positions=positions))
    heard = studio.mixed(plan_of(clip, samples=RATE, channels=1))[:, 0]
    assert np.abs(heard[: RATE // 2] - ramp[0:RATE:2, 0]).max() < 1e-3
    assert not heard[RATE // 2 + 1 :].any()


@pytest.mark.rule("export-X14")
def test_a_nested_mix_and_a_tone_are_sources_too(studio: Studio) -> None:
    samples = noise(2)
    inner = plan_of(SoundClip(studio.source("inner", samples), 10, 50_000, 0), samples=60_000)
    tone = SoundClip(ToneSource(1000, 0.25), 0, RATE, 0)
    plan = plan_of(SoundClip(MixSource(inner), 5, 40_000, 20), tone, samples=RATE)
    heard = studio.mixed(plan)
    sine = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    expected = np.repeat(sine[:, None], 2, axis=1)
    expected[5:40_005] += samples[10:40_010]
    assert np.abs(heard - expected).max() < 1e-6


@pytest.mark.rule("export-X14")
def test_ducking_falls_and_rises_as_its_envelope_says() -> None:
    ducking = Ducking(by=0, amount_db=-12, threshold_db=-30, attack_ms=40, release_ms=120)
    gain = DuckingGain(ducking, RATE, 2)
    key = np.concatenate([np.zeros((4800, 2)), np.full((9600, 2), 0.5), np.zeros((9600, 2))])
    whole = gain.over(key)
    decibels = 20 * np.log10(whole)
    assert np.abs(decibels[:4800]).max() == 0
    assert decibels[4800 + 1920] == pytest.approx(-12, abs=1e-6)
    assert decibels[4800 + 960] == pytest.approx(-6, abs=1e-6)
    assert decibels[14_400 + 5760] == pytest.approx(0, abs=1e-6)
    assert decibels[14_400 + 2880] == pytest.approx(-6, abs=1e-6)
    pieces = DuckingGain(ducking, RATE, 2)
    joined = np.concatenate(
        [pieces.over(key[start : start + 4800]) for start in range(0, len(key), 4800)]
    )
    assert (joined == whole).all()


@pytest.mark.rule("export-X14")
def test_music_is_ducked_by_speech_in_the_mix(studio: Studio) -> None:
    speech, music = np.zeros((4 * RATE, 1)), np.full((4 * RATE, 1), 0.1)
    speech[RATE : 2 * RATE] = 0.3
    ducking = Ducking(by=0, amount_db=-20, threshold_db=-30, attack_ms=50, release_ms=400)
    buses = (
        Bus((SoundClip(studio.source("speech", speech), 0, 4 * RATE, 0),)),
        Bus((SoundClip(studio.source("music", music), 0, 4 * RATE, 0),), ducking=(ducking,)),
    )
    heard = studio.mixed(SoundPlan(RATE, 1, 4 * RATE, buses))[:, 0]
    assert heard[RATE // 2] == pytest.approx(0.1, abs=1e-4)
    assert heard[3 * RATE // 2] == pytest.approx(0.31, abs=1e-3)
    assert heard[3 * RATE] == pytest.approx(0.1, abs=1e-4)


@pytest.mark.rule("export-X14")
def test_loudness_reaches_its_target_and_a_hot_sum_is_limited(studio: Studio) -> None:
    source = studio.source("loud", noise(8, level=0.9))
    clip = SoundClip(source, 0, 8 * RATE, 0)
    plan = plan_of(clip, samples=8 * RATE)
    made = studio.made(replace(plan, loudness_lufs=-16.0), "target")
    assert made.diagnostics == ()
    assert np.abs(read_sound(made.path)).max() < 1.0
    hot = plan_of(clip, replace(clip, gain=1.5), samples=8 * RATE)
    made = studio.made(hot, "hot")
    assert [code for code, _ in made.diagnostics] == ["audio_limited"]
    quiet = plan_of(replace(clip, samples=9_600), samples=9_600)
    made = studio.made(replace(quiet, loudness_lufs=-16.0), "short")
    assert [code for code, _ in made.diagnostics] == ["loudness_missed"]


@pytest.mark.rule("export-X14")
def test_layouts_fold_down_and_spread_out() -> None:
    six = np.arange(6, dtype=np.float64)[None, :] + 1
    assert laid_out(six, 2)[0].tolist() == pytest.approx(
        [1 + 0.7071 * (3 + 5), 2 + 0.7071 * (3 + 6)], abs=1e-3
    )
    assert laid_out(np.array([[0.5]]), 2).tolist() == [[0.5, 0.5]]
    assert laid_out(np.array([[0.5, 0.1]]), 1).tolist() == [[0.3]]
    assert laid_out(np.array([[0.5, 0.1]]), 6).tolist() == [[0.5, 0.1, 0, 0, 0, 0]]
    assert panned(np.array([[1.0, 1.0]]), 1.0).tolist() == [[0.0, 1.0]]


@pytest.mark.rule("export-X14")
@pytest.mark.parametrize("curve", ["linear", "equal_power", "ease"])
def test_fades_have_the_weights_of_the_core(curve: Curve) -> None:
    weights = fade_over(Fade(10, 100, is_in=True, curve=curve), 0, 130)
    assert weights is not None
    expected = [fade_weight(curve, (n + 0.5 - 10) / 100) for n in range(130)]
    assert np.abs(weights - np.array(expected)).max() < 1e-12
    assert fade_over(Fade(10, 100, is_in=True, curve=curve), 110, 50) is None


@pytest.mark.rule("export-X14")
def test_effects_change_the_level_where_they_should_and_never_the_time(studio: Studio) -> None:
    at = np.arange(3 * RATE) / RATE
    tones = 0.2 * np.sin(2 * np.pi * 100 * at) + 0.2 * np.sin(2 * np.pi * 4000 * at)
    source = studio.source("tones", tones[:, None])
    boost = SoundEffect("eq", ((4000.0, 12.0, 1.0),))

    def strength(heard: Samples, hz: float) -> float:
        wave = np.exp(-2j * np.pi * hz * at[RATE : 2 * RATE])
        return float(np.abs((heard[RATE : 2 * RATE, 0] * wave).mean()) * 2)

    plan = plan_of(SoundClip(source, 0, 3 * RATE, 0), samples=3 * RATE, channels=1)
    clip = plan.buses[0].clips[0]
    for changed in (
        replace(plan, buses=(Bus((replace(clip, effects=(boost,)),)),)),
        replace(plan, buses=(Bus((clip,), effects=(boost,)),)),
        replace(plan, effects=(boost,)),
    ):
        heard = studio.mixed(changed)
        assert len(heard) == 3 * RATE
        assert strength(heard, 4000) == pytest.approx(0.2 * 10 ** (12 / 20), rel=0.05)
        assert strength(heard, 100) == pytest.approx(0.2, rel=0.05)


@pytest.mark.rule("export-X14")
def test_a_limiter_and_a_compressor_keep_an_event_at_its_sample(studio: Studio) -> None:
    clicks = np.zeros((2 * RATE, 1))
    clicks[RATE : RATE + 480, 0] = 0.9 * np.cos(np.arange(480) * 2 * np.pi / 48)
    source = studio.source("one-click", clicks)
    for effect in (
        SoundEffect("limiter", ((-6.0,),)),
        SoundEffect("compressor", ((-18.0, 4.0, 1.0, 50.0, 0.0),)),
    ):
        clip = SoundClip(source, 0, RATE, RATE // 2, effects=(effect,))
        heard = studio.mixed(plan_of(clip, samples=RATE, channels=1))
        assert np.abs(heard).max() < 0.9
        loud = np.flatnonzero(np.abs(heard[:, 0]) > 0.2)
        assert abs(int(loud[0]) - RATE // 2) <= 12


def measures(ffmpeg: Ffmpeg, film: Path) -> tuple[float, float]:
    """LUFS and dBTP of a file, as a tool of its own tells them."""
    command = [str(ffmpeg.path), "-hide_banner", "-nostats", "-i", str(film)]
    told = subprocess.run(
        [*command, "-af", "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    summary = told[told.rindex("Summary:") :]
    values = re.findall(r"(?:I|Peak):\s+(-?[0-9.]+)", summary)
    return float(values[0]), float(values[-1])


def drums(seconds: int) -> Samples:
    """Quiet noise with a loud, short hit each half second: little loudness, much peak."""
    samples = noise(seconds, level=0.05)
    for start in range(0, len(samples), RATE // 2):
        samples[start : start + 480] *= 18
    return samples


@pytest.mark.rule("export-X69")
@pytest.mark.parametrize("target", [-14.0, -16.0, -23.0])
@pytest.mark.parametrize("sound", ["noise", "drums", "quiet"])
def test_each_target_is_reached_and_its_true_peak_held(
    studio: Studio, ffmpeg: Ffmpeg, target: float, sound: str
) -> None:
    made_of = {"noise": noise(6, level=0.5), "drums": drums(6), "quiet": noise(6, level=0.01)}
    clip = SoundClip(studio.source(sound, made_of[sound]), 0, 6 * RATE, 0)
    plan = replace(plan_of(clip, samples=6 * RATE), loudness_lufs=target, codec="pcm")
    made = studio.made(plan, f"{sound}{target}")
    lufs, peak = measures(ffmpeg, made.path)
    assert peak <= -1.0
    missed = [detail for code, detail in made.diagnostics if code == "loudness_missed"]
    if missed:
        assert sound == "drums"
        assert abs(lufs - float(missed[0].split()[0])) <= 0.1
    else:
        assert abs(lufs - target) <= 0.5


@pytest.mark.rule("export-X69")
@pytest.mark.parametrize("codec", ["aac", "vorbis"])
@pytest.mark.parametrize("target", [-14.0, -23.0])
def test_the_true_peak_is_held_behind_the_encoder_too(
    studio: Studio, ffmpeg: Ffmpeg, target: float, codec: AudioCodec
) -> None:
    """Encoded as they are, hits that were limited to -1.2 dBTP come out at +0.9."""
    clip = SoundClip(studio.source("drums", drums(6)), 0, 6 * RATE, 0)
    plan = replace(plan_of(clip, samples=6 * RATE), loudness_lufs=target, codec=codec)
    made = studio.made(plan, f"drums{target}{codec}")
    _, peak = measures(ffmpeg, made.path)
    assert peak <= -1.0
    told = [detail for _, detail in made.diagnostics]
    assert not any("true peaks" in detail for detail in told)
    assert bool(told) == (target > -20)
    again = studio.made(plan, f"again{target}{codec}")
    assert again.path.read_bytes() == made.path.read_bytes()


@pytest.mark.rule("export-X69")
def test_a_longer_film_takes_no_more_memory_to_mix(studio: Studio) -> None:
    source = studio.source("long", noise(60, level=0.2))

    def peak_bytes(repeats: int) -> int:
        clips = [SoundClip(source, n * 60 * RATE, 60 * RATE, 0) for n in range(repeats)]
        plan = replace(plan_of(*clips, samples=repeats * 60 * RATE), loudness_lufs=-16.0)
        tracemalloc.start()
        studio.made(plan, f"long{repeats}")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(4) < 1.2 * peak_bytes(1)
