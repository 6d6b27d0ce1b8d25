"""`.cube` files (Iridas, Resolve): hostile text -> one table of 33 x 33 x 33 colours [export-X37].

Read by our own parser with limits on bytes, lines and sizes; nothing of the text goes any further.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from exporter.cubes import Colors, sampled, whole_cube
from exporter.errors import MediaUnusable
from timeline.media import CUBE_SIDE

FILE_BYTES_MAX: Final = 16 << 20  # 65 x 65 x 65 colours of 40 characters take 11 MB
LINE_CHARACTERS_MAX: Final = 250  # the format's own limit
SIDE_MAX: Final = 65
CURVE_POINTS_MAX: Final = 65_536
HEAD_LINES_MAX: Final = 200
NUMBER_MAX: Final = 1e6
WORDS: Final = frozenset(
    (
        *("TITLE", "LUT_3D_SIZE", "LUT_1D_SIZE", "DOMAIN_MIN", "DOMAIN_MAX"),
        *("LUT_3D_INPUT_RANGE", "LUT_1D_INPUT_RANGE"),
    )
)


def is_cube_text(head: bytes) -> bool:
    """Whether a file that begins so says that it is a look-up table."""
    if b"\0" in head:
        return False
    lines = head.decode("latin-1").splitlines()[:HEAD_LINES_MAX]
    return any(line.split()[:1] in (["LUT_3D_SIZE"], ["LUT_1D_SIZE"]) for line in lines)


@dataclass(slots=True)
class _Head:
    side: int = 0
    points: int = 0
    low: tuple[float, ...] = (0.0, 0.0, 0.0)
    high: tuple[float, ...] = (1.0, 1.0, 1.0)


def cube_colors(body: bytes) -> Colors:
    """The table that a `.cube` file describes, at 33 places a side; MediaUnusable says which line is wrong."""
    if len(body) > FILE_BYTES_MAX:
        raise MediaUnusable("media_too_large", "a look-up table has at most 16 MB")
    head, rows = _Head(), list[list[float]]()
    for number, words in _lines(body):
        if words[0] in WORDS:
            _read_word(head, words, number)
        else:
            rows.append(_numbers(words, 3, number))
        if len(rows) > max(head.side**3, head.points):
            raise _wrong(number, "there are more colours than its size says")
    expected = head.side**3 or head.points
    if expected == 0 or len(rows) != expected:
        raise MediaUnusable(
            "media_damaged", f"the look-up table has {len(rows)} of {expected} colours"
        )
    return _at_our_places(head, np.array(rows, np.float64))


def _lines(body: bytes) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(body.decode("latin-1").splitlines(), start=1):
        if len(line) > LINE_CHARACTERS_MAX:
            raise _wrong(number, "it is too long")
        words = line.removeprefix("\ufeff").removeprefix("ï»¿").split()
        if words and not words[0].startswith("#"):
            yield number, words


def _read_word(head: _Head, words: list[str], number: int) -> None:
    match words[0]:
        case "LUT_3D_SIZE":
            head.side = _size(words, SIDE_MAX, number)
        case "LUT_1D_SIZE":
            head.points = _size(words, CURVE_POINTS_MAX, number)
        case "DOMAIN_MIN":
            head.low = tuple(_numbers(words[1:], 3, number))
        case "DOMAIN_MAX":
            head.high = tuple(_numbers(words[1:], 3, number))
        case "LUT_3D_INPUT_RANGE" | "LUT_1D_INPUT_RANGE":
            low, high = _numbers(words[1:], 2, number)
            head.low, head.high = (low,) * 3, (high,) * 3
        case _:
            return  # its title is nobody's business
    if head.side and head.points:
        raise _wrong(number, "it is a cube and a curve at once")


def _size(words: list[str], most: int, number: int) -> int:
    size = int(words[1]) if len(words) == 2 and words[1].isascii() and words[1].isdigit() else 0
    if not 2 <= size <= most:
        raise _wrong(number, f"its size is not between 2 and {most}")
    return size


def _numbers(words: list[str], count: int, number: int) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError as error:
        raise _wrong(number, "it is no colour") from error
    if len(values) != count or not all(
        math.isfinite(value) and abs(value) <= NUMBER_MAX for value in values
    ):
        raise _wrong(number, "it is no colour")
    return values


def _wrong(number: int, why: str) -> MediaUnusable:
    return MediaUnusable("media_damaged", f"line {number} of the look-up table: {why}")


def _at_our_places(head: _Head, rows: Colors) -> Colors:
    low, high = np.array(head.low), np.array(head.high)
    if (high <= low).any():
        raise MediaUnusable("media_damaged", "the domain of the look-up table is empty")
    at = np.clip((whole_cube(CUBE_SIDE) - low) / (high - low), 0.0, 1.0)
    if head.side:
        found = sampled(rows, (head.side,) * 3, at)
    else:
        ends = np.linspace(0.0, 1.0, head.points)
        found = np.stack([np.interp(at[:, i], ends, rows[:, i]) for i in range(3)], axis=1)
    return np.clip(found, 0.0, 1.0)
