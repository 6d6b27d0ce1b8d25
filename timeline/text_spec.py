"""What a drawn text is: its spec, the key of its bitmap, and how large to draw it (`editor.md`, section 6).

The spec is canonical JSON of whole numbers and text only, so the editor in TypeScript builds the same bytes and
so the same key. Lengths are millionths of the canvas height (`box_width`: of its width; `line_height`: of the
size), rounded half up.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Final

from timeline.model import Json
from timeline.schema import TEXT_STYLE

SPEC_VERSION: Final = 1
RASTERISER: Final = "skia-144.1/1"
"""Raised whenever the same spec would be drawn differently."""
MILLION: Final = 1_000_000
TEXT_MAX: Final = 5_000
LENGTHS: Final = (
    *("font_size", "line_height", "letter_spacing", "padding", "outline_width"),
    *("shadow_x", "shadow_y", "shadow_blur", "box_width"),
)
PLAIN: Final = (
    *(
        "font",
        "font_weight",
        "italic",
        "align",
        "color_fg",
        "color_bg",
        "outline_color",
        "shadow_color",
    ),
)


def text_spec(
    text: str,
    style: Mapping[str, Json],
    *,
    width: int,
    height: int,
    raster_scale: int,
    fonts: Sequence[str],
    highlight: tuple[int, int] | None = None,
) -> dict[str, Json]:
    """The spec of one bitmap.

    `style` holds text style keys of the document, missing ones have their defaults; others are ignored. `width`,
    `height` are the sequence's, `fonts` the sha256 of the font files of the family, in any order. `highlight` is
    the word being said, as [start, end) in code points. A text is cut at 5000 code points.
    """
    spec: dict[str, Json] = {
        "version": SPEC_VERSION,
        "rasteriser": RASTERISER,
        "text": text[:TEXT_MAX],
        "width": width,
        "height": height,
        "raster_scale": raster_scale,
        "fonts": [*sorted(fonts)],
        "highlight": [*highlight] if highlight else None,
    }
    for name in PLAIN:
        spec[name] = _value(style, name)
    for name in LENGTHS:
        value = _value(style, name)
        spec[name] = millionths(value) if isinstance(value, int | float) else 0
    for name in ("color_fg", "color_bg", "outline_color", "shadow_color"):
        spec[name] = full_color(str(spec[name]))
    return spec


def _value(style: Mapping[str, Json], name: str) -> Json:
    given = style.get(name)
    return TEXT_STYLE[name].default if given is None else given


def millionths(value: float) -> int:
    """Rounded half up: the same in both languages."""
    return math.floor(value * MILLION + 0.5)


def full_color(color: str) -> str:
    """`#rrggbbaa`, lower case."""
    lowered = color.lower()
    return lowered if len(lowered) == 9 else f"{lowered}ff"


def canonical_spec(spec: Mapping[str, Json]) -> str:
    """Sorted keys, no spaces, nothing escaped that need not be: equal specs have equal text."""
    return json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_key(spec: Mapping[str, Json]) -> str:
    """The sha256 of the spec, in hex: the bitmap's name in the object store, `text/KEY.png`."""
    return hashlib.sha256(canonical_spec(spec).encode("utf-8")).hexdigest()


def raster_scale(largest_scale: float, output_height: int, sequence_height: int) -> int:
    """How much larger than the sequence a text is drawn: the smallest of 1, 2, 4 that needs no enlarging."""
    needed = largest_scale * output_height / sequence_height
    return next((scale for scale in (1, 2) if scale >= needed), 4)


def word_range(text: str, words: Sequence[str], index: int) -> tuple[int, int] | None:
    """Where word `index` stands in the text of its cue, as [start, end) in code points; None where it does not."""
    at = 0
    for number, word in enumerate(words):
        start = text.find(word, at) if word else -1
        if number == index:
            return None if start < 0 else (start, start + len(word))
        at = at if start < 0 else start + len(word)
    return None
