"""What an upload seems to be, by its first bytes; a name or a declared type is never believed.

A quick look at the door [assets-U2]: the probe in the box decides. SVG is refused [assets-U5].
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from backend.assets.errors import NotMedia

HEAD_BYTES: Final = 4096
TS_PACKET_BYTES: Final = 188
MOV_BOXES: Final = frozenset((b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))
STILL_BRANDS: Final = frozenset((b"avif", b"avis", b"heic", b"heix", b"mif1"))

AssetKind: TypeAlias = Literal["video", "audio", "image", "lut"]


@dataclass(frozen=True, slots=True)
class Sniffed:
    kind: AssetKind
    media_type: str


def sniffed(head: bytes) -> Sniffed:
    """The kind and media type of a file that begins with `head`; NotMedia says what it seems to be."""
    if not head:
        raise NotMedia("media_empty", "the file is empty")
    found = _still(head) or _sound(head) or _film(head) or _table(head)
    if found is not None:
        return found
    if not any(byte < 32 and byte not in (9, 10, 12, 13) for byte in head):
        raise NotMedia("media_unknown", "this is text, not picture or sound")
    raise NotMedia("media_unknown", "not a kind of media that we know")


def _still(head: bytes) -> Sniffed | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Sniffed("image", "image/png")
    if head.startswith(b"\xff\xd8\xff"):
        return Sniffed("image", "image/jpeg")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Sniffed("image", "image/webp")
    if head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS:
        raise NotMedia("media_unknown", "HEIF and AVIF pictures are not read yet: use PNG or JPEG")
    return None


def _sound(head: bytes) -> Sniffed | None:
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return Sniffed("audio", "audio/wav")
    if head.startswith(b"fLaC"):
        return Sniffed("audio", "audio/flac")
    if head.startswith(b"OggS"):
        return Sniffed("audio", "audio/ogg")
    if head.startswith((b"\xff\xf1", b"\xff\xf9")):
        return Sniffed("audio", "audio/aac")
    if head.startswith(b"ID3") or (len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return Sniffed("audio", "audio/mpeg")
    return None


def _table(head: bytes) -> Sniffed | None:
    """A `.cube` text says its size among its first lines."""
    words = {line.split()[0] for line in head.splitlines() if line.split() and b"\0" not in line}
    return Sniffed("lut", "text/plain") if words & {b"LUT_3D_SIZE", b"LUT_1D_SIZE"} else None


def _film(head: bytes) -> Sniffed | None:
    if head[4:8] in MOV_BOXES:
        audio = head[8:12] in {b"M4A ", b"M4B "}
        quicktime = head[4:8] != b"ftyp" or head[8:12] == b"qt  "
        if audio:
            return Sniffed("audio", "audio/mp4")
        return Sniffed("video", "video/quicktime" if quicktime else "video/mp4")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return Sniffed("video", "video/webm" if b"webm" in head[:64] else "video/x-matroska")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Sniffed("video", "video/x-msvideo")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Sniffed("image", "image/gif")
    packets = (0, TS_PACKET_BYTES, 2 * TS_PACKET_BYTES)
    if len(head) > packets[-1] and all(head[at] == 0x47 for at in packets):
        return Sniffed("video", "video/mp2t")
    return None
