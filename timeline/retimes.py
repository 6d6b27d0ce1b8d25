"""Edits of speed: set_speed, reverse, rate_stretch, freeze."""

from timeline.arguments import Edge
from timeline.draft import Draft, members
from timeline.edits import edge_members, edge_of, neighbour_limit, piece_at_edge, solid_edge
from timeline.errors import EditRefused
from timeline.placing import (
    copy_effects,
    frame_length,
    in_time,
    long_enough,
    on_grid,
    solid,
    speed_for,
    write_down,
)
from timeline.ripples import closed, opened
from timeline.schema import SPEED_TIMES_MAX
from timeline.seen import TIMED_KINDS
from timeline.timing import snapped


def _timed_members(draft: Draft, clip: str, *, linked: bool) -> list[str]:
    """The members that have a speed; `bad_argument` where the named clip has none."""
    if draft.where(clip).kind not in TIMED_KINDS:
        raise EditRefused("bad_argument", "clip", "only media and nested sequences have a speed")
    names = members(draft, clip, linked=linked)
    return [
        part
        for name in names
        if draft.where(name).kind in TIMED_KINDS
        for part in write_down(draft, name)
    ]


def set_speed(
    draft: Draft,
    clip: str,
    speed: tuple[int, int],
    *,
    ripple: bool = False,
    linked: bool = True,
) -> None:
    """
    Show the same source at another speed; the length changes, on the grid.

        | A      |  | B |   ->   | A  |      | B |

    A longer clip stops at its neighbour (`clamped`), unless `ripple` makes room; then a shorter one
    closes up as well. The other sign plays the other way.
    """
    for name in _timed_members(draft, clip, linked=linked):
        if draft.where(name).speed_num == 0:
            raise EditRefused("bad_argument", "clip", "a frozen clip shows no source to speed up")
        if (draft.where(name).speed_num < 0) != (speed[0] < 0):
            _turn(draft, name)
    parts = _timed_members(draft, clip, linked=linked)
    before = draft.where(clip)
    after = _length_at(draft, clip, speed)
    if ripple:
        own = {draft.lane_of(part).track for part in parts}
        sequence = draft.lane_of(clip).sequence
        if after > before.duration:
            opened(draft, sequence, before.end, after - before.duration, own)
        _set_speeds(draft, parts, speed)
        if after < before.duration:
            closed(draft, sequence, [(before.start + after, before.end)], own)
        return
    _set_speeds(draft, parts, speed)


def _set_speeds(draft: Draft, parts: list[str], speed: tuple[int, int]) -> None:
    for part in parts:
        where, lane = draft.where(part), draft.lane_of(part)
        duration = _length_at(draft, part, speed)
        limit = neighbour_limit(lane, "tail", where.end) - where.start
        if duration > limit:
            draft.clamp(part)
            duration = limit
        in_time(part, where.start + duration)
        draft.place(
            part,
            duration=duration,
            source_in=where.source_in,
            speed_num=speed[0],
            speed_den=speed[1],
        )


def _length_at(draft: Draft, clip: str, speed: tuple[int, int]) -> int:
    where, rate = draft.where(clip), draft.lane_of(clip).rate
    source = where.duration * abs(where.speed_num)
    length = source * speed[1] // (where.speed_den * abs(speed[0]))
    return max(snapped(length, rate), snapped(frame_length(rate), rate))


def reverse(draft: Draft, clip: str, *, linked: bool = True) -> None:
    """
    Play the same stretch of the source backwards, in the same place.

        source  | 1 2 3 |   ->   | 3 2 1 |
    """
    for part in _timed_members(draft, clip, linked=linked):
        _turn(draft, part)


def _turn(draft: Draft, clip: str) -> None:
    where = draft.where(clip)
    if where.speed_num == 0:
        return
    draft.place(
        clip,
        duration=where.duration,
        source_in=where.local(where.end),
        speed_num=-where.speed_num,
        speed_den=where.speed_den,
    )


def rate_stretch(
    draft: Draft,
    clip: str,
    duration: int,
    edge: Edge = "tail",
    *,
    linked: bool = True,
    snap: bool = True,
) -> None:
    """
    Stretch a clip to `duration` by its speed, the same source shown.

        | A    |       | B |   ->   | A (slower)  | B |
               *----->

    `edge` is the one that moves; a neighbour stops it.
    """
    lane, at = draft.lane_of(clip), edge_of(piece_at_edge(draft, clip, edge), edge)
    _timed_members(draft, clip, linked=linked)
    names = edge_members(draft, clip, edge, 0, linked=linked)
    parts = [solid_edge(draft, name, edge) for name in names]
    parts = [part for part in parts if draft.where(part).kind in TIMED_KINDS]
    length = draft.where(clip).duration
    by = duration - length
    to = on_grid(lane, at - by if edge == "head" else at + by, snap=snap)
    for part in parts:
        limit = neighbour_limit(draft.lane_of(part), edge, at)
        if limit > to if edge == "head" else limit < to:
            draft.clamp(part)
            to = limit
    for part in parts:
        _stretch(draft, part, edge, to)


def _stretch(draft: Draft, clip: str, edge: Edge, to: int) -> None:
    where = draft.where(clip)
    start, end = (to, where.end) if edge == "head" else (where.start, to)
    duration = long_enough(clip, end - start, draft.lane_of(clip).rate)
    if where.speed_num == 0:
        draft.place(clip, start=start, duration=duration)
        return
    num, den = speed_for(where.duration * abs(where.speed_num), duration * where.speed_den)
    if num > SPEED_TIMES_MAX * den:
        raise EditRefused("too_short", clip, "faster than 100 times")
    draft.place(
        clip,
        start=start,
        duration=duration,
        source_in=where.source_in,
        speed_num=num if where.speed_num > 0 else -num,
        speed_den=den,
    )


def freeze(
    draft: Draft,
    clip: str,
    at: int,
    duration: int,
    *,
    linked: bool = True,
    snap: bool = True,
) -> None:
    """
    Hold the picture at `at` for `duration` ticks; what follows moves right.

        | A       |   ->   | A  |####| A' |
            at                 hold

    The sound of the clip is cut there and rests meanwhile. `created["clip"]` is the held one. New
    ids: what is cut bottom to top, then the held clip, its effects, then link values.
    """
    lane = draft.unlocked(draft.lane_of(clip).track)
    if draft.where(clip).kind not in TIMED_KINDS:
        raise EditRefused("bad_argument", "clip", "only media and nested sequences can be frozen")
    at = on_grid(lane, at, snap=snap)
    length = long_enough("duration", on_grid(lane, duration, snap=snap), lane.rate)
    piece = next((each for each in draft.pieces(clip) if each.start <= at < each.end), None)
    if piece is None:
        raise EditRefused("not_found", clip, "the clip does not show there")
    own = [draft.lane_of(name).track for name in members(draft, clip, linked=linked)]
    name = solid(draft, piece)
    inside = draft.where(name).local(at)
    source = draft.record("clips", name)
    opened(draft, lane.sequence, at, length, own)
    held = draft.create(
        "clips",
        {
            **source,
            "start": at,
            "duration": length,
            "source_in": inside,
            "speed_num": 0,
            "speed_den": 1,
            "link": None,
            "fade_in": None,
            "fade_out": None,
        },
    )
    draft.names.setdefault("clip", held)
    copy_effects(draft, name, held)
