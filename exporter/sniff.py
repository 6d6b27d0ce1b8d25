"""What a file is, by its first bytes: which demuxer to force, or which reader of stills [operations-M2].

A name or a media type is never believed. Sizes of stills are read here too, so that nothing allocates a
picture before it is known to be within the limit.
"""

import struct
from dataclasses import dataclass
from typing import Final

from exporter.cube_file import is_cube_text
from exporter.errors import MediaUnusable
from exporter.probe import PIXELS_MAX

HEAD_BYTES: Final = 1 << 18  # a JPEG's size stands behind its thumbnails and profiles
STILLS: Final = frozenset({"png_pipe", "jpeg_pipe", "webp_pipe"})
PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
PNG_ALPHA_COLOURS: Final = (4, 6)
MOV_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
TS_PACKET_BYTES: Final = 188
JPEG_SIZES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class StillHead:
    width: int
    height: int
    has_alpha: bool


def sniffed(head: bytes) -> str:
    """The demuxer to force on a file that begins with `head`; `cube` is a look-up table, which we read ourselves.

    MediaUnusable says what it seems to be.
    """
    if not head:
        raise MediaUnusable("media_empty", "the file is empty")
    found = _magic(head)
    if found:
        return found
    if is_cube_text(head):
        return "cube"
    if _is_text(head[:4096]):
        raise MediaUnusable("media_unknown", "this is text, not picture or sound")
    raise MediaUnusable("media_unknown", "not a kind of media that we know")


def _magic(head: bytes) -> str:
    riff = head[8:12] if head[:4] in (b"RIFF", b"RF64") else b""
    known = (
        (head[:8] == PNG_MAGIC, "png_pipe"),
        (head[:3] == b"\xff\xd8\xff", "jpeg_pipe"),
        (riff == b"WEBP", "webp_pipe"),
        (head[:6] in (b"GIF87a", b"GIF89a"), "gif"),
        (
            head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1"),
            "heif",
        ),
        (head[4:8] in MOV_BOXES, "mov"),
        (head[:4] == b"\x1a\x45\xdf\xa3", "matroska"),
        (riff == b"WAVE", "wav"),
        (riff == b"AVI ", "avi"),
        (head[:4] == b"fLaC", "flac"),
        (head[:4] == b"OggS", "ogg"),
        (head[:3] == b"ID3", "mp3"),
        (_is_transport_stream(head), "mpegts"),
        (head[:2] in (b"\xff\xf1", b"\xff\xf9"), "aac"),
        (_is_mp3_frame(head), "mp3"),
    )
    kind = next((name for is_it, name in known if is_it), "")
    if kind == "heif":
        raise MediaUnusable(
            "media_unknown", "HEIF and AVIF pictures are not read yet: use PNG, JPEG or WebP"
        )
    return kind


def _is_transport_stream(head: bytes) -> bool:
    places = (0, TS_PACKET_BYTES, 2 * TS_PACKET_BYTES)
    return len(head) > places[-1] and all(head[at] == 0x47 for at in places)


def _is_mp3_frame(head: bytes) -> bool:
    """Frame sync, a layer III version that exists, a bit rate and a sample rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer == 1 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3


def _is_text(head: bytes) -> bool:
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)
    return control == 0


def still_head(kind: str, head: bytes) -> StillHead:
    """Size and alpha of a still, from its header; MediaUnusable where it is broken or too large."""
    readers = {"png_pipe": _png, "jpeg_pipe": _jpeg, "webp_pipe": _webp}
    try:
        found = readers[kind](head)
    except (IndexError, struct.error):
        found = None
    if found is None or found.width < 1 or found.height < 1:
        raise MediaUnusable("media_damaged", "the header of the picture is broken")
    check_pixels(found.width, found.height)
    return found


def check_pixels(width: int, height: int) -> None:
    """MediaUnusable when a picture is beyond the limit of 40 megapixels."""
    if width * height > PIXELS_MAX:
        megapixels = width * height / 1e6
        raise MediaUnusable(
            "media_too_large",
            f"{width} x {height} is {megapixels:.0f} megapixels; at most {PIXELS_MAX // 1_000_000} are read",
        )


def _png(head: bytes) -> StillHead | None:
    if head[12:16] != b"IHDR":
        return None
    width, height, _, colour = struct.unpack_from(">IIBB", head, 16)
    return StillHead(width, height, colour in PNG_ALPHA_COLOURS or b"tRNS" in head[:HEAD_BYTES])


def _jpeg(head: bytes) -> StillHead | None:
    at = 2
    while at + 9 <= len(head):
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker == 0xFF or marker in JPEG_BARE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in JPEG_SIZES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return StillHead(width, height, has_alpha=False)
        at += 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None


def _webp(head: bytes) -> StillHead | None:
    kind = head[12:16]
    if kind == b"VP8X":
        if head[20] & 2:
            raise MediaUnusable(
                "media_unknown", "animated WebP is not read yet: use GIF or a video"
            )
        width = 1 + int.from_bytes(head[24:27], "little")
        height = 1 + int.from_bytes(head[27:30], "little")
        return StillHead(width, height, has_alpha=bool(head[20] & 16))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return StillHead(width & 0x3FFF, height & 0x3FFF, has_alpha=False)
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return StillHead(
            1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), has_alpha=bool(bits >> 28 & 1)
        )
    return None
