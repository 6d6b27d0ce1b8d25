"""Writes a film in one pass: `ftyp`, `moov`, `mdat`, with the sha256 taken along the way [export-X24].

Samples are bytes of other files, named by offset and size; nothing is decoded, nothing is held in memory but
tables. Decode time of picture i is i frames, presentation time its rank plus the deepest reorder, which the
edit list takes away again.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import lcm
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from exporter.mp4 import Integers
from exporter.normalise import track_timescale
from timeline.timing import Rate

READ_BYTES: Final = 4 << 20
TIMESCALE_MAX: Final = (1 << 31) - 1
UNITY: Final = 1 << 16
MATRIX: Final = b"".join(n.to_bytes(4, "big") for n in (UNITY, 0, 0, 0, UNITY, 0, 0, 0, 1 << 30))
LANGUAGE_UNDETERMINED: Final = 0x55C4
HIGH_PROFILES: Final = (100, 110, 122, 144)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Samples of one file in decode order, the first of them an IDR picture.

    `ranks` are display ranks within the part, `sync` says which samples are IDR pictures.
    """

    path: Path
    offsets: Integers
    sizes: Integers
    ranks: Integers
    sync: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """One AAC track: its sample entry as it stands, packets, and `priming` samples in front of time 0."""

    path: Path
    entry: bytes
    timescale: int
    priming: int
    offsets: Integers
    sizes: Integers
    durations: Integers


@dataclass(frozen=True, slots=True)
class Picture:
    """What the film's one `avc1` entry says. `parameter_sets` are (SPS, PPS) pairs, in order of their number."""

    width: int
    height: int
    rate: Rate
    parameter_sets: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Written:
    sha256: str
    size_bytes: int


def write_film(out: Path, picture: Picture, parts: Sequence[Part], sound: Sound | None) -> Written:
    """Write the film beside `out`, sync it, rename it. OSError where there is no room; then no `out` exists."""
    layout = _Layout(picture, parts, sound)
    part_file = out.with_name(f".{out.name}.part")
    digest = hashlib.sha256()
    try:
        with part_file.open("wb") as file:
            for chunk in layout.pieces():
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            size_bytes = file.tell()
        part_file.replace(out)
    finally:
        part_file.unlink(missing_ok=True)
    return Written(digest.hexdigest(), size_bytes)


def film_bytes(parts: Sequence[Part], sound: Sound | None) -> int:
    """About how many bytes a film of these parts takes."""
    pictures = sum(int(part.sizes.sum()) for part in parts)
    samples = sum(len(part.sizes) for part in parts)
    return pictures + (int(sound.sizes.sum()) if sound else 0) + 16 * samples + 65_536


