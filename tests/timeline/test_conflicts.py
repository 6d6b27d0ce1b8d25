"""What two people get who edit at once: each row in both orders, then through undo.

A merge is simulated as the CRDT does it: both edits are made on the same document, then the changes
of both are written, in either order; for a key that both wrote the later one stands [timeline-W11].
"""

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.films import FRAME, Ids, assets, film, shown
from timeline.commands import run_command
from timeline.model import Change, Document, Edit, Json, applied
from timeline.resolve import resolve
from timeline.undo import undo_patch

FACTS = assets(a=300, b=300, c=300)
ORDERS = pytest.mark.parametrize("first", [0, 1])


def edit(document: Document, op: str, prefix: str = "n", **arguments: Any) -> Edit:
    ids: Callable[[], str] = Ids([f"{prefix}{number}" for number in range(9)])
    return run_command(document, FACTS, {"op": op, **arguments}, ids)


def merged(document: Document, edits: list[Edit], first: int) -> Document:
    ordered = edits if first == 0 else edits[::-1]
    both = applied(applied(document, ordered[0].changes), ordered[1].changes)
    resolved = resolve(both, FACTS)
    for track in resolved.sequences["seq"].tracks:
        ends = [span.start + span.duration for span in track.spans]
        starts = [span.start for span in track.spans]
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    return both


def codes(document: Document) -> set[str]:
    return {item.code for item in resolve(document, FACTS).diagnostics}


@ORDERS
@pytest.mark.rule("timeline-R4", "timeline-U2")
def test_trim_and_move_are_both_kept(first: int) -> None:
    document = film(V1="A[0,100)@10 B[100,200)")
    edits = [
        edit(document, "trim", clip="A", edge="tail", by=-40 * FRAME),
        edit(document, "move", clip="A", at=300 * FRAME),
    ]
    both = merged(document, edits, first)
    assert shown(both) == {"V1": "B[100,200)@0 A[300,360)@10"}
    patch = undo_patch(both, edits[0].changes)
    assert shown(applied(both, patch.changes)) == {"V1": "B[100,200)@0 A[300,400)@10"}


@ORDERS
@pytest.mark.rule("timeline-R4")
def test_slip_and_trim_are_both_kept(first: int) -> None:
    document = film(V1="A[0,100)@10")
    edits = [
        edit(document, "slip", clip="A", by=20 * FRAME),
        edit(document, "trim", clip="A", edge="tail", by=-40 * FRAME),
    ]
    assert shown(merged(document, edits, first)) == {"V1": "A[0,60)@30"}


@ORDERS
@pytest.mark.rule("timeline-R4")
def test_two_moves_of_one_clip_end_at_one_of_the_places(first: int) -> None:
    document = film(V1="A[0,100) B[100,200)")
    edits = [
        edit(document, "move", clip="A", at=300 * FRAME),
        edit(document, "move", clip="A", at=500 * FRAME),
    ]
    both = merged(document, edits, first)
    assert shown(both)["V1"] in ("B[100,200)@0 A[300,400)@0", "B[100,200)@0 A[500,600)@0")


@ORDERS
@pytest.mark.rule("timeline-R4", "timeline-R5")
def test_head_and_tail_trim_leave_a_valid_clip(first: int) -> None:
    document = film(V1="A[0,100)@10")
    edits = [
        edit(document, "trim", clip="A", edge="head", by=20 * FRAME),
        edit(document, "trim", clip="A", edge="tail", by=-30 * FRAME),
    ]
    both = merged(document, edits, first)
    assert both.clips["A"]["start"] == 20 * FRAME
    assert both.clips["A"]["duration"] in (80 * FRAME, 70 * FRAME)


@ORDERS
@pytest.mark.rule("timeline-R4")
@pytest.mark.parametrize(("by", "gap"), [(40, False), (-60, True)])
def test_split_and_tail_trim_keep_the_right_part(first: int, by: int, *, gap: bool) -> None:
    document = film(V1="A[0,100)@10")
    edits = [
        edit(document, "split", clip="A", at=60 * FRAME),
        edit(document, "trim", clip="A", edge="tail", by=by * FRAME),
    ]
    both = merged(document, edits, first)
    assert "n0[60,100)@70" in shown(both)["V1"]
    if gap and both.clips["A"]["duration"] == 40 * FRAME:
        assert shown(both)["V1"] == "A[0,40)@10 n0[60,100)@70"


