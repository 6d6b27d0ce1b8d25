"""What a Vorbis decoder must know, out of the `esds` box in which an MP4 keeps it (ISO/IEC 14496-1)."""

from typing import Final

from exporter.errors import CheckFailed

ES_DESCRIPTOR: Final = 3
DECODER_CONFIG: Final = 4
DECODER_SPECIFIC: Final = 5
VORBIS: Final = 0xDD


def decoder_configuration(entry: bytes) -> bytes:
    """The three Vorbis headers, laced as Matroska wants them; `entry` is the whole `mp4a` entry. CheckFailed."""
    at = entry.find(b"esds")
    if at < 0:
        raise CheckFailed("the sound says nothing of its decoder")
    body = entry[at + 8 :]
    kind, start, _ = _descriptor(body, 0)
    if kind == ES_DESCRIPTOR:
        kind, start, _ = _descriptor(body, start + 3)
    if kind != DECODER_CONFIG or body[start] != VORBIS:
        raise CheckFailed("the sound is no Vorbis")
    kind, start, length = _descriptor(body, start + 13)
    if kind != DECODER_SPECIFIC or start + length > len(body):
        raise CheckFailed("the sound says nothing of its decoder")
    return body[start : start + length]


def _descriptor(body: bytes, at: int) -> tuple[int, int, int]:
    """Its tag, where its body begins, how long that is."""
    kind, length = body[at], 0
    for count in range(1, 5):
        length = length << 7 | body[at + count] & 0x7F
        if not body[at + count] & 0x80:
            return kind, at + 1 + count, length
    raise CheckFailed("a descriptor without an end")
