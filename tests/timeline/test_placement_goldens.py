"""Where pictures stand, as numbers that the editor's preview must reach too: `tests/golden/placement`."""

from typing import Any, cast

import pytest

from tests.golden_cases import GoldenCase, golden_cases
from timeline.geometry import Canvas, Picture, placed
from timeline.plan import ImageSource, PlannedLayer, RenditionSource
from timeline.resolved import Layer
from timeline.strands import Strand


@pytest.mark.parametrize("case", golden_cases("placement"))
def test_pictures_stand_where_the_golden_cases_say(
    case: GoldenCase, *, update_golden: bool
) -> None:
    canvas = Canvas(*case.given["canvas"], *(side & ~1 for side in case.given["canvas"]))
    picture = picture_of(case.given["picture"])
    answers = [answer(props, picture, canvas, case.when) for props in case.given["props"]]
    case.check(answers, update=update_golden)


def picture_of(given: dict[str, Any]) -> Picture:
    source = RenditionSource("v") if given.get("video") else ImageSource("i")
    frame = given.get("frame", [given["width"], given["height"]])
    return Picture(
        source,
        given["width"],
        given["height"],
        frame[0],
        frame[1],
        *given.get("offset", [0, 0]),
        pixel=given.get("pixel", 1.0),
        is_text=given.get("is_text", False),
        font_size=given.get("font_size", 0.0),
    )


def answer(
    props: dict[str, Any], picture: Picture, canvas: Canvas, when: dict[str, Any]
) -> dict[str, Any] | None:
    layer = Layer("c", "media", props, 1.0, ())
    shift = cast("list[float] | None", when.get("shift"))
    shifts = None if shift is None else ((0.0, 0.0), (shift[0], shift[1]))
    found = placed(Strand(2 if shifts else 1, (layer,)), picture, canvas, shifts)
    if found is None:
        return None
    return {
        "crop": [*(found.crop or (0, 0, picture.width, picture.height))],
        "flip": found.flip,
        "quad": corners(found),
    }


def corners(found: PlannedLayer) -> list[float]:
    """The corners of the last frame."""
    if found.quads is not None:
        return [*found.quads[-1]]
    left, top, width, height = found.box or (0, 0, 0, 0)
    right, bottom = left + width, top + height
    return [left, top, right, top, left, bottom, right, bottom]
