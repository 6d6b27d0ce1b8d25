"""Segments that are missing, drawn and encoded one after the other; each enters the cache at once [export-X13, X18]."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from exporter.check import check_segment, must_be_decoded
from exporter.encoders import encoding_of
from exporter.errors import Cancelled, CheckFailed
from exporter.shop import Control, Workshop
from kit.tracing import span
from timeline.jobs import Lease, TaskResult
from timeline.plan import DrawnSegment, InputFile, Plan


def read_plan(shop: Workshop, lease: Lease) -> Plan:
    return shop.plans.get(cast("str", lease.task.payload["plan"]))


def pin_of(lease: Lease) -> str | None:
    """What keeps the export's entries in the cache; None in tasks of a version that knew no pins."""
    return cast("str | None", lease.task.payload.get("pin"))


def render_segments(shop: Workshop, lease: Lease, control: Control, scratch: Path) -> TaskResult:
    """The cache is asked again before each: another worker may have made it [operations-W7]."""
    plan = read_plan(shop, lease)
    done = 0
    for index in cast("list[int]", lease.task.payload["segments"]):
        if control.cancelled():
            raise Cancelled
        segment = cast("DrawnSegment", plan.segments[index])
        if shop.cache.has(segment.key):
            shop.meters.cache_hits(1)
        else:
            made = make_segment(shop, plan, segment, After(control, done), scratch)
            shutil.rmtree(made.parents[1])
        done += segment.frames
        control.progressed(done)
    return TaskResult()


@dataclass(frozen=True, slots=True)
class After:
    """Counts a segment's frames after those that the task has done before."""

    control: Control
    before: int

    def cancelled(self) -> bool:
        return self.control.cancelled()

    def frames(self, done: int) -> None:
        self.control.progressed(self.before + done)


def make_segment(
    shop: Workshop, plan: Plan, segment: DrawnSegment, after: After, scratch: Path
) -> Path:
    """The segment as `out/segment.mp4` in a new folder below `scratch`, kept in the cache too.

    One that is decoded and found wrong is made once more, then CheckFailed.
    """
    began = shop.clock.monotonic()
    with span("segment.make", key=segment.key, segment=segment.kind, frames=segment.frames):
        path = _rendered(shop, plan, segment, after, scratch)
        if must_be_decoded(segment.key):
            try:
                _check(shop, plan, segment, path, after)
            except CheckFailed:
                path = _rendered(shop, plan, segment, after, scratch)
                _check(shop, plan, segment, path, after)
        shop.cache.put(segment.key, path)
    shop.meters.segment_made(segment.kind, segment.frames, shop.clock.monotonic() - began)
    return path


def _rendered(
    shop: Workshop, plan: Plan, segment: DrawnSegment, after: After, scratch: Path
) -> Path:
    from exporter.render import render_segment  # noqa: PLC0415 - see the head of pipeline.py

    used: list[InputFile] = []

    def local(item: InputFile) -> Path:
        used.append(item)
        return shop.fetcher.fetch(item.key, item.hash)

    path = render_segment(
        shop.ffmpeg,
        segment,
        plan.output,
        plan.inputs,
        local=local,
        work_dir=Path(tempfile.mkdtemp(prefix=f"{segment.key[:16]}-", dir=scratch)),
        cancelled=after.cancelled,
        on_frames=after.frames,
    )
    for item in used:  # a file of the user may have changed while it was read
        shop.fetcher.fetch(item.key, item.hash)
    return path


def _check(shop: Workshop, plan: Plan, segment: DrawnSegment, path: Path, after: After) -> None:
    folder = path.parents[1]
    check_segment(
        shop.ffmpeg,
        path,
        segment.frames,
        folder,
        cancelled=after.cancelled,
        decoders=encoding_of(plan.output).decoders,
    )