@ORDERS
@pytest.mark.rule("timeline-R4")
def test_two_splits_give_three_clips(first: int) -> None:
    document = film(V1="A[0,100)@10")
    edits = [
        edit(document, "split", prefix="p", clip="A", at=40 * FRAME),
        edit(document, "split", prefix="q", clip="A", at=60 * FRAME),
    ]
    both = merged(document, edits, first)
    assert "p0[40,60)@50 q0[60,100)@70" in shown(both)["V1"]
    assert len([name for name in both.clips if not both.clips[name].get("removed")]) == 3


@ORDERS
@pytest.mark.rule("timeline-W4", "timeline-U2")
def test_a_deleted_clip_keeps_the_edit_of_another_for_after_undo(first: int) -> None:
    document = film(V1="A[0,100)@10 B[100,200)")
    edits = [
        edit(document, "lift", clips=["A"]),
        edit(document, "set", map="clips", id="A", values={"opacity": 0.5}),
    ]
    both = merged(document, edits, first)
    assert shown(both) == {"V1": "B[100,200)@0"}
    back = applied(both, undo_patch(both, edits[0].changes).changes)
    assert shown(back) == shown(document)
    assert back.clips["A"]["opacity"] == 0.5


@ORDERS
@pytest.mark.rule("timeline-R6")
def test_a_clip_dropped_on_a_deleted_track_is_recovered(first: int) -> None:
    document = film(V1="A[0,100)@10", V2="B[0,50)")
    edits = [
        edit(document, "remove_track", track="V2"),
        edit(document, "move", clip="A", track="V2", at=200 * FRAME),
    ]
    both = merged(document, edits, first)
    assert resolve(both, FACTS).recovered == ("A",)
    again = applied(both, edit(both, "move", clip="A", track="V1", at=0).changes)
    assert shown(again) == {"V1": "A[0,100)@10"}


@pytest.mark.rule("timeline-R4")
def test_moving_the_upper_clip_away_shows_the_lower_again() -> None:
    document = film(V1="A[0,100) B[60,120)")
    assert shown(document) == {"V1": "A[0,60)@0 B[60,120)@0"}
    moved = applied(document, edit(document, "move", clip="B", at=300 * FRAME).changes)
    assert shown(moved) == {"V1": "A[0,100)@0 B[300,360)@0"}


@ORDERS
@pytest.mark.rule("timeline-E9")
def test_two_ripples_made_apart_shift_wrongly_and_one_after_the_other_rightly(first: int) -> None:
    document = film(V1="A[0,100) B[100,200) C1[200,300)")
    commands: list[dict[str, Any]] = [
        {"clip": "A", "edge": "tail", "by": -20 * FRAME},
        {"clip": "B", "edge": "tail", "by": -30 * FRAME},
    ]
    apart = [edit(document, "ripple", **command) for command in commands]
    assert shown(merged(document, apart, first))["V1"] != "A[0,80)@0 B[80,150)@0 C1[150,250)@0"
    now = document
    for command in commands if first == 0 else commands[::-1]:
        now = applied(now, edit(now, "ripple", **command).changes)
    assert shown(now)["V1"] == "A[0,80)@0 B[80,150)@0 C1[150,250)@0"


@ORDERS
@pytest.mark.rule("timeline-R8")
def test_of_two_transitions_on_a_cut_the_smallest_id_is_active(first: int) -> None:
    document = film(V1="A[0,100)@50 B[100,200)@50")
    edits = [
        edit(document, "add_transition", prefix="p", clip="A", kind="dip"),
        edit(document, "add_transition", prefix="q", clip="A", kind="wipe"),
    ]
    both = merged(document, edits, first)
    resolved = resolve(both, FACTS)
    assert [item.id for item in resolved.sequences["seq"].transitions] == ["p0"]
    assert "transition_duplicate" in codes(both)


@ORDERS
@pytest.mark.rule("timeline-R8")
def test_a_transition_sleeps_while_its_clips_are_apart(first: int) -> None:
    document = film(V1="A[0,100)@50 B[100,200)@50")
    edits = [
        edit(document, "add_transition", clip="A"),
        edit(document, "move", clip="B", at=300 * FRAME),
    ]
    both = merged(document, edits, first)
    assert "transition_not_at_cut" in codes(both)
    back = applied(both, undo_patch(both, edits[1].changes).changes)
    assert [item.id for item in resolve(back, FACTS).sequences["seq"].transitions] == ["n0"]


