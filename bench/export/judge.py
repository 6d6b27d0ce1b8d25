"""Whether a film is right: its frames, where sound and picture end, and how close it is to its sources.

A fast film with a frame too many is a failed run. Closeness is the luma PSNR of a frame of a shot that stands
alone against the very picture of the original that stands there: a film that is one frame off scores low.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from bench.export.films import DISSOLVE_FRAMES, RATE, TITLE_FRAMES, Film
from bench.export.sources import Sources

SAMPLES_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """`apart_ms` is how far apart picture and sound end."""

    frames: int
    apart_ms: float
    psnr_db: float


def judged(film: Film, originals: Sources, path: Path) -> Verdict:
    frames, apart = _lengths(path)
    places = _places(film)
    shown = _pictures(path, [at for at, _, _ in places])
    errors: list[float] = []
    for (_, source, number), picture in zip(places, shown, strict=True):
        (original,) = _pictures(originals.clips[source], [number])
        errors.append(_psnr(picture, original))
    return Verdict(frames, apart, round(min(errors), 2))


def _places(film: Film) -> list[tuple[int, int, int]]:
    """(frame of the film, source, its picture) where nothing but one shot is seen."""
    covered = [(title.start, title.start + TITLE_FRAMES) for title in film.titles]
    covered += [(film.inset.start, film.inset.end)] if film.inset else []
    found: list[tuple[int, int, int]] = []
    for shot in film.shots:
        for at in range(shot.start + DISSOLVE_FRAMES, shot.end - DISSOLVE_FRAMES):
            if not any(start <= at < end for start, end in covered):
                found.append((at, shot.source, shot.first + at - shot.start))
                break
    step = max(1, len(found) // SAMPLES_MAX)
    return found[::step]


def _lengths(path: Path) -> tuple[int, float]:
    """Packets of the picture, and how many milliseconds apart both streams end."""
    with av.open(str(path)) as container:
        ends: dict[str, float] = {}
        frames = 0
        for packet in container.demux():
            if packet.pts is None or packet.time_base is None:
                continue
            kind = packet.stream.type
            frames += kind == "video"
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            ends[kind] = max(ends.get(kind, 0.0), end)
    apart = abs(ends.get("video", 0.0) - ends.get("audio", 0.0)) * 1000
    return frames, round(apart, 1)


def _pictures(path: Path, numbers: list[int]) -> list[NDArray[np.float64]]:
    """Luma of these pictures, by rank of presentation time from the first one on."""
    found: list[NDArray[np.float64]] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        first = next(container.decode(stream)).time
        for number in numbers:
            wanted = (first or 0.0) + (number - 0.5) / RATE
            container.seek(max(0, int(wanted * av.time_base)))
            frame = next(item for item in container.decode(stream) if (item.time or 0.0) >= wanted)
            found.append(frame.to_ndarray(format="gray").astype(np.float64))
    return found


def _psnr(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    error = float(np.mean((one - other) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))
