"""What a film is joined of: samples of other files, named by offset and size, and a few words of its own.

Nothing of it is decoded or held in memory but tables; a writer of any container takes these.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from exporter.mp4 import Integers
from timeline.timing import Rate

READ_BYTES: Final = 4 << 20
TIMESCALE_MIN: Final = 10_000


def track_timescale(rate: Rate) -> int:
    """The rate's numerator times the smallest power of two that makes it at least 10 000."""
    scale = rate.num
    while scale < TIMESCALE_MIN:
        scale *= 2
    return scale


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Samples of one file in decode order, the first of them a picture that needs no other.

    `ranks` are display ranks within the part, `sync` the positions of samples that need no other.
    """

    path: Path
    offsets: Integers
    sizes: Integers
    ranks: Integers
    sync: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Packets of one sound track: its sample entry as it stands, and `priming` samples in front of time 0."""

    path: Path
    entry: bytes
    timescale: int
    priming: int
    offsets: Integers
    sizes: Integers
    durations: Integers


@dataclass(frozen=True, slots=True)
class Pcm:
    """Uncompressed sound: `samples` of `sample_bytes` each (all channels), lying in one piece from `offset` on."""

    path: Path
    entry: bytes
    timescale: int
    offset: int
    sample_bytes: int
    samples: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Size, rate and the one sample entry of the picture track."""

    width: int
    height: int
    rate: Rate
    entry: bytes


@dataclass(frozen=True, slots=True)
class TextTrack:
    """Texts that follow each other without a gap, each shown for so many frames."""

    texts: tuple[str, ...]
    frames: tuple[int, ...]
    is_chapters: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """What the file says of itself. `chapters` are (first frame, name)."""

    title: str = ""
    cover: bytes = b""
    chapters: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class FilmParts:
    """All of a film. `picture` None: sound alone; `rate` is that of the frames in texts and chapters."""

    rate: Rate
    picture: Picture | None = None
    parts: tuple[Part, ...] = ()
    sound: Sound | Pcm | None = None
    texts: tuple[TextTrack, ...] = ()
    labels: Labels = Labels()


@dataclass(frozen=True, slots=True)
class Written:
    sha256: str
    size_bytes: int


def write_whole(out: Path, pieces: Iterable[bytes]) -> Written:
    """Write pieces beside `out`, sync, rename. OSError where there is no room; then no `out` exists."""
    part_file = out.with_name(f".{out.name}.part")
    digest = hashlib.sha256()
    try:
        with part_file.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size_bytes = file.tell()
        part_file.replace(out)
    finally:
        part_file.unlink(missing_ok=True)
    return Written(digest.hexdigest(), size_bytes)


class SampleReader:
    """Reads samples that lie in several files, neighbours in one go; one file is open at a time."""

    def __init__(self, files: Sequence[tuple[Path, Integers, Integers]]) -> None:
        """`files` are path, offsets and sizes of their samples, one after the other."""
        self._offsets = [at for _, offsets, _ in files for at in offsets]
        self._sizes = [size for _, _, sizes in files for size in sizes]
        self._paths = [path for path, _, sizes in files for _ in range(len(sizes))]
        self._open: tuple[Path, BinaryIO] | None = None

    def read(self, first: int, count: int) -> Iterator[bytes]:
        """The bytes of samples `first` ... in pieces."""
        index, end = first, first + count
        while index < end:
            path, start = self._paths[index], self._offsets[index]
            stop = start + self._sizes[index]
            index += 1
            while (
                index < end
                and self._offsets[index] == stop
                and self._paths[index] is path
                and stop - start < READ_BYTES
            ):
                stop += self._sizes[index]
                index += 1
            yield self._bytes(path, start, stop - start)

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _bytes(self, path: Path, offset: int, size: int) -> bytes:
        if self._open is None or self._open[0] != path:
            self.close()
            self._open = (path, path.open("rb"))
        return read_exactly(self._open[1], offset, size)


def read_exactly(file: BinaryIO, offset: int, size: int) -> bytes:
    """OSError where the file ends before."""
    file.seek(offset)
    body = file.read(size)
    if len(body) != size:
        raise OSError(f"{file.name}: {size} bytes at {offset} are not there")
    return body
