"""The contract of the log, on real databases and a real folder."""

import zlib
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, update

from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Batch, Entry, NoDocument, Snapshot, UpdateLog
from backend.collab.seeds import seed_entry
from backend.collab.store import SqlLog, states_to_forget
from backend.collab.tables import CollabLogRow
from backend.collab.wire import EMPTY_STATE
from tests.backend.collab.server import open_log
from tests.backend.collab.updates import Writer

SEED = Entry("server:seed", b"\x00\x00")


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[SqlLog]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    opened = open_log(tmp_path, url)
    yield opened
    opened.close()


def append(log: UpdateLog, project: str, epoch: int, *updates: bytes) -> int | None:
    return log.append([Batch(project, epoch, tuple(Entry("ann", one) for one in updates))])[0]


def test_what_was_never_begun_is_not_there(log: SqlLog) -> None:
    with pytest.raises(NoDocument):
        log.claim("prj")
    with pytest.raises(NoDocument):
        log.read("prj")


@pytest.mark.rule("collab-D2")
def test_numbers_have_no_hole_and_rows_come_back_in_order(log: SqlLog) -> None:
    log.begin("a", [SEED])
    log.begin("a", [SEED])
    log.begin("b", [SEED])
    first, second = log.claim("a"), log.claim("b")
    one = Batch("a", first.epoch, (Entry("ann", b"1"), Entry("bea", b"2")))
    other = Batch("b", second.epoch, (Entry("ann", b"3"),))
    assert log.append([one, other]) == [2, 2]
    assert append(log, "a", first.epoch, b"4") == 3
    stored = log.read("a")
    assert [row.seq for row in stored.rows] == [1, 2, 3]
    assert stored.rows[1].entries == (Entry("ann", b"1"), Entry("bea", b"2"))
    assert stored.is_whole
    assert [row.seq for row in log.read("a", 2).rows] == [1, 2]


@pytest.mark.rule("collab-D3")
def test_who_lost_the_document_writes_nothing(log: SqlLog) -> None:
    log.begin("a", [SEED])
    old = log.claim("a")
    new = log.claim("a")
    assert append(log, "a", old.epoch, b"lost") is None
    assert append(log, "a", new.epoch, b"kept") == 2
    assert [row.seq for row in log.read("a").rows] == [1, 2]


def change(log: SqlLog, statement: object) -> None:
    engine = create_engine(log.url)
    with engine.begin() as connection:
        connection.execute(statement)  # pyright: ignore[reportCallIssue, reportArgumentType]
    engine.dispose()


@pytest.mark.rule("collab-D4")
@pytest.mark.parametrize("damage", ["flipped", "missing", "nonsense"])
def test_a_damaged_row_is_set_aside(log: SqlLog, damage: str) -> None:
    writer = Writer(9)
    log.begin("a", [seed_entry("a", "Film", width=64, height=64, fps_num=25, fps_den=1)])
    epoch = log.claim("a").epoch
    for number in range(4):
        append(log, "a", epoch, writer.clip(f"c{number}", start=number))
    third = (CollabLogRow.project_id == "a") & (CollabLogRow.seq == 3)
    match damage:
        case "missing":
            change(log, delete(CollabLogRow).where(third))
        case "nonsense":
            raw = b"\xff\xff"
            change(
                log, update(CollabLogRow).where(third).values(entries=raw, crc32=zlib.crc32(raw))
            )
        case _:
            change(log, update(CollabLogRow).where(third).values(entries=b"flipped"))
    stored = log.claim("a")
    assert not stored.is_whole
    live = LiveDocument(stored, index_of(stored))
    assert sorted(live.model().clips) == ["c0"]
    heal = writer.doc.get_update(live.state())
    found = live.judge(live.scan(heal), len(heal), "ann", set())
    assert found is not None
    live.apply([heal], several_clients=True)
    assert sorted(live.model().clips) == ["c0", "c1", "c2", "c3"]


@pytest.mark.rule("collab-D5")
def test_compaction_changes_nothing_that_is_read(log: SqlLog) -> None:
    writer = Writer(9)
    log.begin("a", [seed_entry("a", "Film", width=64, height=64, fps_num=25, fps_den=1)])
    epoch = log.claim("a").epoch
    for number in range(30):
        append(log, "a", epoch, writer.clip(f"c{number % 5}", start=number))
        if number in (9, 19):
            stored = log.read("a")
            live = LiveDocument(stored, index_of(stored))
            snapshot = Snapshot(stored.head, live.update_since(EMPTY_STATE), dict(live.writers))
            assert log.compact("a", epoch, snapshot)
    stored = log.read("a")
    assert stored.snapshot is not None
    assert stored.snapshot.seq == 21
    assert stored.snapshot.writers[9] == "ann"
    assert stored.is_whole
    assert len(stored.rows) == 10
    now = LiveDocument(stored, index_of(stored))
    assert now.model().clips["c4"]["start"] == 29
    assert now.writers[9] == "ann"
    for seq, start in ((7, 5), (11, 9), (15, 13), (25, 23)):
        then = log.read("a", seq)
        assert then.is_whole
        clips = LiveDocument(then, index_of(then)).model().clips
        assert clips[f"c{start % 5}"]["start"] == start


@pytest.mark.rule("collab-D5")
def test_an_unreadable_snapshot_falls_back_on_the_history(log: SqlLog, tmp_path: Path) -> None:
    writer = Writer(9)
    log.begin("a", [seed_entry("a", "Film", width=64, height=64, fps_num=25, fps_den=1)])
    epoch = log.claim("a").epoch
    for number in range(6):
        append(log, "a", epoch, writer.clip("c", start=number))
    stored = log.read("a")
    live = LiveDocument(stored, index_of(stored))
    log.compact("a", epoch, Snapshot(stored.head, live.update_since(EMPTY_STATE), {}))
    (state,) = (tmp_path / "objects").rglob("*-state-*")
    state.chmod(0o600)
    state.write_bytes(b"damaged")
    again = log.claim("a")
    assert again.snapshot is None
    assert not again.is_whole
    assert LiveDocument(again, index_of(again)).model().clips["c"]["start"] == 5
    assert not log.compact("a", epoch, Snapshot(again.head, b"\x00\x00", {}))


@pytest.mark.rule("collab-D3", "collab-D5")
def test_a_former_owner_compacts_nothing(log: SqlLog) -> None:
    log.begin("a", [SEED])
    old = log.claim("a")
    log.claim("a")
    assert not log.compact("a", old.epoch, Snapshot(1, b"\x00\x00", {}))
    assert len(log.read("a").rows) == 1


@pytest.mark.rule("collab-D7")
def test_two_seeders_write_the_same_bytes() -> None:
    first, second = (
        seed_entry("prj_1", "Film", width=1920, height=1080, fps_num=30, fps_den=1) for _ in "ab"
    )
    assert first == second


@pytest.mark.rule("collab-D5")
def test_two_new_states_and_one_of_each_5000_rows_stay() -> None:
    kept: list[int] = []
    for seq in range(1000, 23_500, 700):
        kept.insert(0, seq)
        forgotten = states_to_forget(kept)
        kept = [one for one in kept if one not in forgotten]
    assert kept == [23_400, 22_700, 22_000, 19_900, 14_300, 9_400, 4_500]
