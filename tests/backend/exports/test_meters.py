"""What the board counts, once its transaction stands."""

from collections.abc import Generator
from pathlib import Path

import pytest

from backend.exports.keeper import Keeper
from backend.exports.meters import BoardMeters
from kit.clock import SystemClock
from kit.metrics import Metrics
from tests.backend.sql_desk import SqlDesk
from tests.backend.support import migrated_database
from tests.numbers import numbers
from timeline.jobs import ExportReport, Failure, SegmentCounts, TaskResult

REPORT = ExportReport(
    "films/x.mp4", "00", 60, "30/1", 2.0, SegmentCounts(2, 2, 0, 0), 60, 0, 0, 1.0
)


@pytest.fixture
def desk(tmp_path: Path) -> Generator[SqlDesk]:
    made = SqlDesk(migrated_database(tmp_path / "data"))
    yield made
    made.close()


@pytest.mark.rule("operations-W14")
def test_a_lease_that_ran_out_and_its_late_owner_are_counted(desk: SqlDesk) -> None:
    desk.order()
    late = desk.board.claim("w1")
    assert late is not None
    desk.advance(31)
    assert desk.board.claim("w2") is not None
    assert not desk.board.commit(late, TaskResult())
    told = numbers(desk.metrics)
    assert told["cutroom_lease_expired_total"] == 1
    assert told["cutroom_fenced_out_total"] == 1


@pytest.mark.rule("operations-W14")
def test_exports_are_counted_by_how_they_ended_and_how_long_they_took(desk: SqlDesk) -> None:
    desk.order()
    done = desk.board.claim("w1")
    assert done is not None
    desk.let_pass(20)
    assert desk.board.commit(done, TaskResult(report=REPORT))
    desk.order()
    failed = desk.board.claim("w1")
    assert failed is not None
    desk.board.fail(failed, Failure("poison", "bad_timeline", "no clips"))
    cancelled = desk.order()
    held = desk.board.claim("w1")
    assert held is not None
    assert desk.cancel(cancelled)
    assert desk.cancel(cancelled)
    assert not desk.board.commit(held, TaskResult(report=REPORT))
    told = numbers(desk.metrics)
    assert told['cutroom_export_seconds_sum{end="done"}'] == 20
    for end in ("done", "failed", "cancelled"):
        assert told[f'cutroom_export_seconds_count{{end="{end}"}}'] == 1, end
    assert told["cutroom_fenced_out_total"] == 0


@pytest.mark.rule("operations-W14")
def test_what_the_keeper_sweeps_is_counted_where_it_sweeps(tmp_path: Path) -> None:
    metrics = Metrics()
    desk = SqlDesk(database := migrated_database(tmp_path / "data"))
    try:
        desk.order()
        assert desk.board.claim("w1") is not None
        keeper = Keeper(database, SystemClock(), meters=BoardMeters(metrics))
        assert keeper.sweep() == 1  # the desk's seconds are long past for the database's own clock
        assert numbers(metrics)["cutroom_lease_expired_total"] == 1
    finally:
        desk.close()
