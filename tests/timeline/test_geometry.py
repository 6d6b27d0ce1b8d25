"""Where pictures stand [export-X35]."""

import pytest

from timeline.geometry import Canvas, Materials, fitted_canvas, pictures_of, placed
from timeline.media import AssetFacts, MediaFacts, PictureRendition, TextBitmap
from timeline.model import Json
from timeline.plan import Box, PlannedLayer
from timeline.resolved import Layer
from timeline.strands import Strand
from timeline.timing import Rate

CANVAS = Canvas(1920, 1080, 1920, 1080)
WIDE = MediaFacts(AssetFacts(), picture=PictureRendition("w" * 64, "mz/w", 960, 540, Rate(30), 30))
TALL = MediaFacts(AssetFacts(), picture=PictureRendition("t" * 64, "mz/t", 500, 1000, Rate(30), 30))
WORDS = TextBitmap("x" * 64, "text/x", 640, 120, 20, 10, 1728, 140)


def stand(asset: str, canvas: Canvas = CANVAS, **props: Json) -> PlannedLayer | None:
    kind = "title" if asset == "words" else "media"
    layer = Layer("c", kind, props, 1.0, (), asset=asset, media="ready", picture=None)
    strand = Strand(1, (layer,))
    materials = Materials({"wide": WIDE, "tall": TALL}, {"c": WORDS})
    (picture,) = pictures_of(strand, canvas, materials)
    return placed(strand, picture, canvas)


def box(asset: str, canvas: Canvas = CANVAS, **props: Json) -> Box | None:
    layer = stand(asset, canvas, **props)
    return None if layer is None else layer.box


@pytest.mark.rule("export-X35")
def test_fit_says_how_large_a_picture_begins() -> None:
    assert box("wide") == (0, 0, 1920, 1080)
    assert box("wide", fit="none") == (480, 270, 960, 540)
    assert box("tall") == (690, 0, 540, 1080)
    assert box("wide", Canvas(1000, 1000, 1000, 1000), fit="cover") == (-389, 0, 1778, 1000)
    assert box("tall", fit="fill") == (0, 0, 1920, 1080)


@pytest.mark.rule("export-X35")
def test_what_is_hugely_enlarged_is_cut_to_what_can_be_seen() -> None:
    layer = stand("tall", fit="cover")
    assert layer is not None
    assert layer.crop == (0, 358, 500, 284)
    assert layer.box == (0, -5, 1920, 1090)


@pytest.mark.rule("export-X35")
def test_crop_cuts_a_picture_where_it_stands_and_flip_takes_the_cut_along() -> None:
    cut = stand("wide", crop_l=0.25, crop_b=0.5)
    assert cut is not None
    assert cut.box == (480, 0, 1440, 540)
    assert cut.crop == (240, 0, 720, 270)
    assert box("wide", crop_l=0.25, flip_h=True) == (0, 0, 1440, 1080)
    assert stand("wide", crop_l=0.5, crop_r=0.5) is None


@pytest.mark.rule("export-X35")
def test_the_anchor_is_what_place_scale_and_rotation_hold() -> None:
    corner: dict[str, Json] = {"anchor_x": 0, "anchor_y": 0, "x": -0.5, "y": -0.5}
    assert box("wide", CANVAS, scale_x=0.25, scale_y=0.25, **corner) == (0, 0, 480, 270)
    turned = stand("wide", scale_x=0.25, scale_y=0.25, rotation=90, x=0.1)
    assert turned is not None
    assert turned.quads == ((1287, 300, 1287, 780, 1017, 300, 1017, 780),)
    assert stand("wide", x=2) is None


@pytest.mark.rule("export-X35")
def test_a_text_rests_by_its_box_a_twentieth_from_the_edge() -> None:
    assert box("words") == (116, 480, 640, 120)
    assert box("words", valign="top") == (116, 64, 640, 120)
    assert box("words", valign="bottom") == (116, 896, 640, 120)
    assert box("words", valign="bottom", y=-0.1) == (116, 788, 640, 120)


@pytest.mark.rule("export-X28", "export-X35")
def test_another_output_scales_the_whole_canvas() -> None:
    tall = fitted_canvas(1920, 1080, 1080, 1920)
    assert box("wide", tall) == (0, 656, 1080, 608)
    assert box("wide", tall, scale_x=0.5, scale_y=0.5, x=0.25, y=0.25) == (540, 960, 540, 304)
    even = fitted_canvas(1921, 1081, 1920, 1080)
    assert (even.scale, even.left, even.top) == (1.0, 0.0, 0.0)
