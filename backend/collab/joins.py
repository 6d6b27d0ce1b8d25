"""What a newcomer is sent: a snapshot that many joins share, and what was written since."""

from collections.abc import Sequence
from typing import Final

from pycrdt import merge_updates

from backend.collab.live import LiveDocument
from backend.collab.socket import PIECE_BYTES
from backend.collab.wire import EMPTY_STATE, EMPTY_UPDATE, pieces, update_message

TAIL_UPDATES_MAX: Final = 256  # merging more takes longer than a new snapshot
TAIL_SHARE: Final = 5  # a tail over a fifth of the snapshot is worth a new one


class JoinCache:
    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._size = 0
        self._tail: list[bytes] = []
        self._tail_bytes = 0

    def note(self, update: bytes) -> None:
        """An update that is durable now."""
        if self._frames:
            self._tail.append(update)
            self._tail_bytes += len(update)

    def answer(self, live: LiveDocument) -> tuple[Sequence[bytes], bytes]:
        """Frames of a snapshot, built once for all, and the update after it: all that is durable.

        Only while the document in memory holds nothing that is not.
        """
        is_old = len(self._tail) > TAIL_UPDATES_MAX or self._tail_bytes * TAIL_SHARE > self._size
        if not self._frames or is_old:
            snapshot = live.update_since(EMPTY_STATE)
            self._frames = pieces(update_message(snapshot), PIECE_BYTES)
            self._size = len(snapshot)
            self._tail.clear()
            self._tail_bytes = 0
        return self._frames, merge_updates(*self._tail) if self._tail else EMPTY_UPDATE
