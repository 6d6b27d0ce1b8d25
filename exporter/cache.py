"""Finished segments by content key, verified when read [export-X18].

Beside each entry stands a note with its length and sha256; without it, or with other bytes, there
is no entry. An entry that was used within the last hour is never evicted: an export that runs
still needs it.
"""

import hashlib
import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kit.clock import Clock
from kit.object_store import CHUNK_BYTES, ObjectConflict, ObjectMissing, ObjectStore

FOLDER: Final = "seg"
NOTE: Final = ".note"
PINNED_SECONDS: Final = 3600.0
LOG: Final = logging.getLogger("cutroom.exporter.cache")


@dataclass(frozen=True, slots=True)
class _Note:
    size_bytes: int
    sha256: str


class SegmentCache:
    """Entries under `seg/{key}` of an object store, bounded by bytes, trimmed by last use."""

    def __init__(self, store: ObjectStore, clock: Clock, bytes_max: int) -> None:
        self._store = store
        self._clock = clock
        self._bytes_max = bytes_max

    def has(self, key: str) -> bool:
        """Whether there is an entry; asking counts as use. Its bytes are verified when they are fetched."""
        note = self._store.stat(_note_key(key))
        if note is None or self._store.stat(_key(key)) is None:
            return False
        if self._clock.now().timestamp() - note.modified_seconds > PINNED_SECONDS / 2:
            self._touch(key)
        return True

    def put(self, key: str, path: Path) -> None:
        """Keep a finished file. Other bytes under the key are an alarm, and the ones there stay [operations-W6]."""
        try:
            self._store.put(_key(key), path)
        except ObjectConflict:
            if self._verified(key, self._store.local_path(_key(key))):
                LOG.exception("segment.conflict", extra={"key": key})
                return
            self.drop(key)
            self._store.put(_key(key), path)
        note = {"size_bytes": path.stat().st_size, "sha256": _sha256(path)}
        self._store.put(_note_key(key), json.dumps(note).encode(), if_absent=False)

    def fetch(self, key: str, scratch: Path) -> Path | None:
        """The entry as a local file; None where there is none, or where it was damaged and is dropped."""
        local = self._store.local_path(_key(key))
        if local is None:
            local = scratch / f"{key}.mp4"
            try:
                with self._store.open(_key(key)) as source, local.open("wb") as target:
                    shutil.copyfileobj(source, target, CHUNK_BYTES)
            except ObjectMissing:
                local.unlink(missing_ok=True)
                return None
        if self._verified(key, local):
            return local
        LOG.warning("segment.damaged", extra={"key": key})
        self.drop(key)
        return None

    def drop(self, key: str) -> None:
        self._store.delete(_note_key(key))
        self._store.delete(_key(key))

    def trim(self) -> int:
        """Remove what was not used for longest until the size fits; answers the bytes removed."""
        notes = {item.key: item for item in self._store.list(f"{FOLDER}/")}
        entries = [item for key, item in notes.items() if not key.endswith(NOTE)]
        total = sum(item.size_bytes for item in entries)
        removed = 0
        now = self._clock.now().timestamp()

        def last_use(key: str) -> float:
            note = notes.get(f"{key}{NOTE}")
            return note.modified_seconds if note is not None else 0.0

        for item in sorted(entries, key=lambda entry: last_use(entry.key)):
            if total - removed <= self._bytes_max or now - last_use(item.key) < PINNED_SECONDS:
                break
            self.drop(item.key.removeprefix(f"{FOLDER}/"))
            removed += item.size_bytes
        return removed

    def _verified(self, key: str, path: Path | None) -> bool:
        note = self._note(key)
        return (
            note is not None
            and path is not None
            and path.stat().st_size == note.size_bytes
            and _sha256(path) == note.sha256
        )

    def _note(self, key: str) -> _Note | None:
        try:
            with self._store.open(_note_key(key)) as stream:
                read = json.loads(stream.read())
            return _Note(int(read["size_bytes"]), str(read["sha256"]))
        except (ObjectMissing, ValueError, KeyError, TypeError):
            return None

    def _touch(self, key: str) -> None:
        with self._store.open(_note_key(key)) as stream:
            content = stream.read()
        self._store.put(_note_key(key), content, if_absent=False)


def _key(key: str) -> str:
    return f"{FOLDER}/{key}"


def _note_key(key: str) -> str:
    return f"{FOLDER}/{key}{NOTE}"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
