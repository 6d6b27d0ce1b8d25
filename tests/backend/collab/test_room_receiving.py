"""What a room takes from its people, and what it refuses."""

import pytest
from pycrdt import Map

from backend.collab.live import DocumentBroken
from backend.collab.wire import (
    EMPTY_UPDATE,
    Awareness,
    SyncStep1,
    SyncStep2,
    step_1,
    step_2,
    update_message,
    varint,
)
from tests.backend.collab.fakes import Stage, presence, stored_of
from tests.backend.collab.updates import Writer, update


@pytest.mark.rule("collab-R1")
@pytest.mark.parametrize("role", ["viewer", "commenter", "billing"])
def test_a_reader_writes_nothing_and_stays(role: str) -> None:
    stage = Stage()
    vic, carrier = stage.enter("vic", role)  # pyright: ignore[reportArgumentType]
    _, ann = stage.enter("ann")
    assert not any(isinstance(message, SyncStep1) for message in carrier.messages())
    vic.receive(update_message(Writer(7).clip("c1", start=0)))
    vic.receive(step_2(b"rubbish"))
    stage.settle()
    assert stage.room.live.model().clips == {}
    assert stage.keeper.batches == []
    assert carrier.close_code() is None
    vic.receive(presence(7, 1))
    vic.receive(step_1(b"\x00"))
    stage.settle()
    assert any(isinstance(message, SyncStep2) for message in carrier.messages())
    assert any(isinstance(message, Awareness) for message in ann.messages())


@pytest.mark.rule("collab-R2")
def test_a_gap_is_asked_for_and_healed() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    writer = Writer(7)
    first, second = writer.clip("c1", start=0), writer.clip("c1", start=9)
    ann.receive(update_message(second))
    stage.settle()
    assert stage.keeper.batches == []
    assert sum(isinstance(message, SyncStep1) for message in carrier.messages()) == 2
    ann.receive(step_2(writer.doc.get_update()))
    stage.settle()
    assert stage.room.live.model().clips["c1"]["start"] == 9
    assert first


@pytest.mark.rule("collab-R2")
def test_a_gap_that_stays_ends_with_4400() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    writer = Writer(7)
    writer.clip("c1", start=0)
    for number in range(4):
        assert carrier.close_code() is None
        ann.receive(step_2(writer.clip("c1", start=number)))
    assert carrier.close_code() == 4400


@pytest.mark.rule("collab-R2")
def test_edits_under_way_while_a_gap_is_asked_for_are_no_fault() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    writer = Writer(7)
    writer.clip("c1", start=0)
    for number in range(40):
        ann.receive(update_message(writer.clip("c1", start=number)))
    assert sum(isinstance(message, SyncStep1) for message in carrier.messages()) == 2
    ann.receive(step_2(writer.doc.get_update()))
    ann.receive(update_message(writer.clip("c1", start=99)))
    stage.settle()
    assert carrier.close_code() is None
    assert stage.room.live.model().clips["c1"]["start"] == 99


@pytest.mark.rule("collab-R2")
def test_who_never_answers_for_a_gap_is_let_go() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    writer = Writer(7)
    writer.clip("c1", start=0)
    ann.receive(update_message(writer.clip("c1", start=1)))
    stage.timers.advance(10)
    ann.receive(update_message(writer.clip("c1", start=2)))
    assert carrier.close_code() is None
    stage.timers.advance(1)
    ann.receive(update_message(writer.clip("c1", start=3)))
    assert carrier.close_code() == 4400


@pytest.mark.rule("collab-H5")
def test_nobody_writes_in_another_persons_name() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    mallory, carrier = stage.enter("mallory")
    writer = Writer(7)
    ann.receive(update_message(writer.clip("c1", start=0)))
    stage.settle()
    mallory.receive(step_2(writer.doc.get_update()))
    stage.settle()
    assert carrier.close_code() is None
    mallory.receive(update_message(writer.clip("c1", start=1)))
    assert carrier.close_code() == 4400
    stage.settle()
    assert stage.room.live.model().clips["c1"]["start"] == 0


@pytest.mark.rule("collab-H5")
def test_a_connection_brings_sixteen_new_ids() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    for number in range(17):
        assert carrier.close_code() is None
        ann.receive(update_message(Writer(100 + number).clip(f"c{number}", start=0)))
    assert carrier.close_code() == 4400


@pytest.mark.rule("collab-H7")
def test_a_root_holds_so_many_records_and_no_more() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    writer = Writer(7)
    with writer.doc.transaction():
        sequences = writer.doc.get("sequences", type=Map)
        for number in range(200):
            sequences[f"s{number}"] = Map({"name": "x"})
    ann.receive(step_2(writer.doc.get_update()))
    assert carrier.close_code() == 4413


@pytest.mark.rule("collab-H6")
def test_a_record_holds_so_many_keys_and_no_more() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    ann.receive(update_message(Writer(7).clip("c1", **{f"k{n}": True for n in range(5001)})))
    assert carrier.close_code() == 4413


@pytest.mark.rule("collab-R3")
def test_a_document_that_breaks_names_its_suspects() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    edit = Writer(7).clip("c1", start=0)
    ann.receive(update_message(edit))
    circle = update(
        (21, 0, [b"\x88" + varint(22) + varint(0) + b"\x01\x78"]),
        (22, 0, [b"\x88" + varint(21) + varint(0) + b"\x01\x78"]),
    )
    mallory, _ = stage.enter("mallory")
    mallory.receive(update_message(circle))
    assert stage.keeper.take(stage.room) is None
    assert [queued.entry.actor for queued in stage.keeper.broken] == ["ann", "mallory"]
    assert stage.room.is_broken
    live = Stage().room.live
    live.index.add(live.scan(circle), "mallory")
    with pytest.raises(DocumentBroken):
        live.apply([circle], several_clients=True)


@pytest.mark.rule("collab-H8")
def test_who_sends_too_fast_is_paused_then_closed() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    writer = Writer(7)
    for number in range(201):
        ann.receive(update_message(writer.clip("c1", start=number)))
    assert not carrier.is_reading
    assert carrier.close_code() is None
    stage.timers.advance(0.1)
    assert carrier.is_reading
    for number in range(300):
        ann.receive(update_message(writer.clip("c1", start=number)))
    assert carrier.close_code() == 4429
    for number in range(200):
        assert stage.enter("bea")[0].person_id
        if number > 10:
            break


@pytest.mark.rule("collab-H8")
def test_a_flood_of_frames_is_closed() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    for _ in range(2000):
        ann.receive(b"\x65")
    assert carrier.close_code() == 4429


@pytest.mark.rule("collab-C5")
def test_a_raised_role_brings_in_what_was_refused() -> None:
    stage = Stage()
    vic, carrier = stage.enter("vic", "viewer")
    writer = Writer(7)
    vic.receive(update_message(writer.clip("c1", start=0)))
    admission = vic.admission
    assert admission is not None
    vic.admit(type(admission)("vic", "prj", "editor"))
    stage.room.role_changed(vic, could_write=False)
    assert isinstance(carrier.messages()[-1], SyncStep1)
    vic.receive(step_2(writer.doc.get_update()))
    stage.settle()
    assert sorted(stage.room.live.model().clips) == ["c1"]
    vic.admit(admission)
    vic.receive(update_message(writer.clip("c2", start=0)))
    stage.settle()
    assert sorted(stage.room.live.model().clips) == ["c1"]


def test_an_empty_update_is_nothing() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    ann.receive(step_2(EMPTY_UPDATE))
    stage.settle()
    assert stage.keeper.batches == []
    assert stored_of().rows == ()
