"""Rooms of a process: loading once, letting go, healing, failing. Real log, fake carriers."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backend.collab.commit import GroupCommit
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Batch, Entry, LogAway, NoDocument, Snapshot, Stored, UpdateLog
from backend.collab.pending import EditLost
from backend.collab.room import Room, RoomSettings
from backend.collab.rooms import Rooms, RoomsSettings
from backend.collab.seeds import seed_entry
from backend.collab.socket import Admission, Connection
from backend.collab.wire import Update, step_1, update_message, varint
from kit.background import Background
from kit.clock import SystemClock
from tests.backend.collab.fakes import FakeCarrier, meta_change, until
from tests.backend.collab.server import open_log
from tests.backend.collab.updates import Writer, update


class FaultyLog:
    """A log that counts loads, and fails as often as it is told."""

    def __init__(self, inner: UpdateLog) -> None:
        self._inner = inner
        self.claims = 0
        self.claims_failing = 0
        self.appends_failing = 0

    def begin(self, project_id: str, entries: Sequence[Entry]) -> None:
        self._inner.begin(project_id, entries)

    def claim(self, project_id: str) -> Stored:
        self.claims += 1
        if self.claims_failing:
            self.claims_failing -= 1
            raise LogAway("told to")
        return self._inner.claim(project_id)

    def release(self, project_id: str, epoch: int) -> None:
        self._inner.release(project_id, epoch)

    def append(self, batches: Sequence[Batch]) -> list[int | None]:
        if self.appends_failing:
            self.appends_failing -= 1
            raise LogAway("told to")
        return self._inner.append(batches)

    def read(self, project_id: str, up_to: int | None = None) -> Stored:
        return self._inner.read(project_id, up_to)

    def compact(self, project_id: str, epoch: int, snapshot: Snapshot) -> bool:
        return self._inner.compact(project_id, epoch, snapshot)


class House:
    def __init__(self, rooms: Rooms, log: FaultyLog, commit: GroupCommit) -> None:
        self.rooms = rooms
        self.commit = commit
        self.log = log

    async def enter(self, person: str, *, ack: bool = False) -> tuple[Connection, FakeCarrier]:
        carrier = FakeCarrier()
        connection = Connection(carrier, asyncio.get_running_loop(), wants_ack=ack)
        connection.admit(Admission(person, "prj", "editor"))
        await self.rooms.enter("prj", connection)
        return connection, carrier

    def room(self) -> Room:
        room = self.rooms.loaded("prj")
        if room is None:
            raise AssertionError("not loaded")
        return room

    async def settle(self) -> None:
        await until(lambda: self.room().is_flushed)


@asynccontextmanager
async def house(folder: Path, grace_seconds: float = 30) -> AsyncGenerator[House]:
    inner = open_log(folder)
    inner.begin("prj", [seed_entry("prj", "Film", width=64, height=64, fps_num=25, fps_den=1)])
    log = FaultyLog(inner)
    background = Background()
    commit = GroupCommit(log, SystemClock())
    settings = RoomsSettings(RoomSettings(tick_seconds=0.005), grace_seconds=grace_seconds)
    rooms = Rooms(log, commit, background, asyncio.get_running_loop(), settings)
    yield House(rooms, log, commit)
    await rooms.stop()
    await background.stop()
    commit.stop()
    inner.close()


@pytest.mark.rule("collab-J2")
async def test_a_hundred_who_join_at_once_load_once(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        entered = await asyncio.gather(*[home.enter(f"p{n}") for n in range(100)])
        assert home.log.claims == 1
        assert len(home.room().connections) == 100
        for connection, carrier in entered:
            connection.receive(step_1(b"\x00"))
            assert len(carrier.messages()) >= 3


@pytest.mark.rule("collab-J2")
async def test_a_load_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.log.claims_failing = 1
        results = await asyncio.gather(
            *[home.enter(f"p{n}") for n in range(10)], return_exceptions=True
        )
        assert all(isinstance(result, LogAway) for result in results)
        await home.enter("ann")
        assert home.log.claims == 2
        with pytest.raises(NoDocument):
            await home.rooms.enter("prj_other", (await home.enter("bea"))[0])


@pytest.mark.rule("collab-J3")
async def test_grace_keeps_a_room_and_then_lets_it_go(tmp_path: Path) -> None:
    async with house(tmp_path, grace_seconds=0.1) as home:
        ann, _ = await home.enter("ann")
        room = home.room()
        ann.receive(update_message(Writer(7).clip("c1", start=0)))
        ann.lost()
        await asyncio.sleep(0.02)
        bea, _ = await home.enter("bea")
        assert home.room() is room
        bea.lost()
        await until(lambda: home.rooms.loaded("prj") is None)
        await home.enter("cem")
        assert home.room() is not room
        assert "c1" in home.room().live.model().clips
        assert home.log.claims == 2


@pytest.mark.rule("collab-J3", "collab-D2")
async def test_people_who_come_and_go_lose_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, grace_seconds=0.0) as home:
        writers = [Writer(100 + number) for number in range(6)]
        numbers = itertools.count()

        async def person(number: int) -> None:
            for turn in range(4):
                connection, _ = await home.enter(f"p{number}")
                writer = writers[number]
                edit = writer.clip(f"c{next(numbers)}", start=turn)
                connection.receive(update_message(edit))
                await asyncio.sleep(0.001 * ((number + turn) % 4))
                connection.lost()
                await asyncio.sleep(0.003)

        for _ in range(2):
            await asyncio.gather(*[person(number) for number in range(6)])
            await until(lambda: home.rooms.loaded("prj") is None)
        await home.enter("last")
        await home.settle()
        assert len(home.room().live.model().clips) == 48
        assert home.log.claims >= 3


@pytest.mark.rule("collab-R3")
async def test_a_broken_document_is_healed_without_its_breaker(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ann, ann_carrier = await home.enter("ann", ack=True)
        mallory, mallory_carrier = await home.enter("mallory")
        writer = Writer(7)
        circle = update(
            (21, 0, [b"\x88" + varint(22) + varint(0) + b"\x01\x78"]),
            (22, 0, [b"\x88" + varint(21) + varint(0) + b"\x01\x78"]),
        )
        ann.receive(update_message(writer.clip("c1", start=0)))
        mallory.receive(update_message(circle))
        ann.receive(update_message(writer.clip("c2", start=0)))
        await home.settle()
        await asyncio.sleep(0.05)
        assert mallory_carrier.close_code() == 4400
        assert ann_carrier.close_code() is None
        assert sorted(home.room().live.model().clips) == ["c1", "c2"]
        ann.receive(update_message(writer.clip("c3", start=0)))
        await home.settle()
        assert [row.seq for row in home.log.read("prj").rows] == [1, 2, 3]


@pytest.mark.rule("collab-D6", "collab-S1")
async def test_a_commit_is_tried_again(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ann, _ = await home.enter("ann")
        _, bea = await home.enter("bea")
        home.log.appends_failing = 2
        ann.receive(update_message(Writer(7).clip("c1", start=0)))
        await asyncio.sleep(0.1)
        assert not any(isinstance(message, Update) for message in bea.messages())
        await home.settle()
        await asyncio.sleep(0.05)
        assert any(isinstance(message, Update) for message in bea.messages())


@pytest.mark.rule("collab-R4")
@pytest.mark.parametrize("when", ["take", "committed"])
async def test_a_fault_of_one_room_touches_no_other(tmp_path: Path, when: str) -> None:
    class Faulty:
        def __init__(self) -> None:
            self.ended = 0

        def take(self) -> Batch | None:
            if when == "take":
                raise RuntimeError("told to")
            return Batch("prj", 0, (Entry("ann", b"\x00\x00"),))

        def committed(self, seq: int) -> None:
            raise RuntimeError(f"told to at {seq}")

        def fenced(self) -> None:
            self.committed(0)

        def uncommitted(self) -> None:
            self.ended += 1

    async with house(tmp_path) as home:
        faulty = Faulty()
        home.commit.wants(faulty)
        ann, carrier = await home.enter("ann")
        ann.receive(update_message(Writer(7).clip("c1", start=0)))
        await home.settle()
        await until(lambda: faulty.ended)
        assert carrier.close_code() is None
        assert sorted(home.room().live.model().clips) == ["c1"]


@pytest.mark.rule("collab-D3")
async def test_a_room_that_lost_its_document_ends_and_comes_back(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ann, carrier = await home.enter("ann")
        home.log.claim("prj")
        ann.receive(update_message(Writer(7).clip("c1", start=0)))
        await until(lambda: carrier.close_code() is not None)
        assert carrier.close_code() == 1013
        await home.enter("ann")
        assert home.room().live.model().clips == {}


@pytest.mark.rule("collab-D5")
async def test_a_long_log_is_compacted_when_a_room_is_let_go(tmp_path: Path) -> None:
    async with house(tmp_path, grace_seconds=0.0) as home:
        for number in range(210):
            await home.rooms.edit("prj", lambda _, n=number: [meta_change("name", f"n{n}")], "test")
        await until(lambda: home.log.read("prj").snapshot is not None)
        stored = home.log.read("prj")
        assert len(stored.rows) < 20
        assert stored.is_whole
        await home.enter("ann")
        assert home.room().live.model().meta["name"] == "n209"


@pytest.mark.rule("collab-D5")
async def test_an_open_room_is_compacted_while_people_edit(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ann, _ = await home.enter("ann")
        writer = Writer(7)
        for number in range(24):
            ann.receive(update_message(writer.clip(f"c{number}", text="x" * 50_000)))
            await home.settle()
        await until(lambda: home.log.read("prj").snapshot is not None)
        ann.receive(update_message(writer.clip("c0", text="after")))
        await home.settle()
        stored = home.log.read("prj")
        assert stored.is_whole
        assert len(stored.rows) < 10
        live = LiveDocument(stored, index_of(stored))
        assert live.model() == home.room().live.model()
        assert live.writers[7] == "ann"


@pytest.mark.rule("collab-W6")
async def test_the_sweep_pings_the_silent_and_drops_the_dead(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        silent, silent_carrier = await home.enter("ann")
        dead, dead_carrier = await home.enter("bea")
        silent.last_heard -= 21
        dead.last_heard -= 41
        home.rooms.sweep_once()
        assert any(opcode == 9 for opcode, _ in silent_carrier.frames())
        assert dead_carrier.ended == "aborted"
        assert list(home.room().connections) == [silent]


@pytest.mark.rule("collab-W5")
async def test_who_comes_during_a_stop_is_sent_away(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.enter("ann")
        await home.rooms.stop()
        with pytest.raises(EditLost):
            await home.enter("bea")
