"""A snapshot takes the place of rows only where it says the same, as another process has proved."""

import multiprocessing
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from backend.collab.compact import Compactor
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Batch, Entry, Snapshot
from backend.collab.seeds import seed_entry
from backend.collab.store import SqlLog
from backend.collab.wire import EMPTY_STATE
from tests.backend.collab.server import open_log
from tests.backend.collab.updates import Writer


@pytest.fixture
async def log(tmp_path: Path) -> AsyncGenerator[SqlLog]:
    opened = open_log(tmp_path)
    opened.begin("a", [seed_entry("a", "Film", width=64, height=64, fps_num=25, fps_den=1)])
    yield opened
    opened.close()


def written(log: SqlLog, clips: int) -> tuple[int, Snapshot]:
    """Some rows, and the snapshot that stands for them."""
    writer, epoch = Writer(9), log.claim("a").epoch
    for number in range(clips):
        edit = Entry("ann", writer.clip(f"c{number}", start=number))
        log.append([Batch("a", epoch, (edit,))])
    stored = log.read("a")
    live = LiveDocument(stored, index_of(stored))
    return epoch, Snapshot(stored.head, live.update_since(EMPTY_STATE), dict(live.writers))


@pytest.mark.rule("collab-D5")
async def test_a_snapshot_that_says_something_else_takes_no_place(log: SqlLog) -> None:
    epoch, snapshot = written(log, 5)
    compactor = Compactor(log)
    for lie in (b"\x00\x00", Writer(9).clip("c0", start=99)):
        assert not await compactor.compact("a", epoch, Snapshot(snapshot.seq, lie))
    assert len(log.read("a").rows) == 6
    assert await compactor.compact("a", epoch, snapshot)
    assert log.read("a").rows == ()
    compactor.stop()


@pytest.mark.rule("collab-D5")
async def test_the_proof_runs_elsewhere_and_may_die_there(log: SqlLog) -> None:
    epoch, snapshot = written(log, 5)
    compactor = Compactor(log)
    assert not await compactor.compact("a", epoch, Snapshot(snapshot.seq, b"\x00\x00"))
    (worker,) = multiprocessing.active_children()
    assert worker.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    worker.kill()
    worker.join()
    assert not await compactor.compact("a", epoch, snapshot)
    assert len(log.read("a").rows) == 6
    assert await compactor.compact("a", epoch, snapshot)
    compactor.stop()
