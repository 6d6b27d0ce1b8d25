"""Types of values in the document, as readers: raw JSON in, the normal form or `BAD` out.

The normal form of an integral float is an int, that of a color is in lower case. A missing key and
`null` mean the default and are never handed to a reader.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias, cast

from timeline.model import Json
from timeline.timing import TICK_MAX

ID_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
COLOR_PATTERN: Final = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})\Z")
ORDER_PATTERN: Final = re.compile(r"[0-9A-Za-z]{1,256}\Z")
FONT_PATTERN: Final = re.compile(r"[a-z0-9_-]{1,64}:[^\x00-\x1f\ud800-\udfff]{1,136}\Z")

WORDS_MAX: Final = 2_000  # of one cue; a property holds 64 KiB


class Bad(Enum):
    """The answer of a reader to a value that is present but wrong."""

    BAD = "bad"


POINTS_MAX: Final = 64
BAD: Final = Bad.BAD
Read: TypeAlias = Json | Literal[Bad.BAD]
Reader: TypeAlias = Callable[[object], Read]


@dataclass(frozen=True, slots=True)
class Prop:
    """One key: how to read it, what it is when missing; numbers have a range, `~` keys are animated."""

    read: Reader
    default: Json = None
    low: float = -math.inf
    high: float = math.inf
    animated: bool = False


def is_id(text: str) -> bool:
    return ID_PATTERN.match(text) is not None


def is_well_formed(text: str) -> bool:
    """False where a surrogate stands alone, which no UTF-8 can say."""
    if text.isascii():
        return True
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _integers(low: int, high: int) -> Reader:
    def read(raw: object) -> Read:
        if type(raw) is float and raw.is_integer():
            raw = int(raw)
        return raw if type(raw) is int and low <= raw <= high else BAD

    return read


def _numbers(low: float, high: float) -> Reader:
    def read(raw: object) -> Read:
        # Comparing with NaN is false, so the range refuses it as well as the infinities.
        if type(raw) is float or type(raw) is int:
            return raw if low <= raw <= high else BAD
        return BAD

    return read


def matching(pattern: re.Pattern[str], *, lower: bool = False) -> Reader:
    def read(raw: object) -> Read:
        if type(raw) is str and pattern.match(raw):
            return raw.lower() if lower else raw
        return BAD

    return read


def read_bool(raw: object) -> Read:
    return raw if type(raw) is bool else BAD


def read_any(raw: object) -> Read:
    return cast("Json", raw)


def read_channels(raw: object) -> Read:
    """Channels of the source, 0-based, as a non-empty list of integers 0..63."""
    if type(raw) is not list:
        return BAD
    items = cast("list[object]", raw)
    one = _integers(0, 63)
    channels = [one(item) for item in items[:65]]
    if not 1 <= len(channels) <= 64 or BAD in channels:
        return BAD
    return cast("Json", channels)


def read_words(raw: object) -> Read:
    """[[tick from the cue's start, duration, text], ...]; in the order of the text."""
    if type(raw) is not list or len(cast("list[object]", raw)) > WORDS_MAX:
        return BAD
    words: list[Json] = []
    for item in cast("list[object]", raw):
        if type(item) is not list or len(cast("list[object]", item)) != 3:
            return BAD
        at, duration, text = cast("list[object]", item)
        word = [_WORD_TICK(at), _WORD_TICK(duration), _WORD_TEXT(text)]
        if BAD in word:
            return BAD
        words.append(cast("Json", word))
    return words


def read_bands(raw: object) -> Read:
    """[[hz, gain_db, q], ...] of an equaliser, at most 16."""
    if type(raw) is not list or len(cast("list[object]", raw)) > 16:
        return BAD
    bands: list[Json] = []
    for item in cast("list[object]", raw):
        if type(item) is not list or len(cast("list[object]", item)) != 3:
            return BAD
        hz, gain_db, q = cast("list[object]", item)
        band = [_numbers(1, 24_000)(hz), _numbers(-60, 60)(gain_db), _numbers(0.01, 100)(q)]
        if BAD in band:
            return BAD
        bands.append(cast("Json", band))
    return bands


def read_points(raw: object) -> Read:
    """[[x, y], ...], 2 to 64 places in a picture: 0, 0 its first corner, 1, 1 its last."""
    if type(raw) is not list or not 2 <= len(cast("list[object]", raw)) <= POINTS_MAX:
        return BAD
    points: list[Json] = []
    for item in cast("list[object]", raw):
        if type(item) is not list or len(cast("list[object]", item)) != 2:
            return BAD
        point = [_numbers(-10, 10)(one) for one in cast("list[object]", item)]
        if BAD in point:
            return BAD
        points.append(cast("Json", point))
    return points


def ticks(default: int | None = 0, low: int = -TICK_MAX, high: int = TICK_MAX) -> Prop:
    return Prop(_integers(low, high), default, low, high)


def integer(default: int, low: int, high: int) -> Prop:
    return Prop(_integers(low, high), default, low, high)


def number(default: float | None, low: float, high: float, *, animated: bool = False) -> Prop:
    return Prop(_numbers(low, high), default, low, high, animated)


def animated(default: float, low: float, high: float) -> Prop:
    return number(default, low, high, animated=True)


def boolean(*, default: bool) -> Prop:
    return Prop(read_bool, default)


def text(length: int, default: str = "") -> Prop:
    """At most `length` Unicode code points."""

    def read(raw: object) -> Read:
        if type(raw) is str and len(raw) <= length and (raw.isascii() or is_well_formed(raw)):
            return raw
        return BAD

    return Prop(read, default)


def color(default: str) -> Prop:
    return Prop(matching(COLOR_PATTERN, lower=True), default)


def one_of(*choices: Json, default: Json) -> Prop:
    def read(raw: object) -> Read:
        if type(raw) is float and raw.is_integer():
            raw = int(raw)
        for choice in choices:
            if type(choice) is type(raw) and choice == raw:
                return choice
        return BAD

    return Prop(read, default)


_WORD_TICK: Final = _integers(0, TICK_MAX)
_WORD_TEXT: Final = text(200).read
