"""Edits of the whole document: import, restore of a version, a list of changes taken back.

Restore is an edit, not a rewind: the property difference between now and then.
"""

from collections.abc import Mapping, Sequence

from timeline.arguments import refused
from timeline.draft import Draft
from timeline.model import RECORD_ROOTS, ROOTS, Change, Document, Json, Root, document_from_json
from timeline.undo import Patch, undo_patch


def become(draft: Draft, then: Document) -> None:
    """Write what makes the document show what `then` shows; records that `then` lacks are removed."""
    for key in [*then.meta, *(key for key in draft.base.meta if key not in then.meta)]:
        draft.write_meta(key, then.meta.get(key))
    for root in RECORD_ROOTS:
        now, goal = dict(draft.records(root)), then.records(root)
        for name, record in goal.items():
            if name not in now:
                draft.create(root, record, name)
                continue
            for key in dict.fromkeys([*record, *now[name]]):
                draft.write(root, name, key, record.get(key))
        for name in now:
            if name not in goal:
                draft.remove(root, name)


def document_argument(value: Mapping[str, Json]) -> Document:
    """The document of a command; `bad_argument` where its roots are no objects of objects."""
    for root in ROOTS:
        found = value.get(root)
        if found is None:
            continue
        if not isinstance(found, dict):
            raise refused("document", f"{root} is no object")
        if root != "meta" and not all(isinstance(record, dict) for record in found.values()):
            raise refused("document", f"a record of {root} is no object")
    return document_from_json(value)


def take_back(draft: Draft, changes: Sequence[Change]) -> None:
    """Undo a list of changes, guarded [timeline-U2]; skipped clips are reported as clamped."""
    patch: Patch = undo_patch(draft.base, changes)
    for change in patch.changes:
        if change.map == "meta":
            draft.write_meta(change.key or "", change.after)
        else:
            draft.write(change.map, change.id, change.key or "", change.after)
    for change in patch.skipped:
        draft.clamp(change.id)


def changes_argument(value: Json) -> list[Change]:
    """Changes as the answers of commands carry them."""
    if not isinstance(value, list):
        raise refused("changes", "a list of changes is expected")
    return [change_from_json(item) for item in value]


def change_from_json(value: Json) -> Change:
    """One change; `bad_argument` where it is none."""
    if not isinstance(value, dict):
        raise refused("changes", "an object is expected")
    root, name, key = value.get("map"), value.get("id"), value.get("key")
    if not isinstance(name, str) or not (key is None or isinstance(key, str)):
        raise refused("changes", "map, id, key, before and after are expected")
    if root == "meta" and key is None:
        raise refused("changes", "meta is no record")
    return Change(_root(root), name, key, value.get("before"), value.get("after"))


def _root(name: Json) -> Root:
    for root in ROOTS:
        if root == name:
            return root
    raise refused("changes", f"one of {', '.join(ROOTS)} is expected as map")
