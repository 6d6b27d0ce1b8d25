"""Any object store, with the time of each call told to somebody."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from kit.metrics import Metrics
from kit.object_store import ObjectStat, ObjectStore

Observe: TypeAlias = Callable[[str, float], None]
"""Gets the verb and its seconds."""


class MeasuredStore:
    """`inner`, and how long its verbs take: `open` until the stream is there, `list` until it is read."""

    def __init__(self, inner: ObjectStore, observe: Observe) -> None:
        self.inner: Final = inner
        self._observe = observe

    def put(self, key: str, source: Path | bytes, *, if_absent: bool = True) -> None:
        with self._timed("put"):
            self.inner.put(key, source, if_absent=if_absent)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        with self._timed("open"):
            return self.inner.open(key, start=start)

    def stat(self, key: str) -> ObjectStat | None:
        with self._timed("stat"):
            return self.inner.stat(key)

    def delete(self, key: str) -> None:
        with self._timed("delete"):
            self.inner.delete(key)

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        with self._timed("list"):
            yield from self.inner.list(prefix)

    def local_path(self, key: str) -> Path | None:
        return self.inner.local_path(key)

    @contextmanager
    def _timed(self, verb: str) -> Generator[None]:
        """A call that fails has taken its time too."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._observe(verb, time.monotonic() - began)


def measured_store(inner: ObjectStore, metrics: Metrics) -> MeasuredStore:
    """The store, counted as `cutroom_store_seconds`; once for each process."""
    seconds = metrics.histogram(
        "cutroom_store_seconds", "How long calls of the object store took.", "verb"
    )
    return MeasuredStore(inner, lambda verb, took: seconds.labels(verb).observe(took))
