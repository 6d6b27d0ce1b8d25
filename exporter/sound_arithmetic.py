"""Mixing as arithmetic on blocks of samples: levels, fades, pan, channel layouts, ducking [export-X14].

Everything is float64 in one fixed order, so the same plan gives the same samples on every machine. A block is an
array of shape (samples, channels).
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from timeline.keyframes import BISECTIONS
from timeline.sound_plan import POINTS_PER_SECOND, Curve, Ducking, Fade, Level

Block: TypeAlias = NDArray[np.float64]
FULL_SCALE: Final = 32_768
FOLD: Final = 0.707106781  # -3 dB: what a centre or a surround adds to a side
SURROUND_CHANNELS: Final = 6


def level_over(level: Level, start: int, count: int, sample_rate: int) -> Block | float:
    """A level for samples `start` ... of its owner; a number where it never changes."""
    if not isinstance(level, tuple):
        return float(level)
    grid = np.arange(len(level), dtype=np.float64) * (sample_rate // POINTS_PER_SECOND)
    return np.interp(np.arange(start, start + count, dtype=np.float64), grid, np.array(level))


def scaled(block: Block, level: Block | float) -> Block:
    if isinstance(level, float | int):
        return block * level
    return block * level.reshape(-1, 1)


def fade_over(fade: Fade, start: int, count: int) -> Block | None:
    """The weights of a fade for clip samples `start` ...; None where all of them are 1 [timeline-K5]."""
    inside = fade.start + fade.samples > start if fade.is_in else fade.start < start + count
    if not inside:
        return None
    share = (np.arange(start, start + count) + 0.5 - fade.start) / max(1, fade.samples)
    share = np.clip(share if fade.is_in else 1.0 - share, 0.0, 1.0)
    return _weights(fade.curve, share)


def _weights(curve: Curve, share: Block) -> Block:
    match curve:
        case "linear":
            return share
        case "equal_power":
            return np.sqrt(share)
        case "ease":
            return _ease(share)


def _ease(share: Block) -> Block:
    """CSS ease-in-out, by the same bisection as the core's `bezier`."""
    low, high = np.zeros_like(share), np.ones_like(share)
    for _ in range(BISECTIONS):
        center = (low + high) / 2
        below = _cubic(center, 0.42, 0.58) < share
        low, high = np.where(below, center, low), np.where(below, high, center)
    eased = _cubic((low + high) / 2, 0.0, 1.0)
    return np.where((share > 0) & (share < 1), eased, share)


def _cubic(s: Block, first: float, second: float) -> Block:
    r = 1 - s
    return 3 * r * r * s * first + 3 * r * s * s * second + s * s * s


def laid_out(block: Block, channels: int) -> Block:
    """The block in another number of channels: mono goes to both sides, surround folds down at -3 dB."""
    given = block.shape[1]
    if given == channels:
        return block
    if channels == SURROUND_CHANNELS:
        wide = np.zeros((len(block), SURROUND_CHANNELS))
        wide[:, :2] = laid_out(block, 2)
        return wide
    sides = _sides(block)
    return sides if channels == 2 else sides.mean(axis=1, keepdims=True)


def _sides(block: Block) -> Block:
    given = block.shape[1]
    if given == 1:
        return np.repeat(block, 2, axis=1)
    sides = block[:, :2].copy()
    if (
        given >= SURROUND_CHANNELS
    ):  # front left, front right, centre, low frequencies, back or side pairs
        sides += FOLD * block[:, 2:3]
        for pair in range(4, given - 1, 2):
            sides += FOLD * block[:, pair : pair + 2]
    return sides


def panned(block: Block, pan: Block | float) -> Block:
    """Balance: what moves to one side gets quieter on the other; mono stays."""
    if block.shape[1] == 1 or (isinstance(pan, float | int) and not pan):
        return block
    left, right = np.minimum(1.0, 1.0 - pan), np.minimum(1.0, 1.0 + pan)
    out = block.copy()
    for channel in range(block.shape[1]):
        if channel not in (2, 3):  # centre and low frequencies have no side
            out[:, channel] *= left if channel % 2 == 0 else right
    return out


class DuckingGain:
    """The gain of one ducked bus, block after block: an envelope, no compressor.

    Each 10 ms the energy of the key decides where the gain goes; between the points it is linear.
    """

    def __init__(self, ducking: Ducking, sample_rate: int, channels: int) -> None:
        self._step = sample_rate // POINTS_PER_SECOND
        self._ducking = ducking
        threshold = 10 ** (ducking.threshold_db / 10)
        self._energy_min = int(threshold * FULL_SCALE * FULL_SCALE * channels * self._step)
        self._decibels = 0.0

    def over(self, key: Block) -> Block:
        """The gains while the key bus sounds like this; blocks begin at whole 10 ms."""
        points = [self._decibels]
        for energy in energies(key, self._step):
            points.append(self._next(points[-1], is_loud=energy > self._energy_min))
        self._decibels = points[-1]
        gains = np.array([round(10 ** (point / 20), 9) for point in points])
        grid = np.arange(len(points), dtype=np.float64) * self._step
        return np.interp(np.arange(len(key), dtype=np.float64), grid, gains)

    def _next(self, decibels: float, *, is_loud: bool) -> float:
        amount = self._ducking.amount_db
        milliseconds = self._ducking.attack_ms if is_loud else self._ducking.release_ms
        step = -amount * (1000 / POINTS_PER_SECOND) / milliseconds if milliseconds else -amount
        return max(amount, decibels - step) if is_loud else min(0.0, decibels + step)


def energies(block: Block, step: int) -> Sequence[int]:
    """Sums of squares of each `step` samples over all channels, as 16-bit integers count."""
    whole = np.rint(block * FULL_SCALE).astype(np.int64)
    squares = (whole * whole).sum(axis=1)
    starts = np.arange(0, len(squares), step)
    return [int(total) for total in np.add.reduceat(squares, starts)] if len(squares) else []
