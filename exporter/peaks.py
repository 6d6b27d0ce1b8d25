"""The shape of a sound for drawing waveforms: minima and maxima at 100, 10 and 1 pairs a second (`editor.md`, 7).

Little endian: `CPK1`, u8 channels, u8 levels, u16 base rate, u32 pairs at that rate; then level by level, pair by
pair, for each channel int8 minimum and maximum.
"""

import struct
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

MAGIC: Final = b"CPK1"
BASE_RATE: Final = 100
LEVELS: Final = 3
HEAD: Final = struct.Struct("<4sBBHI")


def peaks(blocks: Iterable[NDArray[np.int16]], sample_rate: int, channels: int) -> bytes:
    """The peaks of 16-bit samples, given in blocks of shape (samples, channels) whose lengths are whole seconds.

    Only the last block may be shorter.
    """
    step = sample_rate // BASE_RATE
    rows = [_pairs(block, step) for block in blocks if len(block)]
    base = np.concatenate(rows) if rows else np.zeros((0, channels, 2), np.int8)
    parts = [HEAD.pack(MAGIC, channels, LEVELS, BASE_RATE, len(base)), base.tobytes()]
    level = base
    for _ in range(LEVELS - 1):
        level = _coarser(level)
        parts.append(level.tobytes())
    return b"".join(parts)


def _pairs(block: NDArray[np.int16], step: int) -> NDArray[np.int8]:
    starts = np.arange(0, len(block), step)
    low = np.minimum.reduceat(block, starts, axis=0) >> 8
    high = np.maximum.reduceat(block, starts, axis=0) >> 8
    return np.stack([low, high], axis=2).astype(np.int8)


def _coarser(level: NDArray[np.int8]) -> NDArray[np.int8]:
    if not len(level):
        return level
    starts = np.arange(0, len(level), 10)
    low = np.minimum.reduceat(level[:, :, 0], starts, axis=0)
    high = np.maximum.reduceat(level[:, :, 1], starts, axis=0)
    return np.stack([low, high], axis=2)