def _box(kind: str, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return (8 + len(body)).to_bytes(4, "big") + kind.encode("ascii") + body


def _full(kind: str, version: int, flags: int, *bodies: bytes) -> bytes:
    return _box(kind, bytes([version]) + flags.to_bytes(3, "big"), *bodies)


def _u16(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def _u32(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def _u64(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "big") for number in numbers)


def _runs(values: Integers) -> NDArray[np.uint32]:
    """Equal neighbours as rows (count, value)."""
    edges = np.flatnonzero(np.diff(values)) + 1
    starts = np.concatenate(([0], edges)).astype(np.int64)
    counts = np.diff(np.append(starts, len(values)))
    return np.stack([counts, values[starts]], axis=1).astype(">u4")


def _rows(rows: NDArray[np.uint32]) -> bytes:
    return _u32(len(rows)) + rows.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class _Chunks:
    """How one track's samples are grouped: the first sample of each chunk, and how many there are."""

    starts: Integers
    samples: int

    @property
    def counts(self) -> Integers:
        return np.diff(np.append(self.starts, self.samples))

    def table(self) -> bytes:
        """`stsc`: a row where the number of samples per chunk changes."""
        counts = self.counts
        changes = np.concatenate(([0], np.flatnonzero(np.diff(counts)) + 1)).astype(np.int64)
        rows = np.stack([changes + 1, counts[changes], np.ones_like(changes)], axis=1).astype(">u4")
        return _full("stsc", 0, 0, _rows(rows))


def _second_chunks(seconds: NDArray[np.int64], samples: int) -> _Chunks:
    """Chunks of the samples that begin in the same second."""
    starts = np.concatenate(([0], np.flatnonzero(np.diff(seconds)) + 1)).astype(np.int64)
    return _Chunks(starts, samples)


class _Layout:
    """Where everything lies in the film; asked once for its bytes, in order."""

    def __init__(self, picture: Picture, parts: Sequence[Part], sound: Sound | None) -> None:
        self._picture, self._parts, self._sound = picture, parts, sound
        self.timescale = track_timescale(picture.rate)
        self.frame_ticks = self.timescale // picture.rate.num * picture.rate.den
        self.sizes = np.concatenate([part.sizes for part in parts])
        self.samples = len(self.sizes)
        starts = np.cumsum([0, *(len(part.sizes) for part in parts[:-1])])
        ranks = [part.ranks + start for part, start in zip(parts, starts, strict=True)]
        self.ranks = np.concatenate(ranks)
        self.sync = np.flatnonzero(np.concatenate([part.sync for part in parts])) + 1
        order = np.arange(self.samples)
        self.delay = max(0, int((order - self.ranks).max()))
        self.shown = (self.ranks - order + self.delay) * self.frame_ticks
        self.picture_chunks = _second_chunks(
            order * picture.rate.den // picture.rate.num, self.samples
        )
        self.movie_timescale = self.timescale
        if sound is not None:
            begins = np.cumsum(sound.durations) - sound.durations
            self.sound_chunks = _second_chunks(begins // sound.timescale, len(sound.sizes))
            both = lcm(self.timescale, sound.timescale)
            self.movie_timescale = both if both <= TIMESCALE_MAX else self.timescale

    def pieces(self) -> Iterator[bytes]:
        """The film's bytes."""
        head = _box("ftyp", b"isom", _u32(512), b"isomiso2avc1mp41")
        length = len(self._moov(0))
        data_at = len(head) + length + 16
        yield head
        yield self._moov(data_at)
        yield _u32(1) + b"mdat" + _u64(16 + self._data_bytes())
        picture_bytes = self._picture_bytes()
        for kind, chunk in self._order():
            if kind == "sound":
                yield from self._sound_bytes(chunk)
            else:
                count = int(self.picture_chunks.counts[chunk])
                for _ in range(count):
                    yield next(picture_bytes)

    def _data_bytes(self) -> int:
        return int(self.sizes.sum()) + (int(self._sound.sizes.sum()) if self._sound else 0)

    def _order(self) -> Iterator[tuple[str, int]]:
        """Chunks as they lie in the file: a second of picture, then the second of sound."""
        pictures = len(self.picture_chunks.starts)
        sounds = len(self.sound_chunks.starts) if self._sound else 0
        for index in range(max(pictures, sounds)):
            if index < pictures:
                yield "picture", index
            if index < sounds:
                yield "sound", index

    def _picture_bytes(self) -> Iterator[bytes]:
        for path, parts in groupby(self._parts, key=lambda part: part.path):
            with path.open("rb") as file:
                for part in parts:
                    for offset, size in zip(
                        part.offsets.tolist(), part.sizes.tolist(), strict=True
                    ):
                        yield _read(file, offset, size)

    def _sound_bytes(self, chunk: int) -> Iterator[bytes]:
        sound = self._sound
        if sound is None:
            return
        start = int(self.sound_chunks.starts[chunk])
        end = start + int(self.sound_chunks.counts[chunk])
        with sound.path.open("rb") as file:
            for offset, size in zip(
                sound.offsets[start:end].tolist(), sound.sizes[start:end].tolist(), strict=True
            ):
                yield _read(file, offset, size)

    def _offsets(self, data_at: int) -> tuple[list[int], list[int]]:
        sizes = {"picture": np.add.reduceat(self.sizes, self.picture_chunks.starts)}
        if self._sound:
            sizes["sound"] = np.add.reduceat(self._sound.sizes, self.sound_chunks.starts)
        found: dict[str, list[int]] = {"picture": [], "sound": []}
        at = data_at
        for kind, chunk in self._order():
            found[kind].append(at)
            at += int(sizes[kind][chunk])
        return found["picture"], found["sound"]

    # --- boxes

    def _moov(self, data_at: int) -> bytes:
        pictures, sounds = self._offsets(data_at)
        duration = self._movie_time(self.samples * self.frame_ticks, self.timescale)
        tracks = [self._picture_track(duration, pictures)]
        if self._sound:
            tracks.append(self._sound_track(self._sound, sounds))
        head = (
            _u64(0, 0)
            + _u32(self.movie_timescale)
            + _u64(duration)
            + _u32(UNITY)
            + _u16(256, 0)
            + bytes(8)
        )
        return _box(
            "moov", _full("mvhd", 1, 0, head, MATRIX, bytes(24), _u32(len(tracks) + 1)), *tracks
        )

    def _movie_time(self, units: int, timescale: int) -> int:
        """In the movie's timescale, to the nearest."""
        return (2 * units * self.movie_timescale + timescale) // (2 * timescale)

    def _picture_track(self, duration: int, offsets: list[int]) -> bytes:
        width, height = self._picture.width, self._picture.height
        tables = [
            _full("stsd", 0, 0, _u32(1), self._avc1()),
            _full("stts", 0, 0, _u32(1, self.samples, self.frame_ticks)),
            *([_full("ctts", 0, 0, _rows(_runs(self.shown)))] if self.delay else []),
            *(
                [_full("stss", 0, 0, _u32(len(self.sync)), self.sync.astype(">u4").tobytes())]
                if len(self.sync) < self.samples
                else []
            ),
            self.picture_chunks.table(),
            _full("stsz", 0, 0, _u32(0, self.samples), self.sizes.astype(">u4").tobytes()),
            _full("co64", 0, 0, _u32(len(offsets)), _u64(*offsets)),
        ]
        head = _full("vmhd", 0, 1, bytes(8))
        return self._track(
            number=1,
            duration=duration,
            volume=0,
            size=_u32(width << 16, height << 16),
            edit=(duration, self.delay * self.frame_ticks),
            media=(self.timescale, self.samples * self.frame_ticks),
            handler=b"vide",
            name=b"Picture\0",
            head=head,
            tables=tables,
        )

    def _sound_track(self, sound: Sound, offsets: list[int]) -> bytes:
        whole = int(sound.durations.sum())
        duration = self._movie_time(whole - sound.priming, sound.timescale)
        tables = [
            _full("stsd", 0, 0, _u32(1), sound.entry),
            _full("stts", 0, 0, _rows(_runs(sound.durations))),
            self.sound_chunks.table(),
            _full("stsz", 0, 0, _u32(0, len(sound.sizes)), sound.sizes.astype(">u4").tobytes()),
            _full("co64", 0, 0, _u32(len(offsets)), _u64(*offsets)),
        ]
        return self._track(
            number=2,
            duration=duration,
            volume=256,
            size=bytes(8),
            edit=(duration, sound.priming),
            media=(sound.timescale, whole),
            handler=b"soun",
            name=b"Sound\0",
            head=_full("smhd", 0, 0, bytes(4)),
            tables=tables,
        )

    def _track(
        self,
        *,
        number: int,
        duration: int,
        volume: int,
        size: bytes,
        edit: tuple[int, int],
        media: tuple[int, int],
        handler: bytes,
        name: bytes,
        head: bytes,
        tables: list[bytes],
    ) -> bytes:
        header = _u64(0, 0) + _u32(number, 0) + _u64(duration) + bytes(8) + _u16(0, 0, volume, 0)
        references = _box("dinf", _full("dref", 0, 0, _u32(1), _full("url ", 0, 1)))
        return _box(
            "trak",
            _full("tkhd", 1, 3, header, MATRIX, size),
            _box("edts", _full("elst", 1, 0, _u32(1), _u64(*edit), _u32(UNITY))),
            _box(
                "mdia",
                _full(
                    "mdhd",
                    1,
                    0,
                    _u64(0, 0),
                    _u32(media[0]),
                    _u64(media[1]),
                    _u16(LANGUAGE_UNDETERMINED, 0),
                ),
                _full("hdlr", 0, 0, bytes(4), handler, bytes(12), name),
                _box("minf", head, references, _box("stbl", *tables)),
            ),
        )

    def _avc1(self) -> bytes:
        width, height = self._picture.width, self._picture.height
        entry = bytes(6) + _u16(1) + bytes(16) + _u16(width, height) + _u32(72 << 16, 72 << 16, 0)
        entry += _u16(1) + bytes(32) + _u16(24, 0xFFFF)
        colour = _box("colr", b"nclx", _u16(1, 1, 1), bytes(1))
        return _box("avc1", entry, _box("avcC", self._avcc()), colour, _box("pasp", _u32(1, 1)))

    def _avcc(self) -> bytes:
        """The merged parameter sets: highest profile and level, constraints that hold for all [export-X12]."""
        sets = self._picture.parameter_sets
        profile = max(sps[1] for sps, _ in sets)
        constraints = 0xFF
        for sps, _ in sets:
            constraints &= sps[2]
        body = bytes(
            [1, profile, constraints, max(sps[3] for sps, _ in sets), 0xFF, 0xE0 | len(sets)]
        )
        body += b"".join(_u16(len(sps)) + sps for sps, _ in sets)
        body += bytes([len(sets)]) + b"".join(_u16(len(pps)) + pps for _, pps in sets)
        return body + (bytes([0xFD, 0xF8, 0xF8, 0]) if profile in HIGH_PROFILES else b"")


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    body = file.read(size)
    if len(body) != size:
        raise OSError(f"{file.name}: {size} bytes at {offset} are not there")
    return body
