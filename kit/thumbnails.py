# pyright: basic
# skia-python carries no types; it is imported when the first strip is joined (see `text_image.py`).
"""Small pictures of a film, one a second, in one object; any of them alone, or several side by side.

Little endian: `CTN1`, u16 width, u16 height, u32 count, u32 offsets of count + 1 (from the end of the table), JPEGs.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

MAGIC: Final = b"CTN1"
HEAD: Final = struct.Struct("<4sHHI")
WIDTH: Final = 160
STRIP_MAX: Final = 25  # `editor.md`, section 7
SECONDS_MAX: Final = 12 * 3600
JPEG_QUALITY: Final = 80


class BadThumbnails(Exception):
    """Bytes that are no pack of thumbnails."""


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """The head of a pack: size and number of its pictures."""

    width: int
    height: int
    count: int


def packed(pictures: Sequence[bytes], width: int, height: int) -> bytes:
    """JPEGs of one size as a pack."""
    offsets = [0]
    for picture in pictures:
        offsets.append(offsets[-1] + len(picture))
    head = HEAD.pack(MAGIC, width, height, len(pictures))
    return head + struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(pictures)


def thumbnails_head(pack: BinaryIO) -> Thumbnails:
    """Read the head; the stream then stands at the table of offsets. BadThumbnails."""
    head = pack.read(HEAD.size)
    if len(head) != HEAD.size or head[:4] != MAGIC:
        raise BadThumbnails("not a pack of thumbnails")
    _, width, height, count = HEAD.unpack(head)
    if not 1 <= count <= SECONDS_MAX + 1:
        raise BadThumbnails("an impossible number of thumbnails")
    return Thumbnails(width, height, count)


def read_strip(pack: BinaryIO, first: int, count: int = 1) -> bytes:
    """The JPEG of second `first`, or `count` (at most 25) of them side by side; beyond the end the last one stands.

    `pack` must be seekable. BadThumbnails.
    """
    head = thumbnails_head(pack)
    table = pack.read(4 * (head.count + 1))
    offsets = struct.unpack(f"<{head.count + 1}I", table)
    start = HEAD.size + len(table)
    pictures: list[bytes] = []
    for number in range(first, first + max(1, min(count, STRIP_MAX))):
        place = min(max(0, number), head.count - 1)
        pack.seek(start + offsets[place])
        pictures.append(pack.read(offsets[place + 1] - offsets[place]))
    return pictures[0] if len(pictures) == 1 else joined(pictures, head.width, head.height)


def joined(pictures: Sequence[bytes], width: int, height: int) -> bytes:
    """JPEGs of one size side by side, as one JPEG."""
    try:
        import skia  # noqa: PLC0415 - see the head of this file
    except ImportError as error:
        raise BadThumbnails(
            f"strips cannot be joined: {error}; install libgl1 and libegl1"
        ) from error
    surface = skia.Surface.MakeRasterN32Premul(width * len(pictures), height)
    canvas = surface.getCanvas()
    for number, picture in enumerate(pictures):
        image = skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(picture))
        if image is None:
            raise BadThumbnails("a thumbnail cannot be read")
        canvas.drawImage(image, number * width, 0)
    return bytes(surface.makeImageSnapshot().encodeToData(skia.kJPEG, JPEG_QUALITY))
