"""What each edit keeps, whatever the film: the invariants that its name promises."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edited_films import FACTS, OFFSETS, TIMES, commands, films
from tests.films import FRAME, Ids, assets, film, seen_of, shown
from timeline.commands import run_command
from timeline.errors import EditRefused
from timeline.model import Document, Record, applied
from timeline.resolve import resolve


def after(document: Document, command: dict[str, Any]) -> Document | None:
    try:
        return applied(document, run_command(document, FACTS, command, Ids()).changes)
    except EditRefused:
        return None


def spans(document: Document) -> dict[str, list[tuple[int, int]]]:
    return {
        lane.track: [(piece.start, piece.end) for piece in lane.pieces]
        for lane in seen_of(document, FACTS).lanes("s")
    }


def number(record: Record, key: str) -> int:
    found = record[key]
    assert isinstance(found, int)
    return found


def pictures(document: Document, at: int) -> list[tuple[str | None, int]]:
    """What each track shows at a tick: the asset and the source tick."""
    found: list[tuple[str | None, int]] = []
    for lane in seen_of(document, FACTS).lanes("s"):
        piece = lane.at(at)
        if piece is not None:
            asset = document.clips[piece.clip].get("asset")
            found.append((str(asset), piece.of.local(at)))
    return found


@pytest.mark.rule("timeline-E14")
@settings(max_examples=60)
@given(st.data())
def test_slip_moves_no_cut(data: st.DataObject) -> None:
    document = data.draw(films())
    slipped = after(document, data.draw(commands("slip", document)))
    if slipped is not None:
        assert spans(slipped) == spans(document)


@pytest.mark.rule("timeline-E13")
@settings(max_examples=60)
@given(st.data())
def test_roll_keeps_the_length_and_both_outer_edges(data: st.DataObject) -> None:
    document = data.draw(films())
    rolled = after(document, data.draw(commands("roll", document)))
    if rolled is None:
        return
    before = seen_of(document, FACTS).lanes("s")
    for lane, now in zip(before, seen_of(rolled, FACTS).lanes("s"), strict=True):
        assert now.end == lane.end
        assert sum(piece.duration for piece in now.pieces) == sum(
            piece.duration for piece in lane.pieces
        )


@pytest.mark.rule("timeline-E15")
@settings(max_examples=60)
@given(films(), TIMES)
def test_split_shows_the_same_at_every_moment(document: Document, at: int) -> None:
    halves = after(document, {"op": "split", "at": at})
    if halves is None:
        return
    for probe in range(0, 300, 7):
        now, then = (pictures(one, probe * FRAME + 11) for one in (halves, document))
        # At an odd speed the two roundings down may differ by one tick from one.
        assert [asset for asset, _ in now] == [asset for asset, _ in then]
        assert all(abs(one - other) <= 1 for (_, one), (_, other) in zip(now, then, strict=True))


@pytest.mark.rule("timeline-E18")
@settings(max_examples=60)
@given(st.data())
def test_ripple_delete_keeps_in_sync_what_was_in_sync(data: st.DataObject) -> None:
    document = data.draw(films())
    command = data.draw(commands("ripple_delete", document))
    closed = after(document, command)
    if closed is None:
        return
    gone = [record for name, record in document.clips.items() if closed.clips[name].get("removed")]
    last = max(number(record, "start") + number(record, "duration") for record in gone)
    moved = {
        number(closed.clips[name], "start") - number(record, "start")
        for name, record in document.clips.items()
        if number(record, "start") >= last
        if (track := document.tracks[str(record["track"])]).get("sync_lock") is not False
        if track["sequence"] == "s"
    }
    assert len(moved) <= 1


@pytest.mark.rule("timeline-E19")
@settings(max_examples=60)
@given(films(), OFFSETS)
def test_a_rippled_head_stays_where_it_stands(document: Document, by: int) -> None:
    clip = "v1-0"
    before = seen_of(document, FACTS).lane("v1")
    rippled = after(document, {"op": "ripple", "clip": clip, "edge": "head", "by": by})
    if rippled is None or before is None or not before.pieces_of(clip):
        return
    assert rippled.clips[clip]["start"] == before.pieces_of(clip)[0].start


@pytest.mark.rule("timeline-E22")
@settings(max_examples=60)
@given(st.data())
def test_a_nested_film_shows_the_same_when_taken_apart(data: st.DataObject) -> None:
    document = data.draw(films())
    ids = Ids()
    command = data.draw(commands("nest", document))
    try:
        edit = run_command(document, FACTS, command, ids)
        nested = applied(document, edit.changes)
        back = run_command(nested, FACTS, {"op": "un_nest", "clip": edit.created["clip"]}, ids)
    except EditRefused:
        return
    apart = applied(nested, back.changes)
    if document.clips[command["clips"][0]]["track"] == "nv":
        return
    for probe in range(0, 200, 9):
        assert sorted(pictures(apart, probe * FRAME + 11)) == sorted(
            pictures(document, probe * FRAME + 11)
        )


@pytest.mark.rule("timeline-E4")
@settings(max_examples=80)
@given(st.data())
def test_no_edit_changes_a_clip_on_a_locked_track(data: st.DataObject) -> None:
    document = data.draw(films())
    tracks = {**document.tracks, "v1": {**document.tracks["v1"], "locked": True}}
    locked = Document(
        meta=document.meta,
        sequences=document.sequences,
        tracks=tracks,
        clips=document.clips,
    )
    operation = data.draw(
        st.sampled_from(["trim", "ripple", "move", "insert", "extract", "lift", "slide", "swap"])
    )
    edited = after(locked, data.draw(commands(operation, locked)))
    if edited is not None:
        for name, record in locked.clips.items():
            if record["track"] == "v1":
                assert edited.clips[name] == record


@pytest.mark.rule("timeline-E2")
@settings(max_examples=80)
@given(st.data())
def test_times_that_an_edit_writes_lie_on_the_grid(data: st.DataObject) -> None:
    document = film(V1="A[0,60)@10 B[60,100)@10 C[120,150)", V2="S[10,40)")
    facts = assets(a=200, b=200, c=200, s=None)
    operation = data.draw(st.sampled_from(["trim", "ripple", "roll", "slide", "move", "extend"]))
    command = data.draw(commands(operation, document))
    command |= {"track": "V1"} if operation == "move" and "track" in command else {}
    try:
        edit = run_command(document, facts, command, Ids())
    except EditRefused:
        return
    for change in edit.changes:
        if change.key in ("start", "duration") and isinstance(change.after, int):
            assert change.after % FRAME == 0
            assert change.key == "start" or change.after >= FRAME


@pytest.mark.rule("timeline-E1")
def test_an_edit_of_a_covered_clip_works_on_what_shows() -> None:
    document = film(V1="A[0,100) B[60,150)")
    facts = assets(a=300, b=300)
    edit = run_command(document, facts, {"op": "slip", "clip": "A", "by": 5 * FRAME}, Ids())
    edited = applied(document, edit.changes)
    assert edited.clips["A"]["duration"] == 60 * FRAME
    assert shown(edited, facts) == {"V1": "A[0,60)@5 B[60,150)@0"}


@pytest.mark.rule("timeline-E6")
def test_halves_of_a_link_set_are_linked_anew() -> None:
    document = film(
        V1="A[0,100)", A1="AS[0,100)", more={"clips": {"A": {"link": "l"}, "AS": {"link": "l"}}}
    )
    edit = run_command(document, {}, {"op": "split", "at": 40 * FRAME}, Ids())
    edited = applied(document, edit.changes)
    assert edited.clips["A"]["link"] == edited.clips["AS"]["link"] == "l"
    assert edited.clips["n1"]["link"] == edited.clips["n2"]["link"] == "n3"


@pytest.mark.rule("timeline-E7")
@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ({"op": "roll", "clip": "A", "edge": "tail", "by": 5 * FRAME}, True),
        ({"op": "slip", "clip": "A", "by": 5 * FRAME}, True),
        ({"op": "slide", "clip": "A", "by": 5 * FRAME}, True),
        ({"op": "ripple", "clip": "A", "edge": "tail", "by": -5 * FRAME}, True),
        ({"op": "move", "clips": ["A", "B"], "by": 50 * FRAME}, True),
        ({"op": "split", "clip": "A", "at": 20 * FRAME}, True),
        ({"op": "trim", "clip": "A", "edge": "tail", "by": -5 * FRAME}, False),
        ({"op": "move", "clip": "A", "at": 500 * FRAME}, False),
        ({"op": "lift", "clip": "B"}, False),
        ({"op": "insert", "track": "V1", "asset": "c", "at": 100 * FRAME}, False),
    ],
)
def test_a_transition_lives_as_long_as_its_cut(command: dict[str, Any], *, kept: bool) -> None:
    document = film(
        V1="A[0,100)@50 B[100,200)@50", more={"transitions": {"t": {"left": "A", "right": "B"}}}
    )
    facts = assets(a=300, b=300, c=60)
    edit = run_command(document, facts, command, Ids())
    edited = applied(document, edit.changes)
    active = [item.id for item in resolve(edited, facts).sequences["seq"].transitions]
    assert active == (["t"] if kept else [])
    assert (edited.transitions["t"].get("removed") is not True) == kept
