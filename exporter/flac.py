"""The first block of a FLAC file (RFC 9639, 8.2): rate, channels, depth, number of samples."""

from dataclasses import dataclass
from pathlib import Path

from exporter.errors import MediaUnusable


@dataclass(frozen=True, slots=True)
class FlacFacts:
    sample_rate: int
    channels: int
    bits: int
    samples: int


def flac_facts(path: Path) -> FlacFacts:
    """From STREAMINFO, which must stand first; MediaUnusable where it does not."""
    with path.open("rb") as file:
        head = file.read(42)
    if len(head) < 42 or head[:4] != b"fLaC" or head[4] & 127:
        raise MediaUnusable("media_damaged", "not a FLAC file")
    packed = int.from_bytes(head[18:26], "big")
    return FlacFacts(
        sample_rate=packed >> 44,
        channels=(packed >> 41 & 7) + 1,
        bits=(packed >> 36 & 31) + 1,
        samples=packed & ((1 << 36) - 1),
    )
