"""Edits between sequences: nest clips into a new one, and take them back."""

from collections.abc import Mapping, Sequence
from typing import Final

from timeline.draft import Draft, members
from timeline.errors import EditRefused
from timeline.model import Json
from timeline.placements import new_track_above
from timeline.placing import clear, free, remove_clip, set_piece, write_down
from timeline.ripples import all_members
from timeline.seen import Lane

_SHAPE: Final = (
    *("width", "height", "fps_num", "fps_den", "sample_rate", "channel_layout"),
    *("background", "color_space"),
)
_PLAIN: Final = frozenset(
    {
        *("track", "kind", "sequence", "start", "duration", "source_in", "speed_num", "speed_den"),
        *("link", "group", "name", "color", "removed"),
    }
)
"""What a nested clip may carry and still be taken apart."""


def nest(
    draft: Draft, clips: Sequence[str], name: str | None = None, *, linked: bool = True
) -> None:
    """
    Put clips into a new sequence; one picture and one sound clip of it take their place.

        V2 | T |            V2
        V1 | A | B |   ->   V1 | nested  |

    `not_adjacent` where another clip stands in the stretch on the track that takes the nested one.
    New ids: parts of covered clips, the sequence, its tracks bottom to top, the picture and the sound
    clip, their link.
    """
    names = all_members(draft, clips, linked=linked, grouped=True)
    outer = draft.lane_of(clips[0]).sequence
    parts = [part for each in names for part in write_down(draft, each)]
    start = min(draft.where(part).start for part in parts)
    end = max(draft.where(part).end for part in parts)
    lanes = [
        lane
        for lane in draft.seen.lanes(outer)
        if any(draft.lane_of(part).track == lane.track for part in parts)
    ]
    hosts = {kind: lane for lane in reversed(lanes) if (kind := lane.kind) != "caption"}
    for host in hosts.values():
        for piece in host.within(start, end):
            if piece.clip not in parts:
                raise EditRefused("not_adjacent", piece.clip, "stands between the clips to nest")
    inner = _new_sequence(draft, outer, name)
    tracks = {lane.track: _copied_track(draft, lane, inner) for lane in lanes}
    for part in parts:
        where = draft.where(part)
        draft.place(part, track=tracks[where.track], start=where.start - start)
    _stand_in(draft, hosts, inner, start, end)


def _new_sequence(draft: Draft, like: str, name: str | None) -> str:
    shape = {key: draft.record("sequences", like).get(key) for key in _SHAPE}
    created = draft.create("sequences", {"name": name or "Nested", **shape})
    draft.names["sequence"] = created
    return created


def _copied_track(draft: Draft, lane: Lane, sequence: str) -> str:
    record = draft.record("tracks", lane.track)
    keys: dict[str, Json] = {key: record.get(key) for key in ("kind", "name", "color", "order")}
    return draft.create("tracks", {"sequence": sequence, **keys})


def _stand_in(draft: Draft, hosts: Mapping[str, Lane], inner: str, start: int, end: int) -> None:
    clips: list[str] = []
    for kind in ("video", "audio"):
        if kind in hosts:
            record: dict[str, Json] = {
                "track": hosts[kind].track,
                "kind": "sequence",
                "sequence": inner,
            }
            place: dict[str, Json] = {"start": start, "duration": end - start, "source_in": 0}
            clips.append(draft.create("clips", {**record, **place}))
    if clips:
        draft.names["clip"] = clips[0]
    if len(clips) > 1:
        link = draft.new_id()
        for clip in clips:
            draft.write("clips", clip, "link", link)


