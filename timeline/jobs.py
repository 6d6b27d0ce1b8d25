"""All that the two rooms ever say to each other: jobs, tasks, leases, reports, and the board.

`backend` puts jobs on a `JobBoard`, `exporter` takes tasks from one; neither imports the other.
The memory board and the SQL board pass one contract suite (`tests/contracts`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from timeline.film_options import FilmOptions
from timeline.model import Json
from timeline.resolved import Diagnostic

TaskKind: TypeAlias = Literal["plan", "segments", "audio", "stitch", "asset_ingest", "asset_views"]
"""`asset_ingest`: probe, mezzanine or adoption, sound, still. `asset_views`: proxy, thumbnails, peaks."""

TaskState: TypeAlias = Literal["blocked", "ready", "leased", "done", "failed", "cancelled"]
ExportState: TypeAlias = Literal[
    "queued", "planning", "rendering", "stitching", "checking", "done", "failed", "cancelled"
]
Verdict: TypeAlias = Literal["drained", "transient", "poison"]


@dataclass(frozen=True, slots=True)
class ExportJob:
    """A frozen order for one film, as JSON-able values.

    `document` is the nine root maps; `assets` one JSON object per asset id, the `media_json` of its
    facts as known when ordered (`timeline/media_json.py`). `output` is the preset made concrete,
    `range` None or [start, duration] in ticks.
    """

    id: str
    document: Mapping[str, Json]
    assets: Mapping[str, Json]
    preset: str = "source"
    range: tuple[int, int] | None = None
    options: FilmOptions = field(default_factory=FilmOptions)
    traceparent: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """What people call assets that are not in `assets`; their slates say it."""


@dataclass(frozen=True, slots=True)
class AssetJob:
    """An original to be made usable: `original_key` in the object store, `name` as people call it."""

    asset_id: str
    original_key: str
    name: str
    media_type: str = ""
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work on the board. `payload` is the kind's own JSON, written by the planner task."""

    id: str
    kind: TaskKind
    position: int = 0
    payload: Mapping[str, Json] = field(default_factory=dict[str, Json])
    version: int = 1


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task that a commit puts on the board; `blocked` ones wait until all others of the job are done."""

    kind: TaskKind
    position: int
    payload: Mapping[str, Json]
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do a task until the lease runs out; `fence` makes a late owner harmless."""

    task: Task
    job: ExportJob | AssetJob
    worker: str
    fence: int
    attempt: int

    @property
    def key(self) -> tuple[str, int]:
        return (self.task.id, self.fence)


@dataclass(frozen=True, slots=True)
class SegmentCounts:
    total: int
    encoded: int
    copied: int
    reused: int


@dataclass(frozen=True, slots=True)
class MadeSegment:
    """What became of one segment of the plan, for its price: `reused` was in the cache before."""

    kind: Literal["encoded", "copied", "reused"]
    key: str
    frames: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What comes back of an export; the contract's report. `output` is a path or an object key.

    `size` in pixels and `made`, one line a segment, are what the film is charged by.
    """

    output: str
    sha256: str
    frames: int
    frame_rate: str
    duration_seconds: float
    segments: SegmentCounts
    frames_encoded: int
    frames_copied: int
    frames_reused: int
    wall_seconds: float
    size_bytes: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    size: tuple[int, int] = (0, 0)
    made: tuple[MadeSegment, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What a task hands in.

    `plan` gives `new_tasks` and `frames_total` (frames to encode); `stitch` gives `report`;
    asset tasks give `body` (the facts, see `timeline/media_json.py`); others may leave counts there.
    """

    body: Mapping[str, Json] = field(default_factory=dict[str, Json])
    new_tasks: tuple[NewTask, ...] = ()
    frames_total: int | None = None
    report: ExportReport | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task ended: `drained` counts no attempt, `transient` is tried again, `poison` never."""

    verdict: Verdict
    code: str
    detail: str


class JobBoard(Protocol):
    """Who must do what, until when (`operations.md`, section 1). Every method is safe from any thread."""

    def claim(self, worker: str, task_id: str | None = None) -> Lease | None:
        """Take the next ready task (or that one); None when there is none for us."""
        ...

    def heartbeat(self, frames_done: Mapping[tuple[str, int], int]) -> frozenset[tuple[str, int]]:
        """Prolong the leases named by (task, fence), report progress; answers those to stop now."""
        ...

    def expect(self, lease: Lease, frames: int) -> None:
        """Tell how many frames the work on an asset has; known once it was probed."""
        ...

    def announce(self, lease: Lease, state: ExportState) -> None:
        """Tell that the export has reached `stitching` or `checking`."""
        ...

    def commit(self, lease: Lease, result: TaskResult) -> bool:
        """Hand in a task. False: somebody else owns it now, or its export has ended."""
        ...

    def fail(self, lease: Lease, failure: Failure) -> None:
        """Give a task back with the reason."""
        ...

    def cancelled(self, lease: Lease) -> bool:
        """Whether to stop; asked before upload and publish."""
        ...
