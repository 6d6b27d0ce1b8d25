"""Rooms that come and go leave nothing behind."""

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc

from backend.collab.commit import GroupCommit
from backend.collab.log import Entry
from backend.collab.room import Room
from backend.collab.rooms import Rooms, RoomsSettings
from backend.collab.socket import Admission, Connection
from backend.collab.wire import step_1, update_message
from kit.background import Background
from kit.clock import SystemClock
from tests.backend.collab.fakes import FakeCarrier, until
from tests.backend.collab.server import open_log
from tests.backend.collab.updates import Writer

GROWTH_MAX = 1.05


def clips(count: int) -> bytes:
    writer = Writer(5)
    for number in range(count):
        writer.clip(f"clip_{number}", **{f"key_{key}": number * key for key in range(13)})
    return writer.doc.get_update()


@asynccontextmanager
async def opened(folder: Path, update: bytes) -> AsyncGenerator[Rooms]:
    log = open_log(folder)
    log.begin("prj", [Entry("import:test", update)])
    background, commit = Background(), GroupCommit(log, SystemClock())
    loop = asyncio.get_running_loop()
    rooms = Rooms(log, commit, background, loop, RoomsSettings(grace_seconds=0.0))
    yield rooms
    await rooms.stop()
    await background.stop()
    commit.stop()
    log.close()


async def cycle(rooms: Rooms, number: int) -> "weakref.ref[Room]":
    """Somebody comes, edits and leaves; the room is let go."""
    connection = Connection(FakeCarrier(), asyncio.get_running_loop())
    connection.admit(Admission("ann", "prj", "editor"))
    await rooms.enter("prj", connection)
    room = rooms.loaded("prj")
    assert room is not None
    connection.receive(step_1(b"\x00"))
    connection.receive(update_message(Writer(1000 + number).clip("clip_0", key_1=number)))
    gone = weakref.ref(room)
    del room
    await until(lambda: (room := gone()) is None or room.is_flushed)
    connection.lost()
    await until(lambda: rooms.loaded("prj") is None)
    return gone


def documents_alive() -> int:
    """Of pycrdt, which a forgotten subscription would keep for ever."""
    gc.collect()
    return sum(isinstance(one, Doc) for one in gc.get_objects())


def resident_kb() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.rule("collab-J3")
async def test_a_room_that_is_let_go_is_gone(tmp_path: Path) -> None:
    async with opened(tmp_path, clips(20)) as rooms:
        before = len(asyncio.all_tasks())
        documents = documents_alive()
        gone: list[Any] = [await cycle(rooms, number) for number in range(30)]
        await asyncio.sleep(0)
        gc.collect()
        assert [number for number, one in enumerate(gone[:-1]) if one() is not None] == []
        assert (
            documents_alive() <= documents + 1
        )  # of the last room, which its timer may still know
        await until(lambda: len(asyncio.all_tasks()) <= before)


@pytest.mark.nightly
@pytest.mark.rule("collab-J3")
async def test_a_thousand_loads_and_unloads_do_not_grow(tmp_path: Path) -> None:
    async with opened(tmp_path, clips(5000)) as rooms:
        for number in range(100):
            await cycle(rooms, number)
        settled = resident_kb()
        for number in range(100, 1000):
            await cycle(rooms, number)
        assert resident_kb() < settled * GROWTH_MAX
