"""What many people write in one tick, as one update: applied, framed and read once instead of each.

Yjs keeps the structs of each client apart, so updates of different clients stand side by side in
one as they are: their blocks, then their deletions. Nothing is decoded. What cannot be joined so
goes alone, in its place.
"""

from collections.abc import Sequence
from typing import Final

from backend.collab.scan import Scanned

PART_BYTES_MAX: Final = 4096  # copying a bigger one would cost more than its frame
CLIENTS_MAX: Final = 100  # a count that stays one byte


def joined(parts: Sequence[tuple[bytes, Scanned]]) -> list[bytes]:
    """Updates that say together, in their order, what `parts` say."""
    if len(parts) < 2:
        return [update for update, _ in parts]
    out: list[bytes] = []
    writers: set[int] = set()
    deleted: set[int] = set()
    group: list[tuple[bytes, int]] = []
    for update, found in parts:
        if not _stands_beside_others(update, found):
            out += [*_as_one(group, len(deleted)), update]
            group, writers, deleted = [], set(), set()
            continue
        (writer,) = found.brings
        if writer in writers or not deleted.isdisjoint(found.deletes) or len(group) == CLIENTS_MAX:
            out += _as_one(group, len(deleted))
            group, writers, deleted = [], set(), set()
        writers.add(writer)
        deleted |= found.deletes
        group.append((update, found.deletions_at))
    return out + _as_one(group, len(deleted))


def _stands_beside_others(update: bytes, found: Scanned) -> bool:
    """Small, of one client, and with counts that are what they say in one byte each."""
    return (
        len(update) <= PART_BYTES_MAX
        and update[0] == len(found.brings) == 1
        and update[found.deletions_at] == len(found.deletes) <= 1
    )


def _as_one(group: Sequence[tuple[bytes, int]], deleted: int) -> list[bytes]:
    """Each of a group writes as a client of its own; `deleted` clients lose something."""
    if len(group) < 2:
        return [update for update, _ in group]
    blocks = b"".join([update[1:at] for update, at in group])
    deletions = b"".join([update[at + 1 :] for update, at in group])
    return [b"%c%b%c%b" % (len(group), blocks, deleted, deletions)]
