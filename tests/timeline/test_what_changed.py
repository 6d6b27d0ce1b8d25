"""Differences of two timelines: as changes that lead from one to the other, and in words."""

import pytest
from hypothesis import given

from tests.films import FRAME, Ids, assets, command, film
from tests.strategies import hostile_documents, timelines
from timeline.commands import run_command
from timeline.model import Change, Document, applied
from timeline.what_changed import changes_between, what_changed

FACTS = assets(a=300, b=300)
FILM = film(V1="A[0,100)@10 B[100,200)@10 C[200,300)@10", V2="D[0,50)@0")
NAMES = {"a": "beach.mp4", "b": "forest.mp4"}


def words(before: Document, after: Document) -> list[str]:
    return [difference.text for difference in what_changed(before, after, NAMES)]


def after(op: str, **arguments: object) -> Document:
    return applied(FILM, run_command(FILM, FACTS, command(op, **arguments), Ids()).changes)


def set_on(document: Document, root: str, record: str, /, **values: object) -> Document:
    edit = run_command(document, FACTS, command("set", map=root, id=record, values=values), Ids())
    return applied(document, edit.changes)


@pytest.mark.rule("timeline-L6")
@given(before=timelines(), later=timelines())
def test_the_changes_lead_from_one_to_the_other(before: Document, later: Document) -> None:
    changed = applied(before, changes_between(before, later))
    assert what_changed(changed, later) == ()
    assert changes_between(later, later) == ()


@pytest.mark.rule("timeline-L7")
def test_words_name_what_came_went_and_moved() -> None:
    named = set_on(FILM, "clips", "A", name="Opening")
    assert words(FILM, named) == ["Changed name of clip “Opening”"]
    assert words(FILM, after("lift", clips=["B"])) == ["Removed clip “forest.mp4”"]
    moved = set_on(named, "clips", "A", start=30 * FRAME)
    assert words(named, moved) == ["Moved clip “Opening” by +1.00 s"]
    assert words(moved, named) == ["Moved clip “Opening” by -1.00 s"]
    trimmed = set_on(named, "clips", "A", duration=85 * FRAME)
    assert words(named, trimmed) == ["Trimmed clip “Opening” at its end by -0.50 s"]
    renamed = applied(FILM, [Change("meta", "", "name", None, "Launch")])
    assert words(FILM, renamed) == ["Renamed the project from “nothing” to “Launch”"]


@pytest.mark.rule("timeline-L7")
def test_what_happened_to_many_is_told_once() -> None:
    shifted = FILM
    for name in ("A", "B", "C", "D"):
        start = FILM.clips[name]["start"]
        assert isinstance(start, int)
        shifted = set_on(shifted, "clips", name, start=start + 60 * FRAME)
    assert words(FILM, shifted) == ["Moved 4 clips by +2.00 s"]
    assert what_changed(FILM, shifted)[0].ids == ("A", "D", "B", "C")  # as they stand
    louder = set_on(set_on(FILM, "clips", "A", gain_db=-6, name="One"), "clips", "B", gain_db=2)
    assert words(FILM, louder)[0] == "Changed name and volume of clip “One”"


@pytest.mark.rule("timeline-L7")
def test_what_is_not_for_people_is_not_told() -> None:
    assert words(FILM, set_on(FILM, "clips", "A", link="l1")) == []
    gone = set_on(FILM, "clips", "A", removed=True)
    assert words(gone, set_on(gone, "clips", "A", opacity=0.5)) == []
    assert [item.kind for item in what_changed(FILM, gone)] == ["removed"]
    assert [item.kind for item in what_changed(gone, FILM)] == ["added"]


@pytest.mark.rule("timeline-L7")
@given(before=hostile_documents(), later=hostile_documents())
def test_words_are_found_for_whatever_a_document_holds(before: Document, later: Document) -> None:
    for difference in what_changed(before, later):
        assert difference.text
        assert len(difference.text) < 2000
