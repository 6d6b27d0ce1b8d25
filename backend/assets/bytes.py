"""Bytes of an object as an answer: Range, If-Range, ETag, HEAD, and no chance to be a page [assets-U5]."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from backend.assets.errors import BadRange, NotThereYet
from kit.object_store import ObjectMissing, ObjectStore

CHUNK_BYTES: Final = 256 << 10
RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
IMMUTABLE: Final = "private, max-age=31536000, immutable"
ASK_AGAIN: Final = "private, no-cache"
SHOWN: Final = frozenset(
    (
        *("video/mp4", "video/webm", "video/quicktime", "video/x-matroska"),
        *("audio/mp4", "audio/wav", "audio/flac", "audio/ogg", "audio/aac", "audio/mpeg"),
        *("image/png", "image/jpeg", "image/webp", "image/gif", "text/vtt"),
        "application/octet-stream",
    )
)


@dataclass(frozen=True, slots=True)
class Shown:
    """How an object is told: `etag` without quotes, `name` for saving, None to show it in place."""

    key: str
    etag: str
    media_type: str
    name: str | None = None
    immutable: bool = True


async def bytes_answer(request: Request, store: ObjectStore, shown: Shown) -> Response:
    """The object, or the part that was asked for; NotThereYet, BadRange."""
    stat = await asyncio.to_thread(store.stat, shown.key)
    if stat is None:
        raise NotThereYet("these bytes are not there")
    size, etag = stat.size_bytes, f'"{shown.etag}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": IMMUTABLE if shown.immutable else ASK_AGAIN,
        "Content-Security-Policy": "sandbox",
        "Content-Disposition": _disposition(shown),
    }
    if etag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    start, end = 0, size
    status = 200
    asked = request.headers.get("range")
    if asked is not None and request.headers.get("if-range", etag) == etag:
        part = _part(asked, size)
        if part is not None:
            (start, end), status = part, 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    media_type = shown.media_type if shown.media_type in SHOWN else "application/octet-stream"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(
        _chunks(store, shown.key, start, end), status, headers=headers, media_type=media_type
    )


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """`[start, end)` of a single range; None for what we do not split (several ranges, other units)."""
    found = RANGE.fullmatch(asked.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        start, end = max(0, size - int(found[2])), size
        if int(found[2]) == 0:
            raise BadRange(size)
    else:
        start = int(found[1])
        end = min(size, int(found[2]) + 1) if found[2] else size
    if start >= size:
        raise BadRange(size)
    return (start, end) if start < end else None


async def _chunks(store: ObjectStore, key: str, start: int, end: int) -> AsyncGenerator[bytes]:
    try:
        stream = await asyncio.to_thread(store.open, key, start=start)
    except ObjectMissing as error:
        raise NotThereYet("these bytes are not there") from error
    left = end - start
    try:
        while left > 0:
            chunk = await asyncio.to_thread(stream.read, min(CHUNK_BYTES, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
    finally:
        stream.close()


def _disposition(shown: Shown) -> str:
    how = "inline" if shown.name is None and shown.media_type in SHOWN else "attachment"
    return how if shown.name is None else f"{how}; filename*=UTF-8''{quote(shown.name, safe='')}"


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
