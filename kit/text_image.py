# pyright: basic
# skia-python carries no types; this file alone imports it, and only when the first text is drawn: without the
# system's libGL and libEGL nothing but text fails, with one clear line.
"""Styled text -> RGBA bitmap, drawn once for preview and export (`editor.md`, section 6).

Layout is at the canvas's size; the raster scale only enlarges the drawing. Only our own fonts are used, the
system's never leak in. A picture is straight alpha, and colours run on under transparent pixels, because 4:2:0
averages them in.
"""

import struct
import threading
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from kit.fonts import FontFile, builtin_fonts
from kit.text_errors import TextUnavailable

if TYPE_CHECKING:
    import skia

MILLION: Final = 1_000_000
PIXELS_MAX: Final = 40_000_000
FONT_PIXELS_MAX: Final = 4_000.0
HIGHLIGHT: Final = "#ffd54aff"  # the word being said
VISIBLE_ALPHA_MIN: Final = 8  # below this, dividing by alpha has lost the colour
MARGIN: Final = 2  # pixels around the ink, so that edges can be resampled
RIGHT_TO_LEFT: Final = ("R", "AL")
ISOLATE: Final = (
    "\u2067",
    "\u2069",
)  # the binding cannot set a direction: right-to-left isolates do


@dataclass(frozen=True, slots=True)
class TextImage:
    """A drawn text. `x`, `y` is its top left in the text box, all lengths in pixels of the bitmap.

    `missing_glyphs` are the characters that no font has; they are left out of the drawing.
    """

    png: bytes
    width: int
    height: int
    x: int
    y: int
    box_width: int
    box_height: int
    missing_glyphs: str


def draw_text(spec: Mapping[str, Any]) -> TextImage:
    """Draw a text spec (`timeline/text_spec.py`). The same spec gives the same bytes. TextUnavailable."""
    fonts = _fonts()
    with fonts.lock:  # skia's font collections are not for two threads at once
        return _Drawing(spec, fonts).image()


class _Fonts:
    """The shipped faces as skia knows them, and which characters they have."""

    def __init__(self, skia_module: Any, files: Sequence[FontFile]) -> None:
        self.skia = skia_module
        self.lock = threading.Lock()
        layout = skia_module.textlayout
        provider = layout.TypefaceFontProvider()
        maker = layout.TypefaceFontProvider.New_Custom_Empty()
        self.faces = [maker.makeFromFile(str(file.path)) for file in files]
        self.families: list[str] = []
        for face in self.faces:
            provider.registerTypeface(face)
            if face.getFamilyName() not in self.families:
                self.families.append(face.getFamilyName())
        self.collection = layout.FontCollection()
        self.collection.setDefaultFontManager(provider)
        self.unicode = skia_module.Unicodes.ICU.Make()

    def has(self, character: str) -> bool:
        return any(face.unicharToGlyph(ord(character)) for face in self.faces)


@cache
def _fonts() -> _Fonts:
    try:
        import skia as skia_module  # noqa: PLC0415 - see the head of this file
    except ImportError as error:
        raise TextUnavailable(
            f"text cannot be drawn: {error}; install libgl1 and libegl1"
        ) from error
    return _Fonts(skia_module, builtin_fonts())


def _is_silent(character: str) -> bool:
    """Characters that no font need draw: spaces, controls, joiners, variation selectors."""
    is_selector = "\ufe00" <= character <= "\ufe0f"
    return is_selector or character.isspace() or unicodedata.category(character) in ("Cc", "Cf")


