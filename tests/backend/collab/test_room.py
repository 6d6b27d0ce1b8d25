"""A room by itself, who joins it and what it sends: fake time, fake carriers, commits by hand."""

import pytest
from pycrdt import Doc, Map

from backend.collab.document import read_model
from backend.collab.log import Entry
from backend.collab.wire import (
    Awareness,
    SyncStep1,
    SyncStep2,
    Update,
    read_state,
    step_1,
    update_message,
    varint,
    with_length,
)
from tests.backend.collab.fakes import Stage, presence, updates_of
from tests.backend.collab.updates import Writer


@pytest.mark.rule("collab-S1", "collab-S2")
def test_an_edit_is_seen_and_acknowledged_after_it_is_durable() -> None:
    stage = Stage()
    ann, ann_carrier = stage.enter("ann", ack=True)
    _, bea = stage.enter("bea")
    edit = Writer(7).clip("c1", start=0)
    ann.receive(update_message(edit))
    stage.timers.advance(1)
    batch = stage.keeper.take(stage.room)
    stage.timers.advance(1)
    assert updates_of(bea) == []
    assert ann_carrier.acks() == []
    stage.room.committed(2)
    stage.timers.advance(0.02)
    assert batch is not None
    assert batch.entries == (Entry("ann", edit),)
    assert updates_of(bea) == [edit]
    assert updates_of(ann_carrier) == [edit]
    assert read_state(ann_carrier.acks()[0])[7] == 2
    assert bea.acks() == []


@pytest.mark.rule("collab-S5")
def test_presence_that_one_alone_has_told_is_not_sent_back() -> None:
    stage = Stage()
    ann, ann_carrier = stage.enter("ann")
    bea, bea_carrier = stage.enter("bea")
    before = len(ann_carrier.written)
    ann.receive(presence(7, 1))
    stage.timers.advance(0.02)
    assert len(ann_carrier.written) == before
    assert isinstance(bea_carrier.messages()[-1], Awareness)
    bea.receive(presence(8, 1))
    ann.receive(presence(7, 2))
    stage.timers.advance(0.02)
    assert ann_carrier.messages()[-1] == bea_carrier.messages()[-1]
    edit = Writer(7).clip("c1", start=0)
    ann.receive(update_message(edit))
    stage.settle()
    assert updates_of(ann_carrier) == updates_of(bea_carrier) == [edit]


@pytest.mark.rule("collab-S2")
def test_who_asks_for_acks_gets_one_after_the_join() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann", ack=True)
    ann.receive(step_1(b"\x00"))
    assert len(carrier.acks()) == 1


@pytest.mark.rule("collab-J1")
def test_a_join_gets_all_that_is_committed_and_nothing_else() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    writer = Writer(7)
    ann.receive(update_message(writer.clip("c1", start=0)))
    stage.settle()
    ann.receive(update_message(writer.clip("c2", start=5)))
    stage.keeper.take(stage.room)
    bea, carrier = stage.enter("bea")
    assert isinstance(carrier.messages()[0], SyncStep1)
    bea.receive(step_1(b"\x00"))
    assert not any(isinstance(message, SyncStep2) for message in carrier.messages())
    stage.room.committed(3)
    assert any(isinstance(message, SyncStep2) for message in carrier.messages())
    doc: Doc[Map[object]] = Doc()
    for message in carrier.messages():
        if isinstance(message, SyncStep2 | Update):
            doc.apply_update(message.update)
    assert sorted(read_model(doc).clips) == ["c1", "c2"]


@pytest.mark.rule("collab-J1")
def test_later_joins_share_a_snapshot_and_get_what_came_since() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    writer = Writer(7)
    for number in range(40):
        ann.receive(update_message(writer.clip(f"c{number}", start=number)))
        stage.settle()
        if number % 10 == 0:
            late, carrier = stage.enter(f"late-{number}")
            late.receive(step_1(b"\x00"))
            doc: Doc[Map[object]] = Doc()
            for message in carrier.messages():
                if isinstance(message, SyncStep2 | Update):
                    doc.apply_update(message.update)
            assert len(read_model(doc).clips) == number + 1


@pytest.mark.rule("collab-J4")
def test_there_is_a_limit_of_sockets_of_one_person() -> None:
    stage = Stage()
    for _ in range(20):
        assert stage.enter("ann")[1].close_code() is None
    assert stage.enter("ann")[1].close_code() == 1013
    assert stage.enter("bea")[1].close_code() is None


