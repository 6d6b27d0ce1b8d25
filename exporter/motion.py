"""Moving pictures: how large they are scaled once, and where the corners of their frame go."""

from collections.abc import Sequence
from typing import Final, cast

from timeline.plan import Quad

EDGE_PIXELS: Final = 2  # transparent pixels around what moves: what is sampled beyond is clear
SIDE_PIXELS_MAX: Final = 4096


def largest(quads: Sequence[Quad], native: tuple[int, int]) -> tuple[int, int]:
    """The largest size that a moving picture has, in even pixels; not more than twice its own."""

    def length(quad: Quad, to: int) -> float:
        return ((quad[to] - quad[0]) ** 2 + (quad[to + 1] - quad[1]) ** 2) ** 0.5

    across = max((length(quad, 2) for quad in quads), default=native[0])
    down = max((length(quad, 4) for quad in quads), default=native[1])
    return (
        even(min(across, max(2 * native[0], SIDE_PIXELS_MAX))),
        even(min(down, max(2 * native[1], SIDE_PIXELS_MAX))),
    )


def even(pixels: float) -> int:
    return max(2, -int(-pixels // 2) * 2)


def corners(quad: Quad, size: tuple[int, int], frame: tuple[int, int]) -> tuple[float, ...]:
    """Where the corners of the padded frame go, so that the picture inside goes to `quad`.

    The filter maps pixel numbers, the quad speaks of edges: half a pixel is taken off on both sides.
    """
    x0, y0, x1, y1, x2, y2 = quad[:6]
    a, b = (x1 - x0) / size[0], (y1 - y0) / size[0]
    c, d = (x2 - x0) / size[1], (y2 - y0) / size[1]
    e = x0 - EDGE_PIXELS * (a + c) + 0.5 * (a + c) - 0.5
    f = y0 - EDGE_PIXELS * (b + d) + 0.5 * (b + d) - 0.5
    ends = ((0, 0), (frame[0], 0), (0, frame[1]), (frame[0], frame[1]))
    return tuple(v for x, y in ends for v in (a * x + c * y + e, b * x + d * y + f))


def grown(quad: Quad, size: tuple[int, int], by: tuple[int, int]) -> Quad:
    """The corners of a picture of `size` that got `by` clear pixels on each side."""
    x0, y0, x1, y1, x2, y2 = quad[:6]
    across, down = by[0] / size[0], by[1] / size[1]
    right = ((x1 - x0) * across, (y1 - y0) * across)
    below = ((x2 - x0) * down, (y2 - y0) * down)
    moves = ((-1, -1), (1, -1), (-1, 1), (1, 1))
    return cast(
        "Quad",
        tuple(
            quad[2 * corner + axis] + along * right[axis] + up * below[axis]
            for corner, (along, up) in enumerate(moves)
            for axis in (0, 1)
        ),
    )
