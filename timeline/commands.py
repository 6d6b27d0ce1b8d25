"""Commands: every edit operation by name, its arguments checked, as one transaction.

`run_command` is the one way in for programs, the server and the golden cases. An operation answers
all its changes or none [timeline-E3]; what a command may carry is written beside its name below.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from timeline import blends, edits, keys, landing, nests, placements, retimes, ripples
from timeline.arguments import Arguments, refused
from timeline.differences import become, changes_argument, document_argument, take_back
from timeline.draft import Draft
from timeline.errors import EditRefused
from timeline.media import AssetTable
from timeline.model import ROOTS, Change, Document, Edit, Json, NewId, RecordRoot, Root
from timeline.schema import CLIPS, EFFECT_KINDS, TRACK_KINDS, TRANSITION_KINDS
from timeline.undo import equal

Operation: TypeAlias = Callable[[Draft, Arguments], None]

COMMANDS_MAX: Final = 200  # in one transaction; more is a program gone wrong
SCENES_MAX: Final = 2_000  # in one landing; a film of scenes of a few seconds


def run_command(
    document: Document, assets: AssetTable, command: Mapping[str, Json], new_id: NewId
) -> Edit:
    """The changes that one command makes; raises EditRefused."""
    return run_commands(document, assets, [command], new_id)


def run_commands(
    document: Document, assets: AssetTable, commands: Sequence[Mapping[str, Json]], new_id: NewId
) -> Edit:
    """The changes of several commands in a row, as one transaction: each sees those before it.

    Raises EditRefused where one of them is refused; then none is done [timeline-E3].
    """
    if len(commands) > COMMANDS_MAX:
        raise refused("commands", f"at most {COMMANDS_MAX} at once")
    draft = Draft(document, assets, new_id)
    for command in commands:
        name = command.get("op")
        operation = OPERATIONS.get(name) if isinstance(name, str) else None
        if operation is None:
            raise refused("op", f"unknown operation {str(name)[:64]!r}")
        operation(draft, Arguments(command))
        draft.settle()
    return draft.edit()


def check_expected(document: Document, expect: Mapping[str, Json]) -> None:
    """Raise `stale` unless every `"clips/c1/start": value` still holds; null is a missing key."""
    for path, value in expect.items():
        root, _, rest = path.partition("/")
        name, _, key = rest.rpartition("/")
        if root not in ROOTS or not key:
            raise refused("expect", f"{path[:200]!r} names no key")
        if root == "meta":
            found = document.meta.get(key)
        else:
            found = document.records(keys.record_root(root)).get(name, {}).get(key)
        if not equal(found, value):
            raise EditRefused("stale", name, f"{path} has changed")


def is_server_command(command: Mapping[str, Json]) -> bool:
    """Whether this operation is one that only the server should write while people are online [timeline-E9]."""
    name = command.get("op")
    if name in SERVER_OPERATIONS:
        return True
    flags = {"set_speed": "ripple", "add_transition": "make_handles"}
    if isinstance(name, str) and name in flags:
        return command.get(flags[name]) is True
    return name in ("move", "duplicate", "paste") and command.get("mode") == "insert"


SERVER_OPERATIONS: Final = frozenset(
    {
        *("insert", "append", "ripple", "ripple_delete", "extract", "remove_range", "close_gap"),
        *(
            "swap",
            "nest",
            "un_nest",
            "freeze",
            "land_scenes",
            "replace_document",
            "restore",
            "undo",
        ),
    }
)


def _overwrite(draft: Draft, args: Arguments) -> None:
    at, end, material = _place_arguments(args)
    tracks = _some_tracks(args)
    snap = _finished(args).snap
    placements.overwrite(draft, tracks, material, at, end, snap=snap)


def _insert(draft: Draft, args: Arguments) -> None:
    at, tracks, material = args.at(), _some_tracks(args), _material(args)
    placements.insert(draft, tracks, material, at, snap=_finished(args).snap)


def _append(draft: Draft, args: Arguments) -> None:
    tracks, material = _some_tracks(args), _material(args)
    _finished(args)
    placements.append(draft, tracks, material)


def _place_on_top(draft: Draft, args: Arguments) -> None:
    at, end, material = _place_arguments(args)
    track = args.id("track")
    if at is None:
        raise refused("at", "is missing")
    placements.place_on_top(draft, track, material, at, end, snap=_finished(args).snap)


def _fit_to_fill(draft: Draft, args: Arguments) -> None:
    at, end, material = _place_arguments(args)
    tracks = _some_tracks(args)
    if at is None or end is None:
        raise refused("range", "is missing")
    if material.source_out is None:
        raise refused("source_out", "is missing")
    if material.source_in is None:
        raise refused("source_in", "is missing")
    placements.overwrite(draft, tracks, material, at, end, snap=_finished(args).snap)


def _place_arguments(args: Arguments) -> tuple[int | None, int | None, placements.Material]:
    """Timeline in and out: `range`, or `at` and `end`."""
    stretch = args.find_range()
    at, end = args.find_tick("at", 0), args.find_tick("end", 1)
    if stretch is not None:
        at, end = stretch
    if at is not None and end is not None and end <= at:
        raise refused("end", "must be after at")
    return at, end, _material(args)


def _material(args: Arguments) -> placements.Material:
    """`asset`, or `kind` with what it needs; `source_in`, `source_out`, `duration`; `values`: more keys."""
    values: dict[str, Json] = {}
    for name in ("asset", "kind", "generator", "text", "name"):
        value = args.find_text(name)
        if value is not None:
            values[name] = keys.checked("clips", name, value)
    nested = args.find_id("source_sequence")
    if nested is not None:
        values |= {"kind": "sequence", "sequence": nested}
    for name, value in args.object("values").items():
        if name in placements.PLACEMENT_KEYS or (name not in CLIPS and ":" not in name):
            raise refused("values", f"{name} does not go here")
        values[name] = keys.checked("clips", name, value)
    if not values.keys() & {"asset", "kind", "sequence", "generator"}:
        raise refused("asset", "is missing")
    return placements.Material(
        values,
        args.find_tick("source_in"),
        args.find_tick("source_out"),
        args.find_tick("duration", 1),
    )


def _some_tracks(args: Arguments) -> list[str]:
    tracks = args.tracks()
    if not tracks:
        raise refused("track", "is missing")
    return tracks


def _finished(args: Arguments) -> Arguments:
    args.finish()
    return args


def _replace(draft: Draft, args: Arguments) -> None:
    clip, asset, source_in = args.clip(), args.id("asset"), args.find_tick("source_in")
    placements.replace(draft, clip, asset, source_in, linked=_finished(args).linked)


def _trim(draft: Draft, args: Arguments) -> None:
    clip, edge, by = args.clip(), args.edge(), args.by()
    edits.trim(draft, clip, edge, by, linked=args.linked, snap=_finished(args).snap)


def _ripple(draft: Draft, args: Arguments) -> None:
    clip, edge, by = args.clip(), args.edge(), args.by()
    ripples.ripple(draft, clip, edge, by, linked=args.linked, snap=_finished(args).snap)


def _roll(draft: Draft, args: Arguments) -> None:
    """`clip` and `edge` (default `tail`), or `clips` [left, right]."""
    clips, edge, by = args.clips(), args.find_edge() or "tail", args.by()
    _finished(args)
    if len(clips) == 2 and edges_meet(draft, clips[0], clips[1]):
        edge = "tail"
    elif len(clips) != 1:
        raise EditRefused("not_adjacent", clips[0], "clips: [left, right] of one cut is expected")
    edits.roll(draft, clips[0], edge, by, linked=args.linked, snap=args.snap)


def edges_meet(draft: Draft, left: str, right: str) -> bool:
    return edits.neighbours(draft, left, "tail")[1] == right


def _slip(draft: Draft, args: Arguments) -> None:
    clip, by = args.clip(), args.by()
    edits.slip(draft, clip, by, linked=args.linked, snap=_finished(args).snap)


def _slide(draft: Draft, args: Arguments) -> None:
    clip, by = args.clip(), args.by()
    edits.slide(draft, clip, by, linked=args.linked, snap=_finished(args).snap)


def _rate_stretch(draft: Draft, args: Arguments) -> None:
    clip, duration = args.clip(), args.tick("duration", 1)
    edge = args.find_edge() or "tail"
    retimes.rate_stretch(draft, clip, duration, edge, linked=args.linked, snap=_finished(args).snap)


def _extend(draft: Draft, args: Arguments) -> None:
    clip, at, edge = args.clip(), args.at(), args.find_edge()
    edits.extend(draft, clip, at, edge=edge, linked=args.linked, snap=_finished(args).snap)


def _split(draft: Draft, args: Arguments) -> None:
    """`at`, and `clip`, `clips`, `track`, `tracks` or nothing: all unlocked tracks of `sequence`."""
    at, tracks, sequence = args.at(), args.tracks(), args.find_id("sequence")
    clips = args.clips() if args.has("clip") or args.has("clips") else []
    _finished(args)
    edits.split(
        draft, at, clips, tracks=tracks, sequence=sequence, linked=args.linked, snap=args.snap
    )


def _join(draft: Draft, args: Arguments) -> None:
    clips = _finished_clips(args)
    if len(clips) == 1:
        clips = list(edits.neighbours(draft, clips[0], "tail"))
    if len(clips) != 2:
        raise refused("clips", "two clips are expected: [left, right]")
    edits.join(draft, clips[0], clips[1], linked=args.linked)


def _finished_clips(args: Arguments) -> list[str]:
    clips = args.clips()
    args.finish()
    return clips


def _lift(draft: Draft, args: Arguments) -> None:
    """`clips`, or `range` with `tracks` (default: all unlocked ones of `sequence`)."""
    stretch = args.find_range()
    if stretch is None:
        placements.lift(draft, _finished_clips(args), linked=args.linked)
        return
    tracks = args.tracks() or _unlocked_tracks(draft, args)
    placements.lift_range(draft, stretch, tracks, snap=_finished(args).snap)


def _unlocked_tracks(draft: Draft, args: Arguments) -> list[str]:
    sequence = draft.sequence(args.find_id("sequence"))
    return [lane.track for lane in draft.seen.lanes(sequence) if not lane.locked]


def _ripple_delete(draft: Draft, args: Arguments) -> None:
    """`clips`, or `track` and `at`: the gap there."""
    if args.has("clip") or args.has("clips"):
        ripples.ripple_delete(draft, _finished_clips(args), linked=args.linked)
        return
    _close_gap(draft, args)


def _close_gap(draft: Draft, args: Arguments) -> None:
    track, at = args.id("track"), args.at()
    _finished(args)
    ripples.close_gap(draft, track, at)


def _extract(draft: Draft, args: Arguments) -> None:
    stretch, tracks = args.range(), _some_tracks(args)
    ripples.extract(draft, stretch, tracks, snap=_finished(args).snap)


def _remove_range(draft: Draft, args: Arguments) -> None:
    stretch, sequence = args.range(), args.find_id("sequence")
    ripples.remove_range(draft, stretch, sequence, snap=_finished(args).snap)


def _move(draft: Draft, args: Arguments) -> None:
    """`clips`, `at` or `by`, `track`, `mode`."""
    clips, at, by = args.clips(), args.find_tick("at", 0), args.find_tick("by")
    track = args.find_id("track")
    _finished(args)
    if at is not None and by is not None:
        raise refused("by", "at or by, not both")
    if at is None and by is None and track is None:
        raise refused("at", "at, by or track is expected")
    placements.move(
        draft,
        clips,
        at=at,
        by=by,
        track=track,
        mode=args.mode,
        linked=args.linked,
        snap=args.snap,
    )


def _swap(draft: Draft, args: Arguments) -> None:
    clips = _finished_clips(args)
    if len(clips) != 2:
        raise refused("clips", "two clips are expected")
    ripples.swap(draft, clips[0], clips[1], linked=args.linked)


def _paste(draft: Draft, args: Arguments) -> None:
    """`clips` (lifted ones, too), `at` (default: behind them), `track`, `mode`."""
    clips, at, track = args.clips(), args.find_tick("at", 0), args.find_id("track")
    _finished(args)
    placements.paste(
        draft, clips, at, track=track, mode=args.mode, linked=args.linked, snap=args.snap
    )


def _paste_attributes(draft: Draft, args: Arguments) -> None:
    """`source`: the clip to copy from; `clips`; `keys`: only these."""
    source, clips, only = args.id("source"), args.clips(), args.ids("keys")
    _finished(args)
    placements.paste_attributes(draft, source, clips, only)


def _nest(draft: Draft, args: Arguments) -> None:
    clips, name = args.clips(), args.find_text("name", 200)
    nests.nest(draft, clips, name, linked=_finished(args).linked)


def _un_nest(draft: Draft, args: Arguments) -> None:
    clip = args.clip()
    _finished(args)
    nests.un_nest(draft, clip)


def _add_transition(draft: Draft, args: Arguments) -> None:
    """`clip` and `edge` (default `tail`) or `clips` [left, right]; `kind`, `params`, offsets."""
    clips, edge = args.clips(), args.find_edge() or "tail"
    blend = blends.Blend(
        args.find_choice("kind", tuple(TRANSITION_KINDS)),
        args.find_tick("in_offset", 0),
        args.find_tick("out_offset", 0),
        args.object("params"),
    )
    make_handles = args.flag("make_handles", default=False)
    _finished(args)
    for name, value in blend.params.items():
        keys.checked("transitions", f"p:{name}", value)
    if len(clips) == 2 and not edges_meet(draft, clips[0], clips[1]):
        raise EditRefused("not_adjacent", clips[0], "the two clips have no cut in common")
    if len(clips) > 2:
        raise refused("clips", "[left, right] of one cut is expected")
    blends.add_transition(
        draft, clips[0], edge, blend, make_handles=make_handles, linked=args.linked
    )


def _remove_transition(draft: Draft, args: Arguments) -> None:
    name = args.id("transition")
    _finished(args)
    blends.remove_transition(draft, name)


def _set_speed(draft: Draft, args: Arguments) -> None:
    """`clip`, `speed` [num, den], `ripple`."""
    clip, speed, ripple = args.clip(), args.find_speed(), args.flag("ripple", default=False)
    if speed is None:
        raise refused("speed", "is missing")
    retimes.set_speed(draft, clip, speed, ripple=ripple, linked=_finished(args).linked)


def _reverse(draft: Draft, args: Arguments) -> None:
    clip = args.clip()
    retimes.reverse(draft, clip, linked=_finished(args).linked)


def _freeze(draft: Draft, args: Arguments) -> None:
    clip, at, duration = args.clip(), args.at(), args.tick("duration", 1)
    retimes.freeze(draft, clip, at, duration, linked=args.linked, snap=_finished(args).snap)


def _set(draft: Draft, args: Arguments) -> None:
    """`map`, `id`, `values` {key: value or null}."""
    root = _root(args)
    record_id = "" if root == "meta" else args.id("id")
    values = args.object("values")
    if root == "meta":
        args.raw("id")
    _finished(args)
    keys.set_keys(draft, root, record_id, values)


def _root(args: Arguments) -> Root:
    name = args.text("map")
    return "meta" if name == "meta" else keys.record_root(name)


def _record_root(args: Arguments) -> RecordRoot:
    return keys.record_root(args.text("map"))


def _shared(key: str) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        clips = _finished_clips(args)
        keys.set_shared(draft, key, clips, draft.new_id())

    return operation


def _dissolved(key: str) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        keys.dissolve_set(draft, key, _finished_clips(args))

    return operation


def _add_track(draft: Draft, args: Arguments) -> None:
    """`kind`; `sequence`, `name`, and `above` or `below` a track."""
    kind, sequence = args.choice("kind", TRACK_KINDS), args.find_id("sequence")
    name, above, below = args.find_text("name", 200), args.find_id("above"), args.find_id("below")
    _finished(args)
    keys.add_track(draft, kind, sequence=sequence, name=name, above=above, below=below)


def _remove_track(draft: Draft, args: Arguments) -> None:
    track = args.id("track")
    _finished(args)
    keys.remove_track(draft, track)


def _reorder_track(draft: Draft, args: Arguments) -> None:
    track, above, below = args.id("track"), args.find_id("above"), args.find_id("below")
    _finished(args)
    keys.reorder_track(draft, track, above, below)


def _add_sequence(draft: Draft, args: Arguments) -> None:
    values = args.object("values")
    _finished(args)
    keys.add_record(draft, "sequences", values, "sequence")


def _remove(draft: Draft, args: Arguments) -> None:
    """`map` and `id`: any record, with what belongs to it."""
    root, record_id = _record_root(args), args.id("id")
    _finished(args)
    keys.remove_record(draft, root, record_id)


def _removal(root: RecordRoot, name: str) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        record_id = args.id(name)
        _finished(args)
        keys.remove_record(draft, root, record_id)

    return operation


def _set_keyframe(draft: Draft, args: Arguments) -> None:
    """`map`, `id`, `prop`, `keyframe` [t, value, interp, x1, y1, x2, y2], t in local time."""
    root, record_id, prop = _record_root(args), args.id("id"), args.text("prop", 64)
    frame = args.raw("keyframe")
    _finished(args)
    if not isinstance(frame, list) or len(frame) < 2:
        raise refused("keyframe", "[t, value, interp, ...] is expected")
    keys.set_keyframe(draft, root, record_id, prop, frame)


def _remove_keyframe(draft: Draft, args: Arguments) -> None:
    """`map`, `id`, `prop`, `t`."""
    root, record_id, prop, at = (
        _record_root(args),
        args.id("id"),
        args.text("prop", 64),
        args.tick("t"),
    )
    _finished(args)
    keys.remove_keyframe(draft, root, record_id, prop, at)


def _add_effect(draft: Draft, args: Arguments) -> None:
    """`owner`, `kind`, `params`."""
    owner, kind = args.id("owner"), args.choice("kind", tuple(EFFECT_KINDS))
    params = args.object("params")
    _finished(args)
    keys.add_effect(draft, owner, kind, params)


def _added(
    root: RecordRoot, name: str, fields: tuple[str, ...], needed: tuple[str, ...]
) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        for field in needed:
            if not args.has(field):
                raise refused(field, "is missing")
        record = {field: value for field in fields if (value := args.raw(field)) is not None}
        _finished(args)
        if name == "marker":
            record.setdefault("owner", draft.sequence())
        keys.add_record(draft, root, record, name)

    return operation


def _land_scenes(draft: Draft, args: Arguments) -> None:
    """`run`, `scenes` [{key, asset, name, duration, narration}], `sequence`, `track`, `at` (ticks or "end")."""
    run, sequence, track = args.id("run"), args.find_id("sequence"), args.find_id("track")
    raw_at = args.raw("at")
    at = "end" if raw_at is None or raw_at == "end" else args.at()
    scenes = _scenes(args.raw("scenes"))
    _finished(args)
    landing.land_scenes(draft, run, scenes, at=at, sequence=sequence, track=track)


def _scenes(value: Json) -> list[landing.Scene]:
    if not isinstance(value, list) or not 1 <= len(value) <= SCENES_MAX:
        raise refused("scenes", f"a list of 1 to {SCENES_MAX} scenes is expected")
    scenes = [_scene(item) for item in value]
    if len({scene.key for scene in scenes}) != len(scenes):
        raise refused("scenes", "a key stands there twice")
    return scenes


def _scene(value: Json) -> landing.Scene:
    if not isinstance(value, dict):
        raise refused("scenes", "an object is expected")
    args = Arguments(value)
    scene = landing.Scene(
        key=args.id("key"),
        asset=args.id("asset"),
        name=args.find_text("name", 200) or "",
        duration=args.find_tick("duration", 1),
        narration=args.find_id("narration"),
    )
    args.finish()
    return scene


def _replace_document(draft: Draft, args: Arguments) -> None:
    then = document_argument(args.object("document"))
    _finished(args)
    become(draft, then)


def _undo(draft: Draft, args: Arguments) -> None:
    changes: list[Change] = changes_argument(args.raw("changes"))
    _finished(args)
    take_back(draft, changes)


_MARKER: Final = ("owner", "t", "duration", "kind", "name", "color", "note", "author", "resolved")
_CUE: Final = ("clip", "t", "duration", "text", "speaker", "words")
_VARIABLE: Final = ("name", "type", "label", "default", "required")

OPERATIONS: Final[Mapping[str, Operation]] = {
    "overwrite": _overwrite,
    "insert": _insert,
    "append": _append,
    "place_on_top": _place_on_top,
    "fit_to_fill": _fit_to_fill,
    "replace": _replace,
    "trim": _trim,
    "ripple": _ripple,
    "roll": _roll,
    "slip": _slip,
    "slide": _slide,
    "rate_stretch": _rate_stretch,
    "extend": _extend,
    "split": _split,
    "join": _join,
    "lift": _lift,
    "ripple_delete": _ripple_delete,
    "extract": _extract,
    "remove_range": _remove_range,
    "close_gap": _close_gap,
    "move": _move,
    "swap": _swap,
    "duplicate": _paste,
    "paste": _paste,
    "paste_attributes": _paste_attributes,
    "nest": _nest,
    "un_nest": _un_nest,
    "add_transition": _add_transition,
    "remove_transition": _remove_transition,
    "set_speed": _set_speed,
    "reverse": _reverse,
    "freeze": _freeze,
    "set": _set,
    "link": _shared("link"),
    "unlink": _dissolved("link"),
    "group": _shared("group"),
    "ungroup": _dissolved("group"),
    "add_track": _add_track,
    "remove_track": _remove_track,
    "reorder_track": _reorder_track,
    "add_sequence": _add_sequence,
    "remove_sequence": _removal("sequences", "sequence"),
    "set_keyframe": _set_keyframe,
    "remove_keyframe": _remove_keyframe,
    "add_effect": _add_effect,
    "remove_effect": _removal("effects", "effect"),
    "add_marker": _added("markers", "marker", _MARKER, ("t",)),
    "remove_marker": _removal("markers", "marker"),
    "add_cue": _added("cues", "cue", _CUE, ("clip", "t")),
    "remove_cue": _removal("cues", "cue"),
    "add_variable": _added("variables", "variable", _VARIABLE, ("name",)),
    "remove_variable": _removal("variables", "variable"),
    "remove": _remove,
    "land_scenes": _land_scenes,
    "replace_document": _replace_document,
    "restore": _replace_document,
    "undo": _undo,
}