@ORDERS
@pytest.mark.rule("timeline-K2")
def test_of_two_keyframes_at_one_time_the_highest_id_counts(first: int) -> None:
    document = film(V1="A[0,100)")
    edits = [
        edit(document, "set_keyframe", prefix=prefix, map="clips", id="A", prop="x", keyframe=key)
        for prefix, key in (("p", [0, 0.25]), ("q", [0, 0.75]))
    ]
    both = merged(document, edits, first)
    span = resolve(both, FACTS).sequences["seq"].tracks[0].spans[0]
    assert span.curves["x"] == ((0, 0.75, "linear"),)


@ORDERS
@pytest.mark.rule("timeline-R9")
def test_linked_clips_that_drift_apart_are_told(first: int) -> None:
    document = film(
        V1="A[0,100)", A1="AS[0,100)", more={"clips": {"A": {"link": "l"}, "AS": {"link": "l"}}}
    )
    edits = [
        edit(document, "slip", clip="A", by=5 * FRAME, linked=False),
        edit(document, "set", map="clips", id="AS", values={"gain_db": -3}),
    ]
    both = merged(document, edits, first)
    assert "link_offset" in codes(both)


@ORDERS
@pytest.mark.rule("timeline-E12")
def test_a_scene_that_lands_again_keeps_the_edits_made_meanwhile(first: int) -> None:
    empty = film(V1="", A1="")
    landed = applied(
        empty, edit(empty, "land_scenes", run="r", scenes=[{"key": "s", "asset": "a"}]).changes
    )
    edits = [
        edit(landed, "land_scenes", prefix="m", run="r", scenes=[{"key": "s", "asset": "b"}]),
        edit(landed, "trim", clip="n0", edge="tail", by=-100 * FRAME),
    ]
    both = merged(landed, edits, first)
    assert both.clips["n0"]["asset"] == both.clips["n1"]["asset"] == "b"
    assert shown(both) == {"V1": "n0[0,200)@0", "A1": "n1[0,200)@0"}


@ORDERS
@pytest.mark.rule("timeline-R2", "timeline-U2")
def test_of_equal_order_keys_the_id_decides(first: int) -> None:
    document = film(V1="A[0,100)", V2="B[0,100)", V3="C[0,100)")
    edits = [
        edit(document, "set", map="tracks", id=track, values={"order": "z"})
        for track in ("V2", "V1")
    ]
    both = merged(document, edits, first)
    assert [track.id for track in resolve(both, FACTS).sequences["seq"].tracks] == [
        "V3",
        "V1",
        "V2",
    ]
    back = applied(both, undo_patch(both, edits[1].changes).changes)
    assert [track.id for track in resolve(back, FACTS).sequences["seq"].tracks] == [
        "V1",
        "V3",
        "V2",
    ]


@ORDERS
@pytest.mark.parametrize("asset", ["gone", "", None])
@pytest.mark.rule("timeline-R5", "timeline-U2")
def test_an_asset_that_is_not_there_is_told_and_the_rest_goes_on(
    first: int, asset: str | None
) -> None:
    document = film(V1="A[0,100)@10 B[100,200)")
    edits = [
        Edit((Change("clips", "A", "asset", "a", asset),)),
        edit(document, "trim", clip="A", edge="tail", by=-40 * FRAME),
    ]
    both = merged(document, edits, first)
    assert "media_missing" in codes(both)
    assert shown(both) == {"V1": "A[0,60)@10 B[100,200)@0"}
    back = applied(both, undo_patch(both, edits[0].changes).changes)
    assert "media_missing" not in codes(back)
    assert shown(back) == shown(both)


@ORDERS
@pytest.mark.parametrize(
    ("key", "value"),
    [("start", "soon"), ("start", 1e300), ("duration", -FRAME), ("duration", [1]), ("track", 7)],
)
@pytest.mark.rule("timeline-R1", "timeline-U2")
def test_nonsense_is_skipped_and_what_others_do_goes_on(
    first: int, key: str, value: object
) -> None:
    document = film(V1="A[0,100)@10 B[100,200)")
    before = document.clips["A"][key]
    edits = [
        Edit((Change("clips", "A", key, before, cast("Json", value)),)),
        edit(document, "move", clip="B", at=300 * FRAME),
    ]
    both = merged(document, edits, first)
    assert shown(both)["V1"].endswith("B[300,400)@0")
    assert "A[0,100)@10" not in shown(both)["V1"]
    back = applied(both, undo_patch(both, edits[0].changes).changes)
    assert shown(back) == {"V1": "A[0,100)@10 B[300,400)@0"}
