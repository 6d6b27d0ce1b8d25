"""What an export did, or would do, as counts: segments and frames encoded, copied and reused."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Literal, TypeAlias, cast

from timeline.jobs import ExportReport, MadeSegment, SegmentCounts
from timeline.model import Json
from timeline.plan import CopySegment, Plan

Sort: TypeAlias = Literal["encoded", "copied", "reused"]
SORTS: Final[tuple[Sort, ...]] = ("encoded", "copied", "reused")


def counts_json(plan: Plan, made: AbstractSet[str]) -> dict[str, Json]:
    """Segments and frames by what becomes of them; `made` are the keys of segments to be encoded."""
    segments: Counter[Sort] = Counter()
    frames: Counter[Sort] = Counter()
    for segment in made_segments(plan, made):
        segments[segment.kind] += 1
        frames[segment.kind] += segment.frames
    return {
        "segments": {"total": len(plan.segments), **{sort: segments[sort] for sort in SORTS}},
        "frames": plan.frames,
        **{f"frames_{sort}": frames[sort] for sort in SORTS},
    }


def made_segments(plan: Plan, made: AbstractSet[str]) -> Iterator[MadeSegment]:
    """What becomes of each segment; of equal ones only the first has to be encoded."""
    seen: set[str] = set()
    for segment in plan.segments:
        if isinstance(segment, CopySegment):
            yield MadeSegment("copied", segment.key, segment.frames)
            continue
        is_new = segment.key in made and segment.key not in seen
        seen.add(segment.key)
        yield MadeSegment("encoded" if is_new else "reused", segment.key, segment.frames)


def report_of(
    plan: Plan, made: AbstractSet[str], output: str, digest: str, size: int, wall: float
) -> ExportReport:
    counts = counts_json(plan, made)
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
        size=(plan.output.width, plan.output.height),
        made=tuple(made_segments(plan, made)),
    )
