"""Edits that put clips somewhere: overwrite, insert, append, replace, move, copies, lift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from timeline.arguments import Mode
from timeline.draft import Draft, members
from timeline.errors import EditRefused
from timeline.model import Json
from timeline.order_keys import is_order_key, key_between
from timeline.placing import (
    clear,
    free,
    in_time,
    keep_source_in,
    long_enough,
    on_grid,
    remove_clip,
    speed_for,
    write_down,
)
from timeline.ripples import all_members, insert_room, opened
from timeline.schema import CLIP_DURATION_DEFAULT, CLIP_KINDS
from timeline.seen import Lane, text
from timeline.timing import snapped, tick


@dataclass(frozen=True, slots=True)
class Material:
    """What to place: the keys of the clip without placement, and its source range in source ticks.

    Of `source_in`, `source_out`, `start`, `end` any three give the fourth; all four fit to fill.
    """

    keys: Mapping[str, Json] = field(default_factory=dict[str, Json])
    source_in: int | None = None
    source_out: int | None = None
    duration: int | None = None

    @property
    def asset(self) -> str:
        return text(self.keys.get("asset"))


@dataclass(frozen=True, slots=True)
class Fit:
    """A material on the timeline: length there, source and speed."""

    duration: int
    source_in: int
    speed: tuple[int, int] = (1, 1)


def fitted(draft: Draft, lane: Lane, material: Material, length: int | None) -> Fit:
    """How a material fills `length` ticks, or as long as it lasts where that is None; on the grid."""
    source_in, source_out = material.source_in, material.source_out
    if source_in is not None and source_out is not None and source_out <= source_in:
        raise EditRefused("bad_argument", "source_out", "must be after source_in")
    length = material.duration if length is None else length
    if length is None:
        rest = _lasting(draft, material, source_in or 0)
        length = rest if source_out is None else source_out - (source_in or 0)
        return Fit(max(snapped(length, lane.rate), tick(1, lane.rate)), source_in or 0)
    if source_in is not None and source_out is not None:
        return Fit(length, source_in, speed_for(source_out - source_in, length))
    if source_out is not None:
        if source_out < length:
            raise EditRefused("no_handle", material.asset, "the source begins later than that")
        return Fit(length, source_out - length)
    return Fit(length, source_in or 0)


def _lasting(draft: Draft, material: Material, source_in: int) -> int:
    facts = draft.assets.get(material.asset)
    if facts is None or facts.duration is None or facts.duration <= source_in:
        return CLIP_DURATION_DEFAULT
    return facts.duration - source_in


def overwrite(
    draft: Draft,
    tracks: Sequence[str],
    material: Material,
    at: int | None,
    end: int | None = None,
    *,
    snap: bool = True,
) -> None:
    """
    Place a material on tracks, linked with each other; what lies there gives way.

        | A      | B |   ->   | A | X  | B |
            [ X )

    `created["clip"]` is the first clip. `at` None counts back from `end`. New ids: what is cut below,
    track by track, then the clips in the order of `tracks`, then one link value.
    """
    lanes = [draft.unlocked(track) for track in tracks]
    start, fit = _span(draft, lanes[0], material, at, end, snap=snap)
    for lane in lanes:
        clear(draft, lane.track, start, start + fit.duration)
    _create(draft, lanes, material, start, fit)


def _span(
    draft: Draft, lane: Lane, material: Material, at: int | None, end: int | None, *, snap: bool
) -> tuple[int, Fit]:
    if at is not None:
        at = on_grid(lane, at, snap=snap)
    if end is not None:
        end = on_grid(lane, end, snap=snap)
    if at is not None and end is not None:
        fit = fitted(draft, lane, material, end - at)
    else:
        length = material.duration
        if length is not None:
            length = on_grid(lane, length, snap=snap)
        fit = fitted(draft, lane, material, length if material.source_out is None else None)
    if at is None:
        if end is None:
            raise EditRefused("bad_argument", "at", "is missing")
        at = end - fit.duration
    if at < 0:
        raise EditRefused("bad_argument", "at", "would start before the sequence")
    long_enough("duration", fit.duration, lane.rate)
    in_time("at", at + fit.duration)
    return at, fit


def _create(draft: Draft, lanes: Sequence[Lane], material: Material, start: int, fit: Fit) -> None:
    kind = text(material.keys.get("kind"), "media")
    clips: list[str] = []
    for lane in lanes:
        if (kind if lane.kind != "caption" else "captions") not in CLIP_KINDS[lane.kind]:
            raise EditRefused("bad_argument", "kind", f"{kind} does not go on a {lane.kind} track")
        record: dict[str, Json] = {
            "track": lane.track,
            "kind": kind if lane.kind != "caption" else "captions",
            **{key: value for key, value in material.keys.items() if key != "kind"},
            "start": start,
            "duration": fit.duration,
            "source_in": fit.source_in,
        }
        if fit.speed != (1, 1):
            record |= {"speed_num": fit.speed[0], "speed_den": fit.speed[1]}
        clips.append(draft.create("clips", record))
    draft.names.setdefault("clip", clips[0])
    if len(clips) > 1:
        link = draft.new_id()
        for clip in clips:
            draft.write("clips", clip, "link", link)


def insert(
    draft: Draft, tracks: Sequence[str], material: Material, at: int, *, snap: bool = True
) -> None:
    """
    Place a material at `at`; what follows moves right by its length, on all tracks with sync lock.

        | A     | B |   ->   | A | X | A' | B |
            at
    """
    lanes = [draft.unlocked(track) for track in tracks]
    start, fit = _span(draft, lanes[0], material, at, None, snap=snap)
    insert_room(draft, tracks, start, fit.duration, snap=False)
    _create(draft, lanes, material, start, fit)


def append(draft: Draft, tracks: Sequence[str], material: Material) -> None:
    """
    Place a material where the last of the tracks ends.

        | A |   ->   | A | X |
    """
    end = max(draft.unlocked(track).end for track in tracks)
    overwrite(draft, tracks, material, end)


def place_on_top(
    draft: Draft,
    track: str,
    material: Material,
    at: int,
    end: int | None = None,
    *,
    snap: bool = True,
) -> None:
    """
    Place a material on the first track above `track` that is free there, else on a new one.

        V2                    V2  | X |
        V1 | A      |   ->    V1 | A      |
    """
    lane = draft.lane(track)
    start, fit = _span(draft, lane, material, at, end, snap=snap)
    above = _lanes_above(draft, lane)
    found = next(
        (other for other in above if not other.locked and free(other, start, start + fit.duration)),
        None,
    )
    if found is None:
        name = new_track_above(draft, above[-1] if above else lane)
        found = draft.lane(name)
    _create(draft, [found], material, start, fit)


def _lanes_above(draft: Draft, lane: Lane) -> list[Lane]:
    lanes = [other for other in draft.seen.lanes(lane.sequence) if other.kind == lane.kind]
    return lanes[[other.track for other in lanes].index(lane.track) + 1 :]


def new_track_above(draft: Draft, lane: Lane) -> str:
    """A new track of the same kind right above this one."""
    lanes = draft.seen.lanes(lane.sequence)
    place = [other.track for other in lanes].index(lane.track)
    upper = lanes[place + 1].order if place + 1 < len(lanes) else None
    track = draft.create(
        "tracks",
        {"sequence": lane.sequence, "kind": lane.kind, "order": order_between(lane.order, upper)},
    )
    draft.names.setdefault("track", track)
    return track


def order_between(left: str | None, right: str | None) -> str:
    """An order key between two neighbours as stored, which may be equal, empty or no keys at all."""
    low = left if left and is_order_key(left) else None
    high = right if right and is_order_key(right) else None
    if low is not None and high is not None and low >= high:
        high = None  # equal keys leave no room between: go behind both
    return key_between(low, high)


def replace(
    draft: Draft, clip: str, asset: str, source_in: int | None = None, *, linked: bool = True
) -> None:
    """
    Show another asset in the same place; all else is kept. Linked clips of the same asset follow.

        | A |   ->   | B |
    """
    old = draft.record("clips", clip).get("asset")
    for name in members(draft, clip, linked=linked):
        if name == clip or draft.record("clips", name).get("asset") == old:
            replace_media(draft, name, asset, source_in)


def replace_media(draft: Draft, clip: str, asset: str, source_in: int | None = None) -> None:
    """Write another asset; length and source stay as they are even where only defaults gave them."""
    lane = draft.seen.lane(text(draft.records("clips")[clip].get("track")))
    record = draft.records("clips")[clip]
    where = draft.seen.placement(clip, lane.kind) if lane is not None else None
    if where is not None and record.get("duration") is None:
        draft.place(clip, duration=where.duration)
    if where is not None:
        keep_source_in(draft, clip, where)
    draft.write("clips", clip, "asset", asset)
    if source_in is not None:
        draft.place(clip, source_in=source_in)


def move(
    draft: Draft,
    clips: Sequence[str],
    *,
    at: int | None = None,
    by: int | None = None,
    track: str | None = None,
    mode: Mode = "overwrite",
    linked: bool = True,
    snap: bool = True,
) -> None:
    """
    Move clips with their links and groups to `at` (of the first one) or by `by`, and to another track.

        | A | B |        |   ->   | A |     | B |

    Several keep their distances, in time and in tracks; links of another kind stay on their tracks.
    A start before 0 is clamped. Mode `insert` makes room at the new place instead of covering it.
    """
    first = clips[0]
    if draft.seen.lane(text(draft.record("clips", first).get("track"))) is None:
        _recover(draft, first, track)
    names = all_members(draft, clips, linked=linked, grouped=True)
    start = draft.where(first).start
    goal = at if at is not None else start + (by or 0)
    to_lane = draft.lane(track) if track is not None else draft.lane_of(first)
    delta = on_grid(to_lane, max(goal, 0), snap=snap) - start if (at, by) != (None, None) else 0
    tracks = _targets(draft, names, clips, track)
    solids = {part: tracks[name] for name in names for part in write_down(draft, name)}
    earliest = min(draft.where(part).start for part in solids)
    if goal < 0 or earliest + delta < 0:
        draft.clamp(first)
        delta = max(delta, -earliest)
    spans = {part: draft.where(part) for part in solids}
    placed = {part: (where.start + delta, where.end + delta) for part, where in spans.items()}
    for part, (_, end) in placed.items():
        in_time(part, end)
    removed = {part: draft.record("clips", part).get("removed") for part in solids}
    _make_way(draft, solids, placed, mode)
    for part, target in solids.items():
        draft.write("clips", part, "removed", removed[part])
        draft.place(part, track=target, start=placed[part][0])


def _make_way(
    draft: Draft,
    solids: Mapping[str, str],
    placed: Mapping[str, tuple[int, int]],
    mode: Mode,
) -> None:
    """Free the new places; the moving clips themselves are out of the way meanwhile."""
    for part in solids:
        draft.remove("clips", part)
    if mode == "insert":
        start = min(start for start, _ in placed.values())
        end = max(end for _, end in placed.values())
        own = list(dict.fromkeys(solids.values()))
        opened(draft, draft.lane(own[0]).sequence, start, end - start, own)
        return
    for part, target in solids.items():
        clear(draft, target, *placed[part])


def _recover(draft: Draft, clip: str, track: str | None) -> None:
    """Bring back a clip whose track is gone [timeline-R6]: it needs a track to stand on."""
    if track is None:
        raise EditRefused("not_found", clip, "the clip is on no track: name one")
    draft.unlocked(track)
    draft.place(clip, track=track)


def _targets(
    draft: Draft, names: Sequence[str], clips: Sequence[str], track: str | None
) -> dict[str, str]:
    """The track that each clip goes to: named ones of the first one's kind move by as many lanes."""
    lanes = {name: draft.lane_of(name) for name in names}
    found = {name: lane.track for name, lane in lanes.items()}
    first = lanes[clips[0]]
    if track is None or track == first.track:
        return found
    target = draft.unlocked(track)
    if target.kind != first.kind or target.sequence != first.sequence:
        raise EditRefused("bad_argument", "track", "another kind of track, or another sequence")
    same = [lane.track for lane in draft.seen.lanes(first.sequence) if lane.kind == first.kind]
    up = same.index(target.track) - same.index(first.track)
    for name in clips:
        if lanes[name].kind != first.kind:
            continue
        place = same.index(lanes[name].track) + up
        if not 0 <= place < len(same):
            raise EditRefused("bad_argument", "track", "not enough tracks for all the clips")
        found[name] = draft.unlocked(same[place]).track
    return found


def lift(draft: Draft, clips: Sequence[str], *, linked: bool = True) -> None:
    """
    Remove clips with their links and groups; the gap stays.

        | A | B | C |   ->   | A |   | C |
    """
    for name in all_members(draft, clips, linked=linked, grouped=True):
        remove_clip(draft, name)


def lift_range(
    draft: Draft, stretch: tuple[int, int], tracks: Sequence[str], *, snap: bool = True
) -> None:
    """
    Remove what tracks show in a range; the gap stays.

        | A      | B    |   ->   | A |      | B |
             [      )
    """
    for track in tracks:
        lane = draft.unlocked(track)
        start, end = (on_grid(lane, at, snap=snap) for at in stretch)
        if end > start:
            clear(draft, track, start, end)
