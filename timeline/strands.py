"""A strand: one layer followed through the frames of a piece, and its numbers, rounded once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from timeline.model import Json
from timeline.plan import Numbers
from timeline.resolved import Layer

DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Strand:
    """`values` has one entry where nothing but the picture changes, else one per frame.

    `pictures` has one source picture number per frame, or is empty where there are none.
    """

    frames: int
    values: tuple[Layer, ...]
    pictures: tuple[int, ...] = ()

    @property
    def first(self) -> Layer:
        return self.values[0]

    def every(self) -> tuple[Layer, ...]:
        """One value per frame."""
        return self.values * self.frames if len(self.values) == 1 else self.values

    def part(self, start: int, frames: int) -> "Strand":
        """The strand over `frames` frames from its frame `start` on."""
        values = self.values if len(self.values) == 1 else self.values[start : start + frames]
        return Strand(frames, values, self.pictures[start : start + frames])


def joined(layers: Sequence[Layer]) -> Strand:
    """The strand of one layer as evaluated at each frame; all must be the same clip in the same role."""
    pictures = () if layers[0].picture is None else tuple(layer.picture or 0 for layer in layers)
    values = tuple(replace(layer, picture=None) for layer in layers)
    if all(value == values[0] for value in values):
        values = values[:1]
    return Strand(len(layers), values, pictures)


def text_name(layer: Layer) -> str:
    """Under which name a drawn text is looked up: a title, or a cue at one of its word steps."""
    if layer.cue is None:
        return layer.clip
    return layer.cue if layer.word is None else f"{layer.cue}/{layer.word}"


def over_frames(one: Strand, value: Callable[[Layer], float]) -> Numbers:
    """A value over the frames of a strand: one number where it does not change."""
    if len(one.values) == 1:
        return rounded(value(one.first))
    numbers = tuple(rounded(value(layer)) for layer in one.values)
    return numbers[0] if len(set(numbers)) == 1 else numbers


def rounded(value: float) -> float:
    return round(float(value), DECIMALS) + 0.0  # never minus zero: it has other bytes in a key


def number(props: Mapping[str, Json], name: str, default: float = 0.0) -> float:
    value = props.get(name, default)
    return default if isinstance(value, bool) or not isinstance(value, int | float) else value


def opaque_color(color: str) -> str:
    """`#rrggbbaa`, lower case."""
    return (color if len(color) == 9 else color[:7] + "ff").lower()
