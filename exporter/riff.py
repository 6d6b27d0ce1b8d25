"""Reads the header of a WAV file (RIFF, RF64): where its samples lie and what they are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHUNKS_MAX: Final = 64
EXTENSIBLE: Final = 0xFFFE
PLAIN: Final = 1
IN_DS64: Final = 0xFFFFFFFF  # the size stands in the `ds64` chunk


class BadRiff(Exception):
    """A file that is no WAV of whole numbers; says why."""


@dataclass(frozen=True, slots=True)
class Wave:
    channels: int
    sample_rate: int
    bits: int
    offset: int
    size_bytes: int

    @property
    def sample_bytes(self) -> int:
        """Of all channels."""
        return self.channels * self.bits // 8

    @property
    def samples(self) -> int:
        return self.size_bytes // self.sample_bytes


def read_wave(path: Path) -> Wave:
    """BadRiff where chunks do not fit into the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
            raise BadRiff("not a WAV file")
        layout: tuple[int, int, int] | None = None
        wide = 0
        for _ in range(CHUNKS_MAX):
            name, length = file.read(4), int.from_bytes(file.read(4), "little")
            at = file.tell()
            if name == b"data":
                length = wide if length == IN_DS64 else length
                if layout is None or at + length > size:
                    raise BadRiff("its samples do not fit into the file")
                return Wave(*layout, at, length)
            body = file.read(min(length, 40))
            if name == b"ds64":
                wide = int.from_bytes(body[8:16], "little")
            elif name == b"fmt ":
                layout = _layout(body)
            file.seek(at + length + length % 2)
    raise BadRiff("no samples in it")


def _layout(body: bytes) -> tuple[int, int, int]:
    kind, channels = (int.from_bytes(body[at : at + 2], "little") for at in (0, 2))
    bits = int.from_bytes(body[14:16], "little")
    if kind not in (PLAIN, EXTENSIBLE) or not channels or bits not in (16, 24, 32):
        raise BadRiff("no whole numbers")
    return channels, int.from_bytes(body[4:8], "little"), bits
