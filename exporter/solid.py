"""Which layers hide all that is below them."""

from collections.abc import Mapping
from typing import Final

from timeline.plan import (
    FillSource,
    GeneratorSource,
    GroupSource,
    ImageSource,
    InputFile,
    PlannedLayer,
    RenditionSource,
    Source,
)
from timeline.schema import CLEARING_EFFECTS

VEIL_MAX: Final = 255.5 / 256  # what is nearer to whole has no weight in 8 bits


def is_base(layer: PlannedLayer, size: tuple[int, int], inputs: Mapping[str, InputFile]) -> bool:
    """Whether a layer can be the canvas itself: it hides all of it, exactly."""
    return layer.alpha == 1.0 and _is_whole(layer, size, inputs)


def is_veil(layer: PlannedLayer, size: tuple[int, int], inputs: Mapping[str, InputFile]) -> bool:
    """Whether a layer covers all of the canvas, never quite: a weight of 256ths says how much of it is seen."""
    most = max(layer.alpha) if isinstance(layer.alpha, tuple) else layer.alpha
    return most < VEIL_MAX and _is_whole(layer, size, inputs)


def _is_whole(layer: PlannedLayer, size: tuple[int, int], inputs: Mapping[str, InputFile]) -> bool:
    plain = layer.blend == "normal" and layer.mask is None and layer.window is None
    plain = plain and not any(effect.kind in CLEARING_EFFECTS for effect in layer.effects)
    return plain and layer.box == (0, 0, *size) and is_solid(layer.source, inputs)


def is_solid(source: Source, inputs: Mapping[str, InputFile]) -> bool:
    """Whether no pixel of it is clear."""
    match source:
        case RenditionSource() | GeneratorSource():
            return True
        case ImageSource(hash=digest):
            return not inputs[digest].has_alpha
        case FillSource(color=color):
            return color.endswith("ff")
        case GroupSource(layers=layers, size=size, cross=cross):
            return not cross and bool(layers) and is_base(layers[0], size, inputs)
