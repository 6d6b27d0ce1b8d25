"""Hours of film: pictures, sound and memory at their end are as they were at the beginning."""

import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import pytest

from exporter.mp4 import read_movie
from tests.exporter.films import Cut, Studio, frames_at
from tests.media import Clip, Clips, bursts, read_film, read_sound
from tests.timeline.test_planner import clip, planned
from timeline.film_options import FilmOptions
from timeline.timing import TICKS, sample

NTSC: Final = (30_000, 1001)
RATE: Final = 48_000
FIRST: Final = 20  # a sync picture, so that all is copied
COUNT: Final = 987  # no multiple of five: the cuts lie between samples
TAKE: Final = Clip(
    91,
    frames=FIRST + COUNT + 3,
    width=160,
    height=90,
    fps_num=NTSC[0],
    fps_den=NTSC[1],
    gop=FIRST,
    bframes=0,
    crf=40,
    sound="pcm",
    container="mov",
)
BYTES_A_FRAME: Final = 150  # sizes, places and times of its sample, in two tables
HOUR: Final = 110  # takes; 60 minutes and 23 seconds


def takes(count: int, *, sound: bool = True) -> Cut:
    """The same stretch of one take, again and again, with its sound."""
    clips: dict[str, Any] = {}
    tracks: dict[str, Any] = {"v1": {"order": "a0"}}
    if sound:
        tracks["a1"] = {"kind": "audio", "order": "a1"}
    for track in tracks:
        for n in range(count):
            clips[f"{track}-{n}"] = {
                "track": track,
                "asset": "take",
                "start": frames_at(n * COUNT, *NTSC),
                "duration": frames_at(COUNT, *NTSC),
                "source_in": frames_at(FIRST, *NTSC),
            }
    return Cut(clips, tracks, width=160, height=90, fps=NTSC)


@dataclass(frozen=True, slots=True)
class Tables:
    frames: int
    steps: set[int]


def tables_of(film: Path) -> Tables:
    track = read_movie(film).track("vide")
    assert track is not None
    return Tables(track.samples, set(track.durations))


LENGTHS: Final = [4, pytest.param(HOUR, marks=pytest.mark.nightly)]


@pytest.mark.rule("export-X15", "export-X9", "export-X24")
@pytest.mark.parametrize("count", LENGTHS)
def test_picture_and_sound_of_a_long_film_end_together(
    count: int, studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    """At 29.97, where no cut lies on a sample: 21 ms at the end, one frame nowhere."""
    film = studio.export(
        takes(count),
        {"take": clips.make(TAKE)},
        tmp_path / "film.mp4",
        cache=tmp_path / "cache",
    )
    frames = count * COUNT
    assert film.report.frames_copied == frames
    assert tables_of(film.path) == Tables(frames, {1001})
    shown = read_film(film.path)
    assert len(shown) == frames
    assert all(mark is not None and mark.frame == FIRST + n % COUNT for n, mark in enumerate(shown))
    heard = read_sound(film.path)
    assert abs(len(heard) - frames * 1001 * RATE / 30_000) <= 1024
    found = bursts(heard)
    wanted = wanted_bursts(count)
    assert len(found) == len(wanted)
    assert max(abs(one - other) for one, other in zip(found, wanted, strict=True)) <= 480


@pytest.mark.rule("export-X15")
@pytest.mark.parametrize("count", LENGTHS)
def test_every_cut_of_a_long_film_sounds_at_its_sample(
    count: int, studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    film = studio.export(
        takes(count),
        {"take": clips.make(TAKE)},
        tmp_path / "film.wav",
        cache=tmp_path / "cache",
        preset="audio-wav",
    )
    heard = read_sound(film.path)
    assert len(heard) == sample(frames_at(count * COUNT, *NTSC), RATE)
    found = bursts(heard)
    wanted = wanted_bursts(count)
    assert len(found) == len(wanted)
    assert max(abs(one - other) for one, other in zip(found, wanted, strict=True)) <= 1


def wanted_bursts(count: int) -> list[int]:
    """A burst stands at each whole second of the take."""
    first, end = frames_at(FIRST, *NTSC), frames_at(FIRST + COUNT, *NTSC)
    seconds = [second for second in range(1, 40) if first <= second * TICKS < end]
    return [
        sample(frames_at(n * COUNT, *NTSC) + second * TICKS - first, RATE)
        for n in range(count)
        for second in seconds
    ]


@pytest.mark.rule("export-X24", "export-X11")
@pytest.mark.parametrize("count", [30, pytest.param(4 * HOUR, marks=pytest.mark.nightly)])
def test_a_film_of_hours_is_copied_and_takes_a_few_bytes_a_frame(
    count: int, studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    """Four hours are four times one: what is held of a frame is its place in the tables."""
    files = {"take": clips.make(TAKE)}
    studio.media(files, tmp_path / "cache")

    def peak(takes_of: int) -> int:
        tracemalloc.start()
        studio.export(
            takes(takes_of, sound=False),
            files,
            tmp_path / f"{takes_of}.mp4",
            cache=tmp_path / "cache",
            options=FilmOptions(captions="none"),
        )
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    before = peak(count // 3)
    grown = peak(count) - before
    frames = (count - count // 3) * COUNT
    assert grown <= BYTES_A_FRAME * frames
    film = tmp_path / f"{count}.mp4"
    assert tables_of(film) == Tables(count * COUNT, {1001})
    assert last_times(film) == count * COUNT - 1


def last_times(film: Path) -> int:
    """The number of the last frame that a player shows, by its time; it is decoded."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        container.seek(stream.duration or 0, stream=stream)
        shown = [frame.time or 0.0 for frame in container.decode(stream)]
    return round(max(shown) * NTSC[0] / NTSC[1])


@pytest.mark.rule("export-X1")
@pytest.mark.parametrize(
    "four_hours", [4 * 3600 // 12, pytest.param(4 * 3600 // 2, marks=pytest.mark.nightly)]
)
def test_four_hours_are_planned_in_memory_that_grows_with_the_clips(four_hours: int) -> None:
    """Of clips of twelve seconds, and of two."""
    frames = 4 * 3600 * 30 // four_hours

    def peak(count: int) -> int:
        clips = {f"c{n}": clip("a", frames * n, frames, n % 7) for n in range(count)}
        tracemalloc.start()
        plan = planned(clips)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert plan.frames == frames * count
        return held

    assert peak(four_hours) <= 4.5 * peak(four_hours // 4)
