"""The one sound pass of a film: clips -> buses -> sum -> loudness -> one encode [export-X14, X15].

Buses are mixed in blocks of 10 s, so memory does not grow with the film.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exporter.encoded_sound import encoded_sound
from exporter.ffmpeg_process import Ffmpeg
from exporter.loudness import levelled
from exporter.sound_arithmetic import (
    Block,
    DuckingGain,
    fade_over,
    laid_out,
    level_over,
    panned,
    scaled,
)
from exporter.sound_effects import effect_chain
from exporter.sound_sources import (
    RAW,
    ClipSound,
    RawSound,
    SoundTools,
    filtered,
    prepared_clip,
)
from timeline.sound_plan import Bus, MixSource, SoundClip, SoundPlan

BLOCK_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class MadeSound:
    """A file with exactly the plan's samples, encoded as the plan says; `diagnostics` are (code, detail)."""

    path: Path
    diagnostics: tuple[tuple[str, str], ...] = ()


def make_sound(
    plan: SoundPlan,
    fetch: Callable[[str], Path],
    scratch: Path,
    out: Path,
    *,
    ffmpeg: Ffmpeg,
    cancelled: Callable[[], bool],
) -> MadeSound:
    """Mix and encode the sound of a film to `out`. `fetch` finds a FLAC by hash; `scratch` is private.

    Cancelled, ToolFailed, NoRoom, and whatever `fetch` raises.
    """
    tools = SoundTools(ffmpeg, fetch, scratch, cancelled)
    mixed, peak = mixed_sound(plan, tools, "film")
    told = levelled(plan, mixed, peak, tools)
    path, diagnostics = encoded_sound(plan, told, tools)
    path.replace(out)
    return MadeSound(out, diagnostics)


def mixed_sound(plan: SoundPlan, tools: SoundTools, name: str) -> tuple[RawSound, float]:
    """The sum of all buses as a raw file, and its sample peak."""
    path = tools.scratch / f"{name}.mix.f32"
    peak = 0.0
    with path.open("wb") as file:
        for block in _blocks(plan, tools, name):
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            file.write(block.astype(RAW).tobytes())
    raw = RawSound(path, plan.channels)
    if not plan.effects:
        return raw, peak
    raw = filtered(
        raw, effect_chain(plan.effects, plan.sample_rate), plan.sample_rate, tools, f"{name}.done"
    )
    samples, size = raw.samples(), BLOCK_SECONDS * plan.sample_rate
    starts = range(0, plan.samples, size)
    return raw, max(
        (float(np.abs(samples[start : start + size]).max(initial=0.0)) for start in starts),
        default=0.0,
    )


def _blocks(plan: SoundPlan, tools: SoundTools, name: str) -> Iterator[Block]:
    buses = [
        _BusMixer(bus, plan, tools, f"{name}.{number}") for number, bus in enumerate(plan.buses)
    ]
    gains = [
        [DuckingGain(item, plan.sample_rate, plan.channels) for item in bus.ducking]
        for bus in plan.buses
    ]
    size = BLOCK_SECONDS * plan.sample_rate
    for start in range(0, plan.samples, size):
        count = min(size, plan.samples - start)
        plain = [bus.block(start, count) for bus in buses]
        total = np.zeros((count, plan.channels))
        for bus, block, envelopes in zip(plan.buses, plain, gains, strict=True):
            ducked = block
            for ducking, envelope in zip(bus.ducking, envelopes, strict=True):
                ducked = scaled(ducked, envelope.over(plain[ducking.by]))
            total += ducked
        yield total
    for bus in buses:
        bus.close()


class _BusMixer:
    """Adds the clips of one bus, in (start, place in the plan) order; opens a clip when it begins, drops it after."""

    def __init__(self, bus: Bus, plan: SoundPlan, tools: SoundTools, name: str) -> None:
        self._bus, self._plan, self._tools, self._name = bus, plan, tools, name
        self._clips = sorted(enumerate(bus.clips), key=lambda item: (item[1].start, item[0]))
        self._open: dict[int, ClipSound] = {}
        self._done: NDArray[np.float32] | None = None

    def block(self, start: int, count: int) -> Block:
        """The bus as it is heard: clips, effects, gain, pan."""
        if not self._bus.effects:
            total = self._sum(start, count)
        else:
            total = self._with_effects()[start : start + count].astype(np.float64)
        rate = self._plan.sample_rate
        total = scaled(total, level_over(self._bus.gain, start, count, rate))
        return panned(total, level_over(self._bus.pan, start, count, rate))

    def _with_effects(self) -> NDArray[np.float32]:
        """The whole bus through its effects, which remember what came before; made with the first block."""
        if self._done is None:
            path = self._tools.scratch / f"{self._name}.bus.f32"
            size, whole = BLOCK_SECONDS * self._plan.sample_rate, self._plan.samples
            with path.open("wb") as file:
                for start in range(0, whole, size):
                    file.write(self._sum(start, min(size, whole - start)).astype(RAW).tobytes())
            rate = self._plan.sample_rate
            chain = effect_chain(self._bus.effects, rate)
            raw = RawSound(path, self._plan.channels)
            self._done = filtered(raw, chain, rate, self._tools, f"{self._name}.fx").samples()
        return self._done

    def close(self) -> None:
        for path in self._tools.scratch.glob(f"{self._name}.fx.*"):
            path.unlink()

    def _sum(self, start: int, count: int) -> Block:
        total = np.zeros((count, self._plan.channels))
        for number, clip in self._clips:
            low, high = max(start, clip.start), min(start + count, clip.start + clip.samples)
            if low < high:
                reader = self._open.get(number) or self._opened(number, clip)
                total[low - start : high - start] += self._clip_block(
                    reader, clip, low - clip.start, high - low
                )
            if clip.start + clip.samples <= start + count and number in self._open:
                self._drop(number)
        return total

    def _clip_block(self, reader: ClipSound, clip: SoundClip, start: int, count: int) -> Block:
        rate = self._plan.sample_rate
        block = laid_out(reader.read(start, count), self._plan.channels)
        block = scaled(block, level_over(clip.gain, start, count, rate))
        for fade in clip.fades:
            weights = fade_over(fade, start, count)
            if weights is not None:
                block = scaled(block, weights)
        return panned(block, level_over(clip.pan, start, count, rate))

    def _opened(self, number: int, clip: SoundClip) -> ClipSound:
        name = f"{self._name}.{number}"
        mix = None
        if isinstance(clip.source, MixSource):
            mix, _ = mixed_sound(clip.source.mix, self._tools, name)
        self._open[number] = prepared_clip(clip, self._plan.sample_rate, self._tools, name, mix)
        return self._open[number]

    def _drop(self, number: int) -> None:
        del self._open[number]
        for path in self._tools.scratch.glob(f"{self._name}.{number}.*"):
            path.unlink()
