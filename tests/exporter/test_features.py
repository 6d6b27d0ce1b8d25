"""Everything that can be drawn, in one film: exact, and the same bytes each time [export-X16]."""

from pathlib import Path
from typing import Final

import numpy as np
import pytest

from exporter.ffmpeg_process import Ffmpeg
from tests.exporter.films import Cut, Studio, drawn, frames_at
from tests.media import Clip, Clips, Mark, read_film, read_pictures
from timeline.model import Json

A: Final = Clip(11, frames=150, gop=15, sound="none", width=320, height=180)
B: Final = Clip(12, frames=150, gop=15, sound="none", width=320, height=180)
SMALL: Final = Clip(13, frames=100, fps_num=25, width=240, height=180, sound="none")

Record = dict[str, Json]


def clip(asset: str, start: int, count: int, source: int = 0, **more: Json) -> Record:
    return {
        "track": "v1",
        "asset": asset,
        "start": frames_at(start),
        "duration": frames_at(count),
        "source_in": frames_at(source),
        **more,
    }


def everything() -> Cut:
    """Transitions of each kind on the lower track; on the upper one all that can lie on a picture."""
    kinds: list[tuple[str, Record]] = [
        ("dissolve", {}),
        ("dip", {"p:color": "#ffffff"}),
        ("wipe", {"p:angle_deg": 30, "p:softness": 0.2}),
        ("slide", {"p:angle_deg": 90}),
        ("dissolve", {}),
    ]
    clips: dict[str, Record] = {}
    transitions: dict[str, Record] = {}
    for index in range(len(kinds) + 1):
        asset = "small" if index == len(kinds) else ("a", "b")[index % 2]
        clips[f"c{index}"] = clip(asset, 20 * index, 20, 10 + 3 * index)
    for index, (kind, params) in enumerate(kinds):
        transitions[f"t{index}"] = {
            "left": f"c{index}",
            "right": f"c{index + 1}",
            "kind": kind,
            "in_offset": frames_at(4),
            "out_offset": frames_at(4),
            **params,
        }
    moving: Record = {
        "kf:x:k1": [0, -0.5, "linear"],
        "kf:x:k2": [frames_at(30), 0.5, "linear"],
        "kf:opacity:k1": [0, 0, "linear"],
        "kf:opacity:k2": [frames_at(30), 1, "linear"],
    }
    upper: dict[str, Record] = {
        "u0": clip("small", 5, 20, 0, rotation=20, scale_x=0.4, scale_y=0.4, **moving),
        "u1": clip("small", 26, 6, scale_x=0.5, scale_y=0.5, x=0.203, blend="multiply"),
        "u2": clip(
            "small", 33, 6, crop_l=0.25, flip_h=True, opacity=0.7, scale_x=0.51, blend="overlay"
        ),
        "u3": clip("", 40, 10, kind="generator", generator="gradient", scale_x=0.3, scale_y=0.3),
        "u4": clip("logo", 51, 20, 0, fit="none", x=0.11, y=0.13, fade_in=frames_at(5)),
        "u5": clip("", 72, 10, kind="sequence", sequence="inner", scale_x=0.6, scale_y=0.6, x=-0.2),
        "u6": clip("", 83, 5, kind="generator", generator="bars", scale_x=0.2, scale_y=0.4, y=-0.3),
    }
    inner: dict[str, Record] = {
        "i0": clip("b", 0, 10, 40, track="n1"),
        "i1": clip("", 0, 10, kind="generator", generator="solid", scale_x=0.5, opacity=0.5)
        | {"track": "n2", "p:color": "#00ff00"},
    }
    tracks: dict[str, Record] = {
        "v1": {"order": "a0"},
        "v2": {"order": "a1"},
        "n1": {"order": "a0", "sequence": "inner"},
        "n2": {"order": "a1", "sequence": "inner"},
    }
    for record in upper.values():
        record["track"] = "v2"
    return Cut(
        {**clips, **upper, **inner},
        tracks,
        transitions,
        width=320,
        height=180,
        more={"sequences": {"inner": {"width": 320, "height": 180}}},
    )


@pytest.fixture(scope="module")
def files(clips: Clips) -> dict[str, Path]:
    return {
        "a": clips.make(A),
        "b": clips.make(B),
        "small": clips.make(SMALL),
        "logo": clips.still("badge", 61, 37),
    }


