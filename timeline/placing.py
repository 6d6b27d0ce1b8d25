"""The small moves that edits are made of: write down, cut, trim, clear, copy, remove one clip.

None of them looks at links, locks or other tracks; the edits do.
"""

import math
from typing import Final

from timeline.draft import Draft
from timeline.errors import EditRefused
from timeline.model import Json, Record, RecordRoot
from timeline.seen import Lane, Piece, Placed, integer_or
from timeline.timing import TICK_MAX, TICKS, Rate, frame_containing, snapped, tick

SPEED_TERM_MAX: Final = 100_000  # of the two numbers of a speed
_MOVES_WITH_CUT: Final[tuple[tuple[RecordRoot, str], ...]] = (
    ("markers", "owner"),
    ("cues", "clip"),
)
_GOES_WITH_CLIP: Final[tuple[tuple[RecordRoot, str], ...]] = (
    ("effects", "owner"),
    ("transitions", "left"),
    ("transitions", "right"),
    ("cues", "clip"),
)


def frame_length(rate: Rate) -> int:
    """The shortest a clip may be: one frame, in ticks [timeline-E2]."""
    return TICKS * rate.den // rate.num


def on_grid(lane: Lane, at: int, *, snap: bool = True) -> int:
    """`at` on the frame grid of the lane; sound leaves it where asked to [timeline-E2]."""
    return snapped(at, lane.rate) if snap or lane.kind != "audio" else at


def grid_floor(rate: Rate, at: int) -> int:
    return tick(frame_containing(at, rate), rate)


def grid_ceil(rate: Rate, at: int) -> int:
    floor = grid_floor(rate, at)
    return floor if floor == at else tick(frame_containing(at, rate) + 1, rate)


def long_enough(clip: str, duration: int, rate: Rate) -> int:
    """`duration`, or `too_short` below one frame [timeline-E2]."""
    if duration < frame_length(rate):
        raise EditRefused("too_short", clip, "nothing gets shorter than one frame")
    return duration


def in_time(clip: str, end: int) -> int:
    """`end`, or `bad_argument` beyond the last tick."""
    if end > TICK_MAX:
        raise EditRefused("bad_argument", clip, "reaches beyond the last tick")
    return end


def write_down(draft: Draft, clip: str) -> list[str]:
    """
    Store a clip as what people see of it; answers the ids of its pieces in time order [timeline-E1].

        | A         |          | A |   | A' |
            | B |        ->        | B |

    The first piece stays the clip itself, the others become copies. A clip that is all hidden stays.
    """
    pieces = draft.pieces(clip)
    if not pieces or (len(pieces) == 1 and pieces[0].whole):
        return [clip]
    placed = pieces[0].of
    source = dict(draft.record("clips", clip))
    set_piece(draft, clip, pieces[0].start, pieces[0].end, placed)
    _end_fades(draft, clip, pieces[0])
    ids = [clip]
    for piece in pieces[1:]:
        copy = copied_clip(draft, clip, {**source, "removed": None}, at=piece.start)
        set_piece(draft, copy, piece.start, piece.end, placed)
        _end_fades(draft, copy, piece)
        ids.append(copy)
    return ids


def _end_fades(draft: Draft, clip: str, piece: Piece) -> None:
    """A fade stands at the clip's own edge, so it goes with the edge that is hidden."""
    if piece.start != piece.of.start:
        draft.write("clips", clip, "fade_in", None)
    if piece.end != piece.of.end:
        draft.write("clips", clip, "fade_out", None)


def set_piece(draft: Draft, clip: str, start: int, end: int, of: Placed) -> None:
    """Give a clip the stretch [start, end) of the placement `of`: other edges, same pictures."""
    draft.place(clip, start=start, duration=end - start)
    if start != of.start or (of.speed_num < 0 and end != of.end):
        draft.place(clip, source_in=of.local(start))


def solid(draft: Draft, piece: Piece) -> str:
    """The id of the clip that is exactly this piece, written down where needed [timeline-E1]."""
    if piece.whole:
        return piece.clip
    ids = write_down(draft, piece.clip)
    return next((name for name in ids if draft.where(name).start == piece.start), piece.clip)


def trim_head(draft: Draft, clip: str, by: int) -> None:
    """
    Move the head; the pictures stay where they are.

        | A     |   ->     | A  |
        *->                *
    """
    where = draft.where(clip)
    draft.place(
        clip,
        start=where.start + by,
        duration=where.duration - by,
        source_in=where.local(where.start + by),
    )


def trim_tail(draft: Draft, clip: str, by: int) -> None:
    """
    Move the tail.

        | A     |   ->   | A  |
             <-*              *
    """
    where = draft.where(clip)
    keep_source_in(draft, clip, where)
    draft.place(clip, duration=where.duration + by)


def keep_source_in(draft: Draft, clip: str, where: Placed) -> None:
    """Store a `source_in` that only a default gives, before the asset or length it hangs on changes."""
    if where.speed_num < 0 and draft.record("clips", clip).get("source_in") is None:
        draft.place(clip, source_in=where.source_in)


