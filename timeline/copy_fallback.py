"""A plan whose copied packets turned out wrong in the film: the same frames, encoded [export-X17]."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from timeline.content_key import KeySpace, drawn_key
from timeline.plan import CopySegment, DrawnSegment, Plan, PlannedLayer, RenditionSource, Segment
from timeline.timing import Rate, grid_frames


def encoded_instead(plan: Plan, positions: AbstractSet[int], engine: str) -> Plan:
    """The plan with the COPY segments at these positions as BODY, in pieces of the grid."""
    space = KeySpace(plan.output, engine)
    segments: list[Segment] = []
    for position, segment in enumerate(plan.segments):
        if position in positions and isinstance(segment, CopySegment):
            segments += _pieces(segment, plan, space)
        else:
            segments.append(segment)
    return replace(plan, segments=tuple(segments))


def _pieces(segment: CopySegment, plan: Plan, space: KeySpace) -> Iterator[DrawnSegment]:
    """A copied stretch begins with a sync picture of a closed GOP: its number is that of its sample."""
    grid = grid_frames(Rate(plan.output.fps_num, plan.output.fps_den))
    whole = (0, 0, plan.output.width, plan.output.height)
    for offset in range(0, segment.frames, grid):
        frames = min(grid, segment.frames - offset)
        pictures = (segment.first_sample + offset, frames, 1)
        layer = PlannedLayer(RenditionSource(segment.rendition), (pictures,), box=whole)
        key = drawn_key(space, frames, (layer,), background=None)
        yield DrawnSegment("BODY", segment.start + offset, frames, key, (layer,))
