"""Cubes of colours: what `color` and `lut` do, as tables that ffmpeg and browsers look up [export-X36].

Arithmetic of our own on doubles, so the bytes are the same on every machine. A table lists its colours
with red changing fastest, then green, then blue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from timeline.grade import BLUE_SCALE, LUMA, RED_SCALE
from timeline.media import CUBE_SIDE
from timeline.plan import InputFile

Colors: TypeAlias = NDArray[np.float64]
"""Rows of red, green, blue, 0..1."""

FULL: Final = 65_535
SOFTNESS_MIN: Final = 1 / 255  # a hard edge is one step wide
HALF_STEP: Final = 0.5 / 255  # the filter cuts off what is behind the point: this makes it round
HALD_LEVEL: Final = 6
HALD_SIDE: Final = HALD_LEVEL**2
HALD_PIXELS: Final = HALD_LEVEL**3


@dataclass(frozen=True, slots=True)
class GradeNumbers:
    """`color` at one frame: gains of red, green and blue, contrast, saturation."""

    gain: tuple[float, float, float]
    contrast: float
    saturation: float

    def applied(self, colors: Colors) -> Colors:
        moved = (colors * np.array(self.gain) - 0.5) * self.contrast + 0.5
        luma = (moved * np.array(LUMA)).sum(axis=1)[:, None]
        return np.clip(luma + (moved - luma) * self.saturation, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class LutNumbers:
    """`lut` at one frame: the colours of a table, mixed with what was there."""

    table: InputFile
    mix: float


@dataclass(frozen=True, slots=True)
class KeyNumbers:
    """How much of each colour a `chroma_key` leaves, as grey: by its distance from the key's chroma."""

    blue: float
    red: float
    tolerance: float
    softness: float

    def applied(self, colors: Colors) -> Colors:
        _, blue, red = _luma_and_chroma(colors)
        away = np.sqrt((blue - self.blue) ** 2 + (red - self.red) ** 2)
        left = np.clip((away - self.tolerance) / max(self.softness, SOFTNESS_MIN), 0.0, 1.0)
        return np.repeat(left[:, None], 3, axis=1)


@dataclass(frozen=True, slots=True)
class SpillNumbers:
    """What is left of each colour when its share along the key's chroma is taken out; luma stays."""

    blue: float
    red: float
    spill: float

    def applied(self, colors: Colors) -> Colors:
        length = self.blue**2 + self.red**2
        if length == 0.0:
            return colors
        luma, blue, red = _luma_and_chroma(colors)
        share = self.spill * np.maximum(blue * self.blue + red * self.red, 0.0) / length
        blue, red = blue - share * self.blue, red - share * self.red
        reds, blues = luma + RED_SCALE * red, luma + BLUE_SCALE * blue
        greens = (luma - LUMA[0] * reds - LUMA[2] * blues) / LUMA[1]
        return np.clip(np.stack([reds, greens, blues], axis=1), 0.0, 1.0)


CubeStep: TypeAlias = GradeNumbers | LutNumbers | KeyNumbers | SpillNumbers


@dataclass(frozen=True, slots=True)
class CubeFile:
    """One step as a `.cube` text, for all frames of a segment."""

    step: CubeStep

    def content(self, table: bytes) -> bytes:
        return _cube_text(_step_colors(self.step, CUBE_SIDE, table) + HALF_STEP)


@dataclass(frozen=True, slots=True)
class CubeFilm:
    """One step for each frame, as pictures of colours (`haldclut`): what changes needs a table a frame."""

    steps: tuple[CubeStep, ...]

    @property
    def width(self) -> int:
        return HALD_PIXELS

    @property
    def height(self) -> int:
        return HALD_PIXELS

    @property
    def pixels(self) -> str:
        return "rgb24"

    def content(self, table: bytes) -> bytes:
        # The filter cuts off what is behind the point, so what lies between two steps is rounded up.
        return b"".join(
            np.ceil(np.round(_step_colors(step, HALD_SIDE, table) * 255, 6))
            .astype(np.uint8)
            .tobytes()
            for step in self.steps
        )


def table_of(used: CubeFile | CubeFilm) -> InputFile | None:
    """The file of the look-up table that is needed to make these bytes."""
    step = used.step if isinstance(used, CubeFile) else used.steps[0]
    return step.table if isinstance(step, LutNumbers) else None


def _step_colors(step: CubeStep, side: int, table: bytes) -> Colors:
    start = whole_cube(side)
    if not isinstance(step, LutNumbers):
        return step.applied(start)
    looked_up = sampled(_colors_of(table), (CUBE_SIDE, CUBE_SIDE, CUBE_SIDE), start)
    return start + (looked_up - start) * step.mix


def _luma_and_chroma(colors: Colors) -> tuple[NDArray[np.float64], ...]:
    """Luma, and how blue and how red each colour is against it (BT.709)."""
    red, green, blue = colors[:, 0], colors[:, 1], colors[:, 2]
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return luma, (blue - luma) / BLUE_SCALE, (red - luma) / RED_SCALE


@lru_cache(maxsize=4)
def whole_cube(side: int) -> Colors:
    """The colours of a table that changes nothing."""
    steps = np.arange(side) / (side - 1)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    return np.stack([red, green, blue], axis=-1).reshape(-1, 3)


def cube_bytes(colors: Colors) -> bytes:
    """A table as it is kept: little-endian 16-bit numbers."""
    return np.floor(np.clip(colors, 0.0, 1.0) * FULL + 0.5).astype("<u2").tobytes()


@lru_cache(maxsize=4)
def _colors_of(table: bytes) -> Colors:
    return np.frombuffer(table, "<u2").reshape(-1, 3) / FULL


def sampled(table: Colors, sides: Sequence[int], at: Colors) -> Colors:
    """The colours of a table (`sides` of red, green, blue) at other places, linear between its own."""
    red, green, blue = sides
    cells = table.reshape(blue, green, red, 3)
    place = np.clip(at, 0.0, 1.0) * (np.array([red, green, blue]) - 1)
    low = np.minimum(np.floor(place).astype(int), np.maximum(np.array([red, green, blue]) - 2, 0))
    share = place - low
    high = np.minimum(low + 1, np.array([red, green, blue]) - 1)
    total = np.zeros((len(at), 3))
    for corner in range(8):
        ends = [bool(corner >> axis & 1) for axis in range(3)]
        index = [(high if end else low)[:, axis] for axis, end in enumerate(ends)]
        weights = [share[:, axis] if end else 1 - share[:, axis] for axis, end in enumerate(ends)]
        weight = weights[0] * weights[1] * weights[2]
        total += cells[index[2], index[1], index[0]] * weight[:, None]
    return total


def _cube_text(colors: Colors) -> bytes:
    millionths = np.floor(colors * 1e6 + 0.5).astype(int).tolist()
    lines = [f"{r / 1e6:.6f} {g / 1e6:.6f} {b / 1e6:.6f}" for r, g, b in millionths]
    return "\n".join([f"LUT_3D_SIZE {CUBE_SIDE}", *lines, ""]).encode()