def cut(draft: Draft, clip: str, at: int) -> str:
    """
    Cut one clip at `at`, strictly inside it; answers the right half.

        | A       |   ->   | A  | A' |
            *

    The right half has all keys, copies of the effects, the fade-out, the transition at the tail, and
    the markers and cues from the cut on. New ids: the half, then its effects by (order, id).
    """
    where = draft.where(clip)
    source = draft.record("clips", clip)
    inside = where.local(at)
    right = copied_clip(draft, clip, source, at=at)
    draft.place(right, start=at, duration=where.end - at, source_in=inside)
    draft.write("clips", right, "fade_in", None)
    keep_source_in(draft, clip, where)
    draft.place(clip, duration=at - where.start)
    draft.write("clips", clip, "fade_out", None)
    for name in draft.owned_by("transitions", "left", clip):
        draft.write("transitions", name, "left", right)
    for root, owner in _MOVES_WITH_CUT:
        for name in draft.owned_by(root, owner, clip):
            local = integer_or(draft.record(root, name), "t", 0) or 0
            if _from(local, inside, where.speed_num):
                draft.write(root, name, owner, right)
    return right


def _from(local: int, cut_local: int, speed_num: int) -> bool:
    """Whether a local time plays at or after the cut."""
    if speed_num == 0:
        return False
    return local >= cut_local if speed_num > 0 else local <= cut_local


def copied_clip(draft: Draft, clip: str, source: Record, *, at: int) -> str:
    """A copy of a clip's record and of its effects, to be placed; its link waits for `settle`."""
    copy = draft.create("clips", {**source, "start": at})
    draft.halved(copy)
    copy_effects(draft, clip, copy)
    return copy


def copy_effects(draft: Draft, owner: str, to: str) -> None:
    for effect in draft.owned_by("effects", "owner", owner):
        draft.create("effects", {**draft.record("effects", effect), "owner": to})


def remove_clip(draft: Draft, clip: str) -> None:
    """Remove a clip with its effects, transitions and cues [timeline-W4]."""
    draft.remove("clips", clip)
    for root, key in _GOES_WITH_CLIP:
        for name in draft.owned_by(root, key, clip):
            draft.remove(root, name)


def clear(draft: Draft, track: str, start: int, end: int) -> None:
    """
    Take away what a track shows inside [start, end): trim, split or remove.

        | A    | B | C    |   ->   | A |       | C |
            [start   end)
    """
    for piece in draft.lane(track).within(start, end):
        clip = solid(draft, piece)
        if piece.end > end and piece.start < start:
            cut(draft, clip, end)
            trim_tail(draft, clip, start - end)
        elif piece.end > end:
            trim_head(draft, clip, end - piece.start)
        elif piece.start < start:
            trim_tail(draft, clip, start - piece.end)
        else:
            remove_clip(draft, clip)


def free(lane: Lane, start: int, end: int) -> bool:
    return not lane.within(start, end)


def speed_for(source: int, length: int) -> tuple[int, int]:
    """The speed, within limits, at which `source` ticks last `length` ticks; both positive.

    Raises `too_short` beyond 100 times.
    """
    shared = math.gcd(source, length)
    num, den = source // shared, length // shared
    if num > 100 * den:
        raise EditRefused("too_short", "speed", "faster than 100 times")
    scale = max(-(-num // SPEED_TERM_MAX), -(-den // SPEED_TERM_MAX))
    if scale > 1:
        # Beyond the terms that a record may hold: the nearest with a denominator that fits.
        den_near = max(1, den // scale)
        num = max(1, (2 * num * den_near + den) // (2 * den))
        shared = math.gcd(num, den_near)
        num, den = num // shared, den_near // shared
    return num, den


def head_room(draft: Draft, clip: str) -> int | None:
    """How far the head can go back before the source begins, in sequence ticks; None: no limit [timeline-E8]."""
    where, source_end = draft.where(clip), source_end_of(draft, clip)
    if source_end is None or where.speed_num == 0:
        return None
    if where.speed_num > 0:
        return max(0, where.source_in * where.speed_den // where.speed_num)
    return max(0, (source_end - where.source_in) * where.speed_den // -where.speed_num)


def tail_room(draft: Draft, clip: str) -> int | None:
    """How far the tail can go on before the source ends, in sequence ticks; None: no limit [timeline-E8]."""
    where, source_end = draft.where(clip), source_end_of(draft, clip)
    if source_end is None or where.speed_num == 0:
        return None
    if where.speed_num > 0:
        most = (source_end - where.source_in) * where.speed_den // where.speed_num
    else:
        most = where.source_in * where.speed_den // -where.speed_num
    return max(0, most - where.duration)


def source_end_of(draft: Draft, clip: str) -> int | None:
    """Where the source of a media clip ends; None for everything without an end, or unknown."""
    if draft.where(clip).kind != "media":
        return None
    facts = draft.facts(clip)
    return facts.duration if facts is not None else None


def keys_of(record: Record, left_out: frozenset[str]) -> dict[str, Json]:
    return {key: value for key, value in record.items() if key not in left_out}
