"""Bytes on their way in: a private folder, one file per upload, its size is the offset [assets-U1]."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from backend.assets.errors import TooLarge, UploadFault
from backend.auth.errors import TooMany
from kit.object_store import StoreFull

WRITE_BYTES: Final = 1 << 20
UPLOADS_AT_ONCE_MAX: Final = 20
SPARE_BYTES: Final = 64 << 20  # the database and the cache need to breathe, too


class Uploads:
    """The private folder. One request writes to an upload at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._busy: set[str] = set()

    def path(self, upload_id: str) -> Path:
        return self._folder / upload_id

    def begin(self, upload_id: str, size_bytes: int) -> None:
        """Make the empty file; StoreFull where the whole would not fit."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < size_bytes + SPARE_BYTES:
            raise StoreFull
        self.path(upload_id).touch(mode=0o600)

    def offset(self, upload_id: str) -> int:
        try:
            return self.path(upload_id).stat().st_size
        except FileNotFoundError as error:
            raise UploadFault(410, "the bytes of this upload are gone; begin again") from error

    @contextmanager
    def turn(self, upload_id: str) -> Generator[None]:
        """Be the only one who writes to it; UploadFault 423 when somebody else does."""
        if upload_id in self._busy:
            raise UploadFault(423, "another request is writing to this upload")
        if len(self._busy) >= UPLOADS_AT_ONCE_MAX:
            raise TooMany("too many uploads at once", retry_seconds=1)
        self._busy.add(upload_id)
        try:
            yield
        finally:
            self._busy.discard(upload_id)

    async def append(self, upload_id: str, chunks: AsyncIterator[bytes], *, size_bytes: int) -> int:
        """Write what comes, durable when this answers with the new offset; TooLarge, OSError.

        A connection that breaks off leaves what arrived: the client goes on from there.
        """
        descriptor = os.open(self.path(upload_id), os.O_WRONLY | os.O_APPEND)
        try:
            offset = os.fstat(descriptor).st_size
            waiting = bytearray()
            try:
                async for chunk in chunks:
                    waiting += chunk
                    if offset + len(waiting) > size_bytes:
                        raise TooLarge(f"more bytes than the {size_bytes} that were announced")
                    if len(waiting) >= WRITE_BYTES:
                        await asyncio.to_thread(_write_all, descriptor, bytes(waiting))
                        offset += len(waiting)
                        waiting.clear()
            finally:
                if waiting and offset + len(waiting) <= size_bytes:
                    _write_all(descriptor, bytes(waiting))
                await asyncio.to_thread(os.fsync, descriptor)
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def forget(self, upload_id: str) -> None:
        self.path(upload_id).unlink(missing_ok=True)


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