@pytest.mark.rule("collab-S4")
def test_the_first_change_goes_at_once_and_then_one_write_a_tick() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    _, bea = stage.enter("bea")
    stage.timers.advance(1)
    before = len(bea.written)
    ann.receive(presence(7, 1))
    stage.timers.advance(0)
    assert len(bea.written) == before + 1
    for clock in range(2, 34):  # for two ticks
        ann.receive(presence(7, clock))
        stage.timers.advance(0.001)
    assert len(bea.written) == before + 1 + 2
    stage.timers.advance(1)
    ann.receive(presence(7, 34))
    stage.timers.advance(0)
    assert len(bea.written) == before + 1 + 3 + 1


@pytest.mark.rule("collab-S3")
def test_a_reader_that_stops_is_let_go_and_costs_no_more() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    _, slow = stage.enter("slow")
    _, quick = stage.enter("quick")
    slow.stuck = True
    writer = Writer(7)
    for number in range(60):
        ann.receive(update_message(writer.clip(f"c{number}", text="x" * 40_000)))
        stage.settle()
        stage.timers.advance(1)
        if slow.close_code():
            break
    assert slow.close_code() == 1013
    assert slow.held_bytes < 1_048_576 + 300_000
    assert slow.ended == "aborted"
    assert len(updates_of(quick)) == len(stage.keeper.batches)


@pytest.mark.rule("collab-S3")
def test_a_reader_behind_gets_no_presence_and_later_the_table() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    _, slow = stage.enter("slow")
    slow.held_bytes = 300_000
    ann.receive(presence(7, 1))
    ann.receive(update_message(Writer(7).clip("c1", start=0)))
    stage.settle()
    assert not any(isinstance(message, Awareness) for message in slow.messages())
    assert len(updates_of(slow)) == 1
    slow.held_bytes = 0
    ann.receive(presence(9, 1, b'{"new": 1}'))
    stage.settle()
    table = [message for message in slow.messages() if isinstance(message, Awareness)][-1]
    assert table.entries[0] == 2


@pytest.mark.rule("collab-S3", "collab-W7")
def test_a_join_that_stops_in_the_middle_is_let_go() -> None:
    writer = Writer(7)
    big = writer.clip("c1", **{f"k{n}": "x" * 60_000 for n in range(20)})
    stage = Stage(Entry("ann", big))
    late, carrier = stage.enter("late")
    carrier.stuck = True
    late.receive(step_1(b"\x00"))
    assert carrier.held_bytes < 600_000
    assert carrier.close_code() is None
    stage.timers.advance(11)
    stage.room.keep_awake(15)
    assert b"".join(carrier.written).endswith(b"too slow")


@pytest.mark.rule("collab-J1", "collab-W7")
def test_a_long_join_goes_in_pieces_and_in_order() -> None:
    writer = Writer(7)
    big = writer.clip("c1", **{f"k{n}": "x" * 60_000 for n in range(20)})
    stage = Stage(Entry("ann", big))
    late, carrier = stage.enter("late")
    ann, _ = stage.enter("ann")
    carrier.stuck = True
    late.receive(step_1(b"\x00"))
    ann.receive(update_message(writer.clip("c2", start=1)))
    stage.settle()
    carrier.held_bytes, carrier.stuck = 0, False
    late.drain()
    doc: Doc[Map[object]] = Doc()
    for message in carrier.messages():
        if isinstance(message, SyncStep2 | Update):
            doc.apply_update(message.update)
    assert sorted(read_model(doc).clips) == ["c1", "c2"]


@pytest.mark.rule("collab-W6")
def test_a_quiet_socket_hears_that_we_are_here() -> None:
    stage = Stage()
    _, carrier = stage.enter("ann")
    stage.timers.advance(14)
    before = len(carrier.written)
    stage.room.keep_awake(15)
    assert len(carrier.written) == before
    stage.timers.advance(1)
    stage.room.keep_awake(15)
    assert carrier.messages()[-1] == Awareness(b"\x00")


@pytest.mark.rule("collab-A4", "collab-A7")
def test_presence_of_a_room() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    ann.receive(presence(7, 1, b'{"a": 1}'))
    stage.settle()
    bea, carrier = stage.enter("bea")
    assert any(isinstance(message, Awareness) for message in carrier.messages())
    bea.receive(b"\x03")
    assert isinstance(carrier.messages()[-1], Awareness)
    ann.lost()
    stage.timers.advance(0.02)
    last = carrier.messages()[-1]
    assert last == Awareness(varint(1) + varint(7) + varint(2) + with_length(b"null"))
    assert stage.keeper.emptied == 0
