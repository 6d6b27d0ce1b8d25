"""Commands: every edit operation by name, its arguments checked, as one transaction.

`run_command` is the one way in for programs, the server and the golden cases. An operation answers
all its changes or none [timeline-E3]; what a command may carry is written beside its name below.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from timeline import clip_operations as clips
from timeline import record_operations as records
from timeline.arguments import Arguments, refused
from timeline.draft import Draft
from timeline.errors import EditRefused
from timeline.keys import record_root
from timeline.media import AssetTable
from timeline.model import ROOTS, Document, Edit, Json, NewId
from timeline.undo import equal

COMMANDS_MAX: Final = 200  # in one transaction; more is a program gone wrong


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
        meta = root == "meta"
        record = document.meta if meta else document.records(record_root(root)).get(name, {})
        if not equal(record.get(key), value):
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


OPERATIONS: Final[Mapping[str, records.Operation]] = {
    "overwrite": clips.overwrite,
    "insert": clips.insert,
    "append": clips.append,
    "place_on_top": clips.place_on_top,
    "fit_to_fill": clips.fit_to_fill,
    "replace": clips.replace,
    "trim": clips.trim,
    "ripple": clips.ripple,
    "roll": clips.roll,
    "slip": clips.slip,
    "slide": clips.slide,
    "rate_stretch": clips.rate_stretch,
    "extend": clips.extend,
    "split": clips.split,
    "join": clips.join,
    "lift": clips.lift,
    "ripple_delete": clips.ripple_delete,
    "extract": clips.extract,
    "remove_range": clips.remove_range,
    "close_gap": clips.close_gap,
    "move": clips.move,
    "swap": clips.swap,
    "duplicate": clips.paste,
    "paste": clips.paste,
    "paste_attributes": clips.paste_attributes,
    "nest": clips.nest,
    "un_nest": clips.un_nest,
    "add_transition": clips.add_transition,
    "remove_transition": clips.remove_transition,
    "set_speed": clips.set_speed,
    "reverse": clips.reverse,
    "freeze": clips.freeze,
    "set": records.set_command,
    "link": records.shared("link"),
    "unlink": records.dissolved("link"),
    "group": records.shared("group"),
    "ungroup": records.dissolved("group"),
    "add_track": records.add_track,
    "remove_track": records.remove_track,
    "reorder_track": records.reorder_track,
    "add_sequence": records.add_sequence,
    "remove_sequence": records.removal("sequences", "sequence"),
    "set_keyframe": records.set_keyframe,
    "remove_keyframe": records.remove_keyframe,
    "add_effect": records.add_effect,
    "remove_effect": records.removal("effects", "effect"),
    "add_marker": records.added("markers", "marker", records.MARKER_FIELDS, ("t",)),
    "remove_marker": records.removal("markers", "marker"),
    "add_cue": records.added("cues", "cue", records.CUE_FIELDS, ("clip", "t")),
    "remove_cue": records.removal("cues", "cue"),
    "add_variable": records.added("variables", "variable", records.VARIABLE_FIELDS, ("name",)),
    "remove_variable": records.removal("variables", "variable"),
    "remove": records.remove,
    "land_scenes": records.land_scenes,
    "replace_document": records.replace_document,
    "restore": records.replace_document,
    "undo": records.undo,
}
