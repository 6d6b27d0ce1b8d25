"""Files of the user as objects of a store, without copying them: exports without a server.

A file is known again by its path, size and time of change, so a second export neither hashes nor
ingests it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final, cast

from exporter.ingest_version import INGEST_VERSION
from exporter.withdrawn import is_withdrawn
from kit.folder_store import FolderStore
from kit.object_store import ObjectMissing, ObjectStat
from timeline.errors import BadTimeline
from timeline.media import MediaFacts
from timeline.media_json import media_from_json, media_json
from timeline.model import Json

FOLDER: Final = "originals"


class LinkedStore:
    """A folder store in which some keys are files elsewhere; those are read only."""

    def __init__(self, inner: FolderStore) -> None:
        self._inner = inner
        self._links: dict[str, Path] = {}

    def link(self, path: Path) -> str:
        """The key under which the file can be read; it is the same for the same file."""
        key = f"{FOLDER}/{mark_of(path)}"
        self._links[key] = path
        return key

    def put(self, key: str, source: Path | bytes, *, if_absent: bool = True) -> None:
        self._inner.put(key, source, if_absent=if_absent)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        linked = self._links.get(key)
        if linked is None:
            return self._inner.open(key, start=start)
        try:
            stream = linked.open("rb")
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error
        stream.seek(start)
        return stream

    def stat(self, key: str) -> ObjectStat | None:
        linked = self._links.get(key)
        if linked is None:
            return self._inner.stat(key)
        if not linked.is_file():
            return None
        found = linked.stat()
        return ObjectStat(key, found.st_size, found.st_mtime)

    def delete(self, key: str) -> None:
        self._inner.delete(key)

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        return self._inner.list(prefix)

    def local_path(self, key: str) -> Path | None:
        linked = self._links.get(key)
        if linked is None:
            return self._inner.local_path(key)
        return linked if linked.is_file() else None


def mark_of(path: Path) -> str:
    """Path, size and time of change as one name."""
    found = path.stat()
    mark = f"{path.resolve()}\n{found.st_size}\n{found.st_mtime_ns}"
    return hashlib.sha256(mark.encode("utf-8", "surrogateescape")).hexdigest()


def find_known(store: LinkedStore, path: Path) -> MediaFacts | None:
    """The facts of a file that was ingested before, where all that was made of it is still there."""
    try:
        with store.open(_note_key(path)) as stream:
            note = cast("dict[str, Json]", json.load(stream))
        if note.get("ingest") != INGEST_VERSION:
            return None
        media = media_from_json(note.get("media"))
    except (ObjectMissing, BadTimeline, ValueError):
        return None
    if is_withdrawn(store, media):
        return None
    key = store.link(path)
    made = (media.picture, media.still, media.sound, media.cube)
    there = all(part is None or part.key == key or store.stat(part.key) for part in made)
    return replace(media, original=key) if there else None


def keep_known(store: LinkedStore, path: Path, media: MediaFacts) -> None:
    note = {"ingest": INGEST_VERSION, "media": media_json(media)}
    store.put(_note_key(path), json.dumps(note, sort_keys=True).encode(), if_absent=False)


def _note_key(path: Path) -> str:
    return f"known/{mark_of(path)}.json"
