"""Where a picture stands: size, fit, crop, anchor, place and rotation -> output pixels.

The only place with sines: they differ between languages and machines, so the plan carries results.
A picture's frame is what `fit`, `anchor` and crop speak of; for a drawn text it is the text box.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from timeline.media import MediaTable, TextBitmap
from timeline.model import Json
from timeline.plan import (
    Box,
    FillSource,
    Flip,
    GeneratorSource,
    ImageSource,
    Numbers,
    PlannedLayer,
    Quad,
    RenditionSource,
    Source,
    Window,
)
from timeline.resolved import Layer
from timeline.strands import Strand, number, opaque_color, rounded, text_name

HUGE: Final = 2  # a box this many times the canvas is cut to what can be seen before it is scaled
TEXT_MARGIN: Final = 0.05  # canvas heights between a text at the top or bottom and the edge
SLATE_COLOR: Final = "#26292eff"
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A sequence's canvas laid on an output: `scale`, and the place of its top left corner.

    `background` is the colour under everything; a nested sequence has none.
    """

    width: int
    height: int
    out_width: int
    out_height: int
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    background: str | None = None

    @property
    def whole(self) -> Box:
        return (0, 0, self.out_width, self.out_height)


def fitted_canvas(
    width: int, height: int, out_width: int, out_height: int, *, cover: bool = False
) -> Canvas:
    """The sequence as large as it goes, centred, or as small as covers everything.

    One that was only rounded down to even keeps its pixels.
    """
    if 0 <= width - out_width <= 1 and 0 <= height - out_height <= 1:
        return Canvas(width, height, out_width, out_height)
    scales = (out_width / width, out_height / height)
    scale = max(scales) if cover else min(scales)
    left = (out_width - width * scale) / 2
    top = (out_height - height * scale) / 2
    return Canvas(width, height, out_width, out_height, scale, left, top)


