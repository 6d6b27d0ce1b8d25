"""The mix as it is encoded, with its true peaks held behind the encoder too [export-X69].

An encoder gives back another wave than it got: of short hits, peaks that are some decibels higher. So where a
loudness was asked for the encoded sound is decoded and measured; what is too high is limited lower by as much,
and encoded again.
"""

from pathlib import Path
from typing import Final

from exporter.loudness import (
    CEILING,
    TRUE_PEAK_MAX,
    Levelled,
    Loudness,
    measured,
    measured_of,
    missed,
)
from exporter.sound_effects import limiter
from exporter.sound_encoders import encoded_name, encoding
from exporter.sound_sources import RawSound, SoundTools, filtered, raw_input
from timeline.sound_plan import SoundPlan

ROUNDS_MAX: Final = 4
MARGIN: Final = 0.977237  # 0.2 dB: a lower wave is encoded in other steps
DECODED: Final = (
    *("-format_whitelist", "mov", "-codec_whitelist", "aac,vorbis"),
    *("-f", "mov", "-i", "/in/0"),
)

Diagnostics = tuple[tuple[str, str], ...]


def encoded_sound(
    plan: SoundPlan, levelled: Levelled, tools: SoundTools
) -> tuple[Path, Diagnostics]:
    """The encoded film's sound in scratch, and what is to be told of it. The mix's file is used up."""
    mix, target = levelled.sound, plan.loudness_lufs
    path = _encoded(plan, mix, tools)
    told = levelled.diagnostics
    if target is not None and plan.codec != "pcm":
        path, told = _held(plan, levelled, target, path, tools)
    mix.path.unlink()
    return path, told


def _held(
    plan: SoundPlan, levelled: Levelled, target: float, path: Path, tools: SoundTools
) -> tuple[Path, Diagnostics]:
    ceiling, told = CEILING, levelled.diagnostics
    peak = measured_of(DECODED, path, tools).true_peak
    for number in range(1, ROUNDS_MAX):
        if peak <= TRUE_PEAK_MAX:
            return path, told
        ceiling *= MARGIN * TRUE_PEAK_MAX / peak
        chain = limiter(ceiling, plan.sample_rate)
        lower = filtered(
            levelled.sound, chain, plan.sample_rate, tools, f"lower{number}", keep=True
        )
        path = _encoded(plan, lower, tools)
        peak = measured_of(DECODED, path, tools).true_peak
        told = missed(Loudness(measured(plan, lower, tools).lufs, peak), target)
        lower.path.unlink()
    return path, told


def _encoded(plan: SoundPlan, sound: RawSound, tools: SoundTools) -> Path:
    name = encoded_name(plan.codec)
    opening = raw_input(plan.sample_rate, plan.channels)
    tools.run([*opening, *encoding(plan), f"/out/{name}"], sound.path)
    return tools.scratch / name
