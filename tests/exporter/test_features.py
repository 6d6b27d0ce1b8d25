"""Everything that can be drawn, in one film: exact, and the same bytes each time [export-X16]."""

from pathlib import Path
from typing import Final

import numpy as np
import pytest

from exporter.ffmpeg_process import Ffmpeg
from tests.exporter.films import Cut, Studio, drawn, frames_at
from tests.media import Clip, Clips, Mark, read_film, read_pictures
from tests.pictures import FROM_FILM, read_rgb
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
    cropping: Record = {
        "kf:crop_l:k1": [0, 0, "linear"],
        "kf:crop_l:k2": [frames_at(20), 0.6, "linear"],
        "kf:crop_t:k1": [0, 0.4, "linear"],
        "kf:crop_t:k2": [frames_at(20), 0, "linear"],
    }
    upper["u7"] = clip("small", 90, 20, flip_h=True) | cropping
    inner: dict[str, Record] = {
        "i0": clip("b", 0, 10, 40, track="n1", scale_x=0.8),
        "i1": clip("", 0, 10, kind="generator", generator="solid", scale_x=0.5, opacity=0.5)
        | {"blend": "screen", "scale_y": 0.9}
        | {"track": "n2", "p:color": "#00ff00"},
    }
    tracks: dict[str, Record] = {
        "v1": {"order": "a0"},
        "v2": {"order": "a1"},
        "v3": {"order": "a2"},
        "n1": {"order": "a0", "sequence": "inner"},
        "n2": {"order": "a1", "sequence": "inner"},
    }
    for record in upper.values():
        record["track"] = "v2"
    grading = clip("", 24, 8, kind="adjustment", opacity=0.5) | {"track": "v3"}
    effects: dict[str, Record] = {
        "e0": {"owner": "c0", "kind": "color", "p:exposure_stops": 0.4, "p:tint": 0.2},
        "e1": {"owner": "u0", "kind": "blur", "p:sigma_h": 0.02},
        "e2": {"owner": "c2", "kind": "lut", "p:asset": "look", "p:mix": 0.7},
        "e3": {"owner": "g", "kind": "color", "p:saturation": 0},
        "e4": {
            "owner": "u4",
            "kind": "blur",
            "kf:sigma_h:k1": [0, 0, "linear"],
            "kf:sigma_h:k2": [frames_at(20), 0.03, "linear"],
        },
        "e5": {
            "owner": "u5",
            "kind": "color",
            "kf:contrast:k1": [0, 1, "linear"],
            "kf:contrast:k2": [frames_at(10), 2, "linear"],
        },
        "e6": {"owner": "v1", "kind": "blur", "p:sigma_h": 0.004},
        "e7": {"owner": "s", "kind": "color", "p:temperature_k": 5000},
    }
    return Cut(
        {**clips, **upper, **inner, "g": grading},
        tracks,
        transitions,
        width=320,
        height=180,
        more={"sequences": {"inner": {"width": 320, "height": 180}}, "effects": effects},
    )


def film_files(clips: Clips) -> dict[str, Path]:
    return {
        "a": clips.make(A),
        "b": clips.make(B),
        "small": clips.make(SMALL),
        "logo": clips.still("badge", 61, 37),
        "look": look(clips.folder / "look.cube"),
    }


def look(path: Path) -> Path:
    """A table of 4 x 4 x 4 colours that makes red of blue, and everything a little darker."""
    steps = [n / 3 for n in range(4)]
    rows = [f"{b * 0.9} {g * 0.9} {r * 0.9}" for b in steps for g in steps for r in steps]
    path.write_text("\n".join(["# a look", "TITLE a", "LUT_3D_SIZE 4", *rows, ""]))
    return path


@pytest.fixture(scope="module")
def files(clips: Clips) -> dict[str, Path]:
    return film_files(clips)


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
def test_a_picture_over_all_is_seen_as_far_as_its_opacity(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    rising: Record = {"fade_in": frames_at(10)}
    clips = {
        "c0": solid("v1", "#000000", 0, 60),
        "c1": solid("v2", "#ffffff", 0, 30, **rising),
        "c2": solid("v2", "#ffffff", 30, 30, opacity=0.3),
    }
    tracks: dict[str, Record] = {"v1": {"order": "a0"}, "v2": {"order": "a1"}}
    parts = drawn(ffmpeg, Cut(clips, tracks, width=320, height=180), tmp_path)
    means = np.concatenate([luma(part) for part in parts]).mean(axis=(1, 2))
    expected = [min(255.0, 255 * (k + 0.5) / 10) for k in range(30)] + [255 * 0.3] * 30
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


@pytest.mark.rule("export-X38")
def test_a_blend_inside_of_a_group_mixes_with_what_is_there(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    clips = {
        "below": solid("v1", "#0000ff", 0, 4),
        "n": clip("", 0, 4, 0, kind="sequence", sequence="inner") | {"track": "v2"},
        "i": solid("n1", "#ff8000", 0, 4, scale_x=0.5, scale_y=0.5),
        "j": solid("n2", "#808080", 0, 4, scale_x=0.75, scale_y=0.75, blend="multiply"),
    }
    tracks: dict[str, Record] = {
        "v1": {"order": "a0"},
        "v2": {"order": "a1"},
        "n1": {"order": "a0", "sequence": "inner"},
        "n2": {"order": "a1", "sequence": "inner"},
    }
    more = {"sequences": {"inner": {"width": 320, "height": 180}}}
    (part,) = drawn(ffmpeg, Cut(clips, tracks, width=320, height=180, more=more), tmp_path)
    picture = read_rgb(part, FROM_FILM, size=(320, 180))[2].astype(int)
    assert np.abs(picture[90, 160] - (128, 64, 0)).max() <= 4
    assert np.abs(picture[90, 50] - (128, 128, 128)).max() <= 4
    assert np.abs(picture[90, 10] - (0, 0, 255)).max() <= 4


@pytest.mark.rule("export-X38")
def test_clips_that_are_blended_alike_stay_so_through_a_dissolve(
    ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clips = {
        "below": solid("v1", "#c08040", 0, 20),
        "a": solid("v2", "#808080", 0, 10, blend="multiply"),
        "b": solid("v2", "#808080", 10, 10, blend="multiply"),
    }
    transition: Record = {
        "left": "a",
        "right": "b",
        "in_offset": frames_at(5),
        "out_offset": frames_at(5),
    }
    tracks: dict[str, Record] = {"v1": {"order": "a0"}, "v2": {"order": "a1"}}
    cut = Cut(clips, tracks, {"t": transition}, width=320, height=180)
    parts = drawn(ffmpeg, cut, tmp_path)
    pictures = np.concatenate([read_rgb(part, FROM_FILM, size=(320, 180)) for part in parts])
    assert np.abs(pictures[:, 90, 160].astype(int) - (96, 64, 32)).max() <= 4
