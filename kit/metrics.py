"""The numbers of one process, for Prometheus: what is counted here is never the id or the name of a person.

One `Metrics` is made where a process is put together and handed to those who count. Who is given none counts
into one that nobody reads.
"""

import hmac
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

QUICK_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds of what somebody waits for at the screen."""
LONG_SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)
"""Bounds of work that runs beside."""


class Metrics:
    """A registry of its own, so that a test makes many of them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        build = Gauge("cutroom_build_info", "This build.", ("version",), registry=self._registry)
        build.labels(version("cutroom")).set(1)

    def counter(self, name: str, words: str, *labels: str) -> Counter:
        """What only grows; its name ends in `_total`."""
        return Counter(name, words, labels, registry=self._registry)

    def histogram(
        self, name: str, words: str, *labels: str, buckets: Sequence[float] = QUICK_SECONDS
    ) -> Histogram:
        """How long things took; `buckets` are upper bounds in seconds."""
        return Histogram(name, words, labels, buckets=buckets, registry=self._registry)

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


def may_read(authorization: str, token: str) -> bool:
    """Whether a request with this `Authorization` header may read the numbers; an empty `token` asks for none."""
    sent = authorization.removeprefix("Bearer ")
    return not token or hmac.compare_digest(sent.encode(), token.encode())
