"""What a newcomer is sent: a snapshot that many joins share, and what was written since."""

from typing import Final

from pycrdt import merge_updates

from backend.collab.live import LiveDocument
from backend.collab.wire import EMPTY_STATE, EMPTY_UPDATE

TAIL_UPDATES_MAX: Final = 256  # merging more takes longer than a new snapshot
TAIL_SHARE: Final = 5  # a tail over a fifth of the snapshot is worth a new one


class JoinCache:
    def __init__(self) -> None:
        self._snapshot: bytes | None = None
        self._tail: list[bytes] = []
        self._tail_bytes = 0

    def note(self, update: bytes) -> None:
        """An update that is durable now."""
        if self._snapshot is not None:
            self._tail.append(update)
            self._tail_bytes += len(update)

    def answer(self, live: LiveDocument) -> tuple[bytes, bytes]:
        """A snapshot and the update after it, together all that is durable.

        Only while the document in memory holds nothing that is not.
        """
        snapshot = self._snapshot
        if (
            snapshot is None
            or len(self._tail) > TAIL_UPDATES_MAX
            or self._tail_bytes * TAIL_SHARE > len(snapshot)
        ):
            snapshot = self._snapshot = live.update_since(EMPTY_STATE)
            self._tail.clear()
            self._tail_bytes = 0
        return snapshot, merge_updates(*self._tail) if self._tail else EMPTY_UPDATE
