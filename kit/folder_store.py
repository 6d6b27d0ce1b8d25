"""The object store as a folder: what is there is complete, and never changes [operations-S2]."""

import errno
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

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
FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class FolderStore:
    """Objects as files below `root`, each written beside its place, synced, then linked into it."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()
        self._parts = self._root / PART_FOLDER
        self._parts.mkdir(exist_ok=True)
        self._count = itertools.count()

    def put(self, key: str, source: Path | bytes, *, if_absent: bool = True) -> None:
        """Store; ObjectConflict where other bytes are there, StoreFull where there is no room."""
        target = self._path(key)
        if if_absent and target.is_file():
            _compare(key, target, source)
            return
        part = self._parts / f"{os.getpid()}-{threading.get_ident()}-{next(self._count)}"
        try:
            _write(part, source)
            target.parent.mkdir(parents=True, exist_ok=True)
            if if_absent:
                _link(key, part, target)
            else:
                part.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            if error.errno in FULL:
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
        path = self._path(key)
        if not path.is_file():
            return None
        found = path.stat()
        return ObjectStat(key, found.st_size, found.st_mtime)

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        """In the order of keys; a prefix is plain text, not a folder."""
        folder = self._root / prefix.rpartition("/")[0]
        if not folder.resolve().is_relative_to(self._root):
            raise BadKey(prefix)
        for path in sorted(folder.rglob("*")):
            key = path.relative_to(self._root).as_posix()
            if key.startswith(prefix) and not key.startswith(PART_FOLDER) and path.is_file():
                found = path.stat()
                yield ObjectStat(key, found.st_size, found.st_mtime)

    def local_path(self, key: str) -> Path | None:
        path = self._path(key)
        return path if path.is_file() else None

    def touch(self, key: str) -> None:
        """Say that an object was used now; for stores that are trimmed by last use."""
        os.utime(self._path(key))

    def _path(self, key: str) -> Path:
        path = self._root / checked_key(key)
        if not path.resolve().is_relative_to(self._root):
            raise BadKey(key)
        return path


def _write(part: Path, source: Path | bytes) -> None:
    with part.open("xb") as stream:
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
    try:
        os.link(part, target)
    except FileExistsError:
        _compare(key, target, part)


def _compare(key: str, target: Path, source: Path | bytes) -> None:
    if isinstance(source, bytes):
        equal = target.stat().st_size == len(source) and target.read_bytes() == source
    else:
        equal = target.stat().st_size == source.stat().st_size and _is_same_file(target, source)
    if not equal:
        raise ObjectConflict(key)


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
