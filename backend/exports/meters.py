"""What board and keeper count as it happens; what stands in the tables is read in `metrics.py`."""

from backend.exports.tables import ExportRow
from kit.metrics import LONG_SECONDS, Metrics


class BoardMeters:
    def __init__(self, metrics: Metrics) -> None:
        self._expired = metrics.counter(
            "cutroom_lease_expired_total", "Leases that ran out, their tasks given to others."
        )
        self._fenced = metrics.counter(
            "cutroom_fenced_out_total", "Results refused because the task was somebody else's."
        )
        self._ended = metrics.histogram(
            "cutroom_export_seconds",
            "From order to end, by how it ended.",
            "end",
            buckets=LONG_SECONDS,
        )

    def leases_expired(self, count: int) -> None:
        self._expired.inc(count)

    def fenced_out(self) -> None:
        self._fenced.inc()

    def export_ended(self, export: ExportRow | None) -> None:
        """Once its transaction stands; nothing where the export goes on."""
        if export is not None and export.ended_at is not None:
            seconds = (export.ended_at - export.created_at).total_seconds()
            self._ended.labels(export.state).observe(max(0.0, seconds))
