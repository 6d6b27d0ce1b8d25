"""Edits that change the length of the sequence: what follows moves along [timeline-E5].

`opened` and `closed` are the two moves that all of them are made of; both keep every track with
sync lock together, or refuse.
"""

from collections.abc import Collection, Iterable, Sequence

from timeline.arguments import Edge
from timeline.draft import Draft, members
from timeline.edits import (
    edge_members,
    edge_of,
    move_edge,
    piece_at_edge,
    solid_edge,
    source_limit,
)
from timeline.errors import EditRefused
from timeline.placing import clear, cut, in_time, on_grid, remove_clip, solid, write_down
from timeline.seen import Lane

Stretch = tuple[int, int]
"""Half-open [start, end) in ticks."""


def moving_lanes(draft: Draft, sequence: str, own: Collection[str]) -> list[Lane]:
    """The tracks that move together: those with sync lock, and the operation's own."""
    return [lane for lane in draft.seen.lanes(sequence) if lane.sync_lock or lane.track in own]


def opened(draft: Draft, sequence: str, at: int, by: int, own: Collection[str] = ()) -> None:
    """
    Make room: everything from `at` on moves right by `by`; clips across `at` are cut.

        | A    | B |    ->   | A |    | A' | B |
            at
    """
    lanes = moving_lanes(draft, sequence, own)
    for lane in lanes:
        _refuse_locked(lane, at)
    for lane in lanes:
        _write_down_across(draft, lane, at)
        piece = draft.lane(lane.track).at(at)
        if piece is not None and piece.start < at:
            cut(draft, solid(draft, piece), at)
        _shift(draft, lane.track, at, by)


def closed(
    draft: Draft, sequence: str, stretches: Iterable[Stretch], own: Collection[str] = ()
) -> None:
    """
    Close stretches: what follows each moves left by its length.

        | A |    | B |   ->   | A | B |
            [   )

    `sync_would_break` where a track that moves along has anything inside [timeline-E5].
    """
    lanes = moving_lanes(draft, sequence, own)
    for start, end in reversed(merged(stretches)):
        for lane in lanes:
            _refuse_locked(lane, start)
            inside = draft.lane(lane.track).within(start, end)
            if inside:
                raise EditRefused(
                    "sync_would_break", inside[0].clip, "stands in the closed stretch"
                )
        for lane in lanes:
            _write_down_across(draft, lane, start)
            _shift(draft, lane.track, end, start - end)


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in time order, those that touch made one."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _refuse_locked(lane: Lane, at: int) -> None:
    if lane.locked and lane.end > at:
        raise EditRefused("track_locked", lane.track, "the track is locked and has something later")


def _write_down_across(draft: Draft, lane: Lane, at: int) -> None:
    """What is hidden across `at` must not come to light when its cover moves [timeline-E1]."""
    for placed in draft.lane(lane.track).placed:
        if placed.start >= at:
            break
        if placed.end <= at:
            continue
        pieces = draft.pieces(placed.clip)
        if not pieces:
            draft.place(placed.clip, duration=at - placed.start)
        elif not (len(pieces) == 1 and pieces[0].whole):
            write_down(draft, placed.clip)


def _shift(draft: Draft, track: str, at: int, by: int) -> None:
    for placed in draft.lane(track).placed:
        if placed.start >= at:
            in_time(placed.clip, placed.end + by)
            draft.place(placed.clip, start=placed.start + by)


def ripple(
    draft: Draft, clip: str, edge: Edge, by: int, *, linked: bool = True, snap: bool = True
) -> None:
    """
    Trim an edge by `by` and let what follows move along; a trimmed head stays where it stands.

        | A      | B |   ->   | A |  B |
             <---*
    """
    lane = draft.lane_of(clip)
    at = edge_of(piece_at_edge(draft, clip, edge), edge)
    to = on_grid(lane, at + by, snap=snap)
    names = edge_members(draft, clip, edge, to - at, linked=linked)
    solids = [solid_edge(draft, name, edge) for name in names]
    own = {draft.lane_of(name).track for name in solids}
    if to == at:
        return
    if (to < at) == (edge == "head"):
        _ripple_out(draft, solids, edge, at, to, own)
        return
    for name in solids:
        move_edge(draft, name, edge, to)
    closed(draft, lane.sequence, [(min(at, to), max(at, to))], own)


def _ripple_out(
    draft: Draft, clips: Sequence[str], edge: Edge, at: int, to: int, own: Collection[str]
) -> None:
    """The edge moves outward: room is made at the edge, then the clips take it."""
    for clip in clips:
        limit = source_limit(draft, clip, edge, at)
        if limit is not None and abs(limit - at) < abs(to - at):
            draft.clamp(clip)
            to = limit
    length = abs(to - at)
    opened(draft, draft.lane_of(clips[0]).sequence, at, length, own)
    for clip in clips:
        move_edge(draft, clip, edge, at if edge == "head" else to)


def ripple_delete(draft: Draft, clips: Sequence[str], *, linked: bool = True) -> None:
    """
    Remove clips with their links and groups, and close the stretches they leave.

        | A | B | C |   ->   | A | C |
    """
    names = all_members(draft, clips, linked=linked, grouped=True)
    sequence = draft.lane_of(clips[0]).sequence
    on_track: dict[str, list[Stretch]] = {}
    for name in names:
        gone = on_track.setdefault(draft.lane_of(name).track, [])
        gone += [(piece.start, piece.end) for piece in draft.pieces(name)]
    own, stretches = list(on_track), [each for gone in on_track.values() for each in gone]
    for name in names:
        remove_clip(draft, name)
    for track, gone in on_track.items():
        for start, end in gone:
            # What only the removed clips hid goes with them: people closed that stretch [timeline-E1].
            clear(draft, track, start, end)
    closed(draft, sequence, stretches, own)