class _Drawing:
    """One text on its way to a bitmap; lengths of the spec become pixels of the canvas."""

    def __init__(self, spec: Mapping[str, Any], fonts: _Fonts) -> None:
        self._spec, self._fonts, self._skia = spec, fonts, fonts.skia
        self._scale = int(spec["raster_scale"])
        self._size = min(FONT_PIXELS_MAX, max(1.0, self._pixels("font_size")))
        text = str(spec["text"]).replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
        missing = {
            character
            for character in text
            if not _is_silent(character) and not fonts.has(character)
        }
        self._missing = "".join(sorted(missing))
        # A font would draw controls as boxes, and the binding would end the text at a NUL.
        controls = {sign for sign in text if sign != "\n" and unicodedata.category(sign) == "Cc"}
        highlight = spec.get("highlight")
        self._runs = _runs(
            text, missing | controls, (highlight[0], highlight[1]) if highlight else None
        )
        self._box_width = max(1.0, spec["box_width"] / MILLION * spec["width"])

    def _pixels(self, name: str) -> float:
        return self._spec[name] / MILLION * self._spec["height"]

    def image(self) -> TextImage:
        skia, scale = self._skia, self._scale
        outline = max(0.0, self._pixels("outline_width"))
        blur = max(0.0, self._pixels("shadow_blur"))
        shift = (self._pixels("shadow_x"), self._pixels("shadow_y"))
        padding = max(0.0, self._pixels("padding"))
        fill = self._paragraph(None)
        layout_height = fill.Height
        has_shadow = shift != (0.0, 0.0) or blur > 0
        reach = (
            outline
            + padding
            + self._size / 2
            + (3 * blur + max(map(abs, shift)) if has_shadow else 0)
            + MARGIN
        )
        left, top = -reach, -reach
        width = int((self._box_width + 2 * reach) * scale) + 1
        height = int((layout_height + 2 * reach) * scale) + 1
        height = min(height, PIXELS_MAX // max(1, width))
        surface = skia.Surface.MakeRaster(skia.ImageInfo.MakeN32Premul(width, height))
        canvas = surface.getCanvas()
        canvas.clear(skia.ColorTRANSPARENT)
        canvas.scale(scale, scale)
        canvas.translate(-left, -top)
        self._background(canvas, fill, padding)
        if has_shadow:
            color = self._spec["shadow_color"]
            canvas.save()
            canvas.translate(*shift)
            self._paragraph(self._paint(color, outline=outline, blur=blur)).paint(canvas, 0, 0)
            canvas.restore()
        if outline > 0:
            self._paragraph(self._paint(self._spec["outline_color"], outline=outline)).paint(
                canvas, 0, 0
            )
        fill.paint(canvas, 0, 0)
        pixels = np.zeros((height, width, 4), np.uint8)
        info = skia.ImageInfo.Make(
            width, height, skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType
        )
        surface.makeImageSnapshot().readPixels(info, pixels, width * 4, 0, 0)
        return self._cropped(pixels, (round(left * scale), round(top * scale)), layout_height)

    def _background(self, canvas: Any, paragraph: Any, padding: float) -> None:
        """A plate behind the lines, as wide as the longest of them."""
        color = self._spec["color_bg"]
        if color.endswith("00") or not self._runs:
            return
        width = paragraph.LongestLine
        free = self._box_width - width
        left = {"left": 0.0, "right": free}.get(self._spec["align"], free / 2)
        rect = self._skia.Rect.MakeXYWH(
            left - padding, -padding, width + 2 * padding, paragraph.Height + 2 * padding
        )
        canvas.drawRect(rect, self._paint(color))

    def _paint(self, color: str, *, outline: float = 0.0, blur: float = 0.0) -> "skia.Paint":
        skia = self._skia
        red, green, blue, alpha = (int(color[at : at + 2], 16) for at in (1, 3, 5, 7))
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(red, green, blue, alpha))
        if outline > 0:
            paint.setStyle(skia.Paint.kStrokeAndFill_Style)
            paint.setStrokeWidth(2 * outline)
            paint.setStrokeJoin(skia.Paint.kRound_Join)
        if blur > 0:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
        return paint

    def _paragraph(self, paint: Any) -> Any:
        """The laid out text; all passes share one layout, only the paint differs."""
        layout = self._skia.textlayout
        align = {"left": layout.TextAlign.kLeft, "right": layout.TextAlign.kRight}
        style = layout.ParagraphStyle()
        style.setTextAlign(align.get(self._spec["align"], layout.TextAlign.kCenter))
        style.setTextStyle(self._style(paint or self._paint(self._spec["color_fg"])))
        builder = layout.ParagraphBuilder.make(style, self._fonts.collection, self._fonts.unicode)
        for text, is_highlighted in self._runs:
            color = HIGHLIGHT if is_highlighted else self._spec["color_fg"]
            builder.pushStyle(self._style(paint or self._paint(color)))
            builder.addText(text)
            builder.pop()
        paragraph = builder.Build()
        paragraph.layout(self._box_width)
        return paragraph

    def _style(self, paint: Any) -> Any:
        skia, spec = self._skia, self._spec
        style = skia.textlayout.TextStyle()
        style.setFontFamilies(self._fonts.families)
        style.setFontSize(self._size)
        weight = 700 if spec["font_weight"] >= 550 else 400
        slant = skia.FontStyle.kItalic_Slant if spec["italic"] else skia.FontStyle.kUpright_Slant
        style.setFontStyle(skia.FontStyle(weight, skia.FontStyle.kNormal_Width, slant))
        style.setLetterSpacing(self._pixels("letter_spacing"))
        style.setHeight(max(0.0, spec["line_height"] / MILLION))
        style.setHeightOverride(True)
        style.setHalfLeading(True)
        style.setForegroundPaint(paint)
        return style

    def _cropped(
        self, pixels: NDArray[np.uint8], origin: tuple[int, int], layout_height: float
    ) -> TextImage:
        rows = np.flatnonzero(pixels[:, :, 3].any(axis=1))
        columns = np.flatnonzero(pixels[:, :, 3].any(axis=0))
        top, bottom = (int(rows[0]), int(rows[-1])) if len(rows) else (0, 0)
        left, right = (int(columns[0]), int(columns[-1])) if len(columns) else (0, 0)
        top, left = max(0, top - MARGIN), max(0, left - MARGIN)
        cut = pixels[top : bottom + 1 + MARGIN, left : right + 1 + MARGIN]
        color = self._spec["color_fg"]
        plain = tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
        return TextImage(
            png=png_bytes(_bled(cut, (plain[0], plain[1], plain[2]))),
            width=cut.shape[1],
            height=cut.shape[0],
            x=origin[0] + left,
            y=origin[1] + top,
            box_width=round(self._box_width * self._scale),
            box_height=max(1, round(layout_height * self._scale)),
            missing_glyphs=self._missing,
        )


