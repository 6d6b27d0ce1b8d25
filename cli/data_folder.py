"""The data folder of `cutroom up`: one process at a time, proved by a file lock."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.errors import CommandFailed, ExitCode

LOCK_FILE: Final = "cutroom.lock"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs on the folder: a process id, and its address once it listens."""

    pid: int
    address: str


class DataFolder:
    """A locked data folder; `tell` writes down where its server listens."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path: Final = path
        self._descriptor = descriptor

    def tell(self, address: str) -> None:
        body = json.dumps({"pid": os.getpid(), "address": address}).encode()
        os.pwrite(self._descriptor, body, 0)
        os.ftruncate(self._descriptor, len(body))


@contextmanager
def locked_folder(path: Path) -> Generator[DataFolder]:
    """Hold the folder until the block or the process ends, however it ends."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CommandFailed(
            f"the data folder cannot be used ({error.strerror})", str(path), ExitCode.BAD_INPUT
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandFailed(_in_use(path), str(path)) from error
        folder = DataFolder(path, descriptor)
        folder.tell("")
        yield folder
    finally:
        os.close(descriptor)


def holder_of(path: Path) -> Holder | None:
    """Who runs on the folder now; None when nobody does."""
    try:
        descriptor = os.open(path / LOCK_FILE, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(descriptor)
        return None
    finally:
        os.close(descriptor)


def _read_holder(descriptor: int) -> Holder:
    try:
        body = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(int(body["pid"]), str(body["address"]))
    except (ValueError, KeyError, TypeError):
        return Holder(0, "")


def _in_use(path: Path) -> str:
    holder = holder_of(path)
    if holder is None or not holder.pid:
        return "another `cutroom up` runs on this folder"
    where = f" at {holder.address}" if holder.address else ""
    return f"another `cutroom up` (process {holder.pid}{where}) runs on this folder"
