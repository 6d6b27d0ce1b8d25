"""Inputs of a plan as local files, compared with their hash before anything reads them [export-X19]."""

import hashlib
import shutil
import threading
from pathlib import Path

from exporter.errors import InputChanged, NoRoom
from kit.disks import is_full
from kit.object_store import CHUNK_BYTES, ObjectMissing, ObjectStore


class Fetcher:
    """Objects of the store in a local folder; what is local already stays where it is.

    A file is hashed once per process: again only where its size or time of change differ.
    """

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._verified: dict[str, tuple[str, int, int]] = {}
        self._lock = threading.Lock()

    def fetch(self, key: str, digest: str) -> Path:
        """The object as a local file with that sha256; InputChanged, NoRoom."""
        path = self._store.local_path(key) or self._downloaded(key, digest)
        found = path.stat()
        mark = (str(path), found.st_size, found.st_mtime_ns)
        with self._lock:
            if self._verified.get(digest) == mark:
                return path
        with path.open("rb") as stream:
            actual = hashlib.file_digest(stream, "sha256").hexdigest()
        if actual != digest:
            raise InputChanged(key)
        with self._lock:
            self._verified[digest] = mark
        return path

    def _downloaded(self, key: str, digest: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / digest
        if path.is_file():
            return path
        part = self._folder / f"{digest}.{threading.get_ident()}.part"
        try:
            with self._store.open(key) as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)
            part.replace(path)
        except ObjectMissing as missing:
            raise InputChanged(key) from missing
        except OSError as error:
            if is_full(error):
                raise NoRoom(str(part)) from error
            raise
        finally:
            part.unlink(missing_ok=True)
        return path
