"""Edits of one clip or one cut: trim, roll, slip, slide, split, join, extend [timeline-E1 to E8].

Each works on a `Draft`: what people see goes in, writes come out, a refusal leaves nothing behind.
Times are ticks and land on the frame grid of the sequence; a whole link set goes by the same
ticks unless `linked` is false.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from timeline.arguments import Edge
from timeline.draft import Draft, members
from timeline.errors import EditRefused
from timeline.model import RecordRoot
from timeline.placing import (
    cut,
    frame_length,
    grid_ceil,
    grid_floor,
    head_room,
    long_enough,
    on_grid,
    remove_clip,
    source_end_of,
    tail_room,
    trim_head,
    trim_tail,
    write_down,
)
from timeline.seen import Lane, Piece
from timeline.timing import TICK_MAX

_GOES_TO_LEFT: Final[tuple[tuple[RecordRoot, str], ...]] = (
    ("transitions", "left"),
    ("markers", "owner"),
    ("cues", "clip"),
)


def edge_of(piece: Piece, edge: Edge) -> int:
    return piece.start if edge == "head" else piece.end


def piece_at_edge(draft: Draft, clip: str, edge: Edge) -> Piece:
    """The visible piece that holds this edge of a clip; `not_found` where the clip is all hidden."""
    pieces = draft.pieces(clip)
    if not pieces:
        raise EditRefused("not_found", clip, "the clip is not to be seen")
    return pieces[0] if edge == "head" else pieces[-1]


def solid_edge(draft: Draft, clip: str, edge: Edge) -> str:
    """The clip written down; the id of the piece with this edge [timeline-E1]."""
    ids = write_down(draft, clip)
    return ids[0] if edge == "head" else ids[-1]


def edge_members(draft: Draft, clip: str, edge: Edge, by: int, *, linked: bool) -> list[str]:
    """The clips whose edge moves along: those of the link set with the edge at the same tick.

    Where the edge moves inward, also those whose edge stands in the stretch that is given up; they
    end on the new edge [timeline-E6]. J and L cuts stay as they are.
    """
    at = edge_of(piece_at_edge(draft, clip, edge), edge)
    low, high = min(at, at + by), max(at, at + by)
    inward = (by > 0) == (edge == "head")
    found: list[str] = []
    for name in members(draft, clip, linked=linked):
        if not draft.pieces(name):
            continue
        its = edge_of(piece_at_edge(draft, name, edge), edge)
        if its == at or (inward and low < its < high):
            found.append(name)
    return found


def trim(
    draft: Draft, clip: str, edge: Edge, by: int, *, linked: bool = True, snap: bool = True
) -> None:
    """
    Move one edge by `by` ticks; a gap takes the freed time, a neighbour or the source's end stops it.

        | A      | B |   ->   | A |    | B |
              <--*
    """
    lane = draft.lane_of(clip)
    at = edge_of(piece_at_edge(draft, clip, edge), edge)
    to = on_grid(lane, at + by, snap=snap)
    names = edge_members(draft, clip, edge, to - at, linked=linked)
    solids = [solid_edge(draft, name, edge) for name in names]
    to = _reachable(draft, solids, edge, at, to, stop_at_neighbour=True)
    for name in solids:
        move_edge(draft, name, edge, to)


def move_edge(draft: Draft, clip: str, edge: Edge, to: int) -> None:
    """Put the edge of a clip that is written down at `to`; `too_short` below one frame."""
    where, rate = draft.where(clip), draft.lane_of(clip).rate
    if edge == "head":
        long_enough(clip, where.end - to, rate)
        trim_head(draft, clip, to - where.start)
    else:
        long_enough(clip, to - where.start, rate)
        trim_tail(draft, clip, to - where.end)


def _reachable(
    draft: Draft, clips: Sequence[str], edge: Edge, at: int, to: int, *, stop_at_neighbour: bool
) -> int:
    """How far the edge of all `clips` gets from `at` towards `to`; clamped clips are reported [timeline-E8]."""
    outward = to < at if edge == "head" else to > at
    if not outward:
        return to
    found = to
    for clip in clips:
        limits = [source_limit(draft, clip, edge, at)]
        if stop_at_neighbour:
            limits.append(neighbour_limit(draft.lane_of(clip), edge, at))
        for limit in limits:
            if limit is not None and (limit > to if edge == "head" else limit < to):
                draft.clamp(clip)
                found = max(found, limit) if edge == "head" else min(found, limit)
    return found


def source_limit(draft: Draft, clip: str, edge: Edge, at: int) -> int | None:
    """Where the source lets the edge at `at` go, on the grid; `no_handle` where it gives nothing [timeline-E8]."""
    room = head_room(draft, clip) if edge == "head" else tail_room(draft, clip)
    if room is None:
        return None
    rate = draft.lane_of(clip).rate
    back, on = grid_ceil(rate, at - room), grid_floor(rate, at + room)
    limit = min(at, back) if edge == "head" else max(at, on)
    if limit == at:
        raise EditRefused("no_handle", clip, "the source has nothing left to give")
    return limit


def neighbour_limit(lane: Lane, edge: Edge, at: int) -> int:
    """Where the next clip, or the beginning or end of all time, stops an edge at `at`."""
    if edge == "head":
        return max((piece.end for piece in lane.pieces if piece.end <= at), default=0)
    return min((piece.start for piece in lane.pieces if piece.start >= at), default=TICK_MAX)


def neighbours(draft: Draft, clip: str, edge: Edge) -> tuple[str, str]:
    """The clips left and right of the cut at this edge; `not_adjacent` where there is no cut."""
    lane, piece = draft.lane_of(clip), piece_at_edge(draft, clip, edge)
    at = edge_of(piece, edge)
    other = lane.ending_at(at) if edge == "head" else lane.starting_at(at)
    if other is None:
        raise EditRefused("not_adjacent", clip, f"no clip at its {edge}")
    return (other.clip, clip) if edge == "head" else (clip, other.clip)


def roll(
    draft: Draft, clip: str, edge: Edge, by: int, *, linked: bool = True, snap: bool = True
) -> None:
    """
    Move the cut at this edge of the clip by `by` ticks; nothing else moves.

        | A   | B   |   ->   | A | B     |
            <-*

    Of the link sets of both clips, every edge that stands at the cut goes along.
    """
    left, right = neighbours(draft, clip, edge)
    at = edge_of(piece_at_edge(draft, clip, edge), edge)
    to = on_grid(draft.lane_of(clip), at + by, snap=snap)
    tails = _at_cut(draft, left, "tail", at, linked=linked)
    heads = _at_cut(draft, right, "head", at, linked=linked)
    tails = [solid_edge(draft, name, "tail") for name in tails]
    heads = [solid_edge(draft, name, "head") for name in heads]
    if to > at:
        lone = [name for name in tails if not _has_partner(draft, name, "tail", at, heads)]
        to = _reachable(draft, tails, "tail", at, to, stop_at_neighbour=False)
        to = _reachable(draft, lone, "tail", at, to, stop_at_neighbour=True)
    else:
        lone = [name for name in heads if not _has_partner(draft, name, "head", at, tails)]
        to = _reachable(draft, heads, "head", at, to, stop_at_neighbour=False)
        to = _reachable(draft, lone, "head", at, to, stop_at_neighbour=True)
    for name in tails:
        move_edge(draft, name, "tail", to)
    for name in heads:
        move_edge(draft, name, "head", to)


def _at_cut(draft: Draft, clip: str, edge: Edge, at: int, *, linked: bool) -> list[str]:
    return [
        name
        for name in members(draft, clip, linked=linked)
        if draft.pieces(name) and edge_of(piece_at_edge(draft, name, edge), edge) == at
    ]


def _has_partner(draft: Draft, clip: str, edge: Edge, at: int, partners: Iterable[str]) -> bool:
    lane = draft.lane_of(clip)
    other = lane.starting_at(at) if edge == "tail" else lane.ending_at(at)
    return other is not None and other.clip in partners


def slip(draft: Draft, clip: str, by: int, *, linked: bool = True, snap: bool = True) -> None:
    """
    Show other pictures of the source in the same place: `source_in` goes by `by` source ticks.

        source  |....[ A ]......|   ->   |........[ A ]..|
        track        | A |               | A |
    """
    delta = on_grid(draft.lane_of(clip), by, snap=snap)
    solids = [
        name for each in members(draft, clip, linked=linked) for name in write_down(draft, each)
    ]
    for name in solids:
        delta = _slip_within(draft, name, delta)
    for name in solids:
        draft.place(name, source_in=draft.where(name).source_in + delta)


def _slip_within(draft: Draft, clip: str, by: int) -> int:
    """As much of `by` as the source of this clip allows; `no_handle` where it allows nothing."""
    where, source_end = draft.where(clip), source_end_of(draft, clip)
    if source_end is None or by == 0:
        return by
    span = where.duration * abs(where.speed_num) // where.speed_den
    low = where.source_in if where.speed_num >= 0 else where.source_in - span
    high = where.source_in + span if where.speed_num >= 0 else where.source_in
    room = max(0, source_end - high) if by > 0 else max(0, low)
    if abs(by) <= room:
        return by
    room = grid_floor(draft.lane_of(clip).rate, room)
    if room == 0:
        raise EditRefused("no_handle", clip, "the source has nothing left to give")
    draft.clamp(clip)
    return room if by > 0 else -room


def slide(draft: Draft, clip: str, by: int, *, linked: bool = True, snap: bool = True) -> None:
    """
    Move a clip between its neighbours, which give and take; its pictures stay its own.

        | A   | X | B   |   ->   | A | X | B     |
              <-|

    A gap beside the clip gives and takes as well; with no neighbour at all it is `not_adjacent`.
    """
    names = [name for name in members(draft, clip, linked=linked) if draft.pieces(name)]
    first = piece_at_edge(draft, clip, "head")
    delta = on_grid(draft.lane_of(clip), first.start + by, snap=snap) - first.start
    if all(_beside(draft, name) == (None, None) for name in names):
        raise EditRefused("not_adjacent", clip, "no neighbour to give or take")
    if delta == 0:
        return
    solids = [name for each in names for name in write_down(draft, each)]
    sides = [(name, *_beside(draft, name)) for name in solids]
    sides = [
        (
            name,
            solid_edge(draft, left, "tail") if left is not None else None,
            solid_edge(draft, right, "head") if right is not None else None,
        )
        for name, left, right in sides
    ]
    for name, left, right in sides:
        delta = _slide_within(draft, name, left, right, delta)
    for name, left, right in sides:
        where, rate = draft.where(name), draft.lane_of(name).rate
        if left is not None:
            long_enough(left, draft.where(left).duration + delta, rate)
            trim_tail(draft, left, delta)
        if right is not None:
            long_enough(right, draft.where(right).duration - delta, rate)
            trim_head(draft, right, delta)
        draft.place(name, start=where.start + delta)


def _beside(draft: Draft, clip: str) -> tuple[str | None, str | None]:
    lane = draft.lane_of(clip)
    left = lane.ending_at(piece_at_edge(draft, clip, "head").start)
    right = lane.starting_at(piece_at_edge(draft, clip, "tail").end)
    return left.clip if left else None, right.clip if right else None


def _slide_within(draft: Draft, clip: str, left: str | None, right: str | None, by: int) -> int:
    """As much of `by` as handles of the neighbours, or the gaps in their place, allow."""
    where, lane = draft.where(clip), draft.lane_of(clip)
    if by > 0:
        limits = [
            source_limit(draft, left, "tail", where.start) if left is not None else None,
            neighbour_limit(lane, "tail", where.end) - where.duration if right is None else None,
        ]
        found = min([where.start + by, *(limit for limit in limits if limit is not None)])
    else:
        limits = [
            source_limit(draft, right, "head", where.end) if right is not None else None,
            neighbour_limit(lane, "head", where.start) + where.duration if left is None else None,
        ]
        found = (
            max([where.end + by, *(limit for limit in limits if limit is not None)])
            - where.duration
        )
    if found != where.start + by:
        draft.clamp(clip)
    return found - where.start


def extend(
    draft: Draft,
    clip: str,
    at: int,
    *,
    edge: Edge | None = None,
    linked: bool = True,
    snap: bool = True,
) -> None:
    """
    Bring the nearest edge (or `edge`) to `at`: a roll where it stands on a cut, else a trim.

        | A |      |  B |   ->   | A      |  | B |
                 at
    """
    head, tail = piece_at_edge(draft, clip, "head").start, piece_at_edge(draft, clip, "tail").end
    if edge is None:
        edge = "head" if abs(at - head) < abs(at - tail) else "tail"
    by = at - (head if edge == "head" else tail)
    left, right = _beside(draft, clip)
    change: Callable[..., None] = roll if (left if edge == "head" else right) else trim
    change(draft, clip, edge, by, linked=linked, snap=snap)


def split(
    draft: Draft,
    at: int,
    clips: Sequence[str] = (),
    *,
    tracks: Sequence[str] = (),
    sequence: str | None = None,
    linked: bool = True,
    snap: bool = True,
) -> None:
    """
    Cut clips in two at `at`: the named ones with their links, or what all unlocked tracks show.

        | A       |   ->   | A  | A' |
            *

    The right half is `created["right"]` of the first clip. `too_short` within one frame of an edge,
    `not_found` where no clip is cut. New ids: halves in the order named (links after their clip), or
    bottom to top; after each its effects; then one link value per set with two halves or more.
    """
    if clips:
        names = list(
            dict.fromkeys(name for clip in clips for name in members(draft, clip, linked=linked))
        )
        at = on_grid(draft.lane_of(clips[0]), at, snap=snap)
        pieces = [piece for name in names for piece in draft.pieces(name)]
        pieces = [piece for piece in pieces if piece.start <= at <= piece.end]
        named = set(clips)
    else:
        lanes = [draft.unlocked(track) for track in tracks] or [
            lane for lane in draft.seen.lanes(draft.sequence(sequence)) if not lane.locked
        ]
        at = on_grid(lanes[0], at, snap=snap) if lanes else at
        pieces = [piece for lane in lanes if (piece := lane.at(at)) is not None]
        named = set[str]()
    if not pieces:
        raise EditRefused("not_found", clips[0] if clips else "", "no clip to cut there")
    for piece in pieces:
        half = _halved(draft, piece, at, must=piece.clip in named)
        if half is not None:
            draft.names.setdefault("right", half)


def _halved(draft: Draft, piece: Piece, at: int, *, must: bool) -> str | None:
    """The right half of a piece; None (or `too_short`, where it was named) within a frame of an edge."""
    shortest = frame_length(draft.lane_of(piece.clip).rate)
    if at - piece.start < shortest or piece.end - at < shortest:
        if must:
            raise EditRefused("too_short", piece.clip, "no frame would be left on one side")
        return None
    name = next(
        (name for name in write_down(draft, piece.clip) if draft.where(name).start == piece.start),
        piece.clip,
    )
    return cut(draft, name, at)


def join(draft: Draft, left: str, right: str, *, linked: bool = True) -> None:
    """
    Make one clip of two neighbours that show one source without a break.

        | A  | A' |   ->   | A       |

    The left one takes the length, the fade-out, the markers, the cues and the transition at the tail.
    `not_adjacent` where they are not neighbours, or the source or the speed differs.
    """
    if not _continuous(draft, left, right):
        raise EditRefused("not_adjacent", left, "the two show no continuous stretch of one source")
    pairs = [(left, right)]
    if linked:
        others = members(draft, right, linked=True)[1:]
        pairs += [
            (one, other)
            for one in members(draft, left, linked=True)[1:]
            for other in others
            if _continuous(draft, one, other)
        ]
    for one, other in pairs:
        draft.unlocked(draft.lane_of(one).track)
        _joined(draft, one, other)


def _continuous(draft: Draft, left: str, right: str) -> bool:
    lane, tail, head = draft.lane_of(left), draft.pieces(left), draft.pieces(right)
    if not tail or not head or tail[-1].end != head[0].start:
        return False
    one, other = draft.record("clips", left), draft.record("clips", right)
    before, after = tail[-1].of, head[0].of
    same = all(one.get(key) == other.get(key) for key in ("asset", "sequence", "generator"))
    return (
        same
        and draft.lane_of(right).track == lane.track
        and before.kind == after.kind
        and before.speed_num * after.speed_den == after.speed_num * before.speed_den
        and before.local(tail[-1].end) == after.local(head[0].start)
    )


def _joined(draft: Draft, left: str, right: str) -> None:
    left, right = solid_edge(draft, left, "tail"), solid_edge(draft, right, "head")
    source = draft.record("clips", right)
    trim_tail(draft, left, draft.where(right).duration)
    draft.write("clips", left, "fade_out", source.get("fade_out"))
    draft.write("clips", left, "fade_out_curve", source.get("fade_out_curve"))
    for name in draft.owned_by("transitions", "left", left):
        draft.remove("transitions", name)
    for root, key in _GOES_TO_LEFT:
        for name in draft.owned_by(root, key, right):
            draft.write(root, name, key, left)
    remove_clip(draft, right)
