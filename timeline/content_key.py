"""Content keys: the name under which an encoded segment can be found again [export-X4].

A key says everything that changes a pixel, and nothing else: not where the segment stands, whose
it is, nor what its files are called.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from timeline.model import Json
from timeline.plan import Output, PlannedLayer
from timeline.plan_json import layer_json

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
DRAWING_VERSION: Final = 3
"""Of the planner and the graph builder; raised whenever either draws something differently."""


@dataclass(frozen=True, slots=True)
class KeySpace:
    """What all encoded segments of one film share. `engine` is the sha256 of the ffmpeg binary."""

    output: Output
    engine: str

    def shared(self) -> dict[str, Json]:
        output, video = self.output, self.output.video
        return {
            "version": DRAWING_VERSION,
            "engine": self.engine,
            "size": [output.width, output.height],
            "rate": [output.fps_num, output.fps_den],
            "pixels": "yuv420p bt709 tv",
            "codec": video.codec,
            "x264_preset": video.x264_preset,
            "crf": video.crf,
            "keyint": video.keyint,
            "threads": 1,
        }


def canonical(value: Mapping[str, Json]) -> bytes:
    """UTF-8, sorted keys, no spaces: equal values have equal bytes."""
    return _CANONICAL.encode(value).encode("utf-8")


def drawn_key(
    space: KeySpace, frames: int, layers: Sequence[PlannedLayer], *, background: str | None
) -> str:
    """The key of frames to be encoded; `background` None where a layer hides all of it."""
    content: dict[str, Json] = {
        **space.shared(),
        "frames": frames,
        "layers": [layer_json(layer) for layer in layers],
    }
    if background is not None:
        content["background"] = background
    return hashlib.sha256(canonical(content)).hexdigest()


def copy_key(rendition: str, first_sample: int, samples: int) -> str:
    """The key of copied packets; only for reports and prices."""
    content: dict[str, Json] = {
        "rendition": rendition,
        "first_sample": first_sample,
        "samples": samples,
    }
    return hashlib.sha256(canonical(content)).hexdigest()
