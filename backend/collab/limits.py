"""What an edit of the server may write: the limits of section H, before anything is written.

A client's update meets them in the scan; the server's own must not come out of a transaction as
something that the scan refuses at the next load.
"""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from backend.collab.scan import (
    DEPTH_MAX,
    INTEGER_MAX,
    KEY_LENGTH_MAX,
    VALUE_BYTES_MAX,
    VALUES_MAX,
    TooLarge,
)
from timeline.errors import BadTimeline
from timeline.model import Change, Json
from timeline.schema import QUOTAS

KEYS_PER_RECORD_MAX: Final = 5000


def check_changes(changes: Sequence[Change], ids: Mapping[str, AbstractSet[str]]) -> None:
    """Raise TooLarge (413) or BadTimeline (422) where a change is over a limit.

    `ids` are the records that each root holds already.
    """
    made: dict[str, set[str]] = {}
    for change in changes:
        where = f"{change.map}/{change.id}"
        if change.key is not None:
            _check_value(f"{where}/{change.key}", change.key, change.after)
            continue
        made.setdefault(change.map, set()).add(change.id)
        record = change.after if isinstance(change.after, dict) else {}
        if len(record) > KEYS_PER_RECORD_MAX:
            raise TooLarge(f"{where}: more than {KEYS_PER_RECORD_MAX} keys")
        for key, value in record.items():
            _check_value(f"{where}/{key}", key, value)
    for root, new in made.items():
        if len(new | ids.get(root, set())) > QUOTAS.get(root, 0):
            raise TooLarge(f"more than {QUOTAS.get(root, 0)} {root}")


def _check_value(where: str, key: str, value: Json) -> None:
    if len(key) > KEY_LENGTH_MAX:
        raise TooLarge(f"{where[:200]}: a key over {KEY_LENGTH_MAX} characters")
    size = values = 0
    waiting: list[tuple[Json, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        values += 1
        if isinstance(item, list | dict):
            if depth == DEPTH_MAX:
                raise BadTimeline(where, f"JSON deeper than {DEPTH_MAX}")
            members = item.values() if isinstance(item, dict) else item
            waiting += [(member, depth + 1) for member in members]
            size += 9 + sum(len(name.encode()) + 9 for name in item if isinstance(name, str))
        elif isinstance(item, str):
            size += len(item.encode(errors="replace")) + 9
        elif isinstance(item, int | float):
            size += 9
            if not math.isfinite(item) or (isinstance(item, int) and abs(item) > INTEGER_MAX):
                raise BadTimeline(where, "a number that is not finite or over 2^53")
    if size > VALUE_BYTES_MAX or values > VALUES_MAX:
        raise TooLarge(f"{where}: a value over {VALUE_BYTES_MAX} bytes")
