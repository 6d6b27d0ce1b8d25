"""Tasks from claim to commit: kinds, failures, drains, and one heartbeat for all [operations-W3 to W8]."""

import time
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from cli.work_meters import WorkMeters
from exporter.errors import BoxVerdict, CheckFailed, MediaUnusable, NoRoom, ToolFailed, ToolStalled
from exporter.ffmpeg_process import Ffmpeg
from exporter.memory_board import MemoryBoard, Standing
from exporter.pipeline import TASK_WORK_MAX, expected_work, task_groups
from exporter.shop import Workshop
from exporter.worker import Holding, Holdings, PoolOptions, WorkerPool, beat, failure_of, run_task
from exporter.workshop import open_workshop
from kit.clock import ManualClock, SystemClock
from kit.folder_store import FolderStore
from kit.metrics import Metrics
from tests.exporter.films import frames_at
from tests.media import Clip, Clips
from tests.numbers import numbers
from timeline.errors import BadTimeline, ExportRefused
from timeline.jobs import AssetJob, ExportJob
from timeline.media_json import media_from_json, media_json
from timeline.model import Json
from timeline.plan import DrawnSegment, Output, Plan

CLIP = Clip(41, frames=60, gop=15, width=320, height=180)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def shop(ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path, metrics: Metrics) -> Workshop:
    scratch = tmp_path / "scratch"
    return open_workshop(
        ffmpeg,
        store,
        SystemClock(),
        scratch=scratch,
        cache_bytes_max=10**9,
        meters=WorkMeters(metrics),
    )


@pytest.mark.rule("operations-W8")
@pytest.mark.parametrize(
    ("error", "verdict", "code"),
    [
        (ToolFailed(1, "why"), "transient", "tool_failed"),
        (ToolStalled(-1, "nothing new"), "transient", "stalled"),
        (OSError("the network is gone"), "transient", "storage"),
        (NoRoom("disk", 5), "poison", "disk_full"),
        (BoxVerdict("memory", "too much"), "poison", "limit_memory"),
        (MediaUnusable("media_unknown", "text"), "poison", "media_unknown"),
        (CheckFailed("frames are missing"), "poison", "check_failed"),
        (ExportRefused("empty_timeline", "nothing"), "poison", "empty_timeline"),
        (BadTimeline("clips", "no object"), "poison", "bad_timeline"),
        (KeyError("x"), "transient", "internal"),
    ],
)
def test_what_an_error_means_for_the_task(error: Exception, verdict: str, code: str) -> None:
    failure = failure_of(error)
    assert (failure.verdict, failure.code) == (verdict, code)
    assert failure.detail


@pytest.mark.rule("operations-W8")
def test_a_timeline_without_pictures_is_refused_by_code(shop: Workshop) -> None:
    board = MemoryBoard()
    board.enqueue(ExportJob("x", {}, {}))
    assert run_task(board, shop, "w")
    standing = board.standing("x")
    assert standing.state == "failed"
    assert standing.failure is not None
    assert standing.failure.code in ("no_sequence", "empty_timeline")
    assert not run_task(board, shop, "w")


@pytest.mark.rule("operations-W5", "operations-W6", "export-X71")
def test_an_asset_and_then_its_film_are_made_on_a_server(
    shop: Workshop, clips: Clips, store: FolderStore, metrics: Metrics
) -> None:
    board = MemoryBoard()
    pool = WorkerPool(board, shop, PoolOptions(2))
    store.put("originals/one", clips.make(CLIP))
    pool.start()
    try:
        board.enqueue_asset(AssetJob("a", "originals/one", "one.mp4"))
        pool.wake()
        media = media_from_json(ended(board, "a").body["media"])
        board.enqueue_asset(AssetJob("a2", "originals/one", "one.mp4"), "asset_views")
        pool.wake()
        views = ended(board, "a2")
        assert set(views.body) >= {"proxy", "thumbnails", "peaks"}
        assert (views.frames_done, views.frames_total) == (60, 60)
        clip: dict[str, Json] = {"track": "v", "asset": "a", "start": 0, "duration": frames_at(60)}
        document: dict[str, Json] = {
            "sequences": {"s": {"width": 320, "height": 180}},
            "tracks": {"v": {}},
            "clips": {"c": clip},
        }
        board.enqueue(ExportJob("exp_1", document, {"a": media_json(media)}))
        pool.wake()
        report = ended(board, "exp_1").report
    finally:
        pool.stop()
    assert report is not None
    assert report.output == "films/exp_1/f1.mp4"
    assert store.stat(report.output) is not None
    assert report.frames_copied == 60
    told = numbers(metrics)
    assert told["cutroom_frames_copied_total"] == 60
    assert told['cutroom_task_attempts_total{end="done",kind="stitch"}'] == 1


