"""What a worker counts while it works; the adapter for Prometheus is in `cli/work_meters.py`."""

from typing import Literal, Protocol, TypeAlias

from timeline.jobs import TaskKind, Verdict

End: TypeAlias = Literal["done", "late", "cancelled"] | Verdict
"""How an attempt ended; `late`: somebody else owned the task by then, or its export had ended."""


class Meters(Protocol):
    """Every method is safe from any thread and never fails."""

    def task_ended(self, kind: TaskKind, end: End) -> None:
        """One attempt at a task."""
        ...

    def segment_made(self, kind: str, frames: int, seconds: float) -> None:
        """One segment drawn and encoded, of a kind of `SegmentKind`."""
        ...

    def frames_copied(self, frames: int) -> None:
        """Frames of a film whose packets are the source's."""
        ...

    def cache_hits(self, segments: int) -> None:
        """Segments that need not be made, because they were found."""
        ...

    def cache_conflict(self) -> None:
        """Other bytes under a content key: two machines disagree about what a key means."""
        ...

    def box_killed(self, why: str) -> None:
        """A program was ended: at the limit `memory`, `time` or `output`, or `stalled`."""
        ...


class Unmetered:
    """Counts nothing: for exports without a server."""

    def task_ended(self, kind: TaskKind, end: End) -> None: ...

    def segment_made(self, kind: str, frames: int, seconds: float) -> None: ...

    def frames_copied(self, frames: int) -> None: ...

    def cache_hits(self, segments: int) -> None: ...

    def cache_conflict(self) -> None: ...

    def box_killed(self, why: str) -> None: ...
