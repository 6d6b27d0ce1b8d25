"""READ THIS FIRST. One job, task by task: plan -> segments and sound -> stitch -> check -> publish.

`perform` does one task of any kind. A plan is pure; what it needs to be drawn is made before it.
Plans travel by reference: the planning task keeps its plan in the store, the others read it there. What
draws, hears or ingests loads with the first task that needs it: an export that finds everything needs none of it.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from exporter.cache import SegmentCache
from exporter.current_plan import current_plan
from exporter.errors import InputChanged, NoRoom
from exporter.film_task import join_film, make_sound
from exporter.report import counts_json
from exporter.segment_task import pin_of, render_segments
from exporter.shop import Control, Workshop
from exporter.sizes import estimated_bytes
from kit.disks import is_full
from kit.object_store import StoreFull
from timeline.jobs import AssetJob, ExportJob, Lease, NewTask, TaskResult
from timeline.media_json import media_from_json, media_json
from timeline.model import Json
from timeline.plan import CopySegment, DrawnSegment, Plan

TASK_WORK_MAX: Final = (
    150.0  # frames x megapixels: a few seconds of one core, far below a minute [operations-W7]
)
TASKS_WANTED: Final = (
    16  # so many at least, where there are segments: nobody waits for one long task at the end
)
LAYER_WORK: Final = 0.3  # what each further layer adds to the work of a frame
ROOM_FACTOR: Final = 1.2  # of the expected film and misses that must fit on the disk


def perform(shop: Workshop, lease: Lease, control: Control, scratch: Path) -> TaskResult:
    """Do one task; raises what went wrong. `scratch` is its own folder, removed afterwards."""
    job = lease.job
    if isinstance(job, AssetJob):
        return _make_asset(shop, job, lease, control, scratch)
    try:
        return _export_task(shop, job, lease, control, scratch)
    except InputChanged as changed:
        raise InputChanged(changed.key, _name_of(job, changed.key)) from changed
    except (NoRoom, StoreFull, OSError) as error:
        if isinstance(error, OSError) and not is_full(error):
            raise
        raise _no_room(shop, lease, error) from error


def _name_of(job: ExportJob, key: str) -> str:
    """What people call the file that lies there, or that a rendition there was made of; empty where no asset has it."""
    for asset, value in job.assets.items():
        facts = media_from_json(value, asset)
        made = (facts.picture, facts.still, facts.sound)
        if facts.original == key or any(one and one.key == key for one in made):
            return facts.name or asset
    return ""


def _export_task(
    shop: Workshop, job: ExportJob, lease: Lease, control: Control, scratch: Path
) -> TaskResult:
    pin = pin_of(lease)
    if pin is not None:
        shop.cache.renew(pin)
    match lease.task.kind:
        case "plan":
            return _plan(shop, job, control, scratch)
        case "segments":
            return render_segments(shop, lease, control, scratch)
        case "audio":
            return make_sound(shop, lease, control, scratch)
        case "stitch":
            return join_film(shop, job, lease, control, scratch)
        case _:
            raise ValueError(f"{lease.task.kind} is no task of an export")


def _plan(shop: Workshop, job: ExportJob, control: Control, scratch: Path) -> TaskResult:
    """Plan, ask the cache, and put on the board what is missing [operations-W7]."""
    began = shop.clock.now().timestamp()
    plan = current_plan(shop, job, control.cancelled, scratch)
    pin = shop.cache.pin(cached_keys(plan))  # before the cache is asked: what it says must hold
    missing = missing_segments(plan, shop.cache)
    shop.meters.cache_hits(len({segment.key for segment in plan.drawn}) - len(missing))
    _require_room(shop, plan, missing)
    key = shop.plans.put(plan)
    tasks: list[NewTask] = []
    sound_key = plan.sound.get("key")
    if isinstance(sound_key, str) and not shop.cache.has(sound_key):
        tasks.append(NewTask("audio", 1, {"plan": key, "pin": pin}))
    for position, group in enumerate(task_groups(plan, missing), start=2):
        drawing: dict[str, Json] = {"plan": key, "pin": pin, "segments": list(group)}
        tasks.append(NewTask("segments", position, drawing))
    stitching: dict[str, Json] = {
        "plan": key,
        "pin": pin,
        "missing": list(missing),
        "began": began,
    }
    tasks.append(NewTask("stitch", 1_000_000, stitching, blocked=bool(tasks)))
    return TaskResult(
        body={"plan": key, "planned": counts_json(plan, keys_of(plan, missing))},
        new_tasks=tuple(tasks),
        frames_total=sum(plan.segments[index].frames for index in missing),
    )


def cached_keys(plan: Plan) -> frozenset[str]:
    """All that a film takes out of the cache: segments, poster, sound."""
    keys = {segment.key for segment in plan.drawn}
    if plan.poster is not None:
        keys.add(plan.poster.segment.key)
    sound = plan.sound.get("key")
    return frozenset((*keys, sound) if isinstance(sound, str) else keys)


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


def keys_of(plan: Plan, positions: Sequence[int]) -> frozenset[str]:
    return frozenset(plan.segments[position].key for position in positions)


def task_groups(plan: Plan, missing: Sequence[int]) -> list[tuple[int, ...]]:
    """Positions by task, longest first; short segments share a task [export-X51]."""
    work = {
        index: expected_work(cast("DrawnSegment", plan.segments[index]), plan) for index in missing
    }
    most = min(TASK_WORK_MAX, sum(work.values()) / TASKS_WANTED)
    groups: list[list[int]] = []
    loads: list[float] = []
    for index in sorted(missing, key=lambda item: (-work[item], item)):
        if groups and loads[-1] + work[index] <= most:
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


def _require_room(shop: Workshop, plan: Plan, missing: Sequence[int]) -> None:
    """Checked before, so that hours of work do not end on a full disk [export-X19]."""
    shop.scratch.mkdir(parents=True, exist_ok=True)
    short = _missing_bytes(plan, missing, shop.scratch)
    if short > 0:
        raise NoRoom(str(shop.scratch), short)


def _missing_bytes(plan: Plan, missing: Sequence[int], folder: Path) -> int:
    """How much more room than there is the rest of an export is likely to take, in bytes."""
    misses = sum(estimated_bytes(plan.segments[i].frames, plan.output) for i in missing) // 8
    film = estimated_bytes(plan.frames, plan.output) // 8
    return int(ROOM_FACTOR * (film + misses)) - shutil.disk_usage(folder).free


def _no_room(shop: Workshop, lease: Lease, error: NoRoom | StoreFull | OSError) -> NoRoom:
    """A disk that is full in the middle: where, and how much more what is left to do will take."""
    if isinstance(error, NoRoom) and error.missing_bytes:
        return error
    where = error.where if isinstance(error, NoRoom) else str(getattr(error, "filename", "") or "")
    folder = Path(where).parent
    if not where.startswith("/") or not folder.is_dir():
        where, folder = str(shop.scratch), shop.scratch
    key = lease.task.payload.get("plan")
    if not isinstance(key, str):
        return NoRoom(where)
    plan = shop.plans.get(key)
    return NoRoom(where, max(0, _missing_bytes(plan, missing_segments(plan, shop.cache), folder)))


def _make_asset(
    shop: Workshop, job: AssetJob, lease: Lease, control: Control, scratch: Path
) -> TaskResult:
    """Renditions for exports, or what the editor shows; an original known before is only looked up."""
    from exporter.ingest import ingest  # noqa: PLC0415 - see the head of this file
    from exporter.views import make_views  # noqa: PLC0415

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