def un_nest(draft: Draft, clip: str) -> None:
    """
    Take a nested sequence apart: its clips go back to where its picture and sound clips stand.

        V1 | nested  |   ->   V1 | A | B |

    Only what shows is taken back. Pictures go to the track of the nested one and to those above it,
    new ones where these are not free. `bad_argument` where the nested clips carry properties of their
    own, or the sequence is used elsewhere, too.
    """
    where = draft.where(clip)
    if where.kind != "sequence":
        raise EditRefused("bad_argument", "clip", "not a nested sequence")
    inner = str(draft.record("clips", clip).get("sequence"))
    outers = [
        name
        for name in members(draft, clip, linked=True)
        if draft.record("clips", name).get("sequence") == inner
    ]
    _refuse_own_properties(draft, inner, outers)
    window = (where.source_in, where.source_in + where.duration)
    shift = where.start - where.source_in
    hosts = {draft.lane_of(name).kind: draft.lane_of(name) for name in reversed(outers)}
    inner_lanes = draft.seen.lanes(inner)
    for name in outers:
        remove_clip(draft, name)
    taken: dict[str, str | None] = {}
    for lane in inner_lanes:
        target = _target(draft, lane, hosts.get(lane.kind), taken.get(lane.kind), window, shift)
        taken[lane.kind] = target
        _take_back(draft, lane, target, window, shift)
    for lane in inner_lanes:
        draft.remove("tracks", lane.track)
    draft.remove("sequences", inner)


def _refuse_own_properties(draft: Draft, inner: str, outers: Sequence[str]) -> None:
    for name in outers:
        record = draft.record("clips", name)
        own = [key for key, value in record.items() if value is not None and key not in _PLAIN]
        where = draft.where(name)
        if own or draft.owned_by("effects", "owner", name):
            raise EditRefused(
                "bad_argument", name, f"carries properties of its own: {', '.join(own)}"
            )
        if where.speed_num != where.speed_den:
            raise EditRefused("bad_argument", name, "plays at a speed of its own")
        if (where.start, where.duration, where.source_in) != _same_place(draft, outers[0]):
            raise EditRefused("bad_argument", name, "picture and sound stand apart")
    uses = [name for name in draft.owned_by("clips", "sequence", inner) if name not in outers]
    if uses:
        raise EditRefused("bad_argument", uses[0], "the sequence is used here, too")


def _same_place(draft: Draft, clip: str) -> tuple[int, int, int]:
    where = draft.where(clip)
    return (where.start, where.duration, where.source_in)


def _target(
    draft: Draft,
    lane: Lane,
    host: Lane | None,
    last: str | None,
    window: tuple[int, int],
    shift: int,
) -> str:
    """The outer track for an inner one: the host, then free ones above the last taken, then new ones."""
    shown = [(piece.start + shift, piece.end + shift) for piece in lane.within(*window)]
    if host is None and last is None:
        host = next(
            (other for other in draft.seen.lanes(draft.sequence()) if other.kind == lane.kind), None
        )
        if host is None:
            return draft.create("tracks", {"kind": lane.kind, "sequence": draft.sequence()})
    if last is None and host is not None:
        return draft.unlocked(host.track).track
    below = draft.lane(str(last))
    same = [other for other in draft.seen.lanes(below.sequence) if other.kind == lane.kind]
    above = same[[other.track for other in same].index(below.track) + 1 :]
    for other in above:
        if not other.locked and all(free(other, *stretch) for stretch in shown):
            return other.track
    return new_track_above(draft, above[-1] if above else below)


def _take_back(draft: Draft, lane: Lane, target: str, window: tuple[int, int], shift: int) -> None:
    low, high = window
    for piece in lane.pieces:
        if piece.end <= low or piece.start >= high:
            remove_clip(draft, piece.clip)
    for part in [
        part for piece in lane.within(low, high) for part in write_down(draft, piece.clip)
    ]:
        where = draft.where(part)
        start, end = max(where.start, low), min(where.end, high)
        if end <= start:
            remove_clip(draft, part)
            continue
        clear(draft, target, start + shift, end + shift)
        set_piece(draft, part, start, end, where)
        draft.place(part, track=target, start=start + shift)