@pytest.mark.rule("export-X5", "export-X7", "export-X12", "export-X16")
def test_one_film_of_everything_is_the_same_bytes_whoever_makes_it(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    cut = everything()
    cold = studio.export(cut, files, tmp_path / "1.mp4", cache=tmp_path / "one", workers=2)
    alone = studio.export(cut, files, tmp_path / "2.mp4", cache=tmp_path / "two", workers=1)
    warm = studio.export(cut, files, tmp_path / "3.mp4", cache=tmp_path / "one", workers=1)
    assert len({film.sha256 for film in (cold, alone, warm)}) == 1
    assert warm.report.frames_encoded == 0
    assert warm.report.segments.reused == cold.report.segments.encoded
    assert cold.report.frames == 120


def small_film(studio: Studio, files: dict[str, Path], tmp_path: Path, cut: Cut) -> Path:
    return studio.export(cut, files, tmp_path / "film.mp4", cache=tmp_path / "cache").path


def luma(path: Path) -> "np.ndarray[tuple[int, int, int], np.dtype[np.float64]]":
    pictures = read_pictures(path).astype(np.float64)
    return pictures.reshape(len(pictures), 180, 320)


def solid(track: str, color: str, start: int, count: int, **more: Json) -> Record:
    record = clip("", start, count, 0, kind="generator", generator="solid", **more)
    return record | {"track": track, "p:color": color}


@pytest.mark.rule("export-X5")
def test_a_dissolve_rises_by_the_middles_of_its_frames(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    clips = {"c0": solid("v1", "#000000", 0, 15), "c1": solid("v1", "#ffffff", 15, 15)}
    transition: Record = {
        "left": "c0",
        "right": "c1",
        "in_offset": frames_at(5),
        "out_offset": frames_at(5),
    }
    cut = Cut(clips, transitions={"t": transition}, width=320, height=180)
    means = luma(small_film(studio, files, tmp_path, cut)).mean(axis=(1, 2))
    expected = [0.0] * 10 + [255 * (k + 0.5) / 10 for k in range(10)] + [255.0] * 10
    assert np.abs(means - expected).max() <= 2


@pytest.mark.rule("export-X7")
def test_a_picture_moves_a_quarter_pixel_a_frame(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    mover = solid("v2", "#ffffff", 0, 33, scale_x=0.25, scale_y=0.25)
    mover |= {
        "kf:x:k1": [0, -0.1, "linear"],
        "kf:x:k2": [frames_at(32), -0.1 + 32 * 0.25 / 320, "linear"],
    }
    clips = {"c0": solid("v1", "#000000", 0, 33), "c1": mover}
    tracks: dict[str, Record] = {"v1": {"order": "a0"}, "v2": {"order": "a1"}}
    parts = drawn(ffmpeg, Cut(clips, tracks, width=320, height=180), tmp_path)
    pictures = np.concatenate([luma(part) for part in parts])
    row = np.where(pictures[:, 90, :] > 8, pictures[:, 90, :], 0)
    centres = (row * np.arange(320)).sum(axis=1) / row.sum(axis=1)
    start = 159.5 - 0.1 * 320
    expected = start + 0.25 * np.minimum(np.arange(33) + 0.5, 32)
    assert np.abs(centres - expected).max() <= 0.05


@pytest.mark.rule("export-X7", "export-X9")
def test_a_picture_in_a_picture_stands_on_its_pixels_and_shows_its_own_frames(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    clips = {
        "c0": clip("a", 0, 20, 30),
        "c1": clip("small", 0, 20, 0, scale_x=0.5, scale_y=0.5, x=0.1, y=0.2) | {"track": "v2"},
    }
    tracks: dict[str, Record] = {"v1": {"order": "a0"}, "v2": {"order": "a1"}}
    path = small_film(studio, files, tmp_path, Cut(clips, tracks, width=320, height=180))
    assert read_film(path) == [Mark(11, 30 + n) for n in range(20)]
    inside = read_film(path, box=(160 + 32 - 60, 90 + 36 - 45, 120, 90))
    assert inside == [Mark(13, (2 * n + 1) * 25 // 60) for n in range(20)]


@pytest.mark.rule("export-X8")
def test_colours_arrive_as_bt709(studio: Studio, files: dict[str, Path], tmp_path: Path) -> None:
    clips = {"c0": solid("v1", "#c83c28", 0, 6)}
    path = small_film(studio, files, tmp_path, Cut(clips, width=320, height=180))
    planes = read_pictures(path, "yuv420p")[3]
    area = 320 * 180
    seen = (
        planes[:area].mean(),
        planes[area : area + area // 4].mean(),
        planes[-area // 4 :].mean(),
    )
    assert np.abs(np.array(seen) - (92, 105, 190)).max() <= 1
