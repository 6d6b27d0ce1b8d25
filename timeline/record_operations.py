"""The commands that write records and whole documents: their arguments read, the edit called."""

from collections.abc import Callable
from typing import Final, TypeAlias

from timeline import keys, landing
from timeline.arguments import Arguments, finished, finished_clips, refused
from timeline.differences import become, changes_argument, document_argument, take_back
from timeline.draft import Draft
from timeline.model import Change, Json, RecordRoot, Root
from timeline.schema import EFFECT_KINDS, TRACK_KINDS

Operation: TypeAlias = Callable[[Draft, Arguments], None]

SCENES_MAX: Final = 2_000  # in one landing; a film of scenes of a few seconds
MARKER_FIELDS: Final = (
    "owner",
    "t",
    "duration",
    "kind",
    "name",
    "color",
    "note",
    "author",
    "resolved",
)
CUE_FIELDS: Final = ("clip", "t", "duration", "text", "speaker", "words")
VARIABLE_FIELDS: Final = ("name", "type", "label", "default", "required")


def set_command(draft: Draft, args: Arguments) -> None:
    """`map`, `id`, `values` {key: value or null}."""
    root = _root(args)
    record_id = "" if root == "meta" else args.id("id")
    values = args.object("values")
    if root == "meta":
        args.raw("id")
    finished(args)
    keys.set_keys(draft, root, record_id, values)


def _root(args: Arguments) -> Root:
    name = args.text("map")
    return "meta" if name == "meta" else keys.record_root(name)


def _record_root(args: Arguments) -> RecordRoot:
    return keys.record_root(args.text("map"))


def shared(key: str) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        clips = finished_clips(args)
        keys.set_shared(draft, key, clips, draft.new_id())

    return operation


def dissolved(key: str) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        keys.dissolve_set(draft, key, finished_clips(args))

    return operation


def add_track(draft: Draft, args: Arguments) -> None:
    """`kind`; `sequence`, `name`, and `above` or `below` a track."""
    kind, sequence = args.choice("kind", TRACK_KINDS), args.find_id("sequence")
    name, above, below = args.find_text("name", 200), args.find_id("above"), args.find_id("below")
    finished(args)
    keys.add_track(draft, kind, sequence=sequence, name=name, above=above, below=below)


def remove_track(draft: Draft, args: Arguments) -> None:
    track = args.id("track")
    finished(args)
    keys.remove_track(draft, track)


def reorder_track(draft: Draft, args: Arguments) -> None:
    track, above, below = args.id("track"), args.find_id("above"), args.find_id("below")
    finished(args)
    keys.reorder_track(draft, track, above, below)


def add_sequence(draft: Draft, args: Arguments) -> None:
    values = args.object("values")
    finished(args)
    keys.add_record(draft, "sequences", values, "sequence")


def remove(draft: Draft, args: Arguments) -> None:
    """`map` and `id`: any record, with what belongs to it."""
    root, record_id = _record_root(args), args.id("id")
    finished(args)
    keys.remove_record(draft, root, record_id)


def removal(root: RecordRoot, name: str) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        record_id = args.id(name)
        finished(args)
        keys.remove_record(draft, root, record_id)

    return operation


def set_keyframe(draft: Draft, args: Arguments) -> None:
    """`map`, `id`, `prop`, `keyframe` [t, value, interp, x1, y1, x2, y2], t in local time."""
    root, record_id, prop = _record_root(args), args.id("id"), args.text("prop", 64)
    frame = args.raw("keyframe")
    finished(args)
    if not isinstance(frame, list) or len(frame) < 2:
        raise refused("keyframe", "[t, value, interp, ...] is expected")
    keys.set_keyframe(draft, root, record_id, prop, frame)


def remove_keyframe(draft: Draft, args: Arguments) -> None:
    """`map`, `id`, `prop`, `t`."""
    root, record_id, prop, at = (
        _record_root(args),
        args.id("id"),
        args.text("prop", 64),
        args.tick("t"),
    )
    finished(args)
    keys.remove_keyframe(draft, root, record_id, prop, at)


def add_effect(draft: Draft, args: Arguments) -> None:
    """`owner`, `kind`, `params`."""
    owner, kind = args.id("owner"), args.choice("kind", tuple(EFFECT_KINDS))
    params = args.object("params")
    finished(args)
    keys.add_effect(draft, owner, kind, params)


def added(
    root: RecordRoot, name: str, fields: tuple[str, ...], needed: tuple[str, ...]
) -> Operation:
    def operation(draft: Draft, args: Arguments) -> None:
        for field in needed:
            if not args.has(field):
                raise refused(field, "is missing")
        record = {field: value for field in fields if (value := args.raw(field)) is not None}
        finished(args)
        if name == "marker":
            record.setdefault("owner", draft.sequence())
        keys.add_record(draft, root, record, name)

    return operation


def land_scenes(draft: Draft, args: Arguments) -> None:
    """`run`, `scenes` [{key, asset, name, duration, narration}], `sequence`, `track`, `at` (ticks or "end")."""
    run, sequence, track = args.id("run"), args.find_id("sequence"), args.find_id("track")
    raw_at = args.raw("at")
    at = "end" if raw_at is None or raw_at == "end" else args.at()
    scenes = _scenes(args.raw("scenes"))
    finished(args)
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


def replace_document(draft: Draft, args: Arguments) -> None:
    then = document_argument(args.object("document"))
    finished(args)
    become(draft, then)


def undo(draft: Draft, args: Arguments) -> None:
    changes: list[Change] = changes_argument(args.raw("changes"))
    finished(args)
    take_back(draft, changes)