@dataclass(frozen=True, slots=True)
class Materials:
    """What drawing must know beside the layers: media facts, and drawn texts by `text_name`.

    `texts` None: nothing is drawn yet, and stand-ins tell where it will be. `slates` are the texts
    of missing media by clip; `opaque_images` the stills that hide what is below.
    """

    media: MediaTable
    texts: Mapping[str, TextBitmap] | None = None
    slates: Mapping[str, TextBitmap] = field(default_factory=dict[str, TextBitmap])
    opaque_images: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A source, its size in own pixels, and where it lies in the frame that is placed.

    `pixel` own pixels make one unit of the frame; `is_text` pictures are laid out at sequence size,
    and grow with an animated `font_size` from the one they were drawn with.
    """

    source: Source
    width: int
    height: int
    frame_width: float
    frame_height: float
    offset_x: float = 0.0
    offset_y: float = 0.0
    pixel: float = 1.0
    is_text: bool = False
    font_size: float = 0.0


def pictures_of(strand: Strand, canvas: Canvas, materials: Materials) -> tuple[Picture, ...]:
    """What a layer shows, bottom to top; nested sequences are drawn by `drawing.py`."""
    layer = strand.first
    match layer.kind:
        case "media":
            return _media_pictures(layer, canvas, materials)
        case "generator":
            return (_plain(_generator(layer), canvas),)
        case "title" | "captions":
            if materials.texts is None:
                return _undrawn(layer, canvas)
            bitmap = materials.texts.get(text_name(layer))
            return () if bitmap is None else (_text(bitmap),)
        case _:
            return ()


def _media_pictures(layer: Layer, canvas: Canvas, materials: Materials) -> tuple[Picture, ...]:
    facts = materials.media.get(layer.asset or "")
    if facts is not None and layer.media == "ready":
        if facts.picture is not None:
            found = facts.picture
            return (_own(RenditionSource(found.hash), found.width, found.height),)
        if facts.still is not None:
            still = facts.still
            return (_own(ImageSource(still.hash), still.width, still.height),)
    slate = _plain(FillSource(SLATE_COLOR), canvas)
    bitmap = materials.slates.get(layer.clip)
    return (slate,) if bitmap is None else (slate, _text(bitmap))


def _own(source: Source, width: int, height: int) -> Picture:
    return Picture(source, width, height, width, height)


def _plain(source: Source, canvas: Canvas) -> Picture:
    return Picture(source, canvas.width, canvas.height, canvas.width, canvas.height)


def nested_picture(source: Source, size: tuple[int, int]) -> Picture:
    return _own(source, *size)


def _text(bitmap: TextBitmap) -> Picture:
    scale = bitmap.raster_scale
    return Picture(
        ImageSource(bitmap.hash),
        bitmap.width,
        bitmap.height,
        bitmap.box_width / scale,
        bitmap.box_height / scale,
        bitmap.x / scale,
        bitmap.y / scale,
        pixel=scale,
        is_text=True,
        font_size=bitmap.font_size,
    )


def _undrawn(layer: Layer, canvas: Canvas) -> tuple[Picture, ...]:
    """A text that is still to be drawn: of unknown size, but nothing under it can be copied."""
    if not str(layer.props.get("text", "")).strip():
        return ()
    height = max(1, canvas.height // 10)
    source = ImageSource(f"undrawn/{text_name(layer)}")
    frame = (float(canvas.width), float(height))
    return (Picture(source, canvas.width, height, *frame, is_text=True),)


def _generator(layer: Layer) -> Source:
    color = str(layer.props.get("p:color", "#000000"))
    if layer.generator == "gradient":
        params: dict[str, Json] = {
            "color": opaque_color(color),
            "color_2": opaque_color(str(layer.props.get("p:color_2", "#ffffff"))),
            "angle_deg": rounded(number(layer.props, "p:angle_deg")),
        }
        return GeneratorSource("gradient", params)
    if layer.generator == "bars":
        return GeneratorSource("bars", {})
    return FillSource(color.lower() if len(color) == 9 else opaque_color(color))


def placed(
    strand: Strand,
    picture: Picture,
    canvas: Canvas,
    shifts: Sequence[tuple[float, float]] | None = None,
) -> PlannedLayer | None:
    """The picture at its place, without alpha and the rest; None where it is never on the canvas.

    `shifts` move it in output pixels: one for each frame.
    """
    flip = _flip(strand.first)
    crop, window = _cropped(strand, picture, flip)
    if crop[2] < 1 or crop[3] < 1:
        return None
    moves = shifts or ((0.0, 0.0),)
    count = max(len(strand.values), len(moves))
    quads = tuple(
        _moved(
            _quad(strand.values[min(index, len(strand.values) - 1)], picture, crop, flip, canvas),
            moves[min(index, len(moves) - 1)],
        )
        for index in range(count)
    )
    if len(set(quads)) == 1:
        quads = quads[:1]
    if not any(_is_on(quad, canvas) for quad in quads):
        return None
    box = _box(quads[0]) if len(quads) == 1 else None
    rounded_quads = None if box is not None else tuple(_rounded_quad(quad) for quad in quads)
    if box is not None:
        if box[2] < 1 or box[3] < 1:
            return None
        is_huge = box[2] > HUGE * canvas.out_width or box[3] > HUGE * canvas.out_height
        if is_huge and window is None:
            crop, box = _cut_to_canvas(crop, box, flip, canvas)
    whole = (0, 0, picture.width, picture.height)
    return PlannedLayer(
        picture.source,
        flip=flip,
        crop=None if crop == whole else crop,
        window=window,
        box=box,
        quads=rounded_quads,
    )


def _cropped(strand: Strand, picture: Picture, flip: Flip) -> tuple[Box, Window | None]:
    """All that is ever left of the picture, and what of that is shown at each frame where it changes."""
    crops = [_crop(layer, picture) for layer in strand.values]
    shown = [crop for crop in crops if crop[2] > 0 and crop[3] > 0]
    if len(set(crops)) == 1 or not shown:
        return crops[0], None
    left, top = min(crop[0] for crop in shown), min(crop[1] for crop in shown)
    width = max(crop[0] + crop[2] for crop in shown) - left
    height = max(crop[1] + crop[3] for crop in shown) - top
    across = [((crop[0] - left) / width, crop[2] / width) for crop in crops]
    down = [((crop[1] - top) / height, crop[3] / height) for crop in crops]
    lefts, rights = _edges(across, mirrored="h" in flip)
    tops, bottoms = _edges(down, mirrored="v" in flip)
    return (left, top, width, height), Window(lefts, tops, rights, bottoms)


def _edges(parts: Sequence[tuple[float, float]], *, mirrored: bool) -> tuple[Numbers, Numbers]:
    low = [1 - at - extent if mirrored else at for at, extent in parts]
    high = [at + extent for at, (_, extent) in zip(low, parts, strict=True)]
    return _steadied(low), _steadied(high)


def _steadied(values: Sequence[float]) -> Numbers:
    numbers = tuple(rounded(value) for value in values)
    return numbers[0] if len(set(numbers)) == 1 else numbers


def _crop(layer: Layer, picture: Picture) -> Box:
    """Left, top, width, height in own pixels. Video is cut on even pixels, where its chroma has edges."""
    props = layer.props
    left = round(min(1.0, number(props, "crop_l")) * picture.width)
    top = round(min(1.0, number(props, "crop_t")) * picture.height)
    right = picture.width - round(min(1.0, number(props, "crop_r")) * picture.width)
    bottom = picture.height - round(min(1.0, number(props, "crop_b")) * picture.height)
    if not isinstance(picture.source, ImageSource) and (left, top) != (0, 0):
        left, top = left - left % 2, top - top % 2
    if not isinstance(picture.source, ImageSource):
        right, bottom = (
            min(right + right % 2, picture.width),
            min(bottom + bottom % 2, picture.height),
        )
    return (left, top, max(0, right - left), max(0, bottom - top))


def _flip(layer: Layer) -> Flip:
    across, down = layer.props.get("flip_h") is True, layer.props.get("flip_v") is True
    if across:
        return "hv" if down else "h"
    return "v" if down else ""


def _matrix(layer: Layer, picture: Picture, canvas: Canvas) -> Matrix:
    """Frame units -> output pixels: a, b, c, d, e, f of x' = a x + c y + e, y' = b x + d y + f."""
    props = layer.props
    fit_x, fit_y = fitted(props, picture, canvas)
    if picture.font_size:
        fit_x = fit_y = number(props, "font_size") / picture.font_size
    scale_x = fit_x * number(props, "scale_x", 1.0) * canvas.scale
    scale_y = fit_y * number(props, "scale_y", 1.0) * canvas.scale
    turn = math.radians(number(props, "rotation") % 360)
    cosine, sine = math.cos(turn), math.sin(turn)
    a, b = scale_x * cosine, scale_x * sine
    c, d = -scale_y * sine, scale_y * cosine
    anchor_x = number(props, "anchor_x", 0.5) * picture.frame_width
    anchor_y = number(props, "anchor_y", 0.5) * picture.frame_height
    at_x = canvas.left + (0.5 + number(props, "x")) * canvas.width * canvas.scale
    at_y = canvas.top + _rest_y(props, picture, canvas) * canvas.scale
    return (a, b, c, d, at_x - a * anchor_x - c * anchor_y, at_y - b * anchor_x - d * anchor_y)


def _rest_y(props: Mapping[str, Json], picture: Picture, canvas: Canvas) -> float:
    """Where the anchor stands, in canvas pixels from the top: texts may rest at the top or the bottom."""
    middle = (0.5 + number(props, "y")) * canvas.height
    if not picture.is_text:
        return middle
    slack = (canvas.height - picture.frame_height) / 2 - TEXT_MARGIN * canvas.height
    default = "middle"
    return middle + {"top": -slack, "bottom": slack}.get(str(props.get("valign", default)), 0.0)


def fitted(props: Mapping[str, Json], picture: Picture, canvas: Canvas) -> tuple[float, float]:
    """How many canvas pixels a unit of the picture's frame takes where its scale is 1."""
    fit = str(props.get("fit", "contain"))
    if fit == "none" or picture.is_text:
        return (1.0, 1.0)
    across, down = canvas.width / picture.frame_width, canvas.height / picture.frame_height
    if fit == "fill":
        return (across, down)
    both = max(across, down) if fit == "cover" else min(across, down)
    return (both, both)


