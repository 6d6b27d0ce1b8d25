"""The object store as a folder: what is there is complete, and never changes [operations-S2]."""

import fcntl
import itertools
import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from kit.disks import is_full
from kit.object_store import (
    CHUNK_BYTES,
    BadKey,
    ObjectConflict,
    ObjectMissing,
    ObjectStat,
    StoreFull,
    checked_key,
)

PART_FOLDER: Final = ".parts"  # outside the grammar of keys, so no listing and no key meets it
PART_SECONDS_MIN: Final = 60.0  # a part that is younger may be about to be locked by its writer


class FolderStore:
    """Objects as files below `root`, each written beside its place, synced, then linked into it."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()
        self._parts = self._root / PART_FOLDER
        self._parts.mkdir(exist_ok=True)
        self._count = itertools.count()
        self._sweep()

    def put(self, key: str, source: Path | bytes, *, if_absent: bool = True) -> None:
        """Store; ObjectConflict where other bytes are there, StoreFull where there is no room."""
        target = self._path(key)
        if if_absent and _is_kept(key, target, source):
            return
        part = self._parts / f"{os.getpid()}-{threading.get_ident()}-{next(self._count)}"
        try:
            with part.open("xb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)  # the kernel unlocks it when its writer dies
                _write(stream, source)
                target.parent.mkdir(parents=True, exist_ok=True)
                if if_absent:
                    _link(key, part, target)
                else:
                    part.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            if is_full(error):
                raise StoreFull(str(error)) from error
            raise
        finally:
            part.unlink(missing_ok=True)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        try:
            stream = self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise ObjectMissing(key) from error
        stream.seek(start)
        return stream

    def stat(self, key: str) -> ObjectStat | None:
        return _stat_of(key, self._path(key))

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        """In the order of keys; a prefix is plain text, not a folder."""
        folder = self._root / prefix.rpartition("/")[0]
        if not folder.resolve().is_relative_to(self._root):
            raise BadKey(prefix)
        for path in sorted(folder.rglob("*")):
            key = path.relative_to(self._root).as_posix()
            if not key.startswith(prefix) or key.startswith(PART_FOLDER):
                continue
            found = _stat_of(key, path)
            if found is not None:
                yield found

    def local_path(self, key: str) -> Path | None:
        path = self._path(key)
        return path if path.is_file() else None

    def _sweep(self) -> None:
        """Remove parts of writers that were killed: those that are not new and that nobody has locked."""
        for part in self._parts.iterdir():
            with suppress(FileNotFoundError, PermissionError, BlockingIOError):
                if time.time() - part.stat().st_mtime > PART_SECONDS_MIN:
                    with part.open("rb") as stream:
                        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        part.unlink()

    def _path(self, key: str) -> Path:
        path = self._root / checked_key(key)
        if not path.resolve().is_relative_to(self._root):
            raise BadKey(key)
        return path


def _stat_of(key: str, path: Path) -> ObjectStat | None:
    """None where there is no file, or not any more: another process may just have removed it."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return ObjectStat(key, found.st_size, found.st_mtime) if stat.S_ISREG(found.st_mode) else None


def _write(stream: BinaryIO, source: Path | bytes) -> None:
    if isinstance(source, bytes):
        stream.write(source)
    else:
        with source.open("rb") as original:
            while chunk := original.read(CHUNK_BYTES):
                stream.write(chunk)
    stream.flush()
    os.fsync(stream.fileno())


def _link(key: str, part: Path, target: Path) -> None:
    """A hard link never replaces: of two writers at one instant the second one compares."""
    while True:
        try:
            os.link(part, target)
        except FileExistsError:
            if not _is_kept(key, target, part):
                continue  # removed between the two: there is room again
        return


def _is_kept(key: str, target: Path, source: Path | bytes) -> bool:
    """Whether these bytes are there already; ObjectConflict where others are."""
    try:
        size = target.stat().st_size
        if isinstance(source, bytes):
            equal = size == len(source) and target.read_bytes() == source
        else:
            equal = size == source.stat().st_size and _is_same_file(target, source)
    except FileNotFoundError:
        return False
    if not equal:
        raise ObjectConflict(key)
    return True


def _is_same_file(one: Path, other: Path) -> bool:
    with one.open("rb") as left, other.open("rb") as right:
        while True:
            chunk = left.read(CHUNK_BYTES)
            if chunk != right.read(CHUNK_BYTES):
                return False
            if not chunk:
                return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
