"""What the `color` effect does to a colour, as five numbers [timeline-R17].

A gamma-encoded colour is multiplied by three gains, stretched around middle grey, and mixed with its
own luma; only the result is cut to 0..1. `timeline-core/grade.ts` answers the same numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from timeline.model import Json

GAMMA: Final = 2.2  # exposure is a gain of light: encoded values take its root
LUMA: Final = (0.2126, 0.7152, 0.0722)  # BT.709
BLUE_SCALE: Final = 1.8556
RED_SCALE: Final = 1.5748
NEUTRAL_KELVIN: Final = 6500.0
STOPS_PER_MIRED: Final = 0.004
"""Between red and green, and green and blue: the planckian locus from 3200 K to 6500 K, as one slope."""
STOPS_PER_TINT: Final = 0.5  # of green against red and blue


@dataclass(frozen=True, slots=True)
class Grade:
    """`gain` per channel; `contrast` around middle grey, `saturation` around the colour's own luma."""

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    saturation: float = 1.0


def grade_of(params: Mapping[str, Json]) -> Grade:
    """The numbers of the effect's parameters, rounded to 6 decimals.

    A higher `temperature_k` is a warmer picture, a higher `tint` a more magenta one; both keep the luma
    of grey.
    """
    mireds = 1e6 / NEUTRAL_KELVIN - 1e6 / _number(params, "temperature_k", NEUTRAL_KELVIN)
    tint = _number(params, "tint", 0.0)
    warm, magenta = STOPS_PER_MIRED * mireds, STOPS_PER_TINT * tint
    stops = (warm + magenta / 2, -magenta, magenta / 2 - warm)
    colors = [2 ** (stop / GAMMA) for stop in stops]
    luma = sum(weight * color for weight, color in zip(LUMA, colors, strict=True))
    light = 2 ** (_number(params, "exposure_stops", 0.0) / GAMMA) / luma
    red, green, blue = (_rounded(color * light) for color in colors)
    return Grade(
        (red, green, blue),
        _rounded(_number(params, "contrast", 1.0)),
        _rounded(_number(params, "saturation", 1.0)),
    )


def chroma_of(color: str) -> tuple[float, float]:
    """How blue and how red a colour `#rrggbb` is against its luma, -0.5 to 0.5 each (BT.709)."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return _rounded((blue - luma) / BLUE_SCALE), _rounded((red - luma) / RED_SCALE)


def _number(params: Mapping[str, Json], name: str, default: float) -> float:
    value = params.get(name, default)
    return default if isinstance(value, bool) or not isinstance(value, int | float) else value


def _rounded(value: float) -> float:
    return round(float(value), 6)
