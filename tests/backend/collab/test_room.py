"""A room by itself: fake time, fake carriers, commits by hand."""

import asyncio

import pytest
from pycrdt import Doc, Map

from backend.collab.document import read_model
from backend.collab.live import DocumentBroken
from backend.collab.log import Entry
from backend.collab.pending import EditLost, ServerEdit
from backend.collab.scan import TooLarge
from backend.collab.wire import (
    EMPTY_UPDATE,
    Awareness,
    SyncStep1,
    SyncStep2,
    Update,
    awareness_message,
    read_state,
    step_1,
    step_2,
    update_message,
    varint,
    with_length,
)
from tests.backend.collab.fakes import FakeCarrier, Stage, meta_change, stored_of
from tests.backend.collab.updates import Writer, update
from timeline.errors import BadTimeline, EditRefused
from timeline.model import Change, Document


def updates_of(carrier: FakeCarrier) -> list[bytes]:
    return [message.update for message in carrier.messages() if isinstance(message, Update)]


def presence(client: int, clock: int, state: bytes = b"{}") -> bytes:
    return awareness_message(varint(1) + varint(client) + varint(clock) + with_length(state))


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
    assert isinstance(carrier.messages()[-1], SyncStep2)
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


@pytest.mark.rule("collab-R1")
@pytest.mark.parametrize("role", ["viewer", "commenter", "billing"])
def test_a_reader_writes_nothing_and_stays(role: str) -> None:
    stage = Stage()
    vic, carrier = stage.enter("vic", role)  # pyright: ignore[reportArgumentType]
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
    assert any(isinstance(message, Awareness) for message in carrier.messages())


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
        ann.receive(update_message(writer.clip("c1", start=number)))
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
        live.apply([Entry("mallory", circle)], several_clients=True)


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
    for clock in range(2, 12):
        ann.receive(presence(7, clock))
        stage.timers.advance(0.001)
    assert len(bea.written) == before + 1
    stage.timers.advance(0.016)
    assert len(bea.written) == before + 2


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


@pytest.mark.rule("collab-D3", "collab-D6")
async def test_a_batch_that_was_not_written_was_not_seen() -> None:
    for end in ("fenced", "uncommitted"):
        stage = Stage()
        ann, ann_carrier = stage.enter("ann", ack=True)
        _, bea = stage.enter("bea")
        ann.receive(update_message(Writer(7).clip("c1", start=0)))
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        stage.room.edit(ServerEdit("run:1", lambda _: [meta_change("name", "New")], done))
        stage.keeper.take(stage.room)
        getattr(stage.room, end)()
        stage.timers.advance(2)
        assert updates_of(bea) == []
        assert ann_carrier.acks() == []
        assert bea.close_code() == 1013
        with pytest.raises(EditLost):
            await done


@pytest.mark.rule("collab-E1", "collab-E2")
async def test_edits_of_the_server_are_computed_at_their_turn() -> None:
    stage = Stage()
    ann, carrier = stage.enter("ann")
    loop = asyncio.get_running_loop()
    ann.receive(update_message(Writer(7).clip("c1", start=4)))
    seen: list[object] = []

    def move(document: Document) -> list[Change]:
        seen.append(document.clips["c1"]["start"])
        return [Change("clips", "c1", "start", 4, 705_600_000)]

    def refuse(_: Document) -> list[Change]:
        raise EditRefused("stale", "c1")

    moved, refused, nothing, missing = (loop.create_future() for _ in range(4))
    stage.room.edit(ServerEdit("command:ann", move, moved))
    stage.room.edit(ServerEdit("command:ann", refuse, refused))
    stage.room.edit(ServerEdit("command:ann", lambda _: [], nothing))
    gone = [meta_change("name", "half"), Change("clips", "gone", "start", 0, 1)]
    stage.room.edit(ServerEdit("command:ann", lambda _: gone, missing))
    batch = stage.keeper.take(stage.room)
    assert not moved.done()
    assert not nothing.done()
    assert batch is not None
    assert [entry.actor for entry in batch.entries] == ["ann", "command:ann"]
    stage.room.committed(2)
    stage.timers.advance(0.02)
    assert (await moved, await nothing, seen) == (2, 2, [4])
    for future in (refused, missing):
        with pytest.raises(EditRefused):
            await future
    assert len(updates_of(carrier)) == 2
    document = stage.room.live.model()
    assert document.clips["c1"]["start"] == 705_600_000
    assert isinstance(document.clips["c1"]["start"], int)
    assert document.meta["name"] == "Film"


@pytest.mark.rule("collab-H3", "collab-H4", "collab-H6", "collab-H7")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Change("clips", "c", None, None, {"x:a:b": [[[[[1]]]]]}), BadTimeline),
        (Change("meta", "", "x:a:b", None, float("nan")), BadTimeline),
        (Change("meta", "", "x:a:b", None, 2**60), BadTimeline),
        (Change("meta", "", "x:a:b", None, "x" * 66_000), TooLarge),
        (Change("meta", "", "k" * 200, None, 1), TooLarge),
        (Change("clips", "c", None, None, {f"k{n}": 1 for n in range(5001)}), TooLarge),
    ],
)
async def test_the_server_keeps_to_its_own_limits(change: Change, error: type[Exception]) -> None:
    stage = Stage()
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stage.room.edit(ServerEdit("import:ann", lambda _: [meta_change("name", "half"), change], done))
    assert stage.keeper.take(stage.room) is None
    with pytest.raises(error):
        await done
    assert not stage.room.is_broken
    assert stage.room.live.model().meta["name"] == "Film"


@pytest.mark.rule("collab-H7")
async def test_the_server_makes_no_more_records_than_a_root_may_hold() -> None:
    stage = Stage()
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    many = [Change("tracks", f"t{n}", None, None, {"kind": "video"}) for n in range(500)]
    stage.room.edit(ServerEdit("import:ann", lambda _: many, done))
    stage.keeper.take(stage.room)
    with pytest.raises(TooLarge):
        await done


@pytest.mark.rule("collab-R3", "collab-E1")
async def test_edits_that_were_under_way_when_a_document_broke_run_again() -> None:
    stage = Stage()
    mallory, _ = stage.enter("mallory")
    circle = update(
        (21, 0, [b"\x88" + varint(22) + varint(0) + b"\x01\x78"]),
        (22, 0, [b"\x88" + varint(21) + varint(0) + b"\x01\x78"]),
    )
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    mallory.receive(update_message(circle))
    stage.room.edit(ServerEdit("command:ann", lambda _: [meta_change("name", "New")], done))
    assert stage.keeper.take(stage.room) is None
    assert not done.done()
    stage.room.healed(Stage().room.live, epoch=2, head=1, queued=[])
    stage.settle()
    assert await done == 2
    assert stage.room.live.model().meta["name"] == "New"


def test_an_empty_update_is_nothing() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    ann.receive(step_2(EMPTY_UPDATE))
    stage.settle()
    assert stage.keeper.batches == []
    assert stored_of().rows == ()
