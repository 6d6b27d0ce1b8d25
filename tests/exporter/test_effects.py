"""Colour, look-up tables and blurs, as the film shows them [export-X36, X37]."""

import math
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from exporter.cube_file import cube_colors
from exporter.cubes import GradeNumbers, cube_bytes, sampled, whole_cube
from exporter.errors import MediaUnusable
from exporter.ffmpeg_process import Ffmpeg
from exporter.ingest import ingest
from exporter.views import make_views
from kit.folder_store import FolderStore
from tests.exporter.films import Cut, Records, Studio, drawn, frames_at
from tests.exporter.test_features import A, Record, clip, look, solid
from tests.media import Clips, Mark, read_film
from tests.pictures import FROM_FILM, Rgb, read_rgb
from timeline.grade import grade_of
from timeline.jobs import AssetJob
from timeline.media import MediaFacts
from timeline.media_json import media_from_json, media_json
from timeline.model import Json

SIZE: Final = (320, 180)
TRACKS: Final[dict[str, Record]] = {
    "v1": {"order": "a0"},
    "v2": {"order": "a1"},
    "v3": {"order": "a2"},
    "cc": {"kind": "caption", "order": "a3"},
}


def shown(ffmpeg: Ffmpeg, clips: Records, effects: Records, tmp_path: Path) -> Rgb:
    """The frames of a cut without media, nearly lossless, as RGB."""
    cut = Cut(clips, TRACKS, width=320, height=180, more={"effects": effects})
    parts = drawn(ffmpeg, cut, tmp_path)
    return np.concatenate([read_rgb(part, FROM_FILM, size=SIZE) for part in parts])


def effect(owner: str, kind: str, **params: Json) -> Record:
    return {"owner": owner, "kind": kind, **{f"p:{name}": value for name, value in params.items()}}


def keyed(owner: str, kind: str, name: str, frames: int, *ends: float) -> Record:
    record: Record = {"owner": owner, "kind": kind}
    for index, value in enumerate(ends):
        record[f"kf:{name}:k{index}"] = [frames_at(frames) * index, value, "linear"]
    return record


def graded(color: tuple[int, int, int], **params: Json) -> NDArray[np.float64]:
    found = grade_of(params)
    numbers = GradeNumbers(found.gain, found.contrast, found.saturation)
    return numbers.applied(np.array([color]) / 255)[0] * 255


@pytest.mark.rule("export-X36")
@pytest.mark.parametrize(
    "params",
    [
        {"exposure_stops": 0.6},
        {"contrast": 1.4, "saturation": 0.3},
        {"temperature_k": 4200, "tint": -0.4},
        {"exposure_stops": -1, "saturation": 1.6, "temperature_k": 9000},
    ],
)
def test_a_colour_becomes_what_the_numbers_say(
    ffmpeg: Ffmpeg, tmp_path: Path, params: dict[str, Json]
) -> None:
    clips = {"c": solid("v1", "#b07848", 0, 4)}
    pictures = shown(ffmpeg, clips, {"e": effect("c", "color", **params)}, tmp_path)
    assert np.abs(pictures[2].mean(axis=(0, 1)) - graded((176, 120, 72), **params)).max() <= 3


