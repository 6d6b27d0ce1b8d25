"""Keys, masks, mosaics and sharpening, as the film shows them [export-X36, X70]."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pytest

from exporter.cubes import KeyNumbers, SpillNumbers
from exporter.ffmpeg_command import segment_command
from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.filters import Mosaic, use_of
from exporter.outlines import distances
from exporter.render import drawn_content
from kit.box import Limits
from tests.exporter.films import Cut, Records
from tests.exporter.test_effects import TRACKS, effect, keyed, shown
from tests.exporter.test_features import Record, clip, solid
from timeline.grade import chroma_of
from timeline.model import Json, document_from_json
from timeline.on_frames import on_frames
from timeline.plan import InputFile, PlannedEffect
from timeline.planner import Wanted, plan_segments
from timeline.presets import find_preset, output_of
from timeline.resolve import resolve

BLUE: Final = (20, 40, 200)
OVER: Final = "#e0a030"
OVER_RGB: Final = (224, 160, 48)


def two(over: str = OVER, frames: int = 4, **more: Json) -> dict[str, Record]:
    """One colour over another; both fill the canvas of 320 x 180."""
    top = solid("v2", over, 0, frames) | more
    return {"a": solid("v1", "#1428c8", 0, frames), "b": top}


def near(picture: np.ndarray, x: float, y: float, color: tuple[int, int, int]) -> bool:
    found = picture[int(y * 180), int(x * 320)].astype(int)
    return bool(np.abs(found - color).max() <= 6)


@pytest.mark.rule("export-X70")
def test_a_key_takes_its_colour_away_and_leaves_the_others(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    bars = clip("", 0, 4, kind="generator", generator="bars") | {"track": "v2"}
    clips = {"a": solid("v1", "#1428c8", 0, 4), "b": bars}
    effects = {"e": effect("b", "chroma_key", color="#00bf00", spill=0)}
    picture = shown(ffmpeg, clips, effects, tmp_path)[2]
    colors = [(191, 191, 191), (191, 191, 0), (0, 191, 191), BLUE, (191, 0, 191), (191, 0, 0)]
    for index, color in enumerate(colors):
        assert near(picture, (index + 0.5) / 7, 0.5, color), index


@pytest.mark.rule("export-X70")
def test_what_is_left_is_the_distance_of_the_chroma() -> None:
    blue, red = chroma_of("#00ff00")
    colors = np.array([[0, 1, 0], [0.5, 0.5, 0.5], [0, 0.5, 0], [0.2, 0.9, 0.1]])
    left = KeyNumbers(blue, red, 0.2, 0.2).applied(colors)[:, 0]
    far = [np.hypot(*(np.array(chroma_of(code)) - (blue, red))) for code in ("#008000", "#33e61a")]
    assert left[0] == 0
    assert left[1] == 1
    for found, away in zip(left[2:], far, strict=True):
        assert found == pytest.approx(min(1, max(0, (away - 0.2) / 0.2)), abs=0.01)
    clean = SpillNumbers(blue, red, 1.0).applied(np.array([[0.4, 0.7, 0.4], [0.7, 0.3, 0.6]]))
    assert clean[0] == pytest.approx([clean[0][0]] * 3, abs=1e-6)
    assert clean[1] == pytest.approx([0.7, 0.3, 0.6])


@pytest.mark.rule("export-X70", "export-X5")
def test_a_key_that_opens_is_that_of_each_frame(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """The chroma of the picture is 0.298 away from the key; a softness of 0.4 makes that a share."""
    effects = {"e": keyed("b", "chroma_key", "tolerance", 10, 0.298, -0.0) | {"p:softness": 0.4}}
    effects["e"] |= {"p:color": "#00ff00", "p:spill": 0}
    pictures = shown(ffmpeg, two("#008000", 10), effects, tmp_path)
    for n, picture in enumerate(pictures):
        share = 0.298 * (n + 0.5) / 10 / 0.4
        wanted = np.array(BLUE) * (1 - share) + np.array((0, 128, 0)) * share
        assert np.abs(picture[90, 160] - wanted).max() <= 9, n


Places: TypeAlias = list[tuple[float, float]]
SHAPES: Final[dict[str, tuple[dict[str, Json], Places, Places]]] = {
    "rectangle": (
        {"points": [[0.1, 0.8], [0.5, 0.2]]},
        [(0.12, 0.22), (0.48, 0.78)],
        [(0.08, 0.5), (0.52, 0.5), (0.3, 0.15), (0.3, 0.85)],
    ),
    "ellipse": (
        {"points": [[0.2, 0.2], [0.8, 0.8]]},
        [(0.22, 0.5), (0.78, 0.5), (0.5, 0.22), (0.5, 0.78)],
        [(0.22, 0.22), (0.78, 0.78), (0.1, 0.5)],
    ),
    "polygon": (
        {"points": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.5, 0.3], [0.1, 0.9]]},
        [(0.5, 0.2), (0.15, 0.7), (0.85, 0.7)],
        [(0.5, 0.5), (0.05, 0.5), (0.5, 0.95)],
    ),
}


@pytest.mark.rule("export-X70")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("invert", [False, True])
def test_a_mask_shows_what_lies_inside(
    ffmpeg: Ffmpeg, tmp_path: Path, shape: str, *, invert: bool
) -> None:
    params, inside, outside = SHAPES[shape]
    effects = {"e": effect("b", "mask", shape=shape, invert=invert, **params)}
    picture = shown(ffmpeg, two(), effects, tmp_path)[2]
    colors = (BLUE, OVER_RGB) if invert else (OVER_RGB, BLUE)
    for places, color in zip((inside, outside), colors, strict=True):
        for x, y in places:
            assert near(picture, x, y, color), (x, y)


@pytest.mark.rule("export-X70", "export-X5")
def test_a_feather_that_grows_is_that_of_each_frame(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """The edge lies at a third of the width; half a feather on both sides fades."""
    effects = {"e": keyed("b", "mask", "feather_h", 10, 0, 0.4)}
    effects["e"] |= {"p:points": [[-1, -1], [0.5, 2]]}
    clips = {"a": solid("v1", "#000000", 0, 10), "b": solid("v2", "#ffffff", 0, 10)}
    pictures = shown(ffmpeg, clips, effects, tmp_path)[:, 90, :, 1].astype(float) / 255
    for n, row in enumerate(pictures):
        feather = max(1.0, 0.4 * 180 * (n + 0.5) / 10)
        x = np.arange(320) + 0.5
        wanted = np.clip(0.5 - (x - 160) / feather, 0, 1)
        assert np.abs(row - wanted).mean() < 0.01, n
        assert np.abs(row - wanted)[np.abs(x - 160) > 3].max() < 0.05, n


@pytest.mark.rule("export-X70", "export-X35")
def test_a_mask_stays_on_its_picture_through_crop_and_flip(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    effects = {"e": effect("b", "mask", points=[[0, 0], [0.6, 1]])}
    clips = two(OVER, 4, crop_l=0.4, flip_h=True)
    picture = shown(ffmpeg, clips, effects, tmp_path)[2]
    # Of the picture 0.4 to 1 is left, mirrored from 0 to 0.6: the mask shows the part from 0.4 on.
    assert near(picture, 0.5, 0.5, OVER_RGB)
    for x in (0.35, 0.65):
        assert near(picture, x, 0.5, BLUE)


@pytest.mark.rule("export-X70", "export-X36")
def test_an_adjustment_works_where_its_mask_is(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    adjusted = clip("", 0, 4, kind="adjustment") | {"track": "v2"}
    clips = {"a": solid("v1", "#c86432", 0, 4), "b": adjusted}
    effects = {
        "e": effect("b", "color", saturation=0) | {"order": "a0"},
        "f": effect("b", "mask", points=[[0, 0], [0.5, 1]]) | {"order": "a1"},
    }
    picture = shown(ffmpeg, clips, effects, tmp_path)[2]
    assert near(picture, 0.75, 0.5, (200, 100, 50))
    grey = picture[90, 80].astype(int)
    assert grey.max() - grey.min() <= 4


@pytest.mark.rule("export-X70")
def test_a_mosaic_has_blocks_of_one_colour(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    ramp = clip("", 0, 4, kind="generator", generator="gradient") | {"track": "v1"}
    effects = {"e": effect("a", "mosaic", size_h=0.2)}
    picture = shown(ffmpeg, {"a": ramp}, effects, tmp_path)[2, :, :, 1].astype(float)
    for block in range(320 // 36):
        part = picture[40:60, 36 * block + 3 : 36 * block + 33]
        assert np.ptp(part) <= 2, block
        assert part.mean() == pytest.approx(255 * (36 * block + 18) / 320, abs=3)


@pytest.mark.rule("export-X70", "export-X5")
def test_a_mosaic_that_grows_is_that_of_each_frame() -> None:
    planned = PlannedEffect("mosaic", 1, {"across": [0.0, 0.01, 0.1], "down": 0.2})
    assert use_of(planned, (320, 180), {}) == Mosaic((1.0, 3.0, 32.0), 36.0)


@pytest.mark.rule("export-X70", "export-X5")
def test_sharpening_overshoots_at_edges_as_much_as_each_frame_says(
    ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    left = solid("v2", "#606060", 0, 8) | {"crop_r": 0.5}
    adjusted = clip("", 0, 8, kind="adjustment") | {"track": "v3"}
    clips = {"a": solid("v1", "#a0a0a0", 0, 8), "b": left, "c": adjusted}
    effects = {"e": keyed("c", "sharpen", "amount", 8, 0, 2) | {"p:sigma_h": 0.02}}
    pictures = shown(ffmpeg, clips, effects, tmp_path)[:, 90, :, 1].astype(float)
    for n, row in enumerate(pictures):
        amount = 2 * (n + 0.5) / 8
        # Just beside a straight edge a Gaussian takes half of the step away.
        assert row[160] - 160 == pytest.approx(amount * 32, abs=2 + amount * 6), n
        assert row[300] == pytest.approx(160, abs=2)
    steady = {"e": effect("c", "sharpen", amount=1, sigma_h=0.02)}
    row = shown(ffmpeg, clips, steady, tmp_path / "steady")[2, 90, :, 1].astype(float)
    assert 96 - row[159] == pytest.approx(32, abs=8)


@pytest.mark.rule("export-X70")
def test_distances_are_those_to_the_nearest_side() -> None:
    x, y = np.array([[0.0, 2.0, 5.0]]), np.array([[1.0], [3.0]])
    square = [(1.0, 0.0), (3.0, 0.0), (3.0, 2.0), (1.0, 2.0)]
    wanted = [[1, -1, 2], [np.sqrt(2), 1, np.sqrt(5)]]
    assert distances("polygon", square, x, y) == pytest.approx(np.array(wanted))
    assert distances("rectangle", [square[0], square[2]], x, y) == pytest.approx(np.array(wanted))


EVERYTHING: Final[Records] = {
    "e1": effect("b", "chroma_key", color="#008000") | {"order": "a0"},
    "e2": keyed("b", "mask", "feather_h", 6, 0.1, 0.3) | {"order": "a1", "p:shape": "ellipse"},
    "e3": keyed("b", "sharpen", "amount", 6, 0, 2) | {"order": "a2"},
    "e4": effect("c", "sharpen", amount=1.5, sigma_h=0.01) | {"order": "a0"},
    "e5": keyed("c", "mosaic", "size_h", 6, 0.01, 0.1) | {"order": "a1"},
    "e6": keyed("c", "chroma_key", "tolerance", 6, 0.1, 0.4) | {"order": "a2"},
}


@pytest.mark.rule("export-X16", "export-X70")
def test_every_processor_draws_the_same_bytes(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    clips = {
        "a": clip("", 0, 6, kind="generator", generator="bars"),
        "b": clip("", 0, 6, kind="generator", generator="gradient", scale_x=0.6)
        | {"track": "v2", "p:color": "#008000", "rotation": 10},
        "c": clip("", 0, 6, kind="generator", generator="bars", scale_y=0.5) | {"track": "v3"},
    }
    cut = Cut(clips, TRACKS, width=320, height=180, more={"effects": EVERYTHING})
    resolved = resolve(document_from_json(cut.json()), {})
    output = output_of(find_preset("source"), resolved.sequences[resolved.sequence])
    plan = plan_segments(
        on_frames(resolved, output.fps_num, output.fps_den), {}, Wanted(output, ffmpeg.build_id)
    )
    assert len(plan.drawn) == 1
    command = segment_command(plan.drawn[0], output, plan.inputs, bytes_max=10**8)
    files: dict[str, Path] = {}
    for name, used in command.named().items():
        assert not isinstance(used, InputFile)
        files[name] = tmp_path / f"in-{name}"
        files[name].write_bytes(drawn_content(used, lambda item: Path(item.key)))
    digests: set[str] = set()
    for flags in ("0", "sse2", "avx2", "all"):
        out = tmp_path / f"out-{flags}"
        out.mkdir()
        prefix = [] if flags == "all" else ["-cpuflags", flags]
        run_ffmpeg(
            replace(ffmpeg, level="basic"),
            [*prefix, *command.arguments],
            inputs=files,
            output_dir=out,
            limits=Limits(),
            cancelled=lambda: False,
        )
        digests.add(hashlib.sha256((out / "segment.mp4").read_bytes()).hexdigest())
    assert len(digests) == 1