def _quad(layer: Layer, picture: Picture, crop: Box, flip: Flip, canvas: Canvas) -> Quad:
    a, b, c, d, e, f = _matrix(layer, picture, canvas)
    left, top, width, height = crop
    if "h" in flip:
        left = picture.width - left - width
    if "v" in flip:
        top = picture.height - top - height
    x0 = picture.offset_x + left / picture.pixel
    y0 = picture.offset_y + top / picture.pixel
    x1, y1 = x0 + width / picture.pixel, y0 + height / picture.pixel
    corners = ((x0, y0), (x1, y0), (x0, y1), (x1, y1))
    return cast(
        "Quad", tuple(v for x, y in corners for v in (a * x + c * y + e, b * x + d * y + f))
    )


def _moved(quad: Quad, by: tuple[float, float]) -> Quad:
    return cast("Quad", tuple(value + by[index % 2] for index, value in enumerate(quad)))


def _rounded_quad(quad: Quad) -> Quad:
    return cast("Quad", tuple(rounded(value) for value in quad))


def _is_on(quad: Quad, canvas: Canvas) -> bool:
    across, down = quad[0::2], quad[1::2]
    return (
        max(across) > 0
        and max(down) > 0
        and min(across) < canvas.out_width
        and min(down) < canvas.out_height
    )


def _box(quad: Quad) -> Box | None:
    """The quad as whole pixels where it stands upright."""
    x0, y0, x1, y1, x2, y2, x3, y3 = quad
    slant = max(abs(x0 - x2), abs(x1 - x3), abs(y0 - y1), abs(y2 - y3))
    if slant > 1e-6 or x1 < x0 or y2 < y0:
        return None
    left, top, right, bottom = (math.floor(rounded(v) + 0.5) for v in (x0, y0, x3, y3))
    return (left, top, right - left, bottom - top)


def _cut_to_canvas(crop: Box, box: Box, flip: Flip, canvas: Canvas) -> tuple[Box, Box]:
    """A hugely enlarged picture, cut to the source pixels that can be seen."""
    left, width, at_x, across = _cut(
        (crop[0], crop[2]), (box[0], box[2]), canvas.out_width, mirrored="h" in flip
    )
    top, height, at_y, down = _cut(
        (crop[1], crop[3]), (box[1], box[3]), canvas.out_height, mirrored="v" in flip
    )
    return (left, top, width, height), (at_x, at_y, across, down)


def _cut(
    source: tuple[int, int], target: tuple[int, int], limit: int, *, mirrored: bool
) -> tuple[int, int, int, int]:
    start, length = source
    at, extent = target
    zoom = extent / length
    first = max(0, math.floor((0 - at) / zoom) - 1) // 2 * 2
    last = min(length, math.ceil((limit - at) / zoom) + 1)
    last = min(length, last + (last - first) % 2)
    begin = round(at + first * zoom)
    end = round(at + last * zoom)
    offset = length - last if mirrored else first
    return start + offset, last - first, begin, end - begin
