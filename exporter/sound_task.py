"""The sound of a film, between the planner and the board."""

from collections.abc import Callable, Mapping
from pathlib import Path

from exporter.fetch import Fetcher
from exporter.ffmpeg_process import Ffmpeg
from timeline.media import MediaTable
from timeline.model import Json
from timeline.plan import Output, Plan
from timeline.planner import Wanted
from timeline.resolved import Frames


def planned_sound(
    frames: Frames, media: MediaTable, output: Output, wanted: Wanted
) -> Mapping[str, Json]:
    """The sound plan as JSON, with its content key under `key`; empty where the film is silent."""
    return {}


def made_sound(
    ffmpeg: Ffmpeg, fetcher: Fetcher, plan: Plan, scratch: Path, cancelled: Callable[[], bool]
) -> tuple[Path, list[Json]]:
    """The film's sound as .m4a, and what had to be done to it."""
    raise NotImplementedError
