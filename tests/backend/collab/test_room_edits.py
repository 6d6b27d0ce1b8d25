"""A room and its log: batches that were not written, edits of the server."""

import asyncio

import pytest

from backend.collab.pending import EditLost, ServerEdit
from backend.collab.scan import TooLarge
from backend.collab.wire import (
    update_message,
    varint,
)
from tests.backend.collab.fakes import (
    Stage,
    meta_change,
    updates_of,
)
from tests.backend.collab.updates import Writer, update
from timeline.errors import BadTimeline, EditRefused
from timeline.model import Change, Document


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
