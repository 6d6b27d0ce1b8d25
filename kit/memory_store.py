"""The object store in memory, for tests."""

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kit.object_store import ObjectConflict, ObjectMissing, ObjectStat, checked_key


class MemoryStore:
    def __init__(self) -> None:
        self._objects: dict[str, tuple[bytes, float]] = {}
        self._lock = threading.Lock()

    def put(self, key: str, source: Path | bytes, *, if_absent: bool = True) -> None:
        checked_key(key)
        content = source if isinstance(source, bytes) else source.read_bytes()
        with self._lock:
            present = self._objects.get(key)
            if if_absent and present is not None:
                if present[0] != content:
                    raise ObjectConflict(key)
                return
            self._objects[key] = (content, time.time())

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        with self._lock:
            present = self._objects.get(checked_key(key))
        if present is None:
            raise ObjectMissing(key)
        return io.BytesIO(present[0][start:])

    def stat(self, key: str) -> ObjectStat | None:
        with self._lock:
            present = self._objects.get(checked_key(key))
        return None if present is None else ObjectStat(key, len(present[0]), present[1])

    def delete(self, key: str) -> None:
        with self._lock:
            self._objects.pop(checked_key(key), None)

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        with self._lock:
            keys = sorted(key for key in self._objects if key.startswith(prefix))
        for key in keys:
            found = self.stat(key)
            if found is not None:
                yield found

    def local_path(self, key: str) -> Path | None:
        checked_key(key)
        return None
