"""READ THIS FIRST. One job, task by task: plan -> segments and sound -> stitch -> check -> publish.

`perform` does one task of any kind. A plan is pure; what it needs to be drawn is made before it.
Plans travel by reference: the planning task keeps its plan in the store, the others read it there.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, cast

from exporter.cache import SegmentCache
from exporter.check import check_film, check_joins, check_segment, must_be_decoded
from exporter.errors import Cancelled, CheckFailed, NoRoom
from exporter.fetch import Fetcher
from exporter.ffmpeg_process import Ffmpeg
from exporter.film_plan import PlanningRoom, planned_film
from exporter.ingest import ingest
from exporter.plan_shelf import PlanShelf
from exporter.publish import Publisher
from exporter.render import estimated_bytes, render_segment
from exporter.sound_task import made_sound, sound_diagnostics
from exporter.stitch import stitch
from exporter.views import make_views
from kit.clock import Clock
from kit.object_store import ObjectStore
from timeline.jobs import (
    AssetJob,
    ExportJob,
    ExportReport,
    ExportState,
    Lease,
    NewTask,
    SegmentCounts,
    TaskResult,
)
from timeline.media_json import media_json
from timeline.model import Json
from timeline.plan import CopySegment, DrawnSegment, InputFile, Plan

TASK_WORK_MAX: Final = 600.0  # frames x megapixels: about ten seconds of one core [operations-W7]
LAYER_WORK: Final = 0.3  # what each further layer adds to the work of a frame
ROOM_FACTOR: Final = 1.2  # of the expected film and misses that must fit on the disk


class Control(Protocol):
    """The hand on a task: its progress out, the wish to stop in."""

    def cancelled(self) -> bool: ...

    def ask_board(self) -> bool: ...

    def progressed(self, frames: int) -> None: ...

    def expect(self, frames: int) -> None: ...

    def announce(self, state: ExportState) -> None: ...


@dataclass(frozen=True, slots=True)
class Workshop:
    """What tasks are done with. `scratch` is a private folder on a local disk."""

    ffmpeg: Ffmpeg
    store: ObjectStore
    cache: SegmentCache
    fetcher: Fetcher
    publisher: Publisher
    plans: PlanShelf
    clock: Clock
    scratch: Path


def perform(shop: Workshop, lease: Lease, control: Control, scratch: Path) -> TaskResult:
    """Do one task; raises what went wrong. `scratch` is its own folder, removed afterwards."""
    job = lease.job
    if isinstance(job, AssetJob):
        return _make_asset(shop, job, lease, control, scratch)
    match lease.task.kind:
        case "plan":
            return _plan(shop, job, control)
        case "segments":
            return _render(shop, lease, control, scratch)
        case "audio":
            return _make_sound(shop, lease, control, scratch)
        case "stitch":
            return _stitch(shop, job, lease, control, scratch)
        case _:
            raise ValueError(f"{lease.task.kind} is no task of an export")


def _plan(shop: Workshop, job: ExportJob, control: Control) -> TaskResult:
    """Plan, ask the cache, and put on the board what is missing [operations-W7]."""
    began = shop.clock.now().timestamp()
    plan = planned_film(job, PlanningRoom(shop.store, shop.ffmpeg.build_id, control.cancelled))
    missing = missing_segments(plan, shop.cache)
    _require_room(shop, plan, missing)
    key = shop.plans.put(plan)
    tasks: list[NewTask] = []
    sound_key = plan.sound.get("key")
    if isinstance(sound_key, str) and not shop.cache.has(sound_key):
        tasks.append(NewTask("audio", 1, {"plan": key}))
    for position, group in enumerate(task_groups(plan, missing), start=2):
        tasks.append(NewTask("segments", position, {"plan": key, "segments": list(group)}))
    stitching: dict[str, Json] = {"plan": key, "missing": list(missing), "began": began}
    tasks.append(NewTask("stitch", 1_000_000, stitching, blocked=bool(tasks)))
    return TaskResult(
        body={"plan": key, "planned": counts_json(plan, missing)},
        new_tasks=tuple(tasks),
        frames_total=sum(plan.segments[index].frames for index in missing),
    )


def missing_segments(plan: Plan, cache: SegmentCache) -> tuple[int, ...]:
    """Positions of the segments to be encoded: not in the cache, and each content only once."""
    seen: set[str] = set()
    missing: list[int] = []
    for index, segment in enumerate(plan.segments):
        if isinstance(segment, CopySegment) or segment.key in seen:
            continue
        seen.add(segment.key)
        if not cache.has(segment.key):
            missing.append(index)
    return tuple(missing)


def task_groups(plan: Plan, missing: Sequence[int]) -> list[tuple[int, ...]]:
    """Positions by task, longest first; short segments share a task."""
    work = {
        index: expected_work(cast("DrawnSegment", plan.segments[index]), plan) for index in missing
    }
    groups: list[list[int]] = []
    loads: list[float] = []
    for index in sorted(missing, key=lambda item: (-work[item], item)):
        if groups and loads[-1] + work[index] <= TASK_WORK_MAX / 4:
            groups[-1].append(index)
            loads[-1] += work[index]
        else:
            groups.append([index])
            loads.append(work[index])
    return [tuple(group) for group in groups]


def expected_work(segment: DrawnSegment, plan: Plan) -> float:
    """Frames x megapixels, more with each further layer."""
    megapixels = plan.output.width * plan.output.height / 1_000_000
    return segment.frames * megapixels * (1 + LAYER_WORK * max(0, len(segment.layers) - 1))


def counts_json(plan: Plan, missing: Sequence[int]) -> dict[str, Json]:
    """Segments and frames by what becomes of them: encoded, copied, reused."""
    encoded = set(missing)
    counts = {"encoded": 0, "copied": 0, "reused": 0}
    frames = {"encoded": 0, "copied": 0, "reused": 0}
    for index, segment in enumerate(plan.segments):
        sort = "reused"
        if isinstance(segment, CopySegment):
            sort = "copied"
        elif index in encoded:
            sort = "encoded"
        counts[sort] += 1
        frames[sort] += segment.frames
    return {
        "segments": {"total": len(plan.segments), **counts},
        "frames": plan.frames,
        **{f"frames_{sort}": number for sort, number in frames.items()},
    }


def _require_room(shop: Workshop, plan: Plan, missing: Sequence[int]) -> None:
    """Checked before, so that hours of work do not end on a full disk [export-X19]."""
    misses = sum(estimated_bytes(plan.segments[i].frames, plan.output) for i in missing) // 8
    film = estimated_bytes(plan.frames, plan.output) // 8
    needed = int(ROOM_FACTOR * (film + misses))
    shop.scratch.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(shop.scratch).free
    if free < needed:
        raise NoRoom(str(shop.scratch), needed - free)


def _read_plan(shop: Workshop, lease: Lease) -> Plan:
    return shop.plans.get(cast("str", lease.task.payload["plan"]))


def _render(shop: Workshop, lease: Lease, control: Control, scratch: Path) -> TaskResult:
    """Each finished segment enters the cache at once; the cache is asked again before each [operations-W7]."""
    plan = _read_plan(shop, lease)
    done = 0
    for index in cast("list[int]", lease.task.payload["segments"]):
        if control.cancelled():
            raise Cancelled
        segment = cast("DrawnSegment", plan.segments[index])
        if not shop.cache.has(segment.key):
            _make_segment(shop, plan, segment, _After(control, done), scratch)
        done += segment.frames
        control.progressed(done)
    return TaskResult()


@dataclass(frozen=True, slots=True)
class _After:
    """Counts a segment's frames after those that the task has done before."""

    control: Control
    before: int

    def cancelled(self) -> bool:
        return self.control.cancelled()

    def frames(self, done: int) -> None:
        self.control.progressed(self.before + done)


