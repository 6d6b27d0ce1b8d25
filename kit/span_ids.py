"""Ids of spans: random, but for a span that others must be able to name. Loads OpenTelemetry."""

from contextvars import ContextVar

from opentelemetry.sdk.trace.id_generator import RandomIdGenerator


class ChosenIds(RandomIdGenerator):
    """Takes the id that stands in `chosen`, 16 hex digits, for the next span of this thread or task."""

    def __init__(self, chosen: ContextVar[str]) -> None:
        self._chosen = chosen

    def generate_span_id(self) -> int:
        return int(self._chosen.get() or "0", 16) or super().generate_span_id()
