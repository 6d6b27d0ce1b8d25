"""Recipes on streams: into and out of RGB, on a canvas, blended. Every conversion names both sides [export-X8]."""

import math
from collections.abc import Mapping
from typing import Final

from exporter.graph import Stream, chosen, text
from timeline.plan import GeneratorSource, ImageSource, Numbers, Source

SCALER: Final = "bicubic+accurate_rnd+full_chroma_int+bitexact"
BLENDS: Final[Mapping[str, str]] = {"add": "addition"}
_SAME: Final[dict[str, float | str]] = {
    "in_range": "tv",
    "out_range": "tv",
    "in_color_matrix": "bt709",
    "out_color_matrix": "bt709",
}


def in_yuv(
    stream: Stream,
    source: Source,
    size: tuple[int, int],
    target: tuple[int, int],
    *,
    with_alpha: bool,
) -> Stream:
    pixels = "yuva420p" if with_alpha else "yuv420p"
    if _is_rgb(source):
        options: dict[str, float | str] = {
            "in_range": "full",
            "out_range": "tv",
            "out_color_matrix": "bt709",
        }
    elif size == target:
        return stream.to("format", pixels)
    else:
        options = _SAME
    return stream.to("scale", *target, flags=SCALER, **options).to("format", pixels)


def _is_rgb(source: Source) -> bool:
    return isinstance(source, ImageSource | GeneratorSource)


def to_rgb(stream: Stream, pixels: str) -> Stream:
    scaled = stream.to(
        "scale", flags=SCALER, in_range="tv", out_range="full", in_color_matrix="bt709"
    )
    return scaled.to("format", pixels)


def from_rgb(stream: Stream, pixels: str) -> Stream:
    scaled = stream.to(
        "scale", flags=SCALER, in_range="full", out_range="tv", out_color_matrix="bt709"
    )
    return scaled.to("format", pixels)


def laid(base: Stream, chain: Stream, x: int, y: int) -> Stream:
    return base.with_other(chain, "overlay", x=x, y=y, format="yuv420", eof_action="endall")


def weighed(base: Stream, cover: Stream, weight: Stream) -> Stream:
    """`cover` over `base`, both whole and of one size, as far as `weight` says for each sample.

    A tenth of what `overlay` takes with an alpha that is the same everywhere.
    """
    return base.with_others((cover, weight), "maskedmerge")


def weight_text(alpha: float) -> str:
    return str(math.floor(alpha * 256 + 0.5))


def blended(base: Stream, layer: Stream, mode: str) -> Stream:
    """Mixed in planar RGB, because the modes mean colours and not their differences."""
    picture, other = layer.twice()
    below, backdrop = to_rgb(base, "gbrp").twice()
    mixed = backdrop.with_other(
        to_rgb(picture, "gbrp"), "blend", all_mode=BLENDS.get(mode, mode)
    ).with_other(other.to("alphaextract"), "alphamerge")
    laid = below.with_other(mixed, "overlay", x=0, y=0, format="gbrp", eof_action="endall")
    return from_rgb(laid, "yuv420p")


def blended_on_alpha(base: Stream, layer: Stream, mode: str) -> Stream:
    """Mixed as far as there is something below, plain where there is nothing (W3C Compositing, 5.9)."""
    below, backdrop = base.twice()
    colors, alpha = backdrop.twice()
    top, ink = layer.twice()
    plain, over = to_rgb(top, "gbrp").twice()
    mixed = to_rgb(colors, "gbrp").with_other(over, "blend", all_mode=BLENDS.get(mode, mode))
    there = mixed.with_other(alpha.to("alphaextract"), "alphamerge")
    color = plain.with_other(there, "overlay", x=0, y=0, format="gbrp", eof_action="endall")
    drawn = color.with_other(ink.to("alphaextract"), "alphamerge")
    return laid(below, from_rgb(drawn, "yuva420p"), 0, 0)


def thinned(picture: Stream, shade: Stream, pixels: str) -> Stream:
    """A picture in planar RGB with as much of its alpha as a grey picture says."""
    colors, other = picture.twice()
    alpha = other.to("alphaextract").with_other(shade, "blend", all_mode="multiply")
    return colors.with_other(alpha, "alphamerge").to("format", pixels)


def sharpened(picture: Stream, soft: Stream, amount: Numbers) -> Stream:
    """Each colour as far again from the blurred one as `amount` says; alpha stays as it is."""
    if not isinstance(amount, tuple):
        curve = f"clip(x+{text(amount)}*(x-y)+0.5,0,255)"
        return picture.with_other(soft, "lut2", c0=curve, c1=curve, c2=curve, c3="x")
    # A command crosses no filter with two inputs, so what changes is told by the number of the frame.
    times = chosen([text(one) for one in amount], "N", 1)
    curve = f"clip(A+({times})*(A-B)+0.5,0,255)"
    return picture.with_other(
        soft, "blend", c0_expr=curve, c1_expr=curve, c2_expr=curve, c3_expr="A"
    )


def shifted(chain: Stream, x: int, y: int) -> tuple[Stream, int, int]:
    """A clear column or row in front, in 4:4:4, so that the chroma stays where it belongs."""
    left, top = x % 2, y % 2
    full = chain.to("scale", flags=SCALER, **_SAME).to("format", "yuva444p")
    padded = full.to("pad", f"iw+{left}", f"ih+{top}", left, top, color="black@0")
    return padded.to("scale", flags=SCALER, **_SAME).to("format", "yuva420p"), x - left, y - top


def as_alpha(stream: Stream) -> Stream:
    """8 bits of 16: the filter before stops at 65280, which would leave what is whole a little clear."""
    return stream.to("format", "gray").to("lut", c0="val*255/254")
