"""Texts drawn with the shipped fonts: always the same, in every script, and honest about what is missing."""

import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kit.fonts import builtin_fonts, builtin_hashes
from kit.memory_store import MemoryStore
from kit.text_image import TextImage, draw_text, png_bytes
from kit.text_store import find_stored_text, stored_text
from tests.media import read_image
from timeline.text_spec import text_key, text_spec


def spec_of(
    text: str, *, scale: int = 1, highlight: tuple[int, int] | None = None, **style: Any
) -> dict[str, Any]:
    fonts = builtin_hashes()
    return dict(
        text_spec(
            text,
            style,
            width=1280,
            height=720,
            raster_scale=scale,
            fonts=fonts,
            highlight=highlight,
        )
    )


def drawn(text: str, **style: Any) -> TextImage:
    return draw_text(spec_of(text, **style))


def pixels(image: TextImage) -> NDArray[np.uint8]:
    return read_image(image.png, image.width, image.height)


@pytest.mark.rule("operations-T2")
def test_the_same_spec_gives_the_same_bytes_in_another_process() -> None:
    spec = spec_of("Hello, world", outline_width=0.004, shadow_blur=0.004, shadow_x=0.01)
    code = f"import sys; from kit.text_image import draw_text; sys.stdout.buffer.write(draw_text({spec!r}).png)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert other.stdout == draw_text(spec).png == draw_text(spec).png


@pytest.mark.rule("operations-T2")
def test_a_larger_raster_scale_only_enlarges() -> None:
    one, four = drawn("Two words\nand a line"), drawn("Two words\nand a line", scale=4)
    assert (four.box_width, round(four.box_height / 4)) == (4 * one.box_width, one.box_height)
    assert abs(four.width - 4 * one.width) <= 24
    assert abs(four.height - 4 * one.height) <= 24
    assert abs(four.x - 4 * one.x) <= 24


@pytest.mark.rule("operations-T2")
def test_text_lies_in_its_box_as_it_is_aligned() -> None:
    images = {align: drawn("Hi", align=align) for align in ("left", "center", "right")}
    box = images["left"].box_width
    assert box == round(0.9 * 1280)
    assert images["left"].x < 10
    assert abs(images["center"].x + images["center"].width / 2 - box / 2) < 8
    assert abs(images["right"].x + images["right"].width - box) < 10


@pytest.mark.rule("operations-T2")
def test_colours_run_on_under_transparent_pixels() -> None:
    body = pixels(drawn("Oo", color_fg="#3366cc"))
    clear = body[body[:, :, 3] == 0]
    assert len(clear)
    assert np.abs(clear[:, :3].astype(int) - (0x33, 0x66, 0xCC)).max() <= 40
    solid = body[body[:, :, 3] == 255]
    assert (solid[:, :3] == (0x33, 0x66, 0xCC)).all()


@pytest.mark.rule("operations-T3")
@pytest.mark.parametrize(
    "text", ["Grüße, Ωμέγα, Привет", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया", "ওহে বিশ্ব"]
)
def test_every_shipped_script_has_all_its_glyphs(text: str) -> None:
    image = drawn(text)
    assert image.missing_glyphs == ""
    assert (pixels(image)[:, :, 3] > 0).mean() > 0.05


@pytest.mark.rule("operations-T3")
def test_what_no_font_has_is_named_and_left_out() -> None:
    image = drawn("ok 漢😀 ok")
    assert image.missing_glyphs == "漢😀"
    plain = drawn("ok  ok")
    assert (image.width, image.png) == (plain.width, plain.png)
    assert drawn("a\u200db\ufe0f\tc\r\nd").missing_glyphs == ""


@pytest.mark.rule("operations-T3")
def test_control_characters_are_left_out_and_end_no_text() -> None:
    assert drawn("a\0b\x01\x1b\x7f\x85").png == drawn("ab").png


@pytest.mark.rule("operations-T4")
def test_a_right_to_left_line_ends_on_the_left() -> None:
    exclaimed, plain = pixels(drawn("שלום!", align="right")), pixels(drawn("שלום", align="right"))
    extra = exclaimed.shape[1] - plain.shape[1]
    assert extra > 5
    rows = min(len(exclaimed), len(plain))
    assert (exclaimed[:rows, extra + 8 :, 3] == plain[:rows, 8:, 3]).mean() > 0.95


@pytest.mark.rule("operations-T4")
def test_a_highlighted_word_changes_a_colour_and_moves_nothing() -> None:
    plain, lit = drawn("the spoken word"), drawn("the spoken word", highlight=(4, 10))
    places = [(image.x, image.y, image.width, image.height) for image in (plain, lit)]
    assert places[0] == places[1]
    before, after = pixels(plain).astype(int), pixels(lit).astype(int)
    assert np.abs(before[:, :, 3] - after[:, :, 3]).max() < 40
    assert (after[:, :, 2] < 128)[after[:, :, 3] == 255].any()
    assert (before[:, :, 2] == 255)[before[:, :, 3] == 255].all()


@pytest.mark.rule("operations-T4")
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("مرحبا بالعالم", (0, 5)),
        ("مرحبا بالعالم", (6, 13)),
        ("নমস্কার বিশ্ব", (0, 7)),
        ("नमस्ते दुनिया", (7, 13)),
        ("שלום עולם", (5, 9)),
    ],
)
def test_a_highlighted_word_keeps_the_shapes_of_joined_scripts(
    text: str, word: tuple[int, int]
) -> None:
    plain, lit = drawn(text), drawn(text, highlight=word)
    before, after = pixels(plain).astype(int), pixels(lit).astype(int)
    assert before.shape == after.shape
    assert np.abs(before[:, :, 3] - after[:, :, 3]).max() < 40
    solid = after[:, :, 3] == 255
    share = (after[:, :, 2] < 128)[solid].mean()
    assert 0.2 < share < 0.8


