"""The outline of a `mask` as a picture of distances: its feather travels over it [export-X36].

Arithmetic of our own on doubles, so the bytes are the same on every machine. Lengths are canvas heights.
`features/preview/outline.ts` has the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

REACH: Final = 0.75  # distances further from the edge count as that
RADIUS_MIN: Final = 1e-6

Plane = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outline:
    """`points` are shares of a picture of which `across` and `down` make one canvas height."""

    shape: str
    points: tuple[tuple[float, float], ...]
    across: float
    down: float
    invert: bool

    def pixel(self, width: int, height: int) -> float:
        """The larger side of one pixel of a picture drawn at that size: no edge is sharper."""
        return max(1 / (width * self.across), 1 / (height * self.down))


@dataclass(frozen=True, slots=True)
class OutlineFile:
    """How far each pixel lies from the outline: 0 at `REACH` inside, 65535 at `REACH` outside.

    The picture of `width` x `height` has `margin` pixels around it.
    """

    outline: Outline
    picture: tuple[int, int]
    margin: tuple[int, int]

    @property
    def width(self) -> int:
        return self.picture[0] + 2 * self.margin[0]

    @property
    def height(self) -> int:
        return self.picture[1] + 2 * self.margin[1]

    @property
    def pixels(self) -> str:
        return "gray16le"

    def content(self) -> bytes:
        return _content(self)


@lru_cache(
    maxsize=4
)  # the segments of a clip have one outline, and one of many points takes seconds
def _content(file: OutlineFile) -> bytes:
    outline = file.outline
    x = (np.arange(file.width) + 0.5 - file.margin[0]) / file.picture[0] / outline.across
    y = (np.arange(file.height) + 0.5 - file.margin[1]) / file.picture[1] / outline.down
    points = [(px / outline.across, py / outline.down) for px, py in outline.points]
    away = distances(outline.shape, points, x[None, :], y[:, None])
    share = np.clip(np.round(away / REACH, 9), -1.0, 1.0) / 2 + 0.5
    return np.floor(share * 65_535 + 0.5).astype("<u2").tobytes()


def distances(shape: str, points: Sequence[tuple[float, float]], x: Plane, y: Plane) -> Plane:
    """From each place to the outline, below 0 inside."""
    if shape == "polygon":
        return _from_polygon(points, x, y)
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    across, down = x - (left + right) / 2, y - (top + bottom) / 2
    if shape == "ellipse":
        return _from_ellipse(across, down, (right - left) / 2, (bottom - top) / 2)
    across, down = np.abs(across) - (right - left) / 2, np.abs(down) - (bottom - top) / 2
    outside = np.sqrt(np.maximum(across, 0.0) ** 2 + np.maximum(down, 0.0) ** 2)
    return outside + np.minimum(np.maximum(across, down), 0.0)


def _from_ellipse(across: Plane, down: Plane, wide: float, high: float) -> Plane:
    """To first order, which is exact at the edge: the equation of the ellipse over its slope."""
    wide, high = max(wide, RADIUS_MIN), max(high, RADIUS_MIN)
    across, down = across / wide, down / high
    slope = 2 * np.sqrt((across / wide) ** 2 + (down / high) ** 2)
    return (across**2 + down**2 - 1) / np.maximum(slope, RADIUS_MIN)


def _from_polygon(points: Sequence[tuple[float, float]], x: Plane, y: Plane) -> Plane:
    """Inside is where a ray crosses an odd number of sides."""
    nearest = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf)
    inside = np.zeros(nearest.shape, np.bool_)
    for (ax, ay), (bx, by) in pairwise([*points, points[0]]):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        share = 0.0 * x
        if length > 0:
            share = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0.0, 1.0)
        nearest = np.minimum(nearest, (x - ax - share * dx) ** 2 + (y - ay - share * dy) ** 2)
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * dx / dy)
    return np.where(inside, -1.0, 1.0) * np.sqrt(nearest)
