"""Undo: a guarded patch over the changes of one gesture, and the stack of one person's own edits.

Not a rewind: only what still has the value that the gesture gave it goes back, so nobody else's
work is taken away [timeline-U2]. Redo is the patch of the undo.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from timeline.model import Change, Document, Json, Record

ENTRIES_MAX: Final = 200  # gestures kept per person and tab [timeline-U4]
TOGETHER: Final = frozenset({"track", "start", "duration", "source_in", "speed_num", "speed_den"})


@dataclass(frozen=True, slots=True)
class Patch:
    """What an undo writes, and what it left alone because somebody changed it since."""

    changes: tuple[Change, ...]
    skipped: tuple[Change, ...] = ()


def undo_patch(document: Document, changes: Sequence[Change]) -> Patch:
    """The changes that take a gesture back, as far as its values still stand [timeline-U2].

    A created record gets `removed: true` and stays what it is otherwise. The changed placement keys of
    one clip go back together or not at all [timeline-U3].
    """
    torn = {
        change.id for change in changes if _is_placement(change) and not _stands(document, change)
    }
    written: list[Change] = []
    skipped: list[Change] = []
    for change in reversed(changes):
        if _is_placement(change) and change.id in torn:
            skipped.append(change)
            continue
        if _is_gone(document, change):
            continue
        undone = _undone(document, change)
        (skipped if undone is None else written).append(change if undone is None else undone)
    return Patch(tuple(written), tuple(skipped))


def _undone(document: Document, change: Change) -> Change | None:
    if change.key is None:
        record = _record(document, change) or {}
        return Change(change.map, change.id, "removed", record.get("removed"), after=True)
    if not _stands(document, change):
        return None
    return Change(change.map, change.id, change.key, change.after, change.before)


def _is_gone(document: Document, change: Change) -> bool:
    """Whether a created record is removed already: then there is nothing to take back."""
    record = _record(document, change)
    return change.key is None and (record is None or record.get("removed") is True)


def _is_placement(change: Change) -> bool:
    return change.map == "clips" and change.key in TOGETHER


def _stands(document: Document, change: Change) -> bool:
    record = _record(document, change)
    return (
        record is not None
        and change.key is not None
        and equal(record.get(change.key), change.after)
    )


def _record(document: Document, change: Change) -> Record | None:
    if change.map == "meta":
        return document.meta
    return document.records(change.map).get(change.id)


def equal(left: Json, right: Json) -> bool:
    """Equal as JSON values: true is not 1, and 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


@dataclass(frozen=True, slots=True)
class UndoStack:
    """The own gestures of one person in one tab, oldest first; plain JSON over a reload [timeline-U4]."""

    done: tuple[tuple[Change, ...], ...] = ()
    undone: tuple[tuple[Change, ...], ...] = field(default=())

    def did(self, changes: Sequence[Change]) -> "UndoStack":
        """After a gesture; it ends what could be redone. A gesture without changes is none."""
        if not changes:
            return self
        return UndoStack((*self.done, tuple(changes))[-ENTRIES_MAX:])

    def undo(self, document: Document) -> tuple[Patch, "UndoStack"]:
        """Take back the last gesture of which anything still stands; the skipped are told [timeline-U3]."""
        patch, rest = _first_that_stands(document, self.done)
        if not patch.changes:
            return patch, replace(self, done=rest)
        return patch, UndoStack(rest, (*self.undone, patch.changes)[-ENTRIES_MAX:])

    def redo(self, document: Document) -> tuple[Patch, "UndoStack"]:
        """Do again what the last undo took back: the patch of that undo."""
        patch, rest = _first_that_stands(document, self.undone)
        if not patch.changes:
            return patch, replace(self, undone=rest)
        return patch, UndoStack((*self.done, patch.changes)[-ENTRIES_MAX:], rest)

    def as_json(self) -> dict[str, Json]:
        return {
            "done": [[change.as_json() for change in entry] for entry in self.done],
            "undone": [[change.as_json() for change in entry] for entry in self.undone],
        }


def _first_that_stands(
    document: Document, entries: tuple[tuple[Change, ...], ...]
) -> tuple[Patch, tuple[tuple[Change, ...], ...]]:
    skipped: tuple[Change, ...] = ()
    rest = entries
    while rest:
        patch = undo_patch(document, rest[-1])
        rest = rest[:-1]
        skipped += patch.skipped
        if patch.changes:
            return Patch(patch.changes, skipped), rest
    return Patch((), skipped), rest
