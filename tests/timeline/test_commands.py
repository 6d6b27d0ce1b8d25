"""Commands as programs send them: checked arguments, one transaction, refusals with code and id."""

from dataclasses import replace
from typing import Any

import pytest

from tests.films import FRAME, Ids, assets, command, film, shown
from timeline.commands import (
    COMMANDS_MAX,
    OPERATIONS,
    check_expected,
    is_server_command,
    run_command,
    run_commands,
)
from timeline.diagnostics import Findings
from timeline.errors import EditRefused
from timeline.model import Document, applied, document_json
from timeline.resolve import resolve
from timeline.seed import seed_document
from timeline.seen import live

FACTS = assets(a=300, b=300, c=100)
FILM = film(V1="A[0,100)@10 B[100,200)@10", A1="AS[0,100)@10")


def refusal(document: Document, *commands: dict[str, Any]) -> EditRefused:
    with pytest.raises(EditRefused) as refused:
        run_commands(document, FACTS, commands, Ids())
    return refused.value


@pytest.mark.rule("timeline-E3")
def test_commands_of_one_transaction_see_each_other() -> None:
    edit = run_commands(
        FILM,
        FACTS,
        [command("split", at=50 * FRAME, track="V1"), command("lift", clips=["n1"])],
        Ids(),
    )
    assert shown(applied(FILM, edit.changes))["V1"] == "A[0,50)@10 B[100,200)@10"
    assert [change.id for change in edit.changes] == ["A"]


@pytest.mark.rule("timeline-E3")
def test_one_refused_command_refuses_all() -> None:
    refused = refusal(FILM, command("lift", clips=["A"]), command("lift", clips=["A"]))
    assert (refused.code, refused.record_id) == ("not_found", "A")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"op": None}, "op"),
    ({"op": ["trim"]}, "op"),
    ({"op": "trim", "edge": "tail", "by": 1}, "clips"),
    ({"op": "trim", "clip": 7, "edge": "tail", "by": 1}, "clip"),
    ({"op": "trim", "clip": "A", "edge": "tail"}, "by"),
    ({"op": "trim", "clip": "A", "edge": "tail", "by": True}, "by"),
    ({"op": "trim", "clip": "A", "edge": "tail", "by": 1 << 60}, "by"),
    ({"op": "trim", "clip": "A", "edge": "tail", "by": 1, "linked": "no"}, "linked"),
    ({"op": "split", "at": -1}, "at"),
    ({"op": "lift", "clips": "A"}, "clips"),
    ({"op": "lift", "range": {"start": 0}}, "range"),
    ({"op": "lift", "range": {"start": 0, "duration": 0}}, "range"),
    ({"op": "extract", "range": {"start": 0, "duration": 9}}, "track"),
    ({"op": "move", "clips": ["A"]}, "at"),
    ({"op": "move", "clips": ["A"], "at": 0, "by": 0}, "by"),
    ({"op": "move", "clips": ["A"], "at": 0, "mode": "shove"}, "mode"),
    ({"op": "set_speed", "clip": "A", "speed": [1, 1_000_000]}, "speed"),
    ({"op": "set_speed", "clip": "A", "speed": 2}, "speed"),
    ({"op": "set", "map": "planets", "id": "A", "values": {}}, "map"),
    ({"op": "set", "map": "clips", "id": "A", "values": {"start": -1}}, "start"),
    ({"op": "set", "map": "clips", "id": "A", "values": {"kf:x:k": [0]}}, "kf:x:k"),
    ({"op": "add_track", "kind": "smell"}, "kind"),
    ({"op": "overwrite", "track": "V1", "asset": "a", "at": 9, "end": 9}, "end"),
    ({"op": "fit_to_fill", "track": "V1", "asset": "a", "at": 0, "end": 9}, "source_out"),
    ({"op": "land_scenes", "run": "r", "scenes": []}, "scenes"),
    ({"op": "land_scenes", "run": "r", "scenes": [{"asset": "a"}]}, "key"),
    ({"op": "land_scenes", "run": "r", "at": "start", "scenes": [{}]}, "at"),
    ({"op": "undo", "changes": [{"map": "clips"}]}, "changes"),
    ({"op": "replace_document", "document": {"clips": []}}, "document"),
]