@pytest.mark.rule("export-X71")
def test_what_a_worker_makes_meets_and_ends_is_counted(
    shop: Workshop, metrics: Metrics, tmp_path: Path
) -> None:
    board = MemoryBoard()
    film: dict[str, Json] = {
        "sequences": {"s": {"width": 320, "height": 180}},
        "tracks": {"v": {}},
        "clips": {"c": {"track": "v", "asset": "gone", "start": 0, "duration": frames_at(30)}},
    }
    for name in ("one", "two"):
        board.enqueue(ExportJob(name, film, {}))
        while run_task(board, shop, "w"):
            pass
        assert board.standing(name).state == "done", board.standing(name)
    told = numbers(metrics)
    made = told["cutroom_frames_encoded_total"]
    assert made == 30
    kinds = [name for name in told if name.startswith("cutroom_segment_seconds_count")]
    assert sum(told[name] for name in kinds) >= 1
    assert told["cutroom_cache_hits_total"] >= 1
    board.enqueue(ExportJob("three", {}, {}))
    assert run_task(board, shop, "w")
    assert numbers(metrics)['cutroom_task_attempts_total{end="poison",kind="plan"}'] == 1
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    shop.cache.put("k", tmp_path / "a")
    shop.cache.put("k", tmp_path / "b")
    assert numbers(metrics)["cutroom_cache_conflicts_total"] == 1


@pytest.mark.rule("export-X71")
def test_a_program_that_the_box_ends_is_counted_by_why(
    shop: Workshop, metrics: Metrics, tmp_path: Path
) -> None:
    board = MemoryBoard()
    board.enqueue_asset(AssetJob("a", "originals/none", "none.mp4"))
    stingy = replace(shop, store=_Verdict(tmp_path / "other"))
    assert run_task(board, stingy, "w")
    assert numbers(metrics)['cutroom_sandbox_kills_total{why="memory"}'] == 1
    assert numbers(metrics)['cutroom_task_attempts_total{end="poison",kind="asset_ingest"}'] == 1


class _Verdict(FolderStore):
    """Whoever reads from it is ended for using too much memory."""

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        raise BoxVerdict("memory", f"{key} from {start}")

    def local_path(self, key: str) -> Path | None:
        raise BoxVerdict("memory", key)


@pytest.mark.rule("operations-W3", "operations-W4")
def test_a_lost_lease_stops_the_work_and_nothing_is_reported() -> None:
    clock = ManualClock()
    board = MemoryBoard(clock)
    board.enqueue(ExportJob("x", {}, {}))
    late = board.claim("w1")
    assert late is not None
    holdings, holding = Holdings(), Holding(late, board)
    holdings.add(holding)
    beat(board, holdings)
    assert not holding.cancelled()
    clock.advance(31)
    assert board.claim("w2") is not None
    beat(board, holdings)
    assert holding.cancelled()
    assert holding.ask_board()
    assert not holding.was_drained


@pytest.mark.rule("operations-W8")
def test_a_stopped_pool_gives_its_task_back_without_an_attempt(
    shop: Workshop, clips: Clips, store: FolderStore
) -> None:
    board = MemoryBoard()
    long = Clip(42, frames=400, gop=250, open_gop=True, sound="none")
    store.put("originals/long", clips.make(long))
    board.enqueue_asset(AssetJob("a", "originals/long", "long.mp4"))
    pool = WorkerPool(board, shop, PoolOptions(1))
    pool.start()
    pool.wake()
    # As soon as it has begun: by the next heartbeat, a second later, it may be over.
    while not list(shop.scratch.glob("*/ingest")):
        board.wait(0.01)
    pool.stop()
    standing = board.standing("a")
    assert not standing.has_ended
    again = board.claim("w2")
    assert again is not None
    assert again.attempt == 1
    assert not list(shop.scratch.glob("task_*"))


def ended(board: MemoryBoard, job_id: str) -> Standing:
    deadline = time.monotonic() + 60
    while not (standing := board.standing(job_id)).has_ended:
        assert time.monotonic() < deadline
        board.wait(0.2)
    assert standing.state == "done", standing.failure
    return standing


@pytest.mark.rule("export-X51")
def test_tasks_come_longest_first_and_short_segments_share_one() -> None:
    output = Output(1920, 1080, 30, 1)
    lengths = [5, 60, 7, 60, 40, 3, 60, 9] * 12
    segments = [DrawnSegment("BODY", 0, count, str(n)) for n, count in enumerate(lengths)]
    plan = Plan(sum(lengths), output, tuple(segments))
    groups = task_groups(plan, range(len(segments)))
    assert sorted(index for group in groups for index in group) == [*range(len(segments))]
    loads = [sum(expected_work(segments[index], plan) for index in group) for group in groups]
    assert max(loads) <= TASK_WORK_MAX
    firsts = [lengths[group[0]] for group in groups]
    assert firsts == sorted(firsts, reverse=True)
    assert len(groups) < len(segments)
    few = task_groups(plan, [1, 3, 6, 4])
    assert few == [(1,), (3,), (6,), (4,)], (
        "as many tasks as there are hands, where little is missing"
    )