def _runs(text: str, hidden: set[str], highlight: tuple[int, int] | None) -> list[tuple[str, bool]]:
    """Pieces of text with whether they are highlighted; right-to-left lines stand in isolates."""
    runs: list[tuple[str, bool]] = []
    at = 0
    for number, line in enumerate(text.split("\n")):
        before, after = ISOLATE if _is_right_to_left(line) else ("", "")
        runs.append((("\n" if number else "") + before, False))
        for index, character in enumerate(line, start=at):
            if character not in hidden:
                runs.append(
                    (character, highlight is not None and highlight[0] <= index < highlight[1])
                )
        runs.append((after, False))
        at += len(line) + 1
    joined: list[tuple[str, bool]] = []
    for piece, is_highlighted in runs:
        if joined and joined[-1][1] == is_highlighted:
            joined[-1] = (joined[-1][0] + piece, is_highlighted)
        elif piece:
            joined.append((piece, is_highlighted))
    return [run for run in joined if run[0]]


def _is_right_to_left(line: str) -> bool:
    """By its first strong character, as the bidirectional algorithm says (UAX 9, P2)."""
    for character in line:
        direction = unicodedata.bidirectional(character)
        if direction == "L" or direction in RIGHT_TO_LEFT:
            return direction in RIGHT_TO_LEFT
    return False


def _bled(pixels: NDArray[np.uint8], plain: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Clear and nearly clear pixels take the mean colour of visible neighbours, the others the text's own."""
    out = pixels.copy()
    visible = pixels[:, :, 3] >= VISIBLE_ALPHA_MIN
    alpha = pixels[:, :, 3].astype(np.int64) * visible
    weights = np.pad(alpha, 1)
    colors = np.pad(pixels[:, :, :3].astype(np.int64) * alpha[:, :, None], ((1, 1), (1, 1), (0, 0)))
    height, width = visible.shape
    count = np.zeros((height, width), np.int64)
    total = np.zeros((height, width, 3), np.int64)
    for down in range(3):
        for right in range(3):
            count += weights[down : down + height, right : right + width]
            total += colors[down : down + height, right : right + width]
    out[~visible, :3] = plain
    edge = ~visible & (count > 0)
    out[edge, :3] = (total[edge] // count[edge][:, None]).astype(np.uint8)
    return out


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """An RGBA picture as PNG, always the same bytes (ISO/IEC 15948)."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 4 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, 4 * width)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 6)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"sRGB", b"\0")
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
    )
