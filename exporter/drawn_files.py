"""Small pictures that graphs read as raw bytes: plain colours, gradients, bars, ramps of wipes.

Arithmetic of our own on whole numbers and doubles, so the bytes are the same on every machine.
"""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exporter.outlines import OutlineFile

BARS: Final = ("#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf")


@dataclass(frozen=True, slots=True)
class FillFile:
    """One colour `#rrggbb[aa]` as limited BT.709."""

    width: int
    height: int
    color: str
    with_alpha: bool

    @property
    def pixels(self) -> str:
        return "yuva420p" if self.with_alpha else "yuv420p"

    def content(self) -> bytes:
        luma, blue, red = limited_bt709(*rgb(self.color))
        chroma = ((self.width + 1) // 2) * ((self.height + 1) // 2)
        area = self.width * self.height
        planes = bytes([luma]) * area + bytes([blue]) * chroma + bytes([red]) * chroma
        return planes + bytes([alpha(self.color)]) * area if self.with_alpha else planes


@dataclass(frozen=True, slots=True)
class GradientFile:
    """From `color` to `color_2` along `angle_deg`, clockwise from rightwards."""

    width: int
    height: int
    color: str
    color_2: str
    angle_deg: float

    @property
    def pixels(self) -> str:
        return "rgba"

    def content(self) -> bytes:
        share = ramp(self.width, self.height, self.angle_deg)[:, :, None]
        start = np.array([*rgb(self.color), alpha(self.color)], np.float64)
        end = np.array([*rgb(self.color_2), alpha(self.color_2)], np.float64)
        return np.floor(start + (end - start) * share + 0.5).astype(np.uint8).tobytes()


@dataclass(frozen=True, slots=True)
class BarsFile:
    """Seven colour bars at 75 %."""

    width: int
    height: int

    @property
    def pixels(self) -> str:
        return "rgba"

    def content(self) -> bytes:
        colors = np.array([[*rgb(color), 255] for color in BARS], np.uint8)
        row = colors[np.arange(self.width) * len(BARS) // self.width]
        return np.broadcast_to(row, (self.height, self.width, 4)).tobytes()


@dataclass(frozen=True, slots=True)
class RampFile:
    """How far each pixel lies along `angle_deg`, 0..65535: the edge of a wipe travels over it."""

    width: int
    height: int
    angle_deg: float

    @property
    def pixels(self) -> str:
        return "gray16le"

    def content(self) -> bytes:
        share = ramp(self.width, self.height, self.angle_deg)
        return np.floor(share * 65_535 + 0.5).astype("<u2").tobytes()


SmallFile: TypeAlias = FillFile | GradientFile | BarsFile | RampFile | OutlineFile


def bars_file(width: int, height: int) -> BarsFile:
    return BarsFile(width, height)


def ramp(width: int, height: int, angle_deg: float) -> NDArray[np.float64]:
    """0 at the first, 1 at the last corner that a line at right angles to the angle passes."""
    turn = math.radians(angle_deg)
    along_x, along_y = round(math.cos(turn), 9), round(math.sin(turn), 9)
    across = (np.arange(width) + 0.5 - width / 2) * along_x
    down = (np.arange(height) + 0.5 - height / 2) * along_y
    reach = (width * abs(along_x) + height * abs(along_y)) / 2
    share = (across[None, :] + down[:, None]) / (2 * reach) + 0.5
    return np.clip(np.round(share, 9), 0.0, 1.0)


def rgb(color: str) -> tuple[int, int, int]:
    return (int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16))


def alpha(color: str) -> int:
    return int(color[7:9], 16) if len(color) == 9 else 255


def limited_bt709(red: int, green: int, blue: int) -> tuple[int, int, int]:
    """Y, Cb, Cr in 8-bit limited range (ITU-R BT.709, section 3)."""
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        math.floor(16 + luma * 219 / 255 + 0.5),
        math.floor(128 + (blue - luma) / 1.8556 * 224 / 255 + 0.5),
        math.floor(128 + (red - luma) / 1.5748 * 224 / 255 + 0.5),
    )
