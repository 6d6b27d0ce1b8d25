"""Undo: own edits, guarded, kept as plain JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.films import FRAME, Ids, assets, command, film, shown
from timeline.commands import run_command, run_commands
from timeline.differences import changes_argument
from timeline.errors import EditRefused
from timeline.model import Change, Document, Json, applied
from timeline.undo import ENTRIES_MAX, TOGETHER, UndoStack, undo_patch

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


KEYS = ("name", "opacity", "start", "duration", "track")
VALUES: dict[str, list[Json]] = {
    "name": ["one", "two"],
    "opacity": [0.25, 0.5],
    "start": [0, 50 * FRAME, 400 * FRAME],
    "duration": [20 * FRAME, 80 * FRAME],
    "track": ["V1", "V2"],
}
STAGE = film(V1="A[0,100)@10 B[100,200)@10", V2="C[0,50)@0")


@st.composite
def gestures(draw: st.DrawFn) -> dict[str, Json]:
    """An edit of one or several keys of a clip, or one that moves clips it does not name."""
    kind = draw(st.sampled_from(["set", "set", "set", "ripple_delete", "split", "slip"]))
    clip = draw(st.sampled_from(["A", "B"]))
    if kind == "ripple_delete":
        return command(kind, clips=[clip])
    if kind == "split":
        return command(kind, at=draw(st.sampled_from([25, 50, 150])) * FRAME)
    if kind == "slip":
        return command(kind, clip=clip, by=draw(st.sampled_from([-5, 5])) * FRAME)
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
    values: dict[str, Json] = {key: draw(st.sampled_from(VALUES[key])) for key in keys}
    return command("set", map="clips", id=clip, values=values)


class Cutters:
    """Two people on one document: who wrote each key last, and what each may take back."""

    def __init__(self) -> None:
        self.document = STAGE
        self.stacks = {"a": UndoStack(), "b": UndoStack()}
        self.writers: dict[tuple[str, str, str | None], str] = {}
        self._ids = Ids()

    def does(self, who: str, gesture: dict[str, Json]) -> None:
        try:
            edit = run_command(self.document, FACTS, gesture, self._ids)
        except EditRefused:
            return
        self.stacks[who] = self.stacks[who].did(edit.changes)
        self._write(who, edit.changes)

    def goes(self, who: str, *, back: bool) -> None:
        """An undo, or a redo: nothing that somebody else wrote since may change."""
        stack = self.stacks[who]
        patch, self.stacks[who] = stack.undo(self.document) if back else stack.redo(self.document)
        placed = {key for _, clip, key in map(place, patch.changes) if clip and key in TOGETHER}
        for change in patch.changes:
            writer = self.writers.get(place(change), who)
            created = change.key == "removed"  # of a record of one's own, whoever wrote in it
            assert writer == who or created, (who, change)
        for change in patch.skipped:  # one clip's placement is not torn
            if change.key in TOGETHER:
                assert not any(
                    other.id == change.id and other.key in TOGETHER and placed
                    for other in patch.changes
                )
        self._write(who, patch.changes)

    def _write(self, who: str, changes: tuple[Change, ...]) -> None:
        self.document = applied(self.document, changes)
        for change in changes:
            self.writers[place(change)] = who


def place(change: Change) -> tuple[str, str, str | None]:
    return change.map, change.id, change.key


ACTS = st.tuples(
    st.sampled_from(["a", "b"]), st.sampled_from(["does", "does", "undo", "redo"]), gestures()
)


@pytest.mark.rule("timeline-U2", "timeline-U3", "timeline-U4")
@given(acts=st.lists(ACTS, min_size=6, max_size=25))
def test_nobody_takes_back_what_another_wrote(
    acts: list[tuple[str, str, dict[str, Json]]],
) -> None:
    cutters = Cutters()
    for who, act, gesture in acts:
        if act == "does":
            cutters.does(who, gesture)
        else:
            cutters.goes(who, back=act == "undo")


@pytest.mark.rule("timeline-U5")
@given(acts=st.lists(gestures(), max_size=12))
def test_who_is_alone_can_take_everything_back_and_do_it_again(
    acts: list[dict[str, Json]],
) -> None:
    cutters = Cutters()
    for gesture in acts:
        cutters.does("a", gesture)
    end = shown(cutters.document)
    while cutters.stacks["a"].done:
        cutters.goes("a", back=True)
    assert shown(cutters.document) == shown(STAGE)
    while cutters.stacks["a"].undone:
        cutters.goes("a", back=False)
    assert shown(cutters.document) == end
