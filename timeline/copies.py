"""Edits that copy: paste and duplicate clips, paste attributes."""

from collections.abc import Mapping, Sequence
from typing import Final

from timeline.arguments import Mode
from timeline.draft import PLACEMENT_KEYS, Draft
from timeline.errors import EditRefused
from timeline.placing import clear, copy_effects, in_time, keys_of, on_grid
from timeline.ripples import opened
from timeline.seen import Placed, live, text

IDENTITY_KEYS: Final = frozenset(
    {
        *PLACEMENT_KEYS,
        *("kind", "asset", "sequence", "generator", "link", "group", "name", "color"),
        *("run", "scene", "role", "text", "removed", "on_length"),
    }
)
"""What a clip is and where: never pasted as an attribute."""


def paste(
    draft: Draft,
    clips: Sequence[str],
    at: int | None = None,
    *,
    track: str | None = None,
    mode: Mode = "overwrite",
    linked: bool = True,
    snap: bool = True,
) -> None:
    """
    Copies of clips, the first to start at `at` (default: behind the last), distances kept.

        | A | B |        ->   | A | B | A' | B' |

    Clips that were lifted (cut) can be pasted too. New ids: the clips by (track, start, id), each
    followed by its effects and cues; then link values, then group values, per set in that order.
    """
    names = _copied_names(draft, clips, linked=linked)
    wheres = {name: _where_was(draft, name) for name in names}
    earliest = min(where.start for where in wheres.values())
    last = max(where.end for where in wheres.values())
    first_lane = draft.lane(wheres[clips[0]].track)
    origin = wheres[clips[0]].start if at is not None else earliest
    delta = on_grid(first_lane, last if at is None else at, snap=snap) - origin
    delta = max(delta, -earliest)
    tracks = {name: where.track for name, where in wheres.items()}
    if track is not None:
        tracks = {**tracks, **_targets_of(draft, wheres[clips[0]].track, track, clips, tracks)}
    for target in dict.fromkeys(tracks.values()):
        draft.unlocked(target)
    if mode == "insert":
        own = list(dict.fromkeys(tracks.values()))
        opened(draft, first_lane.sequence, earliest + delta, last - earliest, own)
    else:
        for name, where in wheres.items():
            in_time(name, where.end + delta)
            clear(draft, tracks[name], where.start + delta, where.end + delta)
    _copy_all(draft, {name: (tracks[name], wheres[name].start + delta) for name in names})


def _copied_names(draft: Draft, clips: Sequence[str], *, linked: bool) -> list[str]:
    found: dict[str, None] = {}
    for clip in clips:
        record = draft.records("clips").get(clip)
        if record is None:
            raise EditRefused("not_found", clip, "no such clip")
        found[clip] = None
        if linked and live(record):
            for key in ("link", "group"):
                value = text(record.get(key))
                found |= dict.fromkeys(draft.owned_by("clips", key, value) if value else ())
    lanes = {name: _where_was(draft, name) for name in found}
    return sorted(
        found,
        key=lambda name: (
            draft.lane(lanes[name].track).order,
            lanes[name].track,
            lanes[name].start,
            name,
        ),
    )


def _where_was(draft: Draft, clip: str) -> Placed:
    record = draft.records("clips")[clip]
    lane = draft.lane(text(record.get("track")))
    found = draft.seen.placement(clip, lane.kind)
    if found is None:
        raise EditRefused("not_found", clip, "the clip has no valid place")
    return found


def _targets_of(
    draft: Draft, source: str, track: str, clips: Sequence[str], tracks: Mapping[str, str]
) -> dict[str, str]:
    first, target = draft.lane(source), draft.unlocked(track)
    if target.kind != first.kind:
        raise EditRefused("bad_argument", "track", "another kind of track")
    same = [lane.track for lane in draft.seen.lanes(first.sequence) if lane.kind == first.kind]
    there = [lane.track for lane in draft.seen.lanes(target.sequence) if lane.kind == first.kind]
    up = there.index(target.track) - same.index(first.track)
    found: dict[str, str] = {}
    for name in clips:
        if draft.lane(tracks[name]).kind != first.kind:
            continue
        place = same.index(tracks[name]) + up
        if not 0 <= place < len(there):
            raise EditRefused("bad_argument", "track", "not enough tracks for all the clips")
        found[name] = there[place]
    return found


def _copy_all(draft: Draft, places: Mapping[str, tuple[str, int]]) -> None:
    groups: dict[str, list[str]] = {}
    for name, (track, start) in places.items():
        source = draft.records("clips")[name]
        copy = draft.create(
            "clips", {**source, "track": track, "start": start, "removed": None, "group": None}
        )
        draft.names.setdefault("clip", copy)
        draft.halved(copy)
        if text(source.get("group")):
            groups.setdefault(text(source.get("group")), []).append(copy)
        copy_effects(draft, name, copy)
        for cue in draft.owned_by("cues", "clip", name):
            draft.create("cues", {**draft.record("cues", cue), "clip": copy})
    draft.settle_links()
    for copies in groups.values():
        if len(copies) > 1:
            group = draft.new_id()
            for copy in copies:
                draft.write("clips", copy, "group", group)


def paste_attributes(
    draft: Draft, source: str, clips: Sequence[str], keys: Sequence[str] = ()
) -> None:
    """
    Give clips the look and sound of another: all keys but what it is and where; copies of its effects.

    `keys` limits it to these keys; effects come only where it is empty. Keys that the source does not
    have go back to their default.
    """
    record = draft.record("clips", source)
    wanted = keys_of(record, IDENTITY_KEYS)
    if keys:
        wanted = {key: record.get(key) for key in keys if key not in IDENTITY_KEYS}
    for clip in clips:
        draft.unlocked(draft.lane_of(clip).track)
        target = draft.record("clips", clip)
        gone = [] if keys else [key for key in target if key not in IDENTITY_KEYS]
        for key in [*dict.fromkeys([*wanted, *gone])]:
            draft.write("clips", clip, key, wanted.get(key))
        if not keys:
            copy_effects(draft, source, clip)
