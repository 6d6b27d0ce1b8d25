"""A film in another shape stands on a blurred copy of itself, instead of on the background [export-X66].

The copy is drawn small, blurred small, and then made as large as covers everything: what is blurred has no
detail to lose, and a small blur costs next to nothing.
"""

from collections.abc import Sequence
from typing import Final

from timeline.drawing import covers, drawn_layers
from timeline.geometry import Canvas, Materials
from timeline.plan import Box, FillSource, GroupSource, PlannedEffect, PlannedLayer
from timeline.strands import Strand

LONG_SIDE: Final = 240  # pixels of the small copy
SIGMA: Final = 0.015  # of its long side


def on_backdrop(
    strands: Sequence[Strand],
    drawn: tuple[PlannedLayer, ...],
    canvas: Canvas,
    materials: Materials,
) -> tuple[PlannedLayer, ...]:
    """The drawn layers with their blurred copy below; as they are where one of them hides all below."""
    if not drawn or any(covers(layer, canvas.whole, materials) for layer in drawn):
        return drawn
    return (_backdrop(strands, canvas, materials), *drawn)


def _backdrop(strands: Sequence[Strand], canvas: Canvas, materials: Materials) -> PlannedLayer:
    ratio = LONG_SIDE / max(canvas.width, canvas.height)
    width, height = _even(canvas.width * ratio), _even(canvas.height * ratio)
    scale = width / canvas.width
    small = Canvas(canvas.width, canvas.height, width, height, scale, background=canvas.background)
    ground = PlannedLayer(FillSource(f"{canvas.background}ff"), box=small.whole)
    copy = GroupSource((ground, *drawn_layers(strands, small, materials)), (width, height))
    sigma = SIGMA * LONG_SIDE
    blur = PlannedEffect(
        "blur", 1, {"across": round(sigma / width, 6), "down": round(sigma / height, 6)}
    )
    blurred = PlannedLayer(copy, box=small.whole, effects=(blur,))
    return PlannedLayer(GroupSource((blurred,), (width, height)), box=_covering(canvas))


def _covering(canvas: Canvas) -> Box:
    """As large as covers the output, in the shape of the sequence, centred on even pixels."""
    scale = max(canvas.out_width / canvas.width, canvas.out_height / canvas.height)
    width = max(canvas.out_width, _even(canvas.width * scale + 1))
    height = max(canvas.out_height, _even(canvas.height * scale + 1))
    left, top = (canvas.out_width - width) // 4 * 2, (canvas.out_height - height) // 4 * 2
    return (left, top, width, height)


def _even(pixels: float) -> int:
    return max(2, int(pixels) // 2 * 2)
