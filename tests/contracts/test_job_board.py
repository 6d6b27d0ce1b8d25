"""What every job board promises [operations-W2 to W5, W8], run against each of them.

A board is tried through a `Desk`: how to order an export, cancel it, see how it stands, and move
the board's clock.
"""

import threading
from collections.abc import Generator
from pathlib import Path
from typing import Protocol

import pytest

from exporter.memory_board import LEASE_SECONDS, MemoryBoard
from kit.clock import ManualClock
from tests.backend.sql_desk import SqlDesk
from tests.backend.support import empty_database, migrated_database
from timeline.jobs import (
    ExportJob,
    ExportReport,
    Failure,
    JobBoard,
    Lease,
    NewTask,
    SegmentCounts,
    TaskResult,
)

REPORT = ExportReport(
    "films/x.mp4", "00", 60, "30/1", 2.0, SegmentCounts(2, 2, 0, 0), 60, 0, 0, 1.0
)


class Desk(Protocol):
    @property
    def board(self) -> JobBoard: ...

    def order(self) -> str:
        """Order an export; answers its id."""
        ...

    def cancel(self, export_id: str) -> bool: ...

    def state(self, export_id: str) -> str: ...

    def frames(self, export_id: str) -> tuple[int, int | None]:
        """Frames to encode that are done, of how many."""
        ...

    def advance(self, seconds: float) -> None: ...


class MemoryDesk:
    def __init__(self) -> None:
        self._clock = ManualClock()
        self._memory = MemoryBoard(self._clock, chance=lambda: 1.0)
        self._count = 0

    @property
    def board(self) -> JobBoard:
        return self._memory

    def order(self) -> str:
        self._count += 1
        job = ExportJob(f"exp_{self._count}", {}, {})
        self._memory.enqueue(job)
        return job.id

    def cancel(self, export_id: str) -> bool:
        return self._memory.cancel(export_id)

    def state(self, export_id: str) -> str:
        return self._memory.standing(export_id).state

    def frames(self, export_id: str) -> tuple[int, int | None]:
        standing = self._memory.standing(export_id)
        return standing.frames_done, standing.frames_total

    def advance(self, seconds: float) -> None:
        self._clock.advance(seconds)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Desk]:
    if request.param == "memory":
        yield MemoryDesk()
        return
    if request.param == "postgres":
        over_sql = SqlDesk(empty_database(str(request.getfixturevalue("postgres_url"))))
    else:
        over_sql = SqlDesk(migrated_database(tmp_path / "data"))
    yield over_sql
    over_sql.close()


def claimed(desk: Desk, worker: str = "w1") -> Lease:
    lease = desk.board.claim(worker)
    assert lease is not None
    return lease


def planned(desk: Desk, segments: int = 2) -> str:
    """An export whose plan is done: so many tasks of segments, and a blocked stitch."""
    export_id = desk.order()
    tasks = [NewTask("segments", place + 1, {"segments": [place]}) for place in range(segments)]
    stitch = NewTask("stitch", 1000, {}, blocked=True)
    result = TaskResult(new_tasks=(*tasks, stitch), frames_total=30 * segments)
    assert desk.board.commit(claimed(desk), result)
    return export_id


@pytest.mark.rule("operations-W2")
def test_a_ready_task_is_given_to_one_worker_only(desk: Desk) -> None:
    desk.order()
    lease = claimed(desk)
    assert lease.task.kind == "plan"
    assert (lease.fence, lease.attempt) == (1, 1)
    assert desk.board.claim("w2") is None


