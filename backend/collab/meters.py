"""What the rooms of a node count [collab-M1]."""

from typing import Literal, TypeAlias

from kit.metrics import Metrics

Why: TypeAlias = Literal["malformed", "too_large", "too_fast", "gap", "read_only", "broken"]


class RoomMeters:
    def __init__(self, metrics: Metrics) -> None:
        self._acks = metrics.histogram(
            "cutroom_edit_ack_seconds", "From an edit's arrival until it is durable and shown."
        )
        self._rejected = metrics.counter(
            "cutroom_edits_rejected_total", "Edits that were not taken, by why.", "why"
        )
        self._slow = metrics.counter(
            "cutroom_slow_readers_total", "Sockets closed because they did not keep up."
        )

    def edit_acked(self, seconds: float) -> None:
        self._acks.observe(seconds)

    def edit_rejected(self, why: Why) -> None:
        self._rejected.labels(why).inc()

    def slow_reader(self) -> None:
        self._slow.inc()
