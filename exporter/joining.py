"""What a film is made of when everything is ready, and what it is made with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.ffmpeg_process import Ffmpeg
from kit.object_store import ObjectStore
from timeline.plan import Plan


@dataclass(frozen=True, slots=True)
class Joining:
    """`segments` by content key, `renditions` by hash, `sound` as the plan encodes it, `cover` a JPEG or nothing.

    `scratch` is a private folder on a local disk; `store` remembers which joins were decoded before.
    """

    plan: Plan
    segments: Mapping[str, Path]
    renditions: Mapping[str, Path]
    sound: Path | None
    cover: bytes
    ffmpeg: Ffmpeg
    scratch: Path
    store: ObjectStore
    cancelled: Callable[[], bool]