def _make_segment(
    shop: Workshop, plan: Plan, segment: DrawnSegment, after: _After, scratch: Path
) -> Path:
    work_dir = scratch / segment.key[:16]
    work_dir.mkdir()

    def local(item: InputFile) -> Path:
        return shop.fetcher.fetch(item.key, item.hash)

    path = render_segment(
        shop.ffmpeg,
        segment,
        plan.output,
        plan.inputs,
        local=local,
        work_dir=work_dir,
        cancelled=after.cancelled,
        on_frames=after.frames,
    )
    if must_be_decoded(segment.key):
        check_segment(shop.ffmpeg, path, segment.frames, work_dir, cancelled=after.cancelled)
    shop.cache.put(segment.key, path)
    return path


def _make_sound(shop: Workshop, lease: Lease, control: Control, scratch: Path) -> TaskResult:
    plan = _read_plan(shop, lease)
    _keep_sound(shop, plan, control, scratch)
    return TaskResult()


def _keep_sound(shop: Workshop, plan: Plan, control: Control, scratch: Path) -> Path:
    path = made_sound(shop.ffmpeg, shop.fetcher, shop.store, plan, scratch, control.cancelled)
    shop.cache.put(cast("str", plan.sound["key"]), path)
    return path


def _stitch(
    shop: Workshop, job: ExportJob, lease: Lease, control: Control, scratch: Path
) -> TaskResult:
    """Join, check, publish. Segments that fail the check are made once more [export-X17]."""
    plan = _read_plan(shop, lease)
    control.announce("stitching")
    film = shop.publisher.film_path(job.id, lease.fence, scratch)
    try:
        try:
            digest, size = _joined(shop, plan, control, scratch, film)
        except CheckFailed as failed:
            if not _dropped(shop, plan, failed.segments):
                raise
            digest, size = _joined(shop, plan, control, scratch, film)
        if control.ask_board():
            raise Cancelled
        output = shop.publisher.publish(film, job.id, lease.fence)
    finally:
        film.unlink(missing_ok=True)
    shop.cache.trim()
    missing = cast("list[int]", lease.task.payload["missing"])
    began = cast("float", lease.task.payload["began"])
    wall = shop.clock.now().timestamp() - began
    report = _report(plan, missing, output, digest, size, wall)
    told = (*report.diagnostics, *sound_diagnostics(shop.store, plan))
    return TaskResult(report=replace(report, diagnostics=told))


