"""The in-process carrier: workers in threads of this process, woken by the bus [operations-W11]."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cli.errors import CommandFailed, ExitCode
from exporter.meters import Meters
from exporter.settings import BadSetting, find_ffmpeg
from exporter.settings import read_settings as read_exporter_settings
from exporter.shop import Workshop
from exporter.worker import PoolOptions, WorkerPool
from exporter.workshop import open_workshop
from kit.clock import Clock
from kit.event_bus import EventBus
from kit.object_store import ObjectStore
from timeline.jobs import JobBoard

WORK_TOPIC: Final = "work.ready"


class EmbeddedEngine:
    """The exporter beside the server: `start` and `stop` stand in the app's lifespan."""

    def __init__(
        self, board: JobBoard, bus: EventBus, shop: Workshop, *, slots: int | None
    ) -> None:
        options = PoolOptions(slots=slots or os.cpu_count() or 1)
        self._pool = WorkerPool(board, shop, options)
        self._bus = bus
        self._shop = shop

    @property
    def description(self) -> str:
        """Build and box level, for `/readyz`."""
        return f"ffmpeg {self._shop.ffmpeg.version}, box {self._shop.ffmpeg.level}"

    @property
    def build_id(self) -> str:
        return self._shop.ffmpeg.build_id

    def cached(self, keys: Iterable[str]) -> frozenset[str]:
        """Finished segments that need not be made again."""
        return frozenset(key for key in keys if self._shop.cache.has(key))

    def start(self) -> None:
        self._pool.start()

    def stop(self) -> None:
        """End ffmpeg and give the tasks back."""
        self._pool.stop()
        self._shop.ffmpeg.prober.close()

    async def carry(self) -> None:
        """Wake the workers when the board has something; runs until it is cancelled."""
        async with self._bus.subscribe(WORK_TOPIC) as hints:
            while True:
                await hints.next()
                self._pool.wake()


def embedded_shop(folder: Path, store: ObjectStore, clock: Clock, meters: Meters) -> Workshop:
    """What tasks are done with, under the data folder; scratch of an earlier process is removed."""
    try:
        settings = read_exporter_settings()
        ffmpeg = find_ffmpeg(settings, folder / "notes")
    except BadSetting as bad:
        raise CommandFailed(str(bad), "environment", ExitCode.BAD_INPUT) from bad
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    return open_workshop(
        ffmpeg,
        store,
        clock,
        scratch=scratch,
        cache_bytes_max=settings.cache_bytes_max,
        meters=meters,
    )