@pytest.mark.rule("timeline-E11")
@pytest.mark.parametrize(("wrong", "name"), WRONG)
def test_a_wrong_argument_is_named(wrong: dict[str, Any], name: str) -> None:
    refused = refusal(FILM, wrong)
    assert (refused.code, refused.record_id) == ("bad_argument", name)


@pytest.mark.rule("timeline-E11")
def test_too_many_commands_are_refused() -> None:
    refused = refusal(FILM, *[command("lift", clips=["A"])] * (COMMANDS_MAX + 1))
    assert refused.record_id == "commands"


@pytest.mark.rule("timeline-E26")
def test_a_command_may_say_what_it_expects() -> None:
    check_expected(FILM, {"clips/A/start": 0, "clips/A/opacity": None, "meta/main_sequence": "seq"})
    for stale, where in (({"clips/A/start": 1}, "A"), ({"meta/name": "x"}, "")):
        with pytest.raises(EditRefused) as refused:
            check_expected(FILM, stale)
        assert (refused.value.code, refused.value.record_id) == ("stale", where)
    with pytest.raises(EditRefused) as refused:
        check_expected(FILM, {"nonsense": 1})
    assert refused.value.code == "bad_argument"


@pytest.mark.rule("timeline-E9")
def test_edits_that_move_what_they_do_not_name_are_for_the_server() -> None:
    theirs = {name for name in OPERATIONS if not is_server_command({"op": name})}
    assert {"trim", "roll", "slip", "slide", "split", "overwrite", "set", "move"} <= theirs
    assert theirs.isdisjoint({"ripple", "insert", "swap", "nest", "land_scenes", "undo", "append"})
    assert is_server_command({"op": "move", "mode": "insert"})
    assert is_server_command({"op": "set_speed", "ripple": True})
    assert is_server_command({"op": "add_transition", "make_handles": True})


@pytest.mark.rule("timeline-E25")
def test_a_replaced_document_shows_what_the_new_one_shows() -> None:
    then = replace(film(V1="B[0,50)@5 D[50,60)", A1="E[0,10)"), meta={"name": "Then"})
    edit = run_command(
        FILM, FACTS, {"op": "replace_document", "document": document_json(then)}, Ids()
    )
    after = applied(FILM, edit.changes)
    assert shown(after) == shown(then)
    assert not live(after.clips["A"])
    assert after.meta["name"] == "Then"
    restored = run_command(after, FACTS, {"op": "restore", "document": document_json(FILM)}, Ids())
    assert shown(applied(after, restored.changes)) == shown(FILM)


@pytest.mark.rule("timeline-E27")
def test_a_seeded_document_is_empty_and_sound() -> None:
    document = seed_document("New", width=1280, height=720, fps_num=25, fps_den=1, new_id=Ids())
    resolved = resolve(document, {})
    view = resolved.sequences[resolved.sequence]
    assert [(item.code, item.level) for item in resolved.diagnostics] == [
        ("empty_timeline", "fatal")
    ]
    assert [document.tracks[track.id]["name"] for track in view.tracks] == ["V1", "V2", "A1", "A2"]
    assert (view.width, view.height, view.fps_num, view.fps_den) == (1280, 720, 25, 1)
    assert document.meta["name"] == "New"


@pytest.mark.rule("timeline-E12")
def test_scenes_landed_into_a_seeded_document_make_a_film_without_warnings() -> None:
    document = seed_document("New", width=1280, height=720, fps_num=30, fps_den=1, new_id=Ids())
    ids = Ids([f"x{number}" for number in range(99)])
    scenes: list[Any] = [{"key": f"s{n}", "asset": "c", "narration": "a"} for n in range(3)]
    edit = run_command(document, FACTS, {"op": "land_scenes", "run": "r", "scenes": scenes}, ids)
    resolved = resolve(applied(document, edit.changes), FACTS)
    assert resolved.diagnostics == Findings().diagnostics()
    assert resolved.duration == 300 * FRAME
