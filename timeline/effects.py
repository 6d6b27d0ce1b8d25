"""Effects of a strand as they are drawn: numbers only, what changes nothing left out [export-X36].

A `color` becomes gains, contrast and saturation, a `lut` its cube and mix, a `chroma_key` the chroma of its
colour; a `blur`, a `sharpen` and a `mosaic` are measured in shares of the picture's sides, a `mask` in canvas
heights on the picture that crop and flip leave. Effects of a clip come before its transform, so a blur is
measured where the picture, fitted to the canvas, has scale 1, and grows and shrinks with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from timeline.geometry import Canvas, Materials, Picture, fitted
from timeline.grade import chroma_of, grade_of
from timeline.model import Json
from timeline.plan import Flip, Numbers, PlannedEffect, PlannedLayer
from timeline.resolved import EffectValue, Layer
from timeline.schema import PICTURE_EFFECTS
from timeline.strands import Strand, number, over_frames, rounded

GRADE_NAMES: Final = ("red", "green", "blue", "contrast", "saturation")
SHARPEN_SIGMA: Final = 0.002
Stack: TypeAlias = Callable[[Layer], tuple[EffectValue, ...]]
"""Which effects of a layer are meant: its clip's, its track's."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one canvas height is as a share of the picture's width and height.

    `spreads`: the picture has no edge of its own, as a text has none, so a blur runs over it; other
    pictures keep their frame, and their outermost pixels count as going on.
    """

    across: float
    down: float
    spreads: bool = False
    seen: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """What the crop leaves: left, top, width and height as shares of the whole picture."""
    flip: Flip = ""

    def on_seen(self, x: float, y: float) -> list[float]:
        """A place in the whole picture as shares of what crop and flip leave of it."""
        left, top, width, height = self.seen
        x, y = (x - left) / width, (y - top) / height
        return [
            rounded(1 - x if "h" in self.flip else x),
            rounded(1 - y if "v" in self.flip else y),
        ]


def picture_reach(strand: Strand, picture: Picture, layer: PlannedLayer, canvas: Canvas) -> Reach:
    """The reach of a placed picture, of which `layer.crop` is left."""
    across, down = fitted(strand.first.props, picture, canvas)
    width, height = (picture.width, picture.height) if layer.crop is None else layer.crop[2:]
    size = canvas.height * picture.pixel
    seen = (0.0, 0.0, 1.0, 1.0)
    if layer.crop is not None:
        left, top = layer.crop[0] / picture.width, layer.crop[1] / picture.height
        seen = (left, top, width / picture.width, height / picture.height)
    return Reach(size / (across * width), size / (down * height), picture.is_text, seen, layer.flip)


def canvas_reach(canvas: Canvas) -> Reach:
    """That of all that lies on an output."""
    height = canvas.height * canvas.scale
    return Reach(height / canvas.out_width, height / canvas.out_height)


def clip_effects(layer: Layer) -> tuple[EffectValue, ...]:
    return layer.effects


def track_effects(layer: Layer) -> tuple[EffectValue, ...]:
    return layer.track_effects


def planned_effects(
    strand: Strand, stack: Stack, reach: Reach, materials: Materials
) -> tuple[PlannedEffect, ...]:
    """The effects of one stack in their order, each with its numbers over the frames of the strand."""
    found = (
        _planned(strand, stack, index, reach, materials)
        for index, use in enumerate(stack(strand.first))
        if use.kind in PICTURE_EFFECTS
    )
    return tuple(effect for effect in found if effect is not None)


def _planned(
    strand: Strand, stack: Stack, index: int, reach: Reach, materials: Materials
) -> PlannedEffect | None:
    use = stack(strand.first)[index]
    match use.kind:
        case "color":
            return _color(strand, stack, index, use.kind_version)
        case "lut":
            return _lut(strand, stack, index, materials)
        case "chroma_key":
            return _chroma_key(strand, stack, index)
        case "mask":
            return _mask(strand, stack, index, reach)
        case "mosaic":
            return _mosaic(strand, stack, index, reach)
        case "sharpen":
            return _sharpen(strand, stack, index, reach)
        case _:
            return _blur(strand, stack, index, reach)


def _color(strand: Strand, stack: Stack, index: int, version: int) -> PlannedEffect | None:
    grades = [grade_of(stack(layer)[index].params) for layer in strand.values]
    rows = [(*grade.gain, grade.contrast, grade.saturation) for grade in grades]
    params = {name: _json([row[at] for row in rows]) for at, name in enumerate(GRADE_NAMES)}
    if all(value == 1.0 for value in params.values()):
        return None
    return PlannedEffect("color", version, params)


def _lut(strand: Strand, stack: Stack, index: int, materials: Materials) -> PlannedEffect | None:
    use = stack(strand.first)[index]
    facts = materials.media.get(str(use.params.get("asset")))
    mix = over_frames(strand, lambda layer: number(stack(layer)[index].params, "mix", 1.0))
    if facts is None or facts.cube is None or facts.facts.state != "ready" or mix == 0.0:
        return None
    params: dict[str, Json] = {"cube": f"sha256:{facts.cube.hash}", "mix": _value(mix)}
    return PlannedEffect("lut", use.kind_version, params)


def _blur(strand: Strand, stack: Stack, index: int, reach: Reach) -> PlannedEffect | None:
    across = _over(strand, stack, index, "sigma_h", 0.0, reach.across)
    down = _over(strand, stack, index, "sigma_h", 0.0, reach.down)
    if across == down == 0.0:
        return None
    params: dict[str, Json] = {"across": _value(across), "down": _value(down)}
    if reach.spreads:
        params["spreads"] = True
    return PlannedEffect("blur", stack(strand.first)[index].kind_version, params)


def _chroma_key(strand: Strand, stack: Stack, index: int) -> PlannedEffect:
    use = stack(strand.first)[index]
    blue, red = chroma_of(str(use.params.get("color", "#00ff00")))
    params: dict[str, Json] = {"blue": blue, "red": red}
    params |= {
        name: _value(_over(strand, stack, index, name, usual))
        for name, usual in (("tolerance", 0.2), ("softness", 0.1), ("spill", 0.5))
    }
    return PlannedEffect("chroma_key", use.kind_version, params)


def _mask(strand: Strand, stack: Stack, index: int, reach: Reach) -> PlannedEffect:
    use = stack(strand.first)[index]
    points = cast("list[list[float]]", use.params.get("points", [[0.25, 0.25], [0.75, 0.75]]))
    outline: dict[str, Json] = {
        "shape": str(use.params.get("shape", "rectangle")),
        "points": [cast("Json", reach.on_seen(*point)) for point in points],
        "across": rounded(reach.across),
        "down": rounded(reach.down),
        "invert": use.params.get("invert") is True,
    }
    feather = _value(_over(strand, stack, index, "feather_h", 0.0))
    return PlannedEffect("mask", use.kind_version, {"outline": outline, "feather": feather})


def _mosaic(strand: Strand, stack: Stack, index: int, reach: Reach) -> PlannedEffect | None:
    across = _over(strand, stack, index, "size_h", 0.0, reach.across)
    down = _over(strand, stack, index, "size_h", 0.0, reach.down)
    if across == down == 0.0:
        return None
    params: dict[str, Json] = {"across": _value(across), "down": _value(down)}
    return PlannedEffect("mosaic", stack(strand.first)[index].kind_version, params)


def _sharpen(strand: Strand, stack: Stack, index: int, reach: Reach) -> PlannedEffect | None:
    amount = _over(strand, stack, index, "amount", 0.0)
    across = _over(strand, stack, index, "sigma_h", SHARPEN_SIGMA, reach.across)
    down = _over(strand, stack, index, "sigma_h", SHARPEN_SIGMA, reach.down)
    if amount == 0.0 or across == down == 0.0:
        return None
    params: dict[str, Json] = {"amount": _value(amount)}
    params |= {"across": _value(across), "down": _value(down)}
    return PlannedEffect("sharpen", stack(strand.first)[index].kind_version, params)


def _over(
    strand: Strand, stack: Stack, index: int, name: str, usual: float, by: float = 1.0
) -> Numbers:
    """A parameter over the frames of the strand, times `by`."""
    return over_frames(strand, lambda layer: by * number(stack(layer)[index].params, name, usual))


def _json(values: Sequence[float]) -> Json:
    return values[0] if len(set(values)) == 1 else [*values]


def _value(numbers: Numbers) -> Json:
    return [*numbers] if isinstance(numbers, tuple) else numbers
