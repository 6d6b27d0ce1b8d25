"""The usual update, read quickly: plain values in place of earlier ones, as a drag or a rename is.

Nine in ten updates are such. The whole scan (`scan.py`) makes a call for each number and takes three
times as long. This one answers None for all else and for whatever is odd: the whole scan then says
what it is, and refuses it where it must. Both say the same of what both read [collab-H1].
"""

import struct
from collections.abc import Set as AbstractSet
from typing import Final

from backend.collab.scan import ANY, HAS_KEY, HAS_ORIGIN, ItemId, Scanned

STRUCTS_MAX: Final = 64
TEXT_BYTES_MAX: Final = 4096
NUMBER_BYTES_MAX: Final = 7  # 49 bits, so below 2^53 without looking
INTEGER: Final = 125
TEXT: Final = 119
FLOAT: Final = 124
DOUBLE: Final = 123
CONSTANTS: Final = frozenset((120, 121, 126))  # true, false, null
_FLOAT: Final = struct.Struct(">f")
_DOUBLE: Final = struct.Struct(">d")
_NO_NAMES: Final[dict[str, set[str]]] = {}
_NO_KEYS: Final[dict[ItemId, int]] = {}
_NO_ITEMS: Final[set[ItemId]] = set()
_INFINITE: Final = float("inf")


class _Unusual(Exception):
    """Something for the whole scan."""


def small_edit(update: bytes, record_items: AbstractSet[ItemId]) -> Scanned | None:
    """What an update of one client brings and needs; None where the whole scan must look."""
    try:
        return _read(update, record_items)
    except (_Unusual, IndexError, struct.error):
        return None


def _read(data: bytes, record_items: AbstractSet[ItemId]) -> Scanned | None:
    structs = data[1]
    if data[0] != 1 or not 0 < structs <= STRUCTS_MAX:
        return None
    client, at = _number(data, 2)
    own_id = data[2:at]
    start, at = _number(data, at)
    needs: dict[int, int] = {}
    for clock in range(start, start + structs):
        if data[at] & ~HAS_KEY != HAS_ORIGIN | ANY:
            return None
        if data.startswith(own_id, at + 1):
            other = client
            origin, at = _number(data, at + 1 + len(own_id))
            if origin >= clock:
                return None
        else:
            other, at = _number(data, at + 1)
            origin, at = _number(data, at)
            if other == client:
                return None  # a number written in more bytes than it takes
            if needs.get(other, 0) <= origin:
                needs[other] = origin + 1
        if data[at] != 1 or (other, origin) in record_items:
            return None
        at = _after_value(data, at + 1)
    deletions_at = at
    deletes: set[int] = set()
    if data[at]:
        at = _read_deletions(data, at, needs, deletes)
    else:
        at += 1
    if at != len(data):
        return None
    return Scanned(
        brings={client: (start, start + structs)},
        needs=needs,
        made=_NO_NAMES,
        keys=_NO_KEYS,
        record_items=_NO_ITEMS,
        structs=structs,
        deletes=deletes,
        deletions_at=deletions_at,
    )


def _after_value(data: bytes, at: int) -> int:
    kind = data[at]
    at += 1
    if kind == INTEGER:
        end = at
        while data[end] > 127:
            end += 1
        if end - at >= NUMBER_BYTES_MAX:
            raise _Unusual
        return end + 1
    if kind == TEXT:
        length, at = _number(data, at)
        end = at + length
        if length > TEXT_BYTES_MAX or not data[at:end].isascii():
            raise _Unusual
        return end
    if kind in {FLOAT, DOUBLE}:
        form = _FLOAT if kind == FLOAT else _DOUBLE
        if not -_INFINITE < form.unpack_from(data, at)[0] < _INFINITE:
            raise _Unusual
        return at + form.size
    if kind in CONSTANTS:
        return at
    raise _Unusual


def _read_deletions(data: bytes, at: int, needs: dict[int, int], seen: set[int]) -> int:
    clients, at = _number(data, at)
    for _ in range(clients):
        client, at = _number(data, at)
        if client in seen:
            raise _Unusual
        seen.add(client)
        ranges, at = _number(data, at)
        if not ranges:
            raise _Unusual
        for _ in range(ranges):
            start, at = _number(data, at)
            length, at = _number(data, at)
            if not length:
                raise _Unusual
            if needs.get(client, 0) < start + length:
                needs[client] = start + length
    return at


def _number(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    if byte < 128:
        return byte, at + 1
    number = byte & 127
    for place in range(1, NUMBER_BYTES_MAX):
        byte = data[at + place]
        if byte < 128:
            return number | byte << 7 * place, at + place + 1
        number |= (byte & 127) << 7 * place
    raise _Unusual
