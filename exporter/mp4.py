"""Reads the tables of an MP4 or MOV (ISO/IEC 14496-12): where each sample lies, its times, its sync flag.

Only `moov` is read. The file may be hostile: every count and offset is held against the file's size before
anything is allocated. `mp4_writer.py` writes films.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

MOOV_BYTES_MAX: Final = 512 << 20
SAMPLES_MAX: Final = 12 * 3600 * 240  # 12 h at 240 pictures a second
BOXES_MAX: Final = 4096
DEPTH_MAX: Final = 8
TRACKS_MAX: Final = 32
EDITS_MAX: Final = 1024

Integers: TypeAlias = NDArray[np.int64]


class BadMp4(Exception):
    """A file that is no MP4 we can read; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type and where its body lies."""

    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EditEntry:
    """`duration` in the movie's timescale; `media_time` in the track's, -1 for an empty stretch."""

    duration: int
    media_time: int
    rate: int


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One track. Arrays have one entry per sample in decode order, times in `timescale` units."""

    handler: str
    timescale: int
    width: int
    height: int
    matrix: tuple[int, ...]
    edits: tuple[EditEntry, ...]
    entries: int
    entry_type: str
    entry: bytes
    external: bool
    offsets: Integers
    sizes: Integers
    dts: Integers
    durations: Integers
    pts: Integers
    sync: Integers

    @property
    def samples(self) -> int:
        return len(self.sizes)

    def ranks(self) -> Integers:
        """The display rank of each sample: its number among all by presentation time [export-X9]."""
        ranks = np.empty(self.samples, np.int64)
        ranks[np.argsort(self.pts, kind="stable")] = np.arange(self.samples)
        return ranks

    def entry_box(self, kind: str) -> bytes | None:
        """The body of a box inside the first sample entry, e.g. `avcC`."""
        head = {"vide": 78, "soun": 28}.get(self.handler, 0)
        for box in _boxes(self.entry, head, len(self.entry)):
            if box.type == kind:
                return self.entry[box.start : box.end]
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Movie:
    brand: str
    timescale: int
    size_bytes: int
    boxes: tuple[Box, ...]
    tracks: tuple[Track, ...]

    def track(self, handler: str) -> Track | None:
        return next((track for track in self.tracks if track.handler == handler), None)


def _integer(body: bytes, at: int, size: int, *, signed: bool = False) -> int:
    if at + size > len(body):
        raise BadMp4("a box is too short")
    return int.from_bytes(body[at : at + size], "big", signed=signed)


def _name(raw: bytes) -> str:
    return raw.decode("latin-1")


def _boxes(body: bytes, start: int, end: int) -> Iterator[Box]:
    at, count = start, 0
    while at + 8 <= end:
        size, head = _integer(body, at, 4), 8
        if size == 1:
            size, head = _integer(body, at + 8, 8), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise BadMp4(f"box {_name(body[at + 4 : at + 8])!r} is larger than what holds it")
        count += 1
        if count > BOXES_MAX:
            raise BadMp4("too many boxes")
        yield Box(_name(body[at + 4 : at + 8]), at + head, at + size)
        at += size


def _top_boxes(file: BinaryIO, size_bytes: int) -> Iterator[Box]:
    at, count = 0, 0
    while at + 8 <= size_bytes:
        file.seek(at)
        head = file.read(16)
        size, length = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, length = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = size_bytes - at
        if size < length or at + size > size_bytes:
            raise BadMp4(f"box {_name(head[4:8])!r} at byte {at} runs past the end of the file")
        count += 1
        if count > BOXES_MAX:
            raise BadMp4("too many boxes")
        yield Box(_name(head[4:8]), at + length, at + size)
        at += size
    if at != size_bytes:
        raise BadMp4("bytes behind the last box")


