"""The samples of one clip: decoded, resampled and stretched by ffmpeg, one stream at a time [export-X14].

What ffmpeg makes is a raw file in scratch, read in place; nothing of a clip is held in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from exporter.ffmpeg_process import HEAD, Ffmpeg, run_ffmpeg
from exporter.flac_samples import write_samples
from exporter.sound_arithmetic import Block
from exporter.sound_effects import effect_chain
from kit.box import GIB, Limits
from timeline.sound_plan import (
    POINTS_PER_SECOND,
    FlacSource,
    SoundClip,
    ToneSource,
)

SOUND_LIMITS: Final = Limits(wall_seconds=1800, resident_bytes=GIB)
FLAC_RATE: Final = 48_000
MARGIN_SAMPLES: Final = 4096  # what a stretcher may want beyond the end
PRE_ROLL_SAMPLES: Final = 96_000  # an effect with memory has heard 2 s before the clip begins
RAW: Final = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class SoundTools:
    """What making sound needs: the binary, where FLAC files are by hash, a private folder, when to stop."""

    ffmpeg: Ffmpeg
    fetch: Callable[[str], Path]
    scratch: Path
    cancelled: Callable[[], bool]

    def run(self, arguments: list[str], source: Path) -> None:
        run_ffmpeg(
            self.ffmpeg,
            [
                *HEAD,
                "-cpuflags",
                "0",
                "-y",
                "-protocol_whitelist",
                "file",
                "-threads",
                "1",
                *arguments,
            ],
            inputs={"0": source},
            output_dir=self.scratch,
            limits=SOUND_LIMITS,
            cancelled=self.cancelled,
        )


@dataclass(frozen=True, slots=True)
class RawSound:
    """A raw file of 32-bit floats. Its sample 0 is sample `first` of what it was made of."""

    path: Path
    channels: int
    first: int = 0

    def samples(self) -> "NDArray[np.float32]":
        size = self.path.stat().st_size // (RAW.itemsize * self.channels)
        if size == 0:
            return np.zeros((0, self.channels), RAW)
        return np.memmap(self.path, RAW, "r", shape=(size, self.channels))


def raw_input(sample_rate: int, channels: int) -> list[str]:
    """Arguments in front of a raw file of 32-bit floats."""
    whitelists = ["-format_whitelist", "f32le", "-codec_whitelist", "pcm_f32le"]
    return [
        *whitelists,
        "-f",
        "f32le",
        "-ar",
        str(sample_rate),
        "-ac",
        str(channels),
        "-i",
        "/in/0",
    ]


class ClipSound:
    """Reads a clip's samples, silence where its source has none."""

    def __init__(self, clip: SoundClip, sample_rate: int, raw: RawSound | None) -> None:
        self._clip, self._rate = clip, sample_rate
        self._raw = raw
        self._samples = raw.samples() if raw else None

    def read(self, start: int, count: int) -> Block:
        """Clip samples `start` ...; shape (count, channels of the source)."""
        clip = self._clip
        if isinstance(clip.source, ToneSource):
            return self._tone(clip.source, start, count)
        if self._samples is None or self._raw is None:
            return np.zeros((count, 1))
        if clip.stretch.positions:
            block = self._remapped(self._samples, start, count)
        else:
            block = _padded(self._samples, start - self._raw.first, count)
        wanted = clip.source.channels if isinstance(clip.source, FlacSource) else ()
        return block[:, list(wanted)] if wanted else block

    def _tone(self, tone: ToneSource, start: int, count: int) -> Block:
        at = np.arange(start, start + count, dtype=np.float64) + self._clip.first
        turns = at * (tone.hz / self._rate)
        cycles = turns - np.floor(turns)
        # Rounded, because libraries of different processors differ in the last bits of a sine.
        wave = np.asarray(np.round(np.sin(2 * np.pi * cycles), 9), np.float64)
        return tone.level * wave.reshape(-1, 1)

    def _remapped(self, samples: "NDArray[np.float32]", start: int, count: int) -> Block:
        """Source samples at the positions of a time curve, linear between; silent where it stands still."""
        points = np.array(self._clip.stretch.positions)
        grid = np.arange(len(points), dtype=np.float64) * (self._rate // POINTS_PER_SECOND)
        at: Block = np.interp(np.arange(start, start + count + 1, dtype=np.float64), grid, points)
        moving: Block = (np.diff(at) != 0).astype(np.float64).reshape(-1, 1)
        first = self._raw.first if self._raw else 0
        whole = np.floor(at[:-1]).astype(np.int64)
        share: Block = (at[:-1] - whole).reshape(-1, 1)
        low, high = int(whole.min()) - first, int(whole.max()) - first + 2
        window = _padded(samples, low, high - low)
        index = whole - first - low
        block: Block = (window[index] * (1 - share) + window[index + 1] * share) * moving
        return block


def _padded(samples: "NDArray[np.float32]", start: int, count: int) -> Block:
    """Samples `start` ... with silence outside of what is there."""
    block = np.zeros((count, samples.shape[1]))
    low, high = max(0, start), min(len(samples), start + count)
    if low < high:
        block[low - start : high - start] = samples[low:high]
    return block


def prepared_clip(
    clip: SoundClip, sample_rate: int, tools: SoundTools, name: str, mix: RawSound | None
) -> ClipSound:
    """Make the raw file of a clip; `mix` is the nested mix of a MixSource. The file is called `name`."""
    source, stretch = clip.source, clip.stretch
    if isinstance(source, ToneSource):
        return ClipSound(clip, sample_rate, None)
    low, high = _needed(clip)
    if isinstance(source, FlacSource):
        low, high = max(0, low), min(source.samples, high)
        if low >= high:
            return ClipSound(clip, sample_rate, None)
        raw = _decoded(source, low, high, sample_rate, tools, name)
    elif mix is None:
        return ClipSound(clip, sample_rate, None)
    else:
        raw = mix
    if (stretch.num, stretch.den) == (1, 1) and not stretch.positions:
        raw = RawSound(raw.path, raw.channels, raw.first - clip.first)
    elif not stretch.positions:
        raw = _stretched(clip, raw, sample_rate, tools, name)
    if clip.effects:
        chain = effect_chain(clip.effects, sample_rate)
        raw = filtered(raw, chain, sample_rate, tools, f"{name}.effects")
    return ClipSound(clip, sample_rate, raw)


def filtered(
    raw: RawSound,
    chain: str,
    sample_rate: int,
    tools: SoundTools,
    name: str,
    *,
    keep: bool = False,
) -> RawSound:
    """One filter chain over a whole raw file, exactly as long as before; what was read goes, unless `keep`."""
    count = len(raw.samples())
    exact = f"{chain},apad=whole_len={count},atrim=end_sample={count}"
    arguments = [
        *raw_input(sample_rate, raw.channels),
        "-af",
        exact,
        "-f",
        "f32le",
        f"/out/{name}.f32",
    ]
    tools.run(arguments, raw.path)
    if not keep:
        raw.path.unlink()
    return RawSound(tools.scratch / f"{name}.f32", raw.channels, raw.first)


def _needed(clip: SoundClip) -> tuple[int, int]:
    """The source samples that a clip uses, with a margin where it is stretched."""
    stretch = clip.stretch
    if stretch.positions:
        return int(min(stretch.positions)) - 1, int(max(stretch.positions)) + 2
    length = -(-clip.samples * abs(stretch.num) // stretch.den)
    if (stretch.num, stretch.den) == (1, 1):
        return clip.first - (PRE_ROLL_SAMPLES if clip.effects else 0), clip.first + length
    margin = MARGIN_SAMPLES
    if stretch.num < 0:
        return clip.first - length - margin, clip.first
    return clip.first, clip.first + length + margin


def _decoded(
    source: FlacSource, low: int, high: int, sample_rate: int, tools: SoundTools, name: str
) -> RawSound:
    """Source samples `low` to `high` at the film's rate; sought to a whole second, then counted."""
    if sample_rate == FLAC_RATE:
        out = tools.scratch / f"{name}.f32"
        write_samples(tools.fetch(source.hash), low, high, out, cancelled=tools.cancelled)
        return RawSound(out, source.source_channels, low)
    second = max(0, low // sample_rate - 1)
    shift = second * sample_rate
    trim = f"aresample={sample_rate},atrim=start_sample={low - shift}:end_sample={high - shift}"
    arguments = ["-format_whitelist", "flac", "-codec_whitelist", "flac", "-f", "flac"]
    arguments += [
        *(("-ss", str(second)) if second else ()),
        "-i",
        "/in/0",
        "-map",
        "0:a:0",
        "-af",
        trim,
    ]
    tools.run([*arguments, "-f", "f32le", f"/out/{name}.f32"], tools.fetch(source.hash))
    return RawSound(tools.scratch / f"{name}.f32", source.source_channels, low)


def _stretched(
    clip: SoundClip, raw: RawSound, sample_rate: int, tools: SoundTools, name: str
) -> RawSound:
    """The clip's samples at its speed: pitch kept by rubberband, else resampled; clip sample 0 is file sample 0."""
    stretch, samples = clip.stretch, raw.samples()
    low, high = _needed(clip)
    cut = tools.scratch / f"{name}.cut.f32"
    with cut.open("wb") as file:
        if stretch.num < 0:
            for end in range(high, low, -sample_rate):
                start = max(low, end - sample_rate)
                part = _padded(samples, start - raw.first, end - start)[::-1]
                file.write(part.astype(RAW).tobytes())
        else:
            for start in range(low, high, sample_rate):
                part = _padded(samples, start - raw.first, min(sample_rate, high - start))
                file.write(part.astype(RAW).tobytes())
    num, den = abs(stretch.num), stretch.den
    if (num, den) == (1, 1):
        return RawSound(cut, raw.channels)
    if stretch.pitch_lock:
        chain = ",".join(f"rubberband=tempo={part:.9f}" for part in _tempos(num / den))
    else:
        scale = max(1, -(-8000 // min(num, den)))
        chain = f"asetrate={num * scale},aresample={den * scale}"
    arguments = [
        *raw_input(sample_rate, raw.channels),
        "-af",
        f"{chain},atrim=end_sample={clip.samples}",
    ]
    tools.run([*arguments, "-f", "f32le", f"/out/{name}.fast.f32"], cut)
    cut.unlink()
    return RawSound(tools.scratch / f"{name}.fast.f32", raw.channels)


def _tempos(tempo: float) -> list[float]:
    """Factors whose product is the tempo, each within what the stretcher does well."""
    factors: list[float] = []
    while tempo > 8 or tempo < 1 / 8:
        step = 8.0 if tempo > 1 else 1 / 8
        factors.append(step)
        tempo /= step
    return [*factors, tempo]
