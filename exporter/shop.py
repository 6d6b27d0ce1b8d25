"""What every task is done with: the workshop, and the hand on the task."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from exporter.cache import SegmentCache
from exporter.fetch import Fetcher
from exporter.ffmpeg_process import Ffmpeg
from exporter.meters import Meters, Unmetered
from exporter.plan_shelf import PlanShelf
from exporter.publish import Publisher
from kit.clock import Clock
from kit.object_store import ObjectStore
from timeline.jobs import ExportState


class Control(Protocol):
    """The hand on a task: its progress out, the wish to stop in."""

    def cancelled(self) -> bool: ...

    def ask_board(self) -> bool: ...

    def progressed(self, frames: int) -> None: ...

    def expect(self, frames: int) -> None: ...

    def announce(self, state: ExportState) -> None: ...


@dataclass(frozen=True, slots=True)
class Workshop:
    """What tasks are done with. `scratch` is a private folder on a local disk."""

    ffmpeg: Ffmpeg
    store: ObjectStore
    cache: SegmentCache
    fetcher: Fetcher
    publisher: Publisher
    plans: PlanShelf
    clock: Clock
    scratch: Path
    meters: Meters = field(default_factory=Unmetered)
