"""Evaluated layers of some frames -> layers as drawn: weights of transitions, groups, what is hidden.

Every number is rounded to 6 decimals, so whoever draws interprets nothing. Where a picture stands
is `geometry.py`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from timeline.effects import (
    canvas_reach,
    clip_effects,
    picture_reach,
    planned_effects,
    track_effects,
)
from timeline.geometry import Canvas, Materials, Picture, nested_picture, pictures_of, placed
from timeline.model import Json
from timeline.plan import (
    Box,
    FillSource,
    GeneratorSource,
    GroupSource,
    ImageSource,
    Mask,
    Numbers,
    PictureRun,
    PlannedLayer,
    RenditionSource,
    Source,
)
from timeline.resolved import Layer
from timeline.schema import CLEARING_EFFECTS, PICTURE_EFFECTS
from timeline.strands import Strand, joined, number, opaque_color, over_frames, rounded

POINTWISE: Final = frozenset(("color", "lut"))
"""Effects that work on each colour alone: done to a picture or to what it is laid on, they show the same."""


def picture_runs(pictures: Sequence[int]) -> tuple[PictureRun, ...]:
    """Picture numbers as runs (first, count, step), greedily from the left."""
    runs: list[PictureRun] = []
    index = 0
    while index < len(pictures):
        first = pictures[index]
        step = pictures[index + 1] - first if index + 1 < len(pictures) else 1
        count = 1
        while index + count < len(pictures) and pictures[index + count] == first + step * count:
            count += 1
        if count == 1 or (count == 2 and step not in (0, 1, -1)):
            count, step = 1, 1
        runs.append((first, count, step))
        index += count
    return tuple(runs)


def drawn_layers(
    strands: Sequence[Strand], canvas: Canvas, materials: Materials
) -> tuple[PlannedLayer, ...]:
    """What is to be drawn, bottom to top; what nobody can see is left out."""
    layers: list[PlannedLayer] = []
    index = 0
    while index < len(strands):
        strand = strands[index]
        partner = strands[index + 1] if index + 1 < len(strands) else None
        if _is_pair(strand, partner):
            drawn = _transition(strand, cast("Strand", partner), canvas, materials)
            index += 2
        elif strand.first.kind == "adjustment":
            layers = list(_adjusted(strand, canvas, materials, tuple(layers)))
            drawn = ()
            index += 1
        else:
            drawn = _single(strand, canvas, materials)
            index += 1
        layers.extend(_on_track(strand, drawn, canvas, materials))
    return _visible(layers, canvas, materials)


def covers(layer: PlannedLayer, whole: Box, materials: Materials) -> bool:
    """Whether nothing below can be seen."""
    box = layer.box
    return (
        box is not None
        and box[0] <= whole[0]
        and box[1] <= whole[1]
        and box[0] + box[2] >= whole[2]
        and box[1] + box[3] >= whole[3]
        and layer.alpha == 1.0
        and layer.blend == "normal"
        and layer.mask is None
        and layer.window is None
        and not clears(layer)
        and is_opaque(layer.source, materials)
    )


def clears(layer: PlannedLayer) -> bool:
    """Whether an effect makes parts of it clear."""
    return any(effect.kind in CLEARING_EFFECTS for effect in layer.effects)


def is_opaque(source: Source, materials: Materials) -> bool:
    match source:
        case RenditionSource():
            return True
        case ImageSource(hash=digest):
            return digest in materials.opaque_images
        case FillSource(color=color):
            return len(color) == 7 or color.lower().endswith("ff")
        case GeneratorSource():
            return True
        case GroupSource(layers=layers, size=size, cross=cross):
            whole = (0, 0, *size)
            if cross:
                return all(covers(replace(layer, alpha=1.0), whole, materials) for layer in layers)
            return any(covers(layer, whole, materials) for layer in layers)


def _visible(
    layers: Sequence[PlannedLayer], canvas: Canvas, materials: Materials
) -> tuple[PlannedLayer, ...]:
    kept: list[PlannedLayer] = []
    for layer in reversed(layers):
        kept.append(layer)
        if covers(layer, canvas.whole, materials):
            break
    return tuple(reversed(kept))


def _is_pair(strand: Strand, partner: Strand | None) -> bool:
    mine = strand.first.transition
    theirs = partner.first.transition if partner is not None else None
    return mine is not None and theirs is not None and mine.id == theirs.id


def _single(strand: Strand, canvas: Canvas, materials: Materials) -> tuple[PlannedLayer, ...]:
    use = strand.first.transition
    if use is None:
        return _drawn(strand, canvas, materials)
    right = use.side == "right"
    if use.kind in ("slide", "push") and right:
        return _drawn(strand, canvas, materials, shifts=_shifts(strand, canvas, entering=True))
    if use.kind == "wipe" and right:
        return _drawn(strand, canvas, materials, mask=_wipe(strand))
    return _drawn(strand, canvas, materials, weights=_weights(strand))


def _weights(strand: Strand) -> Numbers:
    """How much of a side of a dissolve is there; all of what stands in no transition."""
    use = strand.first.transition
    if use is None:
        return 1.0
    return over_frames(strand, lambda layer: _progress(layer, right=use.side == "right"))


def _adjusted(
    strand: Strand, canvas: Canvas, materials: Materials, below: tuple[PlannedLayer, ...]
) -> tuple[PlannedLayer, ...]:
    """What lies below, filtered: in its place, or over it where the adjustment is not all there.

    What its effects make clear stays as it was. On a canvas with a background that is filtered too; a transition
    of an adjustment is a dissolve.
    """
    reach = canvas_reach(canvas)
    effects = tuple(
        effect
        for stack in (clip_effects, track_effects)
        for effect in planned_effects(strand, stack, reach, materials)
    )
    alpha = _alpha(strand, _weights(strand))
    if not effects or alpha == 0.0 or (not below and canvas.background is None):
        return below
    under = below
    if canvas.background is not None and not any(
        covers(layer, canvas.whole, materials) for layer in below
    ):
        under = (
            PlannedLayer(FillSource(opaque_color(canvas.background)), box=canvas.whole),
            *below,
        )
    group = GroupSource(under, (canvas.out_width, canvas.out_height))
    blend = str(strand.first.props.get("blend", "normal"))
    layer = PlannedLayer(group, box=canvas.whole, alpha=alpha, blend=blend, effects=effects)
    in_its_place = alpha == 1.0 and blend == "normal" and not clears(layer)
    return (layer,) if in_its_place else (*under, layer)


def _on_track(
    strand: Strand, drawn: tuple[PlannedLayer, ...], canvas: Canvas, materials: Materials
) -> tuple[PlannedLayer, ...]:
    """What a track shows, with the effects of the track on it that its pictures do not carry themselves."""
    if not drawn or _carries(strand):
        return drawn
    effects = planned_effects(strand, track_effects, canvas_reach(canvas), materials)
    if not effects:
        return drawn
    blends = {layer.blend for layer in drawn}
    blend = blends.pop() if len(blends) == 1 else "normal"
    inner = tuple(replace(layer, blend="normal") for layer in drawn)
    group = GroupSource(inner, (canvas.out_width, canvas.out_height))
    return (PlannedLayer(group, box=canvas.whole, blend=blend, effects=effects),)


def _carries(strand: Strand) -> bool:
    """Whether the pictures of a track can carry its effects, so that no group is needed."""
    kinds = {effect.kind for effect in strand.first.track_effects} & PICTURE_EFFECTS
    return strand.first.transition is None and kinds <= POINTWISE


def _transition(
    left: Strand, right: Strand, canvas: Canvas, materials: Materials
) -> tuple[PlannedLayer, ...]:
    use = left.first.transition
    kind = use.kind if use is not None else "dissolve"
    if kind == "dip":
        return _dip(left, right, canvas, materials)
    if kind == "wipe":
        under = _drawn(left, canvas, materials)
        return (*under, *_drawn(right, canvas, materials, mask=_wipe(right)))
    if kind in ("slide", "push"):
        leaving = _shifts(left, canvas, entering=False) if kind == "push" else None
        under = _drawn(left, canvas, materials, shifts=leaving)
        entering = _shifts(right, canvas, entering=True)
        return (*under, *_drawn(right, canvas, materials, shifts=entering))
    return _dissolve(left, right, canvas, materials)


def _dissolve(
    left: Strand, right: Strand, canvas: Canvas, materials: Materials
) -> tuple[PlannedLayer, ...]:
    rising = over_frames(right, lambda layer: _progress(layer, right=True))
    under, plain = _drawn(left, canvas, materials), _drawn(right, canvas, materials)
    over = _drawn(right, canvas, materials, weights=rising)
    whole = canvas.whole
    if all(any(covers(layer, whole, materials) for layer in side) for side in (under, plain)):
        return (*under, *over)
    falling = over_frames(left, lambda layer: _progress(layer, right=False))
    faded = _drawn(left, canvas, materials, weights=falling)
    sides = (*faded, *over)
    if len(sides) < 2:
        return sides
    blends = {layer.blend for layer in sides}
    blend = blends.pop() if len(blends) == 1 else "normal"
    sides = tuple(replace(layer, blend="normal") for layer in sides)
    group = GroupSource(sides, (canvas.out_width, canvas.out_height), cross=True)
    return (PlannedLayer(group, box=whole, blend=blend),)


def _dip(
    left: Strand, right: Strand, canvas: Canvas, materials: Materials
) -> tuple[PlannedLayer, ...]:
    use = left.first.transition
    color = str(use.params.get("color", "#000000")) if use is not None else "#000000"
    covering = over_frames(left, lambda layer: min(1.0, 2 * _progress(layer, right=True)))
    rising = over_frames(right, lambda layer: max(0.0, 2 * _progress(layer, right=True) - 1))
    veil = PlannedLayer(FillSource(opaque_color(color)), box=canvas.whole, alpha=covering)
    under = _drawn(left, canvas, materials)
    return (*under, veil, *_drawn(right, canvas, materials, weights=rising))


def _progress(layer: Layer, *, right: bool) -> float:
    progress = layer.transition.progress if layer.transition is not None else 1.0
    return progress if right else 1 - progress


def _params(strand: Strand) -> Mapping[str, Json]:
    use = strand.first.transition
    return use.params if use is not None else {}


def _wipe(strand: Strand) -> Mask:
    params = _params(strand)
    progress = over_frames(strand, lambda layer: _progress(layer, right=True))
    return Mask(number(params, "angle_deg"), number(params, "softness"), progress)


def _shifts(strand: Strand, canvas: Canvas, *, entering: bool) -> tuple[tuple[float, float], ...]:
    """How far slide and push move a picture, in output pixels; the angle is where it moves to, clockwise from right."""
    params = _params(strand)
    angle = math.radians(number(params, "angle_deg"))
    along_x, along_y = math.cos(angle), math.sin(angle)
    reach = min(
        canvas.out_width / abs(along_x) if abs(along_x) > 1e-9 else math.inf,
        canvas.out_height / abs(along_y) if abs(along_y) > 1e-9 else math.inf,
    )
    shifts: list[tuple[float, float]] = []
    for layer in strand.values:
        progress = _progress(layer, right=True)
        way = reach * (progress - 1 if entering else progress)
        shifts.append((way * along_x, way * along_y))
    return tuple(shifts)


def _drawn(
    strand: Strand,
    canvas: Canvas,
    materials: Materials,
    *,
    weights: Numbers = 1.0,
    shifts: tuple[tuple[float, float], ...] | None = None,
    mask: Mask | None = None,
) -> tuple[PlannedLayer, ...]:
    layers: list[PlannedLayer] = []
    for picture in _shown(strand, canvas, materials):
        layer = placed(strand, picture, canvas, shifts)
        if layer is None:
            continue
        alpha = _alpha(strand, weights)
        if alpha == 0.0:
            continue
        props = strand.first.props
        pictures = (
            picture_runs(_there(strand, materials))
            if isinstance(picture.source, RenditionSource)
            else ()
        )
        reach = picture_reach(strand, picture, layer, canvas)
        effects = planned_effects(strand, clip_effects, reach, materials)
        if _carries(strand):
            effects += planned_effects(strand, track_effects, reach, materials)
        layers.append(
            replace(
                layer,
                pictures=pictures,
                alpha=alpha,
                blend=str(props.get("blend", "normal")),
                mask=mask,
                effects=effects,
            )
        )
    return tuple(_flattened(layer) for layer in layers)


def _there(strand: Strand, materials: Materials) -> Sequence[int]:
    """Picture numbers, kept to those that the rendition has."""
    facts = materials.media.get(strand.first.asset or "")
    if facts is None or facts.picture is None:
        return strand.pictures
    last = facts.picture.pictures - 1
    if max(strand.pictures, default=0) <= last:
        return strand.pictures
    return [min(number, last) for number in strand.pictures]


def _shown(strand: Strand, canvas: Canvas, materials: Materials) -> tuple[Picture, ...]:
    inner = strand.first.layers
    if inner is None:
        return pictures_of(strand, canvas, materials)
    width, height = strand.first.size or (canvas.width, canvas.height)
    size = (width - width % 2, height - height % 2)
    strands = [
        joined([cast("tuple[Layer, ...]", value.layers)[index] for value in strand.every()])
        for index in range(len(inner))
    ]
    layers = drawn_layers(strands, Canvas(width, height, *size), materials)
    return (nested_picture(GroupSource(layers, size), size),) if layers else ()


def _flattened(layer: PlannedLayer) -> PlannedLayer:
    """A nested sequence that shows one untouched picture is that picture."""
    source = layer.source
    if not isinstance(source, GroupSource) or source.cross or len(source.layers) != 1:
        return layer
    inner = source.layers[0]
    untouched = PlannedLayer(inner.source, inner.pictures, box=(0, 0, *source.size))
    if (
        inner != untouched
        or layer.crop is not None
        or layer.window is not None
        or isinstance(inner.source, GroupSource)
    ):
        return layer
    return replace(layer, source=inner.source, pictures=inner.pictures)


def _alpha(strand: Strand, weights: Numbers) -> Numbers:
    own = over_frames(strand, lambda layer: layer.opacity)
    if not isinstance(own, tuple) and not isinstance(weights, tuple):
        return rounded(own * weights)
    count = strand.frames
    mine = own if isinstance(own, tuple) else (own,) * count
    theirs = weights if isinstance(weights, tuple) else (weights,) * count
    product = tuple(rounded(a * b) for a, b in zip(mine, theirs, strict=True))
    return product[0] if len(set(product)) == 1 else product