def read_movie(path: Path) -> Movie:
    """The tables of the film at `path`; BadMp4 says what does not fit."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        top = tuple(_top_boxes(file, size_bytes))
        moov = [box for box in top if box.type == "moov"]
        if len(moov) != 1:
            raise BadMp4("there is not exactly one moov box")
        if moov[0].end - moov[0].start > MOOV_BYTES_MAX:
            raise BadMp4("the moov box is too large")
        file.seek(moov[0].start)
        body = file.read(moov[0].end - moov[0].start)
        ftyp = next((box for box in top if box.type == "ftyp"), None)
        brand = ""
        if ftyp:
            file.seek(ftyp.start)
            brand = _name(file.read(4))
    timescale, tracks = 0, list[Track]()
    for box in _boxes(body, 0, len(body)):
        if box.type == "mvhd":
            timescale = _integer(body, box.start + (20 if body[box.start] == 1 else 12), 4)
        elif box.type == "trak":
            if len(tracks) >= TRACKS_MAX:
                raise BadMp4("too many tracks")
            tracks.append(_Trak(body, box, size_bytes).track())
    if any(box.type == "mvex" for box in _boxes(body, 0, len(body))):
        raise BadMp4("fragmented")
    if timescale < 1:
        raise BadMp4("no timescale")
    return Movie(brand, timescale, size_bytes, top, tuple(tracks))


class _Trak:
    """The boxes of one track, found by path, and its tables built from them."""

    def __init__(self, body: bytes, box: Box, file_bytes: int) -> None:
        self._body = body
        self._file_bytes = file_bytes
        self._parts: dict[str, Box] = {}
        self._collect(box, 0)

    def _collect(self, box: Box, depth: int) -> None:
        if depth > DEPTH_MAX:
            raise BadMp4("boxes nested too deep")
        for part in _boxes(self._body, box.start, box.end):
            self._parts.setdefault(part.type, part)
            if part.type in ("mdia", "minf", "stbl", "edts", "dinf"):
                self._collect(part, depth + 1)

    def _part(self, kind: str) -> bytes:
        box = self._parts.get(kind)
        if box is None:
            raise BadMp4(f"a track without {kind}")
        return self._body[box.start : box.end]

    def _table(self, kind: str, columns: str, *, head: int = 4) -> NDArray[np.void]:
        """The rows of a full box: version and flags, `head` bytes (the count is their last 4), rows."""
        part = self._part(kind)
        row = np.dtype(
            [(name, code) for name, code in (item.split(":") for item in columns.split())]
        )
        count = _integer(part, 4 + head - 4, 4)
        if 4 + head + count * row.itemsize > len(part):
            raise BadMp4(f"{kind} claims more rows than it has")
        return np.frombuffer(part, row, count, 4 + head)

    def track(self) -> Track:
        header, media = self._part("tkhd"), self._part("mdhd")
        wide = header[:1] == b"\x01"
        at = 4 + (32 if wide else 20) + 16
        matrix = tuple(_integer(header, at + 4 * i, 4, signed=True) for i in range(9))
        description = self._part("stsd")
        entries = list(_boxes(description, 8, len(description)))
        if not entries:
            raise BadMp4("a track without a sample description")
        sizes = self._sizes()
        dts, durations = self._times(len(sizes))
        return Track(
            handler=_name(self._part("hdlr")[8:12]),
            timescale=max(1, _integer(media, 20 if media[:1] == b"\x01" else 12, 4)),
            width=_integer(header, at + 36, 4) >> 16,
            height=_integer(header, at + 40, 4) >> 16,
            matrix=matrix,
            edits=self._edits(),
            entries=len(entries),
            entry_type=entries[0].type,
            entry=description[entries[0].start : entries[0].end],
            external=self._external(),
            offsets=self._offsets(sizes),
            sizes=sizes,
            dts=dts,
            durations=durations,
            pts=dts + self._composition(len(sizes)),
            sync=self._sync(len(sizes)),
        )

    def _external(self) -> bool:
        """Whether any data reference points out of the file."""
        if "dref" not in self._parts:
            return False
        part = self._part("dref")
        references = [part[box.start : box.end] for box in _boxes(part, 8, len(part))]
        return any(len(item) < 4 or not item[3] & 1 for item in references)

    def _edits(self) -> tuple[EditEntry, ...]:
        if "elst" not in self._parts:
            return ()
        wide = self._part("elst")[:1] == b"\x01"
        columns = "duration:>u8 time:>i8 rate:>u4" if wide else "duration:>u4 time:>i4 rate:>u4"
        rows = self._table("elst", columns)
        if len(rows) > EDITS_MAX:
            raise BadMp4("too many edits")
        return tuple(
            EditEntry(int(row["duration"]), int(row["time"]), int(row["rate"])) for row in rows
        )

    def _sizes(self) -> Integers:
        part = self._part("stsz")
        constant, count = _integer(part, 4, 4), _integer(part, 8, 4)
        if count > SAMPLES_MAX:
            raise BadMp4("too many samples")
        if constant:
            if constant * count > self._file_bytes:
                raise BadMp4("samples are larger than the file")
            return np.full(count, constant, np.int64)
        return self._table("stsz", "size:>u4", head=8)["size"].astype(np.int64)

    def _times(self, samples: int) -> tuple[Integers, Integers]:
        rows = self._table("stts", "count:>u4 delta:>u4")
        counts = rows["count"].astype(np.int64)
        if int(counts.sum()) != samples:
            raise BadMp4("stts does not count the samples")
        durations = np.repeat(rows["delta"].astype(np.int64), counts)
        return np.cumsum(durations) - durations, durations

    def _composition(self, samples: int) -> Integers:
        if "ctts" not in self._parts:
            return np.zeros(samples, np.int64)
        rows = self._table("ctts", "count:>u4 offset:>i4")
        counts = rows["count"].astype(np.int64)
        if int(counts.sum()) != samples:
            raise BadMp4("ctts does not count the samples")
        return np.repeat(rows["offset"].astype(np.int64), counts)

    def _sync(self, samples: int) -> Integers:
        """Indices of the sync samples; a track without `stss` has only such."""
        if "stss" not in self._parts:
            return np.arange(samples, dtype=np.int64)
        sync = self._table("stss", "number:>u4")["number"].astype(np.int64) - 1
        if len(sync) and (sync.min() < 0 or sync.max() >= samples or np.any(np.diff(sync) <= 0)):
            raise BadMp4("stss names samples that are not there")
        return sync

    def _offsets(self, sizes: Integers) -> Integers:
        samples = len(sizes)
        if "co64" in self._parts:
            chunks = self._table("co64", "offset:>u8")["offset"].astype(np.int64)
        else:
            chunks = self._table("stco", "offset:>u4")["offset"].astype(np.int64)
        if samples == 0:
            return np.empty(0, np.int64)
        runs = self._table("stsc", "first:>u4 samples:>u4 entry:>u4")
        first = runs["first"].astype(np.int64) - 1
        ends = np.append(first[1:], len(chunks))
        if len(first) == 0 or first[0] != 0 or np.any(ends <= first) or len(chunks) > samples:
            raise BadMp4("stsc does not fit the chunks")
        per_chunk = np.repeat(runs["samples"].astype(np.int64), ends - first)
        if int(per_chunk.sum()) != samples or int(per_chunk.min()) < 1:
            raise BadMp4("stsc does not count the samples")
        starts = np.cumsum(sizes) - sizes
        leading = np.cumsum(per_chunk) - per_chunk
        offsets = np.repeat(chunks - starts[leading], per_chunk) + starts
        if int(offsets.min()) < 0 or int((offsets + sizes).max()) > self._file_bytes:
            raise BadMp4("samples lie outside the file")
        return offsets
