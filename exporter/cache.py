"""Finished segments by content key, verified when read, shared by all exports and processes [export-X18].

Beside each entry stands a note with its length and sha256; without it, or with other bytes, there
is no entry, so whoever is killed between two steps leaves a whole entry or none. An export pins
what its plan names, and renews the pin with each of its tasks: what is pinned is not evicted. A pin
is a list of keys under `pins/`; that of an export that died is over when nobody has renewed it.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exporter.meters import Meters, Unmetered
from kit.clock import Clock
from kit.ids import random_id
from kit.object_store import CHUNK_BYTES, ObjectConflict, ObjectMissing, ObjectStat, ObjectStore

FOLDER: Final = "seg"
NOTE: Final = ".note"
PINS: Final = "pins"
PIN_SECONDS: Final = 3600.0  # longer than any task, and than most exports wait for their turn
USE_SECONDS: Final = 1800.0  # how exactly the last use is known
LOG: Final = logging.getLogger("cutroom.exporter.cache")


@dataclass(frozen=True, slots=True)
class _Note:
    size_bytes: int
    sha256: str


class SegmentCache:
    """Entries under `seg/{key}` of an object store, bounded by bytes, trimmed by last use."""

    def __init__(
        self, store: ObjectStore, clock: Clock, bytes_max: int, meters: Meters | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._bytes_max = bytes_max
        self._meters = meters or Unmetered()

    def has(self, key: str) -> bool:
        """Whether there is an entry; asking counts as use. Its bytes are verified when they are fetched."""
        note = self._store.stat(_note_key(key))
        if note is None or self._store.stat(_key(key)) is None:
            return False
        if self._age(note) > USE_SECONDS:
            return self._touched(_note_key(key))
        return True

    def pin(self, keys: Iterable[str]) -> str:
        """Keep these entries, also those that are not there yet; answers the name of the pin."""
        name = random_id("pin")
        self._store.put(_pin_key(name), "\n".join(keys).encode())
        return name

    def renew(self, pin: str) -> None:
        """The export lives; called with each of its tasks."""
        found = self._store.stat(_pin_key(pin))
        if found is not None and self._age(found) > PIN_SECONDS / 4:
            self._touched(_pin_key(pin))

    def unpin(self, pin: str) -> None:
        self._store.delete(_pin_key(pin))

    def put(self, key: str, path: Path) -> None:
        """Keep a finished file. Other bytes under the key are an alarm, and the ones there stay [operations-W6]."""
        try:
            self._store.put(_key(key), path)
        except ObjectConflict:
            if self._verified(key, self._store.local_path(_key(key))):
                LOG.exception("segment.conflict", extra={"key": key})
                self._meters.cache_conflict()
                return
            self.drop(key)
            self._store.put(_key(key), path)
        note = {"size_bytes": path.stat().st_size, "sha256": _sha256(path)}
        self._store.put(_note_key(key), json.dumps(note).encode(), if_absent=False)

    def fetch(self, key: str, scratch: Path) -> Path | None:
        """The entry as a file in `scratch`, where no eviction reaches it.

        None where there is none, or where it was damaged and is dropped.
        """
        held = self._held(key, scratch / f"{key}.mp4")
        if held is None:
            return None
        if self._verified(key, held):
            return held
        LOG.warning("segment.damaged", extra={"key": key})
        self.drop(key)
        return None

    def drop(self, key: str) -> None:
        self._store.delete(_note_key(key))
        self._store.delete(_key(key))

    def trim(self) -> int:
        """Remove what was not used for longest until the size fits; answers the bytes removed.

        What is pinned stays. Pins that are over go, and notes whose entry never came.
        """
        pinned = self._pinned()
        found = {item.key: item for item in self._store.list(f"{FOLDER}/")}
        notes = {key: item for key, item in found.items() if key.endswith(NOTE)}
        entries = [item for key, item in found.items() if not key.endswith(NOTE)]
        for key, note in notes.items():
            if key.removesuffix(NOTE) not in found and self._age(note) > PIN_SECONDS:
                self._store.delete(key)
        total = sum(item.size_bytes for item in entries)
        removed = 0
        for item in sorted(entries, key=lambda entry: _last_use(entry, notes)):
            if total - removed <= self._bytes_max:
                break
            key = item.key.removeprefix(f"{FOLDER}/")
            if key not in pinned:
                self.drop(key)
                removed += item.size_bytes
        return removed

    def _pinned(self) -> frozenset[str]:
        """Keys of all pins that are not over."""
        keys: set[str] = set()
        for item in list(self._store.list(f"{PINS}/")):
            if self._age(item) > PIN_SECONDS:
                self._store.delete(item.key)
                continue
            try:
                with self._store.open(item.key) as stream:
                    keys.update(stream.read().decode().split("\n"))
            except ObjectMissing:
                continue  # its export has just ended
        return frozenset(keys)

    def _held(self, key: str, held: Path) -> Path | None:
        """The bytes under a name of our own: a link where the disk allows, else a copy."""
        held.unlink(missing_ok=True)
        local = self._store.local_path(_key(key))
        if local is not None and _linked(local, held):
            return held
        try:
            with self._store.open(_key(key)) as source, held.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)
        except ObjectMissing:
            return None
        return held

    def _verified(self, key: str, path: Path | None) -> bool:
        note = self._note(key)
        if note is None or path is None:
            return False
        try:
            return path.stat().st_size == note.size_bytes and _sha256(path) == note.sha256
        except FileNotFoundError:
            return False  # evicted by somebody else meanwhile

    def _note(self, key: str) -> _Note | None:
        try:
            with self._store.open(_note_key(key)) as stream:
                read = json.loads(stream.read())
            return _Note(int(read["size_bytes"]), str(read["sha256"]))
        except (ObjectMissing, ValueError, KeyError, TypeError):
            return None

    def _touched(self, key: str) -> bool:
        """Say that an object was used now; False where it is gone."""
        try:
            with self._store.open(key) as stream:
                content = stream.read()
        except ObjectMissing:
            return False
        self._store.put(key, content, if_absent=False)
        return True

    def _age(self, item: ObjectStat) -> float:
        """Seconds since it was written, by the clock of the store's machine and ours."""
        return self._clock.now().timestamp() - item.modified_seconds


def _last_use(entry: ObjectStat, notes: Mapping[str, ObjectStat]) -> float:
    note = notes.get(f"{entry.key}{NOTE}")
    return max(entry.modified_seconds, note.modified_seconds if note is not None else 0.0)


def _linked(local: Path, held: Path) -> bool:
    """False where the file is gone, or lies on another disk."""
    try:
        os.link(local, held)
    except OSError:
        return False
    return True


def _key(key: str) -> str:
    return f"{FOLDER}/{key}"


def _note_key(key: str) -> str:
    return f"{FOLDER}/{key}{NOTE}"


def _pin_key(name: str) -> str:
    return f"{PINS}/{name}"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