@pytest.mark.rule("operations-W2")
def test_many_threads_never_share_a_task(desk: Desk) -> None:
    planned(desk, segments=8)
    found: list[Lease] = []

    def take(name: str) -> None:
        while (lease := desk.board.claim(name)) is not None:
            found.append(lease)

    threads = [threading.Thread(target=take, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({lease.task.id for lease in found}) == len(found) == 8


@pytest.mark.rule("operations-W2")
def test_the_export_enters_the_state_of_its_tasks(desk: Desk) -> None:
    export_id = desk.order()
    assert desk.state(export_id) == "queued"
    lease = claimed(desk)
    assert desk.state(export_id) == "planning"
    desk.board.commit(lease, TaskResult(new_tasks=(NewTask("segments", 1, {}),), frames_total=30))
    claimed(desk)
    assert desk.state(export_id) == "rendering"


@pytest.mark.rule("operations-W5")
def test_the_last_commit_frees_the_blocked_task_and_the_stitch_ends_the_export(desk: Desk) -> None:
    export_id = planned(desk)
    first, second = claimed(desk), claimed(desk)
    assert desk.board.claim("w3") is None
    assert desk.board.commit(first, TaskResult())
    assert desk.board.claim("w3") is None
    assert desk.board.commit(second, TaskResult())
    stitch = claimed(desk)
    assert stitch.task.kind == "stitch"
    desk.board.announce(stitch, "checking")
    assert desk.state(export_id) == "checking"
    assert desk.board.commit(stitch, TaskResult(report=REPORT))
    assert desk.state(export_id) == "done"
    assert desk.board.claim("w1") is None


@pytest.mark.rule("operations-W3")
def test_a_late_owner_is_told_and_can_change_nothing(desk: Desk) -> None:
    planned(desk, segments=1)
    late = claimed(desk)
    desk.advance(LEASE_SECONDS + 1)
    now = claimed(desk, "w2")
    assert now.task.id == late.task.id
    assert now.fence > late.fence
    assert desk.board.heartbeat({late.key: 5}) == {late.key}
    assert desk.board.cancelled(late)
    assert not desk.board.commit(late, TaskResult())
    desk.board.fail(late, Failure("poison", "x", "late"))
    assert desk.board.commit(now, TaskResult())


@pytest.mark.rule("operations-W4")
def test_a_heartbeat_keeps_the_lease_and_carries_progress(desk: Desk) -> None:
    export_id = planned(desk, segments=1)
    lease = claimed(desk)
    for frames in (10, 20, 15):
        desk.advance(LEASE_SECONDS - 1)
        assert desk.board.heartbeat({lease.key: frames}) == frozenset()
    assert desk.frames(export_id) == (20, 30)
    assert desk.board.claim("w2") is None


@pytest.mark.rule("operations-W8")
def test_a_transient_failure_is_tried_again_after_a_pause_and_five_times_at_most(
    desk: Desk,
) -> None:
    export_id = planned(desk, segments=1)
    for attempt in range(1, 6):
        lease = claimed(desk)
        assert lease.attempt == attempt
        desk.board.fail(lease, Failure("transient", "stalled", "nothing new"))
        assert desk.board.claim("w1") is None
        desk.advance(61)
    assert desk.state(export_id) == "failed"
    assert desk.board.claim("w1") is None


@pytest.mark.rule("operations-W8")
def test_poison_ends_the_export_at_once(desk: Desk) -> None:
    export_id = planned(desk)
    desk.board.fail(claimed(desk), Failure("poison", "limit_memory", "too much"))
    assert desk.state(export_id) == "failed"
    assert desk.board.claim("w1") is None


@pytest.mark.rule("operations-W8")
def test_a_drained_task_counts_no_attempt_and_is_free_at_once(desk: Desk) -> None:
    planned(desk, segments=1)
    for _ in range(7):
        lease = claimed(desk)
        assert lease.attempt == 1
        desk.board.fail(lease, Failure("drained", "drained", "stopped"))
    assert claimed(desk).fence == 8


@pytest.mark.rule("operations-W3")
def test_a_cancelled_export_stops_its_tasks_at_the_next_heartbeat(desk: Desk) -> None:
    export_id = planned(desk)
    lease = claimed(desk)
    assert desk.cancel(export_id)
    assert desk.cancel(export_id)
    assert desk.state(export_id) == "cancelled"
    assert desk.board.heartbeat({lease.key: 3}) == {lease.key}
    assert desk.board.cancelled(lease)
    assert not desk.board.commit(lease, TaskResult())
    assert desk.board.claim("w1") is None


def test_an_export_that_is_done_cannot_be_cancelled(desk: Desk) -> None:
    export_id = desk.order()
    desk.board.commit(claimed(desk), TaskResult(report=REPORT))
    assert desk.state(export_id) == "done"
    assert not desk.cancel(export_id)


@pytest.mark.rule("operations-W2")
def test_a_task_can_be_claimed_by_name_and_only_once(desk: Desk) -> None:
    planned(desk)
    lease = claimed(desk)
    assert desk.board.claim("w2", lease.task.id) is None
    assert desk.board.commit(lease, TaskResult())
    assert desk.board.claim("w2", lease.task.id) is None
