"""Undo: own edits, guarded, kept as plain JSON."""

import json

import pytest

from tests.films import FRAME, Ids, assets, command, film, shown
from timeline.commands import run_command, run_commands
from timeline.differences import changes_argument
from timeline.model import Change, Document, applied
from timeline.undo import ENTRIES_MAX, UndoStack, undo_patch

FACTS = assets(a=300, b=300)
FILM = film(
    V1="A[0,100)@10 B[100,200)@10", more={"transitions": {"t": {"left": "A", "right": "B"}}}
)


def done(
    document: Document, stack: UndoStack, op: str, **arguments: object
) -> tuple[Document, UndoStack]:
    edit = run_command(document, FACTS, command(op, **arguments), Ids())
    return applied(document, edit.changes), stack.did(edit.changes)


@pytest.mark.rule("timeline-U1", "timeline-U2")
def test_undo_and_redo_go_back_and_forth() -> None:
    after, stack = done(FILM, UndoStack(), "split", at=50 * FRAME)
    patch, stack = stack.undo(after)
    undone = applied(after, patch.changes)
    assert shown(undone) == shown(FILM)
    assert undone.clips["n1"]["removed"] is True
    patch, stack = stack.redo(undone)
    redone = applied(undone, patch.changes)
    assert shown(redone) == shown(after)
    patch, stack = stack.undo(redone)
    assert shown(applied(redone, patch.changes)) == shown(FILM)


@pytest.mark.rule("timeline-U2")
def test_undo_leaves_the_work_of_others_alone() -> None:
    after, stack = done(
        FILM, UndoStack(), "set", map="clips", id="A", values={"opacity": 0.5, "x": 0.1}
    )
    others = applied(after, [Change("clips", "A", "opacity", 0.5, 0.7)])
    patch, _ = stack.undo(others)
    assert [(change.key, change.after) for change in patch.changes] == [("x", None)]
    assert [change.key for change in patch.skipped] == ["opacity"]


@pytest.mark.rule("timeline-U2")
def test_an_edit_of_another_survives_the_undo_of_a_creation() -> None:
    after, stack = done(FILM, UndoStack(), "overwrite", track="V1", asset="a", at=300 * FRAME)
    others = applied(after, [Change("clips", "n1", "opacity", None, 0.5)])
    patch, stack = stack.undo(others)
    undone = applied(others, patch.changes)
    assert undone.clips["n1"]["removed"] is True
    patch, _ = stack.redo(undone)
    assert applied(undone, patch.changes).clips["n1"]["opacity"] == 0.5


@pytest.mark.rule("timeline-U3")
def test_placement_goes_back_whole_or_not_at_all() -> None:
    after, stack = done(FILM, UndoStack(), "trim", clip="A", edge="head", by=10 * FRAME)
    others = applied(after, [Change("clips", "A", "start", 10 * FRAME, 12 * FRAME)])
    patch, _ = stack.undo(others)
    assert patch.changes == ()
    assert {change.key for change in patch.skipped} == {"start", "duration", "source_in"}


@pytest.mark.rule("timeline-U3")
def test_an_entry_that_is_all_skipped_gives_way_to_the_next() -> None:
    named, stack = done(FILM, UndoStack(), "set", map="meta", values={"name": "One"})
    after, stack = done(named, stack, "slip", clip="A", by=5 * FRAME)
    others = applied(after, [Change("clips", "A", "source_in", 15 * FRAME, 0)])
    patch, stack = stack.undo(others)
    assert [(change.map, change.after) for change in patch.changes] == [("meta", None)]
    assert [change.key for change in patch.skipped] == ["source_in"]
    assert stack.done == ()


@pytest.mark.rule("timeline-U4")
def test_a_stack_is_bounded_and_survives_as_json() -> None:
    stack = UndoStack()
    for number in range(ENTRIES_MAX + 5):
        stack = stack.did([Change("meta", "", "name", str(number), str(number + 1))])
    assert len(stack.done) == ENTRIES_MAX
    plain = json.loads(json.dumps(stack.as_json()))
    assert tuple(tuple(changes_argument(entry)) for entry in plain["done"]) == stack.done
    assert stack.did([]) == stack


@pytest.mark.rule("timeline-U4")
def test_a_new_edit_clears_redo() -> None:
    after, stack = done(FILM, UndoStack(), "slip", clip="A", by=5 * FRAME)
    patch, stack = stack.undo(after)
    undone = applied(after, patch.changes)
    assert stack.undone
    _, stack = done(undone, stack, "slip", clip="B", by=FRAME)
    assert stack.undone == ()
    assert stack.redo(undone)[0].changes == ()


@pytest.mark.rule("timeline-U2")
def test_the_undo_command_takes_back_a_list_of_changes() -> None:
    edit = run_command(FILM, FACTS, command("ripple_delete", clips=["A"]), Ids())
    after = applied(FILM, edit.changes)
    changes = [change.as_json() for change in edit.changes]
    undo = run_commands(after, FACTS, [{"op": "undo", "changes": list(changes)}], Ids())
    assert applied(after, undo.changes).clips["A"].get("removed") is None
    assert shown(applied(after, undo.changes)) == shown(FILM)
    assert undo_patch(FILM, edit.changes).changes == ()
