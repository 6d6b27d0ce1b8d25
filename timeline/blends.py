"""Edits of transitions: add and remove."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from timeline.arguments import Edge
from timeline.draft import Draft, members
from timeline.edits import edge_of, piece_at_edge
from timeline.errors import EditRefused
from timeline.model import Json
from timeline.placing import grid_ceil, head_room, on_grid, tail_room
from timeline.ripples import ripple
from timeline.schema import TRANSITION_OFFSET_DEFAULT, default_transition_kind


@dataclass(frozen=True, slots=True)
class Blend:
    """The transition to add; offsets in ticks, None is 0.25 s each; params are its `p:` keys."""

    kind: str | None = None
    in_offset: int | None = None
    out_offset: int | None = None
    params: Mapping[str, Json] = field(default_factory=dict[str, Json])


def add_transition(
    draft: Draft,
    clip: str,
    edge: Edge,
    blend: Blend,
    *,
    make_handles: bool = False,
    linked: bool = True,
) -> None:
    """
    Blend over the cut at this edge, or from / to nothing where no clip stands beside it.

        | A   | B   |   ->   | A  [x] B   |

    One that is there already is replaced. Linked clips with a cut at the same tick get theirs (audio:
    `crossfade`). `make_handles` first ripples both clips shorter by what their sources lack. New ids:
    the named clip's transition (`created["transition"]`), then those of its links.
    """
    at = edge_of(piece_at_edge(draft, clip, edge), edge)
    if make_handles:
        _ripple_shorter(draft, clip, edge, blend, linked=linked)
        at = edge_of(piece_at_edge(draft, clip, edge), edge)
    for name in members(draft, clip, linked=linked):
        pieces = draft.pieces(name)
        if name == clip or (pieces and edge_of(piece_at_edge(draft, name, edge), edge) == at):
            _add_one(draft, name, at, blend, main=name == clip)


def _add_one(draft: Draft, clip: str, at: int, blend: Blend, *, main: bool) -> None:
    lane = draft.lane_of(clip)
    left, right = lane.ending_at(at), lane.starting_at(at)
    if not main and (left is None or right is None):
        return
    record: dict[str, Json] = {
        "left": left.clip if left else None,
        "right": right.clip if right else None,
        "kind": blend.kind if main and blend.kind else default_transition_kind(lane.kind),
        "in_offset": _offset(draft, clip, blend.in_offset) if left else 0,
        "out_offset": _offset(draft, clip, blend.out_offset) if right else 0,
    }
    if main:
        record |= {f"p:{name}": value for name, value in blend.params.items()}
    for name, other in draft.records("transitions").items():
        if other.get("left") == record["left"] and other.get("right") == record["right"]:
            draft.remove("transitions", name)
    created = draft.create("transitions", record)
    draft.names.setdefault("transition", created)


def _offset(draft: Draft, clip: str, given: int | None) -> int:
    if given is None:
        return TRANSITION_OFFSET_DEFAULT
    return on_grid(draft.lane_of(clip), given)


def _ripple_shorter(draft: Draft, clip: str, edge: Edge, blend: Blend, *, linked: bool) -> None:
    """Give both clips of the cut the handles that the blend needs [timeline-E8]."""
    lane, at = draft.lane_of(clip), edge_of(piece_at_edge(draft, clip, edge), edge)
    left, right = lane.ending_at(at), lane.starting_at(at)
    if left is None or right is None:
        raise EditRefused("not_adjacent", clip, f"no cut at its {edge}")
    needs_tail, needs_head = (
        _offset(draft, clip, blend.out_offset),
        _offset(draft, clip, blend.in_offset),
    )
    lacks_tail = _lack(needs_tail, tail_room(draft, left.clip))
    lacks_head = _lack(needs_head, head_room(draft, right.clip))
    if lacks_tail:
        ripple(draft, left.clip, "tail", -grid_ceil(lane.rate, lacks_tail), linked=linked)
    if lacks_head:
        ripple(draft, right.clip, "head", grid_ceil(lane.rate, lacks_head), linked=linked)


def _lack(needed: int, room: int | None) -> int:
    return 0 if room is None else max(0, needed - room)


def remove_transition(draft: Draft, transition: str) -> None:
    """
    Back to a plain cut.

        | A  [x] B   |   ->   | A   | B   |
    """
    record = draft.record("transitions", transition)
    for side in ("left", "right"):
        clip = record.get(side)
        if isinstance(clip, str) and draft.records("clips").get(clip) is not None:
            lane = draft.seen.lane(str(draft.records("clips")[clip].get("track")))
            if lane is not None:
                draft.unlocked(lane.track)
    draft.remove("transitions", transition)
