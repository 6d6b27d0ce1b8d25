"""Plain key writes: set, links and groups, tracks, keyframes, effects, markers, cues, removal.

Every value is checked by the schema before it is written [timeline-W5].
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from timeline.arguments import refused
from timeline.draft import Draft
from timeline.errors import EditRefused
from timeline.keyframes import read_key as read_keyframe
from timeline.model import RECORD_ROOTS, Json, Record, RecordRoot, Root
from timeline.placements import order_between
from timeline.placing import remove_clip
from timeline.schema import SCHEMA, read_key
from timeline.seen import live, text
from timeline.values import BAD

VENDOR_KEY: Final = re.compile(r"x:[a-z0-9_-]{1,32}:[A-Za-z0-9_:.-]{1,80}", re.ASCII)
PARAM_KEY: Final = re.compile(r"p:[a-z0-9_]{1,64}", re.ASCII)
BIND_KEY: Final = re.compile(r"bind:(p:)?[a-z0-9_]{1,64}", re.ASCII)
CURVE_KEY: Final = re.compile(r"kf:(p:)?[a-z0-9_]{1,64}:[A-Za-z0-9_-]{1,64}", re.ASCII)
OWNER_ROOTS: Final[tuple[RecordRoot, ...]] = ("clips", "tracks", "sequences")


def checked(root: Root, key: str, value: Json) -> Json:
    """A value as it may stand under this key, null for the default; `bad_argument` names the key."""
    if value is None:
        return None
    if key == "removed":
        if not isinstance(value, bool):
            raise refused(key, "true or false is expected")
        return value
    if key in SCHEMA[root]:
        found = read_key(root, key, value)
        if found is BAD:
            raise refused(key, "not a value that this key can have")
        return found
    if key.startswith("kf:"):
        if not CURVE_KEY.fullmatch(key) or read_keyframe(value) is BAD:
            raise refused(key, "not a keyframe")
        return value
    patterns = (PARAM_KEY, BIND_KEY, VENDOR_KEY)
    if not any(pattern.fullmatch(key) for pattern in patterns):
        raise refused(key, f"{root} have no such key")
    return value


def set_keys(draft: Draft, root: Root, record_id: str, values: Mapping[str, Json]) -> None:
    """Write properties of one record; null is the default. A record on a locked track is refused [timeline-E4]."""
    if root == "meta":
        for key, value in values.items():
            draft.write_meta(key, checked(root, key, value))
        return
    if draft.records(root).get(record_id) is None:
        raise EditRefused("not_found", record_id, f"no such record in {root}")
    refuse_locked(draft, root, record_id)
    for key, value in values.items():
        draft.write(root, record_id, key, checked(root, key, value))
    if root == "clips" and "track" in values and values["track"] is not None:
        draft.unlocked(text(values["track"]))


def refuse_locked(draft: Draft, root: RecordRoot, record_id: str) -> None:
    """`track_locked` where the record is a clip on a locked track, or belongs to one."""
    record = draft.records(root)[record_id]
    owners: list[Json]
    if root == "clips":
        owners = [record_id]
    elif root == "transitions":
        owners = [record.get("left"), record.get("right")]
    elif root == "cues":
        owners = [record.get("clip")]
    else:
        owners = [record.get("owner")] if root in ("effects", "markers") else []
    for owner in owners:
        clip = draft.records("clips").get(text(owner))
        lane = draft.seen.lane(text(clip.get("track"))) if clip is not None else None
        if lane is not None:
            draft.unlocked(lane.track)


def set_shared(draft: Draft, key: str, clips: Sequence[str], value: str | None) -> None:
    """Write `link` or `group` of several clips."""
    for clip in clips:
        draft.record("clips", clip)
        refuse_locked(draft, "clips", clip)
    for clip in clips:
        draft.write("clips", clip, key, value)


def dissolve_set(draft: Draft, key: str, clips: Sequence[str]) -> None:
    """End the link or group of each of these clips, for all its members; a set of one is none."""
    values = {text(draft.record("clips", clip).get(key)) for clip in clips} - {""}
    names = [name for value in sorted(values) for name in draft.owned_by("clips", key, value)]
    set_shared(draft, key, names, None)


def add_track(
    draft: Draft,
    kind: str,
    *,
    sequence: str | None = None,
    name: str | None = None,
    above: str | None = None,
    below: str | None = None,
) -> None:
    """A new track, right above or below another, else on top of those of its kind."""
    where = draft.sequence(sequence)
    lanes = draft.seen.lanes(where)
    if above is None and below is None:
        same = [lane.track for lane in lanes if lane.kind == kind]
        above = same[-1] if same else None
    order = _order_beside(draft, where, above, below, moving=None)
    record: dict[str, Json] = {"sequence": where, "kind": kind, "order": order}
    draft.names["track"] = draft.create("tracks", {**record, "name": name})


def reorder_track(draft: Draft, track: str, above: str | None, below: str | None) -> None:
    """Put a track right above or below another."""
    lane = draft.lane(track)
    if above is None and below is None:
        raise refused("above", "above or below is expected")
    order = _order_beside(draft, lane.sequence, above, below, moving=track)
    draft.write("tracks", track, "order", order)


def _order_beside(
    draft: Draft, sequence: str, above: str | None, below: str | None, moving: str | None
) -> str:
    lanes = [lane for lane in draft.seen.lanes(sequence) if lane.track != moving]
    names = [lane.track for lane in lanes]
    for named in (above, below):
        if named is not None and named not in names:
            raise EditRefused("not_found", named, "no such track in this sequence")
    place = names.index(below) if below is not None else len(names)
    place = names.index(above) + 1 if above is not None else place
    left = lanes[place - 1].order if place > 0 else None
    right = lanes[place].order if place < len(lanes) else None
    return order_between(left, right)


def remove_track(draft: Draft, track: str) -> None:
    """Remove a track with its clips and effects [timeline-W4]; `track_locked` where it is locked."""
    draft.unlocked(track)
    for clip in draft.owned_by("clips", "track", track):
        remove_clip(draft, clip)
    for effect in draft.owned_by("effects", "owner", track):
        draft.remove("effects", effect)
    draft.remove("tracks", track)


def remove_sequence(draft: Draft, sequence: str) -> None:
    """Remove a sequence with its tracks; the main one stays."""
    draft.record("sequences", sequence)
    if sequence == draft.sequence():
        raise refused("sequence", "the main sequence cannot be removed")
    for lane in draft.seen.lanes(sequence):
        remove_track(draft, lane.track)
    draft.remove("sequences", sequence)


def remove_record(draft: Draft, root: RecordRoot, record_id: str) -> None:
    """Remove any record with all that belongs to it [timeline-W4]."""
    draft.record(root, record_id)
    refuse_locked(draft, root, record_id)
    if root == "tracks":
        remove_track(draft, record_id)
    elif root == "sequences":
        remove_sequence(draft, record_id)
    elif root == "clips":
        remove_clip(draft, record_id)
    else:
        draft.remove(root, record_id)


def add_record(draft: Draft, root: RecordRoot, record: Record, name: str) -> str:
    """A new record with checked values; `created[name]` is its id."""
    clean = {key: checked(root, key, value) for key, value in record.items()}
    for key, roots in (("owner", OWNER_ROOTS), ("clip", ("clips",))):
        owner = clean.get(key)
        if isinstance(owner, str):
            find_owner(draft, owner, cast("tuple[RecordRoot, ...]", roots))
    created = draft.create(root, clean)
    draft.names[name] = created
    refuse_locked(draft, root, created)
    return created


def find_owner(draft: Draft, owner: str, roots: tuple[RecordRoot, ...]) -> RecordRoot:
    """The root in which a live record of this id stands: a clip, else a track, else a sequence."""
    for root in roots:
        if live(draft.records(root).get(owner)):
            return root
    raise EditRefused("not_found", owner, "no such owner")


def add_effect(draft: Draft, owner: str, kind: str, params: Mapping[str, Json]) -> None:
    """Add an effect behind those that its owner has."""
    siblings = draft.owned_by("effects", "owner", owner)
    last = text(draft.record("effects", siblings[-1]).get("order")) if siblings else None
    values = {f"p:{name}": value for name, value in params.items()}
    record: dict[str, Json] = {"owner": owner, "kind": kind, "order": order_between(last, None)}
    add_record(draft, "effects", {**record, **values}, "effect")


def set_keyframe(
    draft: Draft, root: RecordRoot, record_id: str, prop: str, frame: Sequence[Json]
) -> None:
    """Write a keyframe `[t, value, interp, ...]` of a property; one at the same time is replaced.

    Of several at one time the highest id counts [timeline-K2], so that one is written.
    """
    draft.record(root, record_id)
    refuse_locked(draft, root, record_id)
    found = keyframes_at(draft, root, record_id, prop, frame[0])
    name = found[-1] if found else f"kf:{prop}:{draft.new_id()}"
    draft.names["keyframe"] = name.rpartition(":")[2]
    draft.write(root, record_id, name, checked(root, name, list(frame)))


def remove_keyframe(draft: Draft, root: RecordRoot, record_id: str, prop: str, at: Json) -> None:
    """Take away all keyframes of a property at this local time; `not_found` where there is none."""
    draft.record(root, record_id)
    refuse_locked(draft, root, record_id)
    found = keyframes_at(draft, root, record_id, prop, at)
    if not found:
        raise EditRefused("not_found", record_id, f"no keyframe of {prop} there")
    for name in found:
        draft.write(root, record_id, name, None)


def keyframes_at(draft: Draft, root: RecordRoot, record_id: str, prop: str, at: Json) -> list[str]:
    """The keys of the keyframes of a property at a local time, lowest id first."""
    record = draft.records(root)[record_id]
    prefix = f"kf:{prop}:"
    return sorted(
        key
        for key, value in record.items()
        if key.startswith(prefix) and isinstance(value, list) and value and value[0] == at
    )


def record_root(name: str) -> RecordRoot:
    """The record root of this name; `bad_argument` where there is none."""
    for root in RECORD_ROOTS:
        if root == name:
            return root
    raise refused("map", f"one of {', '.join(RECORD_ROOTS)} is expected")
