"""Random timelines, drawn by the exporter and by a slow renderer that shares nothing with it [export-X52]."""

import random
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from tests.exporter.films import Cut, Studio, frames_at
from tests.exporter.reference import Pictures, Plane, Reference, luma_of, ssim
from tests.media import (
    BLOCKS,
    CELL,
    Clip,
    Clips,
    Mark,
    mark_of,
    read_film,
    read_pictures,
    row_pixels,
)
from timeline.model import Json, document_from_json
from timeline.on_frames import on_frames
from timeline.resolve import resolve

WIDTH: Final = 320
HEIGHT: Final = 180
SSIM_MEAN: Final = 0.99
SSIM_MIN: Final = (
    0.975  # of one frame: these pictures are small and all edges; the next frame scores below 0.9
)
SOURCES: Final = {
    "adopted": Clip(71, frames=120, gop=30, sound="none", width=WIDTH, height=HEIGHT, crf=10),
    "long": Clip(
        72,
        frames=120,
        gop=250,
        bframes=3,
        open_gop=True,
        sound="none",
        width=WIDTH,
        height=HEIGHT,
        crf=10,
    ),
    "pal": Clip(73, frames=100, fps_num=25, sound="none", width=240, height=HEIGHT, crf=10),
}
SPEEDS: Final = ((1, 1), (1, 1), (1, 1), (2, 1), (1, 2), (-1, 1), (0, 1), (13, 10))
Record = dict[str, Json]


