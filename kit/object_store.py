"""The object store port: named bytes that never change. Adapters: folder, S3, memory (tests).

Keys are ours: `[a-z0-9._/-]`, at most 512 characters, never a user's name (`operations.md`, S1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

KEY: Final = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*")
KEY_LENGTH_MAX: Final = 512
CHUNK_BYTES: Final = 1 << 20


class StoreError(Exception):
    """Root of what a store raises."""


class BadKey(StoreError):
    """A key that could escape, or that is too long."""


class ObjectMissing(StoreError):
    """No object under that key."""


class ObjectConflict(StoreError):
    """Put-if-absent met other bytes under the same key (`operations.md`, W6)."""


class StoreFull(StoreError):
    """No room; `missing_bytes` where known."""


class StoreAway(StoreError):
    """A service that does not answer, or refuses; tried often enough. It may be back later."""


@dataclass(frozen=True, slots=True)
class ObjectStat:
    key: str
    size_bytes: int
    modified_seconds: float


class ObjectStore(Protocol):
    def put(self, key: str, source: Path | bytes, *, if_absent: bool = True) -> None:
        """Store a file's bytes or bytes; complete or not at all.

        With `if_absent`, an object that is already there stays; other bytes raise ObjectConflict.
        """
        ...

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """A readable stream from byte `start`; ObjectMissing."""
        ...

    def stat(self, key: str) -> ObjectStat | None: ...

    def delete(self, key: str) -> None:
        """Remove; nothing happens where there is none."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectStat]: ...

    def local_path(self, key: str) -> Path | None:
        """The object as a local file, where the adapter has one; read only."""
        ...


def checked_key(key: str) -> str:
    if len(key) > KEY_LENGTH_MAX or not KEY.fullmatch(key):
        raise BadKey(key)
    return key
