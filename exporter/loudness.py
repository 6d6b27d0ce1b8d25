"""The level of the finished mix: to a loudness, or only kept from clipping [export-X14, X69].

Measured by EBU R 128 before and after: what is told is what was reached, never what was intended.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from exporter.sound_effects import limiter
from exporter.sound_sources import RawSound, SoundTools, filtered, raw_input
from timeline.sound_plan import SoundPlan

TRUE_PEAK_MAX: Final = 0.891251  # -1 dBTP
CEILING: Final = (
    0.870964  # -1.2 dBTP: what the limiter's last interpolation adds stays below the maximum
)
LOUDNESS_ERROR_LU: Final = 0.5
ROUNDS_MAX: Final = 3  # a limiter takes loudness away; each round gives back what was missing
MAKE_UP_DB_MAX: Final = 6.0  # beyond it a louder film would only be a more distorted one
SILENT_LUFS: Final = -70.0
INTEGRATED: Final = re.compile(r"lavfi\.r128\.I=(-?[0-9.]+|nan|-inf)")
TRUE_PEAK: Final = re.compile(r"lavfi\.r128\.true_peak=(-?[0-9.]+|nan|inf)")


@dataclass(frozen=True, slots=True)
class Loudness:
    """`lufs` is integrated loudness, None where it cannot be measured; `true_peak` 1 at full scale."""

    lufs: float | None
    true_peak: float


@dataclass(frozen=True, slots=True)
class Levelled:
    """The sound as it goes to the encoder; `diagnostics` are (code, detail)."""

    sound: RawSound
    diagnostics: tuple[tuple[str, str], ...] = ()


def levelled(plan: SoundPlan, mixed: RawSound, peak: float, tools: SoundTools) -> Levelled:
    """The mix at its target, true peaks at -1 dBTP at most; without one only what passes full scale is limited.

    `peak` is the sample peak of the mix. The mix's file is used up.
    """
    if plan.loudness_lufs is None:
        if peak <= 1.0:
            return Levelled(mixed)
        over = f"the sum reached {20 * np.log10(peak):.1f} dB over full scale"
        limited = filtered(
            mixed, limiter(CEILING, plan.sample_rate), plan.sample_rate, tools, "limited"
        )
        return Levelled(limited, (("audio_limited", over),))
    before = measured(plan, mixed, tools)
    if before.lufs is None:
        return Levelled(mixed, (("loudness_missed", "too short or too quiet to be measured"),))
    return _to_target(plan, mixed, before.lufs, plan.loudness_lufs, tools)


def _to_target(
    plan: SoundPlan, mixed: RawSound, lufs: float, target: float, tools: SoundTools
) -> Levelled:
    first = target - lufs
    decibels, made = first, mixed
    for round_number in range(ROUNDS_MAX):
        made, reached = _louder(plan, mixed, decibels, tools, f"loud{round_number}")
        missing = 0.0 if reached.lufs is None else target - reached.lufs
        enough = missing <= LOUDNESS_ERROR_LU / 2 or decibels - first >= MAKE_UP_DB_MAX
        if enough or round_number == ROUNDS_MAX - 1:
            mixed.path.unlink()
            return Levelled(made, missed(reached, target))
        made.path.unlink()
        decibels = min(first + MAKE_UP_DB_MAX, decibels + missing)
    raise AssertionError("every round ends")


def _louder(
    plan: SoundPlan, mixed: RawSound, decibels: float, tools: SoundTools, name: str
) -> tuple[RawSound, Loudness]:
    """The mix with that gain, its true peaks limited where there are any too high; and what it measures."""
    gain = f"volume={round(10 ** (decibels / 20), 9)}:precision=double"
    made = filtered(mixed, gain, plan.sample_rate, tools, name, keep=True)
    found = measured(plan, made, tools)
    if found.true_peak <= TRUE_PEAK_MAX:
        return made, found
    chain = limiter(CEILING, plan.sample_rate)
    made = filtered(made, chain, plan.sample_rate, tools, f"{name}.limited")
    return made, measured(plan, made, tools)


def missed(reached: Loudness, target: float) -> tuple[tuple[str, str], ...]:
    """What is to be told of a sound that was to have this loudness; nothing where it has."""
    told = "nothing that can be measured" if reached.lufs is None else f"{reached.lufs:.1f} LUFS"
    if reached.lufs is None or abs(reached.lufs - target) > LOUDNESS_ERROR_LU:
        return (("loudness_missed", f"{told} instead of {target:.1f}"),)
    if reached.true_peak > TRUE_PEAK_MAX:
        peak = 20 * np.log10(reached.true_peak)
        return (("loudness_missed", f"true peaks of {peak:.1f} dBTP instead of -1"),)
    return ()


def measured(plan: SoundPlan, sound: RawSound, tools: SoundTools) -> Loudness:
    """Integrated loudness and true peak of a raw file (EBU R 128, ITU-R BS.1770)."""
    return measured_of(raw_input(plan.sample_rate, plan.channels), sound.path, tools)


def measured_of(opening: Sequence[str], path: Path, tools: SoundTools) -> Loudness:
    """Integrated loudness and true peak of a file that is opened with these arguments."""
    chain = "ebur128=peak=true:metadata=1,ametadata=mode=print:file=/out/loudness.txt"
    tools.run([*opening, "-af", chain, "-f", "null", "-"], path)
    path = tools.scratch / "loudness.txt"
    lufs, true_peak = float("nan"), 0.0
    with path.open(encoding="ascii") as lines:
        for line in lines:
            if found := INTEGRATED.search(line):
                lufs = float(found[1])
            elif found := TRUE_PEAK.search(line):
                true_peak = float(found[1])
    path.unlink()
    return Loudness(lufs if lufs > SILENT_LUFS else None, true_peak)