class Chance:
    """A random timeline: cuts, gaps and transitions below, all that can lie on a picture above."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.clips: dict[str, Record] = {}
        self.transitions: dict[str, Record] = {}
        self.moving: set[str] = set()
        end = self._lower(self._chance.randint(3, 5))
        self._upper(end)
        if self._chance.random() < 0.5:
            self._nested(end)

    def cut(self) -> Cut:
        tracks: dict[str, Record] = {
            "v1": {"order": "a0"},
            "v2": {"order": "a1"},
            "v3": {"order": "a2"},
            "n1": {"order": "a0", "sequence": "inner"},
            "n2": {"order": "a1", "sequence": "inner"},
        }
        inner: dict[str, dict[str, Json]] = {"inner": {"width": WIDTH, "height": HEIGHT}}
        return Cut(self.clips, tracks, self.transitions, WIDTH, HEIGHT, more={"sequences": inner})

    def _media(self, track: str, start: int, count: int, *, speeds: bool = True) -> Record:
        chance = self._chance
        num, den = chance.choice(SPEEDS) if speeds else (1, 1)
        first = chance.randint(10, 60) if num >= 0 else chance.randint(60, 100)
        return {
            "track": track,
            "asset": chance.choice(sorted(SOURCES)),
            "start": frames_at(start),
            "duration": frames_at(count),
            "source_in": frames_at(first),
            "speed_num": num,
            "speed_den": den,
        }

    def _lower(self, count: int) -> int:
        chance, at = self._chance, 0
        for index in range(count):
            joins = index > 0
            if chance.random() < 0.2:
                at, joins = at + chance.randint(1, 8), False
            length = chance.randint(13, 40)
            record = self._media("v1", at, length)
            if chance.random() < 0.2:
                record["fade_in"] = frames_at(chance.randint(1, 10))
            self.clips[f"c{index}"] = record
            if joins and chance.random() < 0.5:
                self.transitions[f"t{index}"] = {
                    "left": f"c{index - 1}",
                    "right": f"c{index}",
                    "kind": chance.choice(["dissolve", "dip"]),
                    "p:color": "#ffffff",
                    "in_offset": frames_at(chance.randint(0, 6)),
                    "out_offset": frames_at(4),
                }
            at += length
        return at

    def _upper(self, end: int) -> None:
        chance = self._chance
        at = chance.randint(0, 20)
        while at < end - 12:
            length = min(chance.randint(3, 25), end - at)
            name = f"u{at}"
            self.clips[name] = {**self._media("v2", at, length), **self._look(name, length)}
            at += length + chance.randint(0, 12)

    def _look(self, name: str, length: int) -> Record:
        chance = self._chance
        look: Record = {"opacity": chance.choice([1, 1, 0.4, 0.75])}
        look["scale_x"] = look["scale_y"] = chance.choice([0.3, 0.5, 0.77, 1.3])
        look |= {"x": chance.uniform(-0.3, 0.3), "y": chance.uniform(-0.3, 0.3)}
        sort = chance.choice(["still", "moving", "turned", "blended", "cropped"])
        if sort == "moving":
            self.moving.add(name)
            for end, at in enumerate((0, length)):
                look[f"kf:y:k{end}"] = [frames_at(at), chance.uniform(-0.4, 0.4), "linear"]
            look |= {"speed_num": 1, "speed_den": 1, "source_in": 0}
        elif sort == "turned":
            look["rotation"] = chance.uniform(5, 85)
        elif sort == "blended":
            look["blend"] = chance.choice(["multiply", "screen", "darken", "lighten", "difference"])
        elif sort == "cropped":
            look |= {"crop_l": 0.25, "crop_b": 0.2, "flip_h": True, "flip_v": chance.random() < 0.5}
        return look

    def _nested(self, end: int) -> None:
        chance = self._chance
        at = chance.randint(0, max(0, end - 20))
        self.clips["i0"] = self._media("n1", 0, 20)
        green: Record = {"track": "n2", "kind": "generator", "generator": "solid", "opacity": 0.5}
        green |= {"p:color": "#20a040", "start": frames_at(5), "duration": frames_at(8)}
        self.clips["i1"] = {**green, "scale_x": 0.5, "scale_y": 0.5}
        place: Record = {"start": frames_at(at), "duration": frames_at(min(18, end - at))}
        nested: Record = {"track": "v3", "kind": "sequence", "sequence": "inner", **place}
        self.clips["nest"] = {**nested, "scale_x": 0.6, "scale_y": 0.6, "x": 0.1}


def compared(seed: int, studio: Studio, clips: Clips, tmp_path: Path) -> None:
    """Frame numbers equal wherever a number can be read, and all frames alike."""
    made = Chance(seed)
    cut = made.cut()
    files = {name: clips.make(clip) for name, clip in SOURCES.items()}
    film = studio.export(cut, files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    facts = {name: found.facts for name, found in studio.media(files, tmp_path / "cache").items()}
    resolved = resolve(document_from_json(cut.json()), facts)
    frames = on_frames(resolved, 30, 1)
    pictures = {name: Pictures(path) for name, path in files.items()}
    slow = Reference(frames, pictures, frozenset(made.moving))
    shown = read_pictures(film.path).reshape(-1, HEIGHT, WIDTH).astype(np.float64)
    marks = read_film(film.path)
    assert len(shown) == frames.duration_frames == film.report.frames
    alike: list[float] = []
    for n, picture in enumerate(shown):
        expected = luma_of(slow.picture(n))
        mark = mark_in(expected)
        if mark is not None:
            assert marks[n] == mark, (seed, n)
        alike.append(ssim(picture * (219 / 255) + 16, expected))
        assert alike[-1] >= SSIM_MIN, (seed, n, alike[-1])
    assert np.mean(alike) >= SSIM_MEAN, (seed, np.mean(alike))


def mark_in(luma: Plane) -> Mark | None:
    """The mark that can be read in a drawn frame, if any."""
    rows = 2 * row_pixels(WIDTH)
    cells = luma[:rows].reshape(2 * CELL, rows // (2 * CELL), BLOCKS * CELL, -1).mean(axis=(1, 3))
    return mark_of(np.clip(cells, 0, 255).astype(np.uint8))


@pytest.mark.rule("export-X52")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_timeline_is_what_the_slow_renderer_draws(
    seed: int, studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    compared(seed, studio, clips, tmp_path)


@pytest.mark.nightly
@pytest.mark.rule("export-X52")
@pytest.mark.parametrize("seed", range(100, 300))
def test_two_hundred_random_timelines(
    seed: int, studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    compared(seed, studio, clips, tmp_path)