@pytest.mark.rule("operations-T6")
def test_an_outline_grows_the_ink_by_its_width_on_each_side() -> None:
    plain = drawn("Ink", font_size=0.2)
    lined = drawn("Ink", font_size=0.2, outline_width=0.01, outline_color="#ff0000")
    assert lined.width - plain.width == pytest.approx(2 * 0.01 * 720, abs=2)
    assert plain.x - lined.x == pytest.approx(0.01 * 720, abs=2)
    picture = pixels(lined).astype(int)
    solid = picture[:, :, 3] == 255
    red = (picture[:, :, 1] < 60) & (picture[:, :, 0] > 200) & solid
    white = (picture[:, :, 1] > 200) & solid
    assert red.any()
    assert white.any()


@pytest.mark.rule("operations-T6")
def test_a_shadow_lies_where_it_is_shifted_to_and_is_as_soft_as_asked() -> None:
    style = {"font_size": 0.2, "shadow_color": "#0000ffff", "shadow_x": 0.05, "shadow_y": 0.03}
    plain, hard = drawn("I", font_size=0.2), drawn("I", **style)
    soft = drawn("I", **style, shadow_blur=0.01)
    assert hard.width - plain.width == pytest.approx(0.05 * 720, abs=2)
    assert hard.height - plain.height == pytest.approx(0.03 * 720, abs=2)
    assert soft.width - hard.width > 0.01 * 720
    picture = pixels(hard).astype(int)
    blue = (picture[:, :, 2] > 200) & (picture[:, :, 0] < 60) & (picture[:, :, 3] == 255)
    white = (picture[:, :, 0] > 200) & (picture[:, :, 3] == 255)
    assert np.nonzero(blue)[1].mean() > np.nonzero(white)[1].mean()


@pytest.mark.rule("operations-T6")
@pytest.mark.parametrize(("align", "side"), [("left", 0), ("center", 1), ("right", 2)])
def test_a_plate_lies_behind_the_longest_line_with_its_padding(align: str, side: int) -> None:
    style = {"font_size": 0.1, "align": align}
    plain = drawn("short\nthe longer line", **style)
    image = drawn("short\nthe longer line", **style, color_bg="#00ff00ff", padding=0.03)
    picture = pixels(image).astype(int)
    middle = picture[image.height // 2]
    inside = np.nonzero(middle[:, 3] == 255)[0]
    assert len(inside) == pytest.approx(plain.width - 4 + 2 * 0.03 * 720, abs=8)
    left = image.x + inside[0]
    right = image.box_width - (image.x + inside[-1])
    expected = (-0.03 * 720, None, -0.03 * 720)[side]
    if align == "center":
        assert left == pytest.approx(right, abs=3)
    else:
        assert (left if align == "left" else right) == pytest.approx(expected, abs=3)


@pytest.mark.rule("operations-T2")
@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200f"])
def test_a_text_without_ink_is_a_tiny_clear_picture(text: str) -> None:
    image = drawn(text)
    assert image.width * image.height <= 100
    assert not pixels(image)[:, :, 3].any()


@pytest.mark.rule("operations-T2")
def test_huge_and_hostile_styles_stay_within_bounds() -> None:
    for style in (
        {"font_size": 10},
        {"font_size": -1},
        {"shadow_blur": 10, "outline_width": 10},
        {"line_height": -1},
    ):
        image = drawn("x" * 200 + "\n" * 50, scale=4, **style)
        assert image.width * image.height <= 40_000_000


@pytest.mark.rule("operations-T5")
def test_a_text_is_drawn_once_and_then_found() -> None:
    store = MemoryStore()
    spec = spec_of("Once")
    name = text_key(spec)
    assert find_stored_text(store, name) is None
    one = stored_text(store, name, spec)
    assert stored_text(store, name, {}) == one
    with store.open(one.key) as file:
        assert file.read() == draw_text(spec).png


@pytest.mark.rule("operations-T3")
def test_the_shipped_fonts_are_there_and_small() -> None:
    files = builtin_fonts()
    assert sum(file.path.stat().st_size for file in files) < 6_000_000
    assert {(400, False), (700, False), (400, True)} <= {
        (file.weight, file.italic) for file in files
    }
    assert len(set(builtin_hashes())) == len(files)


@pytest.mark.rule("operations-T2")
def test_the_png_writer_keeps_every_value() -> None:
    body = np.random.default_rng(3).integers(0, 256, (7, 11, 4)).astype(np.uint8)
    assert (read_image(png_bytes(body), 11, 7) == body).all()
    assert io.BytesIO(png_bytes(body)).read(8) == b"\x89PNG\r\n\x1a\n"
