"""Order keys: texts that sort by code unit, with room for another between any two.

Compatible with npm `fractional-indexing`: an integer part whose first character tells its length
(`a`..`z` count up from two characters, `Z`..`A` count down), then a fraction in base 62 without a
trailing zero. Deterministic: the same neighbours give the same key.
"""

from typing import Final

from timeline.errors import BadTimeline

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
VALUES: Final = {digit: value for value, digit in enumerate(DIGITS)}
BASE: Final = len(DIGITS)
ZERO: Final = DIGITS[0]
FIRST: Final = "a0"
SMALLEST: Final = "A" + ZERO * 26  # has no integer below it, so it is never a key itself


def key_between(left: str | None, right: str | None) -> str:
    """A key that sorts after `left` and before `right`; None is the open end.

    Raises BadTimeline where a key is malformed or `left` does not sort before `right`.
    """
    _check(left)
    _check(right)
    if left is not None and right is not None and left >= right:
        raise BadTimeline("order", f"{left!r} does not sort before {right!r}")
    if left is None:
        return FIRST if right is None else _before(right)
    return _after(left) if right is None else _inside(left, right)


def keys_between(left: str | None, right: str | None, count: int) -> tuple[str, ...]:
    """`count` keys in ascending order between `left` and `right`, as evenly as their length allows."""
    if count <= 0:
        return ()
    if count == 1:
        return (key_between(left, right),)
    if right is None:
        return _upwards(left, count)
    if left is None:
        return _downwards(right, count)
    half = count // 2
    center = key_between(left, right)
    return (
        *keys_between(left, center, half),
        center,
        *keys_between(center, right, count - half - 1),
    )


def is_order_key(text: str) -> bool:
    """Whether a text is a whole key, that is one that `key_between` can work with."""
    length = _integer_length(text[:1])
    return (
        length is not None
        and len(text) >= length
        and text != SMALLEST
        and all(character in VALUES for character in text)
        and not (len(text) > length and text.endswith(ZERO))
    )


def _upwards(left: str | None, count: int) -> tuple[str, ...]:
    keys: list[str] = []
    for _ in range(count):
        left = key_between(left, None)
        keys.append(left)
    return tuple(keys)


def _downwards(right: str, count: int) -> tuple[str, ...]:
    keys: list[str] = []
    for _ in range(count):
        right = key_between(None, right)
        keys.append(right)
    return tuple(reversed(keys))


def _check(key: str | None) -> None:
    if key is not None and not is_order_key(key):
        raise BadTimeline("order", f"{key[:64]!r} is no order key")


def _integer_length(head: str) -> int | None:
    if "a" <= head <= "z":
        return ord(head) - ord("a") + 2
    if "A" <= head <= "Z":
        return ord("Z") - ord(head) + 2
    return None


def _parts(key: str) -> tuple[str, str]:
    length = _integer_length(key[0]) or 0
    return key[:length], key[length:]


def _before(right: str) -> str:
    integer, fraction = _parts(right)
    if integer == SMALLEST:
        return integer + _fraction_between("", fraction)
    if fraction:
        return integer
    return _stepped(integer, -1) or integer


def _after(left: str) -> str:
    integer, fraction = _parts(left)
    return _stepped(integer, 1) or integer + _fraction_between(fraction, None)


def _inside(left: str, right: str) -> str:
    left_integer, left_fraction = _parts(left)
    right_integer, right_fraction = _parts(right)
    if left_integer == right_integer:
        return left_integer + _fraction_between(left_fraction, right_fraction)
    following = _stepped(left_integer, 1)
    if following is not None and following < right:
        return following
    return left_integer + _fraction_between(left_fraction, None)


def _stepped(integer: str, by: int) -> str | None:
    """The integer part one higher or lower, None past the last one."""
    head, digits = integer[0], [VALUES[digit] for digit in integer[1:]]
    for place in reversed(range(len(digits))):
        digits[place] = (digits[place] + by) % BASE
        if digits[place] != (0 if by > 0 else BASE - 1):
            return head + "".join(DIGITS[value] for value in digits)
    return _next_head(head, len(digits), by)


def _next_head(head: str, length: int, by: int) -> str | None:
    """The neighbour of a run of integers: `az` is followed by `b00`, `Z0` by `a0`."""
    digit = ZERO if by > 0 else DIGITS[-1]
    if head == ("Z" if by > 0 else "a"):
        return ("a" if by > 0 else "Z") + digit
    if head == ("z" if by > 0 else "A"):
        return None
    following = chr(ord(head) + by)
    grows = (following > "a") if by > 0 else (following < "Z")
    return following + digit * (length + 1 if grows else length - 1)


def _fraction_between(left: str, right: str | None) -> str:
    """A fraction between two, as short as can be; right None counts as one."""
    prefix = ""
    while True:
        if right is not None:
            shared = 0
            while shared < len(right) and (left[shared : shared + 1] or ZERO) == right[shared]:
                shared += 1
            prefix, left, right = prefix + right[:shared], left[shared:], right[shared:]
        low = VALUES[left[0]] if left else 0
        high = VALUES[right[0]] if right else BASE
        if high - low > 1:
            # Halves round up, as Math.round does there.
            return prefix + DIGITS[(low + high + 1) // 2]
        if right is not None and len(right) > 1:
            return prefix + right[0]
        prefix, left, right = prefix + DIGITS[low], left[1:], None
