"""Every frame of a film is the one that the timeline says [export-X9, X11]."""

import math
import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.exporter.films import Cut, Studio, frames_at
from tests.media import Clip, Clips, Mark, read_film
from timeline.film_options import FilmOptions
from timeline.model import Json
from timeline.timing import TICKS

SOURCES = {
    "gop30": Clip(1, frames=90, gop=30, sound="none"),
    "gop12_25": Clip(2, frames=75, fps_num=25, gop=12, sound="none"),
    "film": Clip(3, frames=72, fps_num=24000, fps_den=1001, gop=250, sound="none"),
    "fast": Clip(4, frames=180, fps_num=60, gop=60, bframes=3, sound="none"),
    "small": Clip(5, frames=90, width=320, height=180, gop=15, sound="none"),
    "turned": Clip(6, frames=60, rotation=90, sound="none"),
    "deep": Clip(7, frames=60, codec="hevc10", sound="none"),
    "primed": Clip(8, frames=90, gop=30, edit_list=False),
}


def source_files(clips: Clips, *names: str) -> dict[str, Path]:
    return {name: clips.make(SOURCES[name]) for name in names}


def middle_of(n: int, fps: Fraction) -> int:
    return math.floor((2 * n + 1) * TICKS / (2 * fps))


def expected_mark(clip: Clip, record: dict[str, Json], n: int, fps: Fraction) -> Mark:
    """What frame n must show, by the rule of middles, in exact arithmetic."""
    at = middle_of(n, fps)
    start, source_in = int(str(record["start"])), int(str(record.get("source_in", 0)))
    speed = Fraction(int(str(record.get("speed_num", 1))), int(str(record.get("speed_den", 1))))
    local = source_in + (at - start) * speed.numerator // speed.denominator
    number = local * clip.fps_num // (TICKS * clip.fps_den)
    return Mark(clip.number, min(max(0, number), clip.frames - 1))


def expected_marks(
    records: dict[str, dict[str, Json]], total: int, fps: Fraction
) -> list[Mark | None]:
    marks: list[Mark | None] = [None] * total
    for record in records.values():
        start, duration = int(str(record["start"])), int(str(record["duration"]))
        for n in range(total):
            at = middle_of(n, fps)
            if start <= at < start + duration:
                marks[n] = expected_mark(SOURCES[str(record["asset"])], record, n, fps)
    return marks


def random_cut(seed: int, names: list[str], fps: tuple[int, int]) -> Cut:
    """Clips one after the other, some retimed, some with a gap in front."""
    chance = random.Random(seed)
    at, records = 0, dict[str, dict[str, Json]]()
    for index, name in enumerate(names):
        clip = SOURCES[name]
        if chance.random() < 0.25:
            at += frames_at(chance.randint(1, 10), *fps)
        length = frames_at(chance.randint(5, 45), *fps)
        speed = chance.choice([(1, 1), (1, 1), (1, 1), (2, 1), (1, 2), (-1, 1), (0, 1), (13, 10)])
        last = frames_at(clip.frames, clip.fps_num, clip.fps_den)
        source_in = chance.randrange(0, last // 2)
        if speed[0] < 0:
            source_in = last - source_in // 2
        records[f"c{index}"] = {
            "track": "v1",
            "asset": name,
            "start": at,
            "duration": length,
            "source_in": source_in,
            "speed_num": speed[0],
            "speed_den": speed[1],
        }
        at += length
    return Cut(records, fps=fps)


@pytest.mark.rule("export-X1", "export-X7", "export-X9")
@pytest.mark.parametrize(("seed", "fps"), [(1, (30, 1)), (2, (25, 1)), (3, (30000, 1001))])
def test_every_frame_of_a_random_cut_is_the_planned_one(
    studio: Studio, clips: Clips, tmp_path: Path, seed: int, fps: tuple[int, int]
) -> None:
    names = random.Random(seed).sample(sorted(SOURCES), 6)
    cut = random_cut(seed, names, fps)
    film = studio.export(
        cut, source_files(clips, *names), tmp_path / "film.mp4", cache=tmp_path / "cache"
    )
    records = {name: dict(record) for name, record in cut.clips.items()}
    marks = read_film(film.path)
    assert len(marks) == film.report.frames
    assert marks == expected_marks(records, len(marks), Fraction(*fps))


@pytest.mark.rule("export-X5", "export-X9")
def test_a_ramp_of_time_shows_the_picture_of_its_curve(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    """Twice as fast, then still, then backwards at three times the speed, over a source of another rate."""
    points = [(0, 0), (20, 40), (30, 40), (45, -5)]
    curve: dict[str, Json] = {
        f"kf:time:k{index}": [frames_at(at), frames_at(value), "linear"]
        for index, (at, value) in enumerate(points)
    }
    record: dict[str, Json] = {"track": "v1", "asset": "gop12_25", "start": 0, **curve}
    record["duration"] = frames_at(50)
    files = source_files(clips, "gop12_25")
    cut = Cut({"c": record})
    film = studio.export(cut, files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    expected: list[Mark | None] = []
    for n in range(50):
        at = min(Fraction(2 * n + 1, 2), Fraction(45))
        (t0, v0), (t1, v1) = next((one, other) for one, other in pairwise(points) if at <= other[0])
        value = v0 + (at - t0) * Fraction(v1 - v0, t1 - t0)
        expected.append(Mark(2, max(0, math.floor(value * 25 / 30))))
    assert read_film(film.path) == expected


@pytest.mark.rule("export-X10", "export-X11")
def test_copied_pictures_are_those_of_the_source_and_the_rest_is_encoded(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    records: dict[str, dict[str, Json]] = {
        "c1": {
            "track": "v1",
            "asset": "gop30",
            "start": 0,
            "duration": frames_at(60),
            "source_in": frames_at(7),
        },
        "c2": {
            "track": "v1",
            "asset": "primed",
            "start": frames_at(60),
            "duration": frames_at(50),
            "source_in": frames_at(29),
        },
    }
    files = source_files(clips, "gop30", "primed")
    film = studio.export(Cut(records), files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    assert film.report.segments.copied >= 1
    assert film.report.frames_copied >= 30
    assert read_film(film.path) == expected_marks(records, 110, Fraction(30))


@pytest.mark.rule("export-X27")
def test_missing_media_becomes_a_slate_and_the_export_goes_on(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("this is no film")
    records: dict[str, dict[str, Json]] = {
        name: {"track": "v1", "asset": asset, "start": frames_at(at), "duration": frames_at(15)}
        for name, asset, at in (("c1", "gop30", 0), ("c2", "nowhere", 15), ("c3", "notes", 30))
    }
    files = {**source_files(clips, "gop30"), "notes": text}
    film = studio.export(Cut(records), files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    codes = {item.code: item.id for item in film.report.diagnostics}
    assert codes["media_missing"] == "c2"
    assert codes["media_failed"] == "c3"
    marks = read_film(film.path)
    assert marks[:15] == expected_marks(records, 15, Fraction(30))
    assert marks[15:] == [None] * 30
    standing, _ = studio.attempt(
        Cut(records),
        files,
        tmp_path / "no.mp4",
        cache=tmp_path / "cache",
        options=FilmOptions(on_missing="fail"),
    )
    assert standing.failure is not None
    assert standing.failure.code in ("media_missing", "media_failed")
    assert not (tmp_path / "no.mp4").exists()
