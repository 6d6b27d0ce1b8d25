"""Counts of the HTTP side in the Prometheus text form; no ids of people [door-D5]."""

from collections import Counter
from typing import Final

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SERIES_MAX: Final = 2_000  # routes times statuses; anything beyond is counted as "other"


class HttpMetrics:
    def __init__(self) -> None:
        self._count: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[tuple[str, int], float] = {}
        self._buckets: Counter[tuple[str, int, float]] = Counter()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        name = f"{method} {route}"
        if (name, status) not in self._count and len(self._count) >= SERIES_MAX:
            name = "other"
        self._count[name, status] += 1
        self._seconds[name, status] = self._seconds.get((name, status), 0.0) + seconds
        for bound in BUCKETS:
            if seconds <= bound:
                self._buckets[name, status, bound] += 1

    def text(self) -> str:
        lines = ["# TYPE cutroom_http_seconds histogram"]
        for (route, status), count in sorted(self._count.items()):
            labels = f'route="{route}",status="{status}"'
            lines += [
                f'cutroom_http_seconds_bucket{{{labels},le="{bound}"}} '
                f"{self._buckets[route, status, bound]}"
                for bound in BUCKETS
            ]
            lines.append(f'cutroom_http_seconds_bucket{{{labels},le="+Inf"}} {count}')
            lines.append(f"cutroom_http_seconds_sum{{{labels}}} {self._seconds[route, status]:.6f}")
            lines.append(f"cutroom_http_seconds_count{{{labels}}} {count}")
        return "\n".join(lines) + "\n"
