"""Samples of our own FLAC files, decoded here: whole numbers, so the same on every processor [export-X14].

A film of thirty clips would otherwise start thirty processes for a few milliseconds of work each.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from exporter.errors import Cancelled, ToolFailed

FULL_SCALE: Final = {"s16": 1 << 15, "s32": 1 << 31}


def write_samples(
    path: Path, low: int, high: int, out: Path, *, cancelled: Callable[[], bool]
) -> None:
    """Samples `low` to `high` as raw 32-bit floats, channels interleaved; fewer where the file ends.

    Cancelled; ToolFailed where the file cannot be decoded.
    """
    try:
        with av.open(str(path), format="flac") as container, out.open("wb") as file:
            stream = container.streams.audio[0]
            if low > stream.rate:
                container.seek(low - stream.rate, stream=stream)
            for block in _blocks(container.decode(stream), stream, low, high):
                if cancelled():
                    raise Cancelled
                file.write(block.astype("<f4").tobytes())
    except av.error.FFmpegError as error:
        raise ToolFailed(-1, f"{path.name}: {error}") from error


def _blocks(
    frames: Iterator[AudioFrame], stream: AudioStream, low: int, high: int
) -> Iterator[NDArray[np.float64]]:
    """What of each decoded frame lies between the two samples."""
    for frame in frames:
        start = frame.pts or 0
        if start >= high:
            return
        if start + frame.samples <= low:
            continue
        whole = frame.to_ndarray()
        channels = stream.codec_context.channels
        shaped = whole.T if frame.format.is_planar else whole.reshape(-1, channels)
        scale = FULL_SCALE[frame.format.packed.name]
        yield shaped[max(0, low - start) : high - start] / scale
