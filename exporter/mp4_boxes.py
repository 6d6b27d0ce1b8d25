"""Boxes of an MP4 or MOV (ISO/IEC 14496-12, QuickTime File Format): how they are put into bytes."""

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

UNITY: Final = 1 << 16
MATRIX: Final = b"".join(n.to_bytes(4, "big") for n in (UNITY, 0, 0, 0, UNITY, 0, 0, 0, 1 << 30))
LANGUAGE_UNDETERMINED: Final = 0x55C4
HIGH_PROFILES: Final = (100, 110, 122, 144)
UTF8: Final = 1  # type indicators of `data` in `ilst`
JPEG: Final = 13
CHAPTER_NAME_BYTES: Final = 255
HUNDRED_NANOSECONDS: Final = 10_000_000
FONT: Final = b"Sans-Serif"
FONT_SIZE: Final = 18


def box(kind: str, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return (8 + len(body)).to_bytes(4, "big") + kind.encode("latin-1") + body


def full(kind: str, version: int, flags: int, *bodies: bytes) -> bytes:
    return box(kind, bytes([version]) + flags.to_bytes(3, "big"), *bodies)


def u16(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def u32(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def u64(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "big") for number in numbers)


def words(numbers: Iterable[int]) -> bytes:
    """Many 32-bit numbers."""
    many = array("I", numbers)
    if sys.byteorder == "little":
        many.byteswap()
    return many.tobytes()


def runs(values: Iterable[int]) -> bytes:
    """A table of equal neighbours: rows of (count, value)."""
    rows = [(sum(1 for _ in run), value) for value, run in groupby(values)]
    return u32(len(rows)) + words(number for row in rows for number in row)


def picture_entry(kind: str, width: int, height: int, *boxes: bytes, quicktime: bool) -> bytes:
    """A visual sample entry: BT.709 limited, square pixels, and the codec's own boxes."""
    entry = bytes(6) + u16(1) + bytes(16) + u16(width, height) + u32(72 << 16, 72 << 16, 0)
    entry += u16(1) + bytes(32) + u16(24, 0xFFFF)
    colour = box("colr", b"nclc", u16(1, 1, 1))
    if not quicktime:
        colour = box("colr", b"nclx", u16(1, 1, 1), bytes(1))
    return box(kind, entry, *boxes, colour, box("pasp", u32(1, 1)))


def avc_configuration(sets: Sequence[tuple[bytes, bytes]]) -> bytes:
    """`avcC` of merged parameter sets: highest profile and level, constraints that hold for all [export-X12]."""
    profile = max(sps[1] for sps, _ in sets)
    constraints = 0xFF
    for sps, _ in sets:
        constraints &= sps[2]
    body = bytes([1, profile, constraints, max(sps[3] for sps, _ in sets), 0xFF, 0xE0 | len(sets)])
    body += b"".join(u16(len(sps)) + sps for sps, _ in sets)
    body += bytes([len(sets)]) + b"".join(u16(len(pps)) + pps for _, pps in sets)
    return box("avcC", body + (bytes([0xFD, 0xF8, 0xF8, 0]) if profile in HIGH_PROFILES else b""))


def pcm_entry(channels: int, sample_rate: int, bits: int) -> bytes:
    """Little-endian integers as QuickTime's version 2 sound description, `lpcm`."""
    little_endian_signed_packed = 4 | 8
    description = u16(2, 0) + u32(0) + u16(3, 16, 0xFFFE, 0) + u32(UNITY, 72)
    description += struct.pack(">d", sample_rate)
    description += u32(channels, 0x7F000000, bits, little_endian_signed_packed)
    description += u32(channels * bits // 8, 1)
    return box("lpcm", bytes(6) + u16(1) + description)


def subtitle_entry() -> bytes:
    """`tx3g` (3GPP TS 26.245): centred at the bottom, white, the viewer's own plain font."""
    place = u32(0) + bytes([1, 0xFF]) + bytes(4) + bytes(8)
    style = u16(0, 0, 1) + bytes([0, FONT_SIZE]) + b"\xff\xff\xff\xff"
    fonts = box("ftab", u16(1, 1) + bytes([len(FONT)]) + FONT)
    return box("tx3g", bytes(6) + u16(1) + place + style + fonts)


def chapter_entry() -> bytes:
    """QuickTime `text`, as players expect it of a chapter track."""
    style = u32(1, 1) + bytes(6) + bytes(8) + bytes(8) + u16(0, 0) + bytes(1) + bytes(2) + bytes(6)
    return box("text", bytes(6) + u16(1) + style + bytes(1))


def text_sample(text: str, *, is_chapter: bool) -> bytes:
    """Length, UTF-8; a chapter also says that it is UTF-8."""
    body = cut_utf8(text, 0xFFFF)
    return u16(len(body)) + body + (box("encd", u32(0x100)) if is_chapter else b"")


def cut_utf8(text: str, bytes_max: int) -> bytes:
    """UTF-8 of at most so many bytes, never in the middle of a character."""
    return text.encode("utf-8")[:bytes_max].decode("utf-8", "ignore").encode("utf-8")


def user_box(
    title: str, cover: bytes, chapters: Sequence[tuple[int, str]], fps_num: int, fps_den: int
) -> bytes:
    """`udta`: title and cover as `ilst`, chapters (frame, name) once more as Nero's list; no box without any."""
    items = b""
    if title:
        items += box("\xa9nam", box("data", u32(UTF8, 0), title.encode("utf-8")))
    if cover:
        items += box("covr", box("data", u32(JPEG, 0), cover))
    parts = b""
    if chapters:
        listed = b""
        for frame, name in chapters:
            start = frame * HUNDRED_NANOSECONDS * fps_den // fps_num
            shown = cut_utf8(name, CHAPTER_NAME_BYTES)
            listed += u64(start) + bytes([len(shown)]) + shown
        parts += full("chpl", 1, 0, u32(0), bytes([len(chapters)]), listed)
    if items:
        handler = full("hdlr", 0, 0, bytes(4), b"mdir", b"appl", bytes(9))
        parts += full("meta", 0, 0, handler, box("ilst", items))
    return box("udta", parts) if parts else b""
