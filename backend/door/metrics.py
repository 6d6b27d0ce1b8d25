"""How long requests took, by route and status [door-D5]."""

from typing import Final

from kit.metrics import Metrics

METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class HttpMetrics:
    def __init__(self, metrics: Metrics) -> None:
        self._seconds = metrics.histogram(
            "cutroom_http_seconds",
            "How long requests took, by route and status.",
            "route",
            "status",
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answer; a method that nobody knows makes no series of its own."""
        name = f"{method if method in METHODS else 'OTHER'} {route}"
        self._seconds.labels(name, str(status)).observe(seconds)
