"""A planned segment in words: what becomes of it, of which media, and why it is not simply copied."""

from collections.abc import Iterator, Mapping
from typing import Final

from timeline.media import MediaTable
from timeline.plan import (
    Box,
    CopySegment,
    FillSource,
    GeneratorSource,
    GroupSource,
    ImageSource,
    Plan,
    PlannedLayer,
    RenditionSource,
    Segment,
)

TOO_FEW: Final = "too few pictures behind a sync picture, or packets unlike those of the film"


def names_of(media: MediaTable) -> dict[str, str]:
    """What people call the file behind a hash."""
    found: dict[str, str] = {}
    for asset, facts in media.items():
        for made in (facts.picture, facts.still):
            if made is not None:
                found.setdefault(made.hash, facts.name or asset)
    return found


def segment_words(segment: Segment, plan: Plan, names: Mapping[str, str]) -> str:
    """One line without a full stop: `copied from a.mp4, pictures 15 to 137`."""
    if isinstance(segment, CopySegment):
        last = segment.first_sample + segment.samples - 1
        name = _name(segment.rendition, names)
        return f"copied from {name}, pictures {segment.first_sample} to {last}"
    if not segment.layers:
        return "the background alone"
    shown = ", under ".join(_layer_words(layer, names) for layer in segment.layers)
    if segment.kind == "EDGE":
        return f"{shown}: between the cut and the nearest packets that can be copied"
    reasons = list(dict.fromkeys(_reasons(segment.layers, plan)))
    return f"{shown}: {', '.join(reasons)}" if reasons else shown


def _layer_words(layer: PlannedLayer, names: Mapping[str, str]) -> str:
    match layer.source:
        case RenditionSource(hash=digest):
            first, count, step = layer.pictures[0]
            last = layer.pictures[-1][0] + layer.pictures[-1][2] * (layer.pictures[-1][1] - 1)
            told = f"picture {first}" if (count, step) == (1, 1) else f"pictures {first} to {last}"
            return f"{_name(digest, names)} {told}"
        case ImageSource(hash=digest):
            return names.get(digest, "a drawn text")
        case FillSource(color=color):
            return f"the colour {color}"
        case GeneratorSource(generator=generator):
            return f"a drawn {generator}"
        case GroupSource(layers=layers, cross=cross):
            told = (" into " if cross else " and ").join(_layer_words(one, names) for one in layers)
            return f"[{told}]"


def _reasons(layers: tuple[PlannedLayer, ...], plan: Plan) -> Iterator[str]:
    if len(layers) > 1:
        yield f"{len(layers)} layers over each other"
    whole = (0, 0, plan.output.width, plan.output.height)
    for layer in layers:
        yield from _touches(layer, plan, whole)
    if len(layers) == 1 and not any(_touches(layers[0], plan, whole)):
        yield TOO_FEW if plan.output.video.copy else "the preset copies nothing"


def _touches(layer: PlannedLayer, plan: Plan, whole: Box) -> Iterator[str]:
    """What was done to a picture, so that its packets cannot stand as they are."""
    if layer.quads is not None:
        yield "moved or turned"
    elif layer.box != whole:
        yield "placed or scaled"
    if layer.crop is not None:
        yield "cropped"
    if layer.flip:
        yield "mirrored"
    if layer.alpha != 1.0:
        yield "faded" if isinstance(layer.alpha, tuple) else "half transparent"
    if layer.blend != "normal":
        yield f"blended by {layer.blend}"
    if layer.mask is not None:
        yield "wiped"
    yield from (f"effect {effect.kind}" for effect in layer.effects)
    if isinstance(layer.source, RenditionSource):
        item = plan.inputs.get(layer.source.hash)
        if item is not None:
            yield from _source_reasons(layer, item.width, item.height, whole)
            if item.fps_num * plan.output.fps_den != plan.output.fps_num * item.fps_den:
                yield f"{item.fps_num}/{item.fps_den} pictures a second"
            elif any(step != 1 for _, count, step in layer.pictures if count > 1):
                yield "another speed"
    elif isinstance(layer.source, GroupSource):
        yield "drawn as a group"


def _source_reasons(layer: PlannedLayer, width: int, height: int, whole: Box) -> Iterator[str]:
    if layer.box == whole and (width, height) != whole[2:]:
        yield f"{width}x{height} made to fit"


def _name(digest: str, names: Mapping[str, str]) -> str:
    return names.get(digest, digest[:12])
