"""Curves: keyframes as the document holds them, and their value at a time [timeline-K1 to K5].

Evaluation uses + - * / and square roots in doubles only, in one fixed order, so that Python and
TypeScript agree to the bit.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias, cast

from timeline.resolved import Key
from timeline.values import BAD, Bad, is_id, ticks

VALUE_MAX: Final = float(1 << 53)  # larger values of a key are refused, so nothing overflows
HANDLE_MAX: Final = 1_000.0
BISECTIONS: Final = 32
INTERPOLATIONS: Final = ("hold", "linear", "bezier")

FadeCurve: TypeAlias = Literal["linear", "equal_power", "ease"]

_read_tick = ticks().read


def read_key(raw: object) -> Key | Literal[Bad.BAD]:
    """[t, value, interp, x1, y1, x2, y2] of a document as (t, value, interp[, x1, y1, x2, y2])."""
    if type(raw) is not list or not 2 <= len(cast("list[object]", raw)) <= 7:
        return BAD
    items = cast("list[object]", raw)
    at, value = _read_tick(items[0]), items[1]
    interpolation = items[2] if len(items) > 2 and items[2] is not None else "linear"
    if at is BAD or not _is_number(value, VALUE_MAX) or interpolation not in INTERPOLATIONS:
        return BAD
    start = (at, value, interpolation)
    if interpolation != "bezier":
        return cast("Key", start)
    handles = items[3:]
    if len(handles) != 4 or not all(_is_number(handle, HANDLE_MAX) for handle in handles):
        return BAD
    x1, y1, x2, y2 = cast("list[float]", handles)
    return cast("Key", (*start, _clamped(x1, 0, 1), y1, _clamped(x2, 0, 1), y2))


def split_key_name(name: str) -> tuple[str, str] | None:
    """`kf:<prop>:<kfid>` as (prop, kfid); None where it is no such name."""
    parts = name.split(":")
    if len(parts) != 3 or not parts[1] or not is_id(parts[2]):
        return None
    return parts[1], parts[2]


def curve(keys: Iterable[tuple[str, Key]]) -> tuple[Key, ...]:
    """Keys by id, sorted by (t, id); of several at one time the highest id counts."""
    at_time: dict[int, Key] = {}
    for _, key in sorted(keys):
        at_time[cast("int", key[0])] = key
    return tuple(at_time[at] for at in sorted(at_time))


def evaluated(
    keys: Sequence[Key], at: int, low: float = -math.inf, high: float = math.inf
) -> float:
    """The value of a curve of at least one key at `at`, clamped to `low`..`high` [timeline-K2]."""
    return _clamped(_value_at(keys, at), low, high)


def _value_at(keys: Sequence[Key], at: int) -> float:
    following = _first_after(keys, at)
    if following == 0:
        return cast("float", keys[0][1])
    key = keys[following - 1]
    start, value = cast("int", key[0]), cast("float", key[1])
    if following == len(keys) or key[2] == "hold" or at == start:
        return value
    end, next_value = cast("int", keys[following][0]), cast("float", keys[following][1])
    share = (at - start) / (end - start)
    weight = share if key[2] == "linear" else bezier(share, *cast("_Handles", key[3:7]))
    return value + (next_value - value) * weight


def _first_after(keys: Sequence[Key], at: int) -> int:
    low, high = 0, len(keys)
    while low < high:
        center = (low + high) // 2
        if cast("int", keys[center][0]) <= at:
            low = center + 1
        else:
            high = center
    return low


_Handles: TypeAlias = tuple[float, float, float, float]


def bezier(share: float, x1: float, y1: float, x2: float, y2: float) -> float:
    """CSS cubic-bezier: y where x is `share`, by 32 bisection steps on the parameter [timeline-K3]."""
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        center = (low + high) / 2
        if _cubic(center, x1, x2) < share:
            low = center
        else:
            high = center
    return _cubic((low + high) / 2, y1, y2)


def _cubic(s: float, first: float, second: float) -> float:
    # The order of these operations is part of the rule: doubles do not associate.
    r = 1 - s
    return 3 * r * r * s * first + 3 * r * s * s * second + s * s * s


def fade_weight(name: str, share: float) -> float:
    """The weight 0..1 of a fade or crossfade at its share 0..1 [timeline-K5]."""
    w = _clamped(share, 0, 1)
    if name == "equal_power":
        return math.sqrt(w)
    return bezier(w, 0.42, 0, 0.58, 1) if name == "ease" and 0 < w < 1 else w


def _is_number(value: object, limit: float) -> bool:
    return type(value) in {int, float} and -limit <= cast("float", value) <= limit


def _clamped(value: float, low: float, high: float) -> float:
    return low if value < low else min(high, value)
