"""Counts of the HTTP side for Prometheus; no ids of people [door-D5]."""

from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class HttpMetrics:
    """Of one app: a test makes many of them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "cutroom_http_seconds",
            "How long requests took, by route and status.",
            ("route", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        build = Gauge("cutroom_build_info", "This build.", ("version",), registry=self._registry)
        build.labels(version("cutroom")).set(1)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answer; a method that nobody knows makes no series of its own."""
        name = f"{method if method in METHODS else 'OTHER'} {route}"
        self._seconds.labels(name, str(status)).observe(seconds)

    def watch(self, name: str, words: str, ask: Callable[[], float]) -> None:
        """A number that is asked for whenever somebody looks."""
        Gauge(name, words, registry=self._registry).set_function(ask)

    def text(self, more: Iterable[Metric] = ()) -> bytes:
        """The exposition format, with what was read elsewhere at this moment."""
        read = CollectorRegistry()
        read.register(_Read(list(more)))
        return generate_latest(self._registry) + generate_latest(read)


class _Read(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics
