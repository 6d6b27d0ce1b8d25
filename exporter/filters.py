"""Planned effects as what filters take: cubes of colours, outlines, and sizes in pixels."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from exporter.cubes import CubeStep, GradeNumbers, KeyNumbers, LutNumbers, SpillNumbers
from exporter.outlines import Outline
from timeline.model import Json
from timeline.plan import InputFile, Numbers, PlannedEffect

SIGMA_MAX: Final = 1024.0  # of the filter
SPREAD_SIGMAS: Final = 3  # what lies further out is less than one step of 255
SPREAD_MAX: Final = 1024


@dataclass(frozen=True, slots=True)
class Look:
    """A change of each colour alone: one step for all frames, or one for each."""

    steps: tuple[CubeStep, ...]


@dataclass(frozen=True, slots=True)
class Blur:
    """Standard deviations in pixels, and how many pixels it needs on each side (even numbers)."""

    across: Numbers
    down: Numbers
    spread: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Key:
    """What a `chroma_key` leaves of each pixel, as grey, and its colours without the key's."""

    shade: Look
    colors: Look | None


@dataclass(frozen=True, slots=True)
class Cutout:
    """A mask: `feather` is how wide its edge is, in canvas heights."""

    outline: Outline
    feather: Numbers


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Blocks of whole pixels."""

    across: Numbers
    down: Numbers


@dataclass(frozen=True, slots=True)
class Sharpen:
    """Away from a blurred copy, by `amount` times the difference."""

    amount: Numbers
    blur: Blur


Use: TypeAlias = Look | Blur | Key | Cutout | Mosaic | Sharpen


def is_steady(effect: PlannedEffect) -> bool:
    """Whether it does the same at every frame."""
    return not any(isinstance(value, list) for value in effect.params.values())


def use_of(effect: PlannedEffect, size: tuple[int, int], inputs: Mapping[str, InputFile]) -> Use:
    """What an effect does to a picture of `size`."""
    match effect.kind:
        case "blur":
            return _blur_of(effect, size)
        case "sharpen":
            return Sharpen(_numbers(effect.params["amount"]), _blur_of(effect, size))
        case "mosaic":
            blocks = (
                _scaled(_numbers(effect.params[name]), by)
                for name, by in zip(("across", "down"), size, strict=True)
            )
            return Mosaic(*(_whole_pixels(values) for values in blocks))
        case "mask":
            return Cutout(_outline_of(effect), _numbers(effect.params["feather"]))
        case "chroma_key":
            return _key_of(effect)
        case _:
            return _look_of(effect, inputs)


def _outline_of(effect: PlannedEffect) -> Outline:
    found = cast("dict[str, Json]", effect.params["outline"])
    points = cast("list[list[float]]", found["points"])
    return Outline(
        shape=str(found["shape"]),
        points=tuple((x, y) for x, y in points),
        across=cast("float", found["across"]),
        down=cast("float", found["down"]),
        invert=found["invert"] is True,
    )


def _key_of(effect: PlannedEffect) -> Key:
    rows = list(_rows(effect, ("blue", "red", "tolerance", "softness", "spill")))
    shade = _shortest([KeyNumbers(*row[:4]) for row in rows])
    if all(spill == 0.0 for *_, spill in rows):
        return Key(shade, None)
    return Key(shade, _shortest([SpillNumbers(row[0], row[1], row[4]) for row in rows]))


def _shortest(steps: Sequence[CubeStep]) -> Look:
    """One step where all frames have the same."""
    return Look(tuple(steps[:1]) if all(step == steps[0] for step in steps) else tuple(steps))


def _blur_of(effect: PlannedEffect, size: tuple[int, int]) -> Blur:
    across = _scaled(_numbers(effect.params["across"]), size[0])
    down = _scaled(_numbers(effect.params["down"]), size[1])
    spreads = effect.params.get("spreads") is True
    return Blur(across, down, (_spread(across), _spread(down)) if spreads else (0, 0))


def _look_of(effect: PlannedEffect, inputs: Mapping[str, InputFile]) -> Look:
    if effect.kind == "lut":
        table = inputs[str(effect.params["cube"]).removeprefix("sha256:")]
        return Look(tuple(LutNumbers(table, mix) for mix in _every(effect.params["mix"])))
    rows = _rows(effect, ("red", "green", "blue", "contrast", "saturation"))
    return Look(tuple(GradeNumbers((r, g, b), contrast, sat) for r, g, b, contrast, sat in rows))


def _rows(effect: PlannedEffect, names: Sequence[str]) -> Iterator[tuple[float, ...]]:
    """These parameters at each frame, once where none of them changes."""
    columns = [_every(effect.params[name]) for name in names]
    for n in range(max(len(column) for column in columns)):
        yield tuple(column[min(n, len(column) - 1)] for column in columns)


def _whole_pixels(values: Numbers) -> Numbers:
    """At least one pixel: that changes nothing."""
    if isinstance(values, tuple):
        return tuple(max(1.0, math.floor(value + 0.5)) for value in values)
    return max(1.0, math.floor(values + 0.5))


def _numbers(value: Json) -> Numbers:
    every = _every(value)
    return every if isinstance(value, list) else every[0]


def _every(value: Json) -> tuple[float, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(float(one) for one in values if isinstance(one, int | float))


def _scaled(values: Numbers, by: int) -> Numbers:
    if isinstance(values, tuple):
        return tuple(min(SIGMA_MAX, value * by) for value in values)
    return min(SIGMA_MAX, values * by)


def _spread(sigma: Numbers) -> int:
    widest = max(sigma) if isinstance(sigma, tuple) else sigma
    return min(SPREAD_MAX, 2 * math.ceil(SPREAD_SIGMAS * widest / 2))