@pytest.mark.rule("export-X36", "export-X5")
def test_a_colour_changes_frame_by_frame_by_the_middles(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    clips = {"c": solid("v1", "#606060", 0, 12)}
    effects = {"e": keyed("c", "color", "exposure_stops", 12, 0, 1.2)}
    means = shown(ffmpeg, clips, effects, tmp_path).mean(axis=(1, 2, 3))
    expected = [graded((96, 96, 96), exposure_stops=0.1 * (n + 0.5))[0] for n in range(12)]
    assert np.abs(means - expected).max() <= 2


@pytest.mark.rule("export-X36")
def test_a_blur_is_a_gaussian_and_the_picture_keeps_its_edges(
    ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    half = solid("v2", "#ffffff", 0, 4, x=0.5) | {"anchor_x": 0.5}
    nest: Record = clip("", 0, 4, kind="sequence", sequence="inner")
    clips = {
        "n": nest,
        "i": solid("i1", "#000000", 0, 4),
        "j": half | {"track": "i2"},
    }
    tracks: dict[str, Record] = {
        "v1": {"order": "a0"},
        "i1": {"order": "a0", "sequence": "inner"},
        "i2": {"order": "a1", "sequence": "inner"},
    }
    sigma = 9.0
    more = {
        "effects": {"e": effect("n", "blur", sigma_h=sigma / 180)},
        "sequences": {"inner": {"width": 320, "height": 180}},
    }
    (part,) = drawn(ffmpeg, Cut(clips, tracks, width=320, height=180, more=more), tmp_path)
    picture = read_rgb(part, FROM_FILM, size=SIZE)[2][:, :, 1].astype(float)
    at = np.arange(320) + 0.5 - 160
    expected = np.array([255 * 0.5 * (1 + math.erf(x / (sigma * math.sqrt(2)))) for x in at])
    for row in (0, 90, 179):
        assert np.abs(picture[row] - expected).max() <= 8


@pytest.mark.rule("export-X36")
def test_a_blur_grows_with_the_scale_of_its_clip_and_is_measured_in_the_canvas(
    studio: Studio, tmp_path: Path
) -> None:
    words: Record = {"kind": "title", "text": "I", "font_size": 0.4, "font_weight": 700}
    widths: list[float] = []
    for scale in (0.5, 1.0):
        clips = {
            "c": solid("v1", "#000000", 0, 4),
            "t": clip("", 0, 4, scale_x=scale, scale_y=scale) | {"track": "v2"} | words,
        }
        effects = {"e": effect("t", "blur", sigma_h=0.05)}
        cut = Cut(clips, TRACKS, width=320, height=180, more={"effects": effects})
        film = studio.export(cut, {}, tmp_path / f"{scale}.mp4", cache=tmp_path / "cache")
        picture = read_rgb(film.path, FROM_FILM, size=SIZE)[2]
        profile = picture[:, :, 1].astype(float).sum(axis=0)
        at = np.arange(320)
        centre = (profile * at).sum() / profile.sum()
        widths.append(math.sqrt((profile * (at - centre) ** 2).sum() / profile.sum()))
    assert widths[1] / widths[0] == pytest.approx(2, rel=0.05)
    assert widths[1] == pytest.approx(9, rel=0.25)  # the letter is thin beside its blur


@pytest.mark.rule("export-X36")
def test_an_adjustment_filters_what_lies_below_it_and_no_more(
    ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    fading: Record = {
        "kf:opacity:k1": [frames_at(4), 1, "hold"],
        "kf:opacity:k2": [frames_at(5), 0.5, "hold"],
    }
    clips = {
        "a": solid("v1", "#c04020", 0, 12),
        "b": solid("v2", "#20c040", 0, 12, scale_x=0.25, scale_y=0.25),
        "g": clip("", 4, 8, kind="adjustment") | {"track": "v3"} | fading,
    }
    pictures = shown(ffmpeg, clips, {"e": effect("g", "color", saturation=0)}, tmp_path)
    below, above = graded((192, 64, 32)), graded((32, 192, 64))
    grey = [graded(color, saturation=0) for color in ((192, 64, 32), (32, 192, 64))]
    places = ((20, 20), (160, 90))
    for frame, parts in ((1, (below, above)), (6, grey)):
        for (x, y), part in zip(places, parts, strict=True):
            assert np.abs(pictures[frame, y, x] - part).max() <= 4, (frame, x)
    half = (below + grey[0]) / 2
    assert np.abs(pictures[11, 20, 20] - half).max() <= 4


@pytest.mark.rule("export-X36")
def test_tracks_and_sequences_have_effects_of_their_own(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    clips = {
        "a": solid("v1", "#808080", 0, 4),
        "b": solid("v2", "#808080", 0, 4, scale_x=0.25, scale_y=0.25),
    }
    effects = {
        "t": effect("v2", "color", exposure_stops=1),
        "s": effect("s", "color", contrast=0.5),
        "blur": effect("v2", "blur", sigma_h=0.002),
    }
    pictures = shown(ffmpeg, clips, effects, tmp_path)
    inside = graded(tuple(graded((128, 128, 128), exposure_stops=1).astype(int)), contrast=0.5)  # pyright: ignore[reportArgumentType]
    assert np.abs(pictures[2, 90, 160] - inside).max() <= 4
    assert np.abs(pictures[2, 20, 20] - graded((128, 128, 128), contrast=0.5)).max() <= 3


@pytest.mark.rule("export-X36", "export-X10")
def test_an_effect_that_changes_nothing_costs_nothing(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    effects = {
        "e1": effect("c", "color"),
        "e2": effect("c", "blur"),
        "e3": effect("c", "lut", mix=0, asset="look"),
        "e4": effect("c", "lut", asset="look") | {"enabled": False},
    }
    files = {"a": clips.make(A), "look": look(tmp_path / "look.cube")}
    cut = Cut({"c": clip("a", 0, 60)}, width=320, height=180, more={"effects": effects})
    film = studio.export(cut, files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    assert film.report.frames_copied == 60


@pytest.mark.rule("export-X36", "export-X37", "export-X9")
def test_a_look_up_table_changes_colours_and_no_frame(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(A), "look": look(tmp_path / "look.cube")}
    records = {"c": clip("a", 0, 30, 7)}
    effects = {"e": effect("c", "lut", asset="look")}
    cut = Cut(records, width=320, height=180, more={"effects": effects})
    film = studio.export(cut, files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    plain = Cut(records, width=320, height=180)
    source = studio.export(plain, files, tmp_path / "plain.mp4", cache=tmp_path / "cache")
    assert read_film(film.path) == [Mark(11, 7 + n) for n in range(30)]
    before = read_rgb(source.path, FROM_FILM, size=SIZE)[11].astype(float)
    after = read_rgb(film.path, FROM_FILM, size=SIZE)[11].astype(float)
    error = after - np.floor(0.9 * before[:, :, ::-1] + 0.5)
    assert np.abs(error).mean() < 4
    assert np.abs(error[60:150, 40:280].mean(axis=(0, 1))).max() < 2


@pytest.mark.rule("export-X27", "export-X36")
def test_a_table_that_is_not_there_is_told_and_left_out(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.cube"
    broken.write_text("LUT_3D_SIZE 2\n0 0 0\n")
    files = {"a": clips.make(A), "broken": broken}
    effects = {
        "e1": effect("c", "lut", asset="gone"),
        "e2": effect("c", "lut", asset="broken"),
        "e3": effect("c", "lut", asset="a"),
        "e4": effect("c", "lut"),
    }
    cut = Cut({"c": clip("a", 0, 60)}, width=320, height=180, more={"effects": effects})
    film = studio.export(cut, files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    found = {(item.code, item.id) for item in film.report.diagnostics}
    assert {("media_missing", "e1"), ("media_failed", "e2"), ("no_stream", "e3")} <= found
    assert film.report.frames_copied == 60


def cube_text(side: int, *, head: str = "") -> bytes:
    steps = [n / (side - 1) for n in range(side)]
    rows = [f"{r} {g} {b}" for b in steps for g in steps for r in steps]
    return "\n".join([head, f"LUT_3D_SIZE {side}", *rows]).encode()


@pytest.mark.rule("export-X37")
@pytest.mark.parametrize("side", [2, 17, 33])
def test_a_table_of_any_size_is_read_at_our_places(side: int) -> None:
    found = cube_colors(cube_text(side, head="TITLE x\n# y\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1"))
    assert np.abs(found - whole_cube(33)).max() < 1e-9
    assert len(cube_bytes(found)) == 2 * 3 * 33**3
    narrow = cube_colors(
        cube_text(side, head="DOMAIN_MIN 0.25 0.25 0.25\nDOMAIN_MAX 0.75 0.75 0.75")
    )
    assert np.abs(narrow - np.clip((whole_cube(33) - 0.25) * 2, 0, 1)).max() < 1e-9


@pytest.mark.rule("export-X33", "export-X37")
def test_a_table_is_ingested_once_and_shown_as_it_is(
    ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    original = look(tmp_path / "look.cube")
    store.put("originals/look", original)
    facts: list[MediaFacts] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        job = AssetJob(name, "originals/look", f"{name}.cube")
        facts.append(
            ingest(
                job,
                store,
                folder,
                ffmpeg=ffmpeg,
                cancelled=lambda: False,
                on_progress=lambda _done, _total: None,
            )
        )
    assert facts[0].cube is not None
    assert facts[0].cube == facts[1].cube
    assert (facts[0].facts.has_video, facts[0].facts.duration) == (False, None)
    assert media_from_json(media_json(facts[0])) == facts[0]
    views = make_views(
        facts[0],
        store,
        lambda _key, _hash: tmp_path,
        tmp_path,
        ffmpeg=ffmpeg,
        cancelled=lambda: False,
        on_progress=lambda _done, _total: None,
    )
    proxy = views["proxy"]
    assert isinstance(proxy, dict)
    assert proxy["key"] == facts[0].cube.key
    with store.open(facts[0].cube.key) as table:
        assert table.read() == cube_bytes(cube_colors(original.read_bytes()))


@pytest.mark.rule("export-X37")
def test_a_curve_is_read_as_a_table() -> None:
    found = cube_colors(b"LUT_1D_SIZE 3\n0 0 0\n0.25 0.5 1\n1 1 1\n")
    assert (
        np.abs(sampled(found, (33, 33, 33), np.array([[0.5, 0.5, 0.5]])) - (0.25, 0.5, 1)).max()
        < 1e-9
    )


@pytest.mark.rule("export-X37")
@pytest.mark.parametrize(
    "body",
    [
        b"LUT_3D_SIZE 2\n" + b"0 0 0\n" * 7,
        b"LUT_3D_SIZE 2\n" + b"0 0 0\n" * 9,
        b"LUT_3D_SIZE 200\n",
        b"LUT_3D_SIZE two\n",
        b"LUT_3D_SIZE 2\nLUT_1D_SIZE 2\n",
        b"LUT_1D_SIZE 2\n0 0 nan\n1 1 1\n",
        b"LUT_1D_SIZE 2\n0 0 1e300\n1 1 1\n",
        b"LUT_1D_SIZE 2\n0 0\n1 1 1\n",
        b"LUT_1D_SIZE 2\nDOMAIN_MIN 1 1 1\nDOMAIN_MAX 0 0 0\n0 0 0\n1 1 1\n",
        b"0 0 0\n",
        b"LUT_3D_SIZE 2\n" + b"9" * 5000,
        b"\xff\xfe\x00LUT_3D_SIZE",
        b"LUT_3D_SIZE 2\n" + b"#" * (17 << 20),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_line(body: bytes) -> None:
    with pytest.raises(MediaUnusable) as refused:
        cube_colors(body)
    assert refused.value.code in ("media_damaged", "media_too_large")


@pytest.mark.rule("export-X5", "export-X35")
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_crop_that_moves_is_that_of_each_frame(
    ffmpeg: Ffmpeg, tmp_path: Path, *, mirrored: bool
) -> None:
    top: Record = {
        "kf:crop_l:k1": [0, 0, "linear"],
        "kf:crop_l:k2": [frames_at(10), 0.5, "linear"],
        "kf:crop_b:k1": [0, 0.5, "linear"],
        "kf:crop_b:k2": [frames_at(10), 0, "linear"],
        "flip_h": mirrored,
    }
    clips = {"a": solid("v1", "#000000", 0, 10), "b": solid("v2", "#ffffff", 0, 10) | top}
    pictures = shown(ffmpeg, clips, {}, tmp_path)[:, :, :, 1]
    for n, picture in enumerate(pictures):
        share = (n + 0.5) / 10
        across = 320 * (1 - 0.5 * share)
        down = 180 * (0.5 + 0.5 * share)
        row, column = picture[10].astype(float), picture[:, 10 if mirrored else 309].astype(float)
        assert row.sum() / 255 == pytest.approx(across, abs=2), n
        assert column.sum() / 255 == pytest.approx(down, abs=2), n
        assert (row[310] > 128) != mirrored or n == 0