def _joined(
    shop: Workshop, plan: Plan, control: Control, scratch: Path, film: Path
) -> tuple[str, int]:
    """The film at `film`, checked; its sha256 and size."""
    segments: dict[str, Path] = {}
    renditions: dict[str, Path] = {}
    for segment in plan.segments:
        if control.cancelled():
            raise Cancelled
        if isinstance(segment, CopySegment):
            item = plan.inputs[segment.rendition]
            renditions[item.hash] = shop.fetcher.fetch(item.key, item.hash)
        elif segment.key not in segments:
            segments[segment.key] = _segment_file(shop, plan, segment, control, scratch)
    sound = _sound_file(shop, plan, control, scratch)
    written = stitch(plan, segments, renditions, sound, film)
    control.announce("checking")
    check_film(film, plan, has_sound=sound is not None)
    check_joins(shop.ffmpeg, film, plan, scratch, cancelled=control.cancelled)
    return written.sha256, written.size_bytes


def _segment_file(
    shop: Workshop, plan: Plan, segment: DrawnSegment, control: Control, scratch: Path
) -> Path:
    """From the cache; where it was damaged or evicted meanwhile, made here."""
    found = shop.cache.fetch(segment.key, scratch)
    if found is not None:
        return found
    return _make_segment(shop, plan, segment, _After(control, 0), scratch)


def _sound_file(shop: Workshop, plan: Plan, control: Control, scratch: Path) -> Path | None:
    key = plan.sound.get("key")
    if not isinstance(key, str):
        return None
    return shop.cache.fetch(key, scratch) or _keep_sound(shop, plan, control, scratch)


def _dropped(shop: Workshop, plan: Plan, positions: Sequence[int]) -> bool:
    """Take segments that failed the check out of the cache; False where there is nothing to make anew."""
    drawn = [plan.segments[index] for index in positions]
    keys = {segment.key for segment in drawn if isinstance(segment, DrawnSegment)}
    for key in keys:
        shop.cache.drop(key)
    return bool(keys)


def _report(
    plan: Plan, missing: Sequence[int], output: str, digest: str, size: int, wall: float
) -> ExportReport:
    counts = counts_json(plan, missing)
    segments = cast("Mapping[str, int]", counts["segments"])
    rate = (plan.output.fps_num, plan.output.fps_den)
    return ExportReport(
        output=output,
        sha256=digest,
        frames=plan.frames,
        frame_rate=f"{rate[0]}/{rate[1]}",
        duration_seconds=round(plan.frames * rate[1] / rate[0], 6),
        segments=SegmentCounts(
            segments["total"], segments["encoded"], segments["copied"], segments["reused"]
        ),
        frames_encoded=cast("int", counts["frames_encoded"]),
        frames_copied=cast("int", counts["frames_copied"]),
        frames_reused=cast("int", counts["frames_reused"]),
        wall_seconds=round(wall, 3),
        size_bytes=size,
        diagnostics=plan.diagnostics,
    )


def _make_asset(
    shop: Workshop, job: AssetJob, lease: Lease, control: Control, scratch: Path
) -> TaskResult:
    """Renditions for exports, or what the editor shows; an original known before is only looked up."""

    def progress(done: int, total: int) -> None:
        control.expect(total)
        control.progressed(done)

    ingest_dir = scratch / "ingest"
    ingest_dir.mkdir()
    media = ingest(
        job,
        shop.store,
        ingest_dir,
        ffmpeg=shop.ffmpeg,
        cancelled=control.cancelled,
        on_progress=progress,
    )
    if lease.task.kind == "asset_ingest":
        return TaskResult(body={"media": media_json(media)})
    views_dir = scratch / "views"
    views_dir.mkdir()
    views = make_views(
        media,
        shop.store,
        shop.fetcher.fetch,
        views_dir,
        ffmpeg=shop.ffmpeg,
        cancelled=control.cancelled,
        on_progress=progress,
    )
    return TaskResult(body=views)
