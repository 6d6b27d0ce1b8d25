"""The carrier port: tells another machine that a task is ready, and is never asked what is true.

Its adapters are in `cli`: Celery, and none where the workers are in this process.
"""

from typing import Final, Protocol

QUEUES: Final = {
    "plan": "plan",
    "segments": "render",
    "audio": "render",
    "stitch": "stitch",
    "asset_ingest": "assets",
    "asset_views": "assets",
}
"""The queue that carries a kind of task."""


class CarrierAway(Exception):
    """It did not take a message; the pump tells it again later."""


class Carrier(Protocol):
    def send(self, task_id: str, queue: str, traceparent: str) -> None:
        """Say that a task is ready; CarrierAway. A message may be lost or come twice.

        `traceparent` is that of its order, and travels along; empty for work on an asset.
        """
        ...

    def send_canary(self, worker: str) -> None:
        """Something for that worker alone, so that it knows that messages reach it; CarrierAway."""
        ...
