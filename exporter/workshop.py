"""A workshop for a server: films go to its object store."""

from pathlib import Path

from exporter.cache import SegmentCache
from exporter.fetch import Fetcher
from exporter.ffmpeg_process import Ffmpeg, sweep_boxes
from exporter.meters import Meters
from exporter.plan_shelf import PlanShelf
from exporter.publish import StorePublisher
from exporter.shop import Workshop
from kit.clock import Clock
from kit.object_store import ObjectStore


def open_workshop(
    ffmpeg: Ffmpeg,
    store: ObjectStore,
    clock: Clock,
    *,
    scratch: Path,
    cache_bytes_max: int,
    meters: Meters,
) -> Workshop:
    """Everything over one store. `scratch` is a private folder on a local disk; it is made."""
    scratch.mkdir(parents=True, exist_ok=True)
    sweep_boxes()
    return Workshop(
        ffmpeg=ffmpeg,
        store=store,
        cache=SegmentCache(store, clock, cache_bytes_max, meters),
        fetcher=Fetcher(store, scratch / "fetched"),
        publisher=StorePublisher(store),
        plans=PlanShelf(store),
        clock=clock,
        scratch=scratch,
        meters=meters,
    )
