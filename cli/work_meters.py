"""The numbers of a worker in Prometheus' words."""

from exporter.meters import End
from kit.metrics import LONG_SECONDS, Metrics
from timeline.jobs import TaskKind


class WorkMeters:
    """The exporter's `Meters`."""

    def __init__(self, metrics: Metrics) -> None:
        self._attempts = metrics.counter(
            "cutroom_task_attempts_total", "Attempts at tasks, by how they ended.", "kind", "end"
        )
        self._segments = metrics.histogram(
            "cutroom_segment_seconds",
            "How long segments took to be made, by kind.",
            "kind",
            buckets=LONG_SECONDS,
        )
        self._encoded = metrics.counter("cutroom_frames_encoded_total", "Frames encoded.")
        self._copied = metrics.counter("cutroom_frames_copied_total", "Frames copied as they were.")
        self._hits = metrics.counter("cutroom_cache_hits_total", "Segments found in the cache.")
        self._conflicts = metrics.counter(
            "cutroom_cache_conflicts_total", "Other bytes met under a content key."
        )
        self._kills = metrics.counter(
            "cutroom_sandbox_kills_total", "Programs ended in the box, by why.", "why"
        )

    def task_ended(self, kind: TaskKind, end: End) -> None:
        self._attempts.labels(kind, end).inc()

    def segment_made(self, kind: str, frames: int, seconds: float) -> None:
        self._segments.labels(kind.lower()).observe(seconds)
        self._encoded.inc(frames)

    def frames_copied(self, frames: int) -> None:
        self._copied.inc(frames)

    def cache_hits(self, segments: int) -> None:
        self._hits.inc(segments)

    def cache_conflict(self) -> None:
        self._conflicts.inc()

    def box_killed(self, why: str) -> None:
        self._kills.labels(why).inc()