def all_members(
    draft: Draft, clips: Sequence[str], *, linked: bool, grouped: bool = False
) -> list[str]:
    """The link sets (and groups) of several clips of one sequence, each clip once."""
    sequence = draft.lane_of(clips[0]).sequence
    found: dict[str, None] = {}
    for clip in clips:
        if draft.lane_of(clip).sequence != sequence:
            raise EditRefused("bad_argument", "clips", "the clips are of different sequences")
        if clip not in found or not linked:
            found.update(dict.fromkeys(members(draft, clip, linked=linked, grouped=grouped)))
    return list(found)


def close_gap(draft: Draft, track: str, at: int) -> None:
    """
    Close the gap that a track has at `at`.

        | A |    | B |   ->   | A | B |
              at
    """
    lane = draft.unlocked(track)
    after = [piece.start for piece in lane.pieces if piece.start > at]
    if lane.at(at) is not None or not after:
        raise EditRefused("not_found", track, "no gap there")
    start = max((piece.end for piece in lane.pieces if piece.end <= at), default=0)
    closed(draft, lane.sequence, [(start, min(after))], [track])


def extract(draft: Draft, stretch: Stretch, tracks: Sequence[str], *, snap: bool = True) -> None:
    """
    Cut a range out of tracks and close it; other tracks with sync lock move along.

        | A      | B    |   ->   | A | B  |
             [      )
    """
    lanes = [draft.unlocked(track) for track in tracks]
    if not lanes:
        return
    sequence = lanes[0].sequence
    start, end = (on_grid(lanes[0], at, snap=snap) for at in stretch)
    if end <= start:
        raise EditRefused("too_short", "range", "the range holds no frame")
    for track in tracks:
        clear(draft, track, start, end)
    closed(draft, sequence, [(start, end)], tracks)


def remove_range(
    draft: Draft, stretch: Stretch, sequence: str | None = None, *, snap: bool = True
) -> None:
    """Extract from all unlocked tracks of the sequence."""
    name = draft.sequence(sequence)
    extract(
        draft,
        stretch,
        [lane.track for lane in draft.seen.lanes(name) if not lane.locked],
        snap=snap,
    )


def swap(draft: Draft, one: str, other: str, *, linked: bool = True) -> None:
    """
    Two clips of one track change places; what lies between moves by the difference of their lengths.

        | A   | x | B |   ->   | B | x | A   |

    Their links change places on their own tracks; a linked clip without a counterpart, and the links
    of what lies between, go by the same ticks. `sync_would_break` where those have no room.
    """
    pairs = _pairs(draft, one, other, linked=linked)
    moves: dict[str, int] = {}
    for left, right in pairs:
        first, second = piece_at_edge(draft, left, "head"), piece_at_edge(draft, right, "head")
        moves[left] = second.end - first.end
        moves[right] = first.start - second.start
        for piece in draft.lane_of(left).within(first.end, second.start):
            if piece.clip not in (left, right):
                moves[piece.clip] = second.duration - first.duration
    followers: dict[str, str] = {}
    for clip in list(moves):
        for name in members(draft, clip, linked=linked):
            if name not in moves:
                moves[name] = moves[clip]
                followers[name] = draft.lane_of(name).track
    for clip in moves:
        write_down(draft, clip)
    shown = {track: _shown(draft, track) for track in followers.values()}
    starts = {clip: draft.where(clip).start + by for clip, by in moves.items()}
    for clip, start in starts.items():
        draft.place(clip, start=start)
    for name, track in followers.items():
        if starts[name] < 0 or _shown(draft, track) != shown[track]:
            raise EditRefused("sync_would_break", name, "no room beside what it is linked to")


def _shown(draft: Draft, track: str) -> int:
    return sum(piece.duration for piece in draft.lane(track).pieces)


def _pairs(draft: Draft, one: str, other: str, *, linked: bool) -> list[tuple[str, str]]:
    """(earlier, later) on each track where both link sets have one clip."""
    ones, others = members(draft, one, linked=linked), members(draft, other, linked=linked)
    pairs: list[tuple[str, str]] = []
    for left in ones:
        for right in others:
            same = draft.lane_of(left).track == draft.lane_of(right).track
            if same and left != right and draft.pieces(left) and draft.pieces(right):
                ordered = sorted(
                    (left, right), key=lambda name: piece_at_edge(draft, name, "head").start
                )
                pairs.append((ordered[0], ordered[1]))
    if one not in {name for pair in pairs for name in pair}:
        raise EditRefused("not_adjacent", other, "the two clips stand on different tracks")
    return pairs


def insert_room(
    draft: Draft, tracks: Sequence[str], at: int, length: int, *, snap: bool = True
) -> int:
    """Room of `length` at `at` on these tracks and all with sync lock; answers the snapped `at`."""
    lane = draft.unlocked(tracks[0])
    for track in tracks[1:]:
        draft.unlocked(track)
    start = on_grid(lane, at, snap=snap)
    opened(draft, lane.sequence, start, length, tracks)
    return start
