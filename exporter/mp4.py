"""Reads the tables of an MP4 or MOV (ISO/IEC 14496-12): where each sample lies, its times, its sync flag.

Only `moov` is read. The file may be hostile: every count and offset is held against the file's size before
anything is allocated. `mp4_writer.py` writes films.
"""

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import add
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeAlias

MOOV_BYTES_MAX: Final = 512 << 20
SAMPLES_MAX: Final = 12 * 3600 * 240  # 12 h at 240 pictures a second
BOXES_MAX: Final = 4096
DEPTH_MAX: Final = 8
TRACKS_MAX: Final = 32
EDITS_MAX: Final = 1024
UNCOMPRESSED: Final = frozenset(
    ("lpcm", "sowt", "twos", "raw ", "in24", "in32", "fl32", "fl64", "ipcm", "fpcm", "alaw", "ulaw")
)

Integers: TypeAlias = "array[int]"
"""64-bit whole numbers. Not numpy: importing it costs more than joining a film from what is there."""


def integers(values: Iterable[int] | bytes = ()) -> Integers:
    """An array of these numbers, or of as many as the bytes hold in this machine's order."""
    return array("q", values)


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
class Blocks:
    """Uncompressed sound: `samples` of `sample_bytes` each, lying in chunks of `sizes` bytes at `offsets`."""

    samples: int
    sample_bytes: int
    length: int
    offsets: Integers
    sizes: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One track. Arrays have one entry per sample in decode order, times in `timescale` units.

    A track of uncompressed sound has `blocks` and no arrays: it would be an entry for each 1/48000 s.
    """

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
    blocks: Blocks | None = None

    @property
    def samples(self) -> int:
        return len(self.sizes)

    def ranks(self) -> Integers:
        """The display rank of each sample: its number among all by presentation time [export-X9]."""
        ranks = integers(bytes(8 * self.samples))
        for rank, index in enumerate(sorted(range(self.samples), key=self.pts.__getitem__)):
            ranks[index] = rank
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

    def _rows(self, kind: str, row_bytes: int, *, head: int = 4) -> bytes:
        """The rows of a full box: version and flags, `head` bytes (the count is their last 4), rows."""
        part = self._part(kind)
        count = _integer(part, 4 + head - 4, 4)
        end = 4 + head + count * row_bytes
        if end > len(part):
            raise BadMp4(f"{kind} claims more rows than it has")
        return part[4 + head : end]

    def _table(
        self, kind: str, columns: int, *, head: int = 4, code: Literal["I", "Q"] = "I"
    ) -> list[Integers]:
        """The columns of a table of big-endian numbers, 32 bits each or, with code Q, 64."""
        numbers: Integers = array(code)
        numbers.frombytes(self._rows(kind, columns * numbers.itemsize, head=head))
        if sys.byteorder == "little":
            numbers.byteswap()
        return [integers(numbers[column::columns]) for column in range(columns)]

    def track(self) -> Track:
        header, media = self._part("tkhd"), self._part("mdhd")
        wide = header[:1] == b"\x01"
        at = 4 + (32 if wide else 20) + 16
        matrix = tuple(_integer(header, at + 4 * i, 4, signed=True) for i in range(9))
        description = self._part("stsd")
        entries = list(_boxes(description, 8, len(description)))
        if not entries:
            raise BadMp4("a track without a sample description")
        handler = _name(self._part("hdlr")[8:12])
        blocks = self._blocks() if entries[0].type in UNCOMPRESSED else None
        sizes = integers() if blocks else self._sizes()
        dts, durations = (sizes, sizes) if blocks else self._times(len(sizes))
        return Track(
            handler=handler,
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
            pts=dts if blocks else self._shown(dts),
            sync=self._sync(len(sizes)),
            blocks=blocks,
        )

    def _blocks(self) -> Blocks | None:
        """The chunks of uncompressed sound; None where samples have sizes of their own."""
        part = self._part("stsz")
        constant, count = _integer(part, 4, 4), _integer(part, 8, 4)
        if not constant or not count:
            return None
        if constant * count > self._file_bytes:
            raise BadMp4("samples are larger than the file")
        counts, deltas = self._table("stts", 2)
        if sum(counts) != count:
            raise BadMp4("stts does not count the samples")
        chunks = self._chunks()
        lengths = self._chunk_lengths(len(chunks), count)
        sizes = integers(length * constant for length in lengths)
        if any(at + size > self._file_bytes for at, size in zip(chunks, sizes, strict=True)):
            raise BadMp4("samples lie outside the file")
        length = sum(number * delta for number, delta in zip(counts, deltas, strict=True))
        return Blocks(count, constant, length, chunks, sizes)

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
        form = struct.Struct(">QqI" if wide else ">IiI")
        rows = self._rows("elst", form.size)
        if len(rows) > EDITS_MAX * form.size:
            raise BadMp4("too many edits")
        return tuple(EditEntry(*row) for row in form.iter_unpack(rows))

    def _sizes(self) -> Integers:
        part = self._part("stsz")
        constant, count = _integer(part, 4, 4), _integer(part, 8, 4)
        if count > SAMPLES_MAX:
            raise BadMp4("too many samples")
        if constant:
            if constant * count > self._file_bytes:
                raise BadMp4("samples are larger than the file")
            return integers((constant,)) * count
        return self._table("stsz", 1, head=8)[0]

    def _times(self, samples: int) -> tuple[Integers, Integers]:
        """Decode times and durations."""
        counts, deltas = self._table("stts", 2)
        if sum(counts) != samples:
            raise BadMp4("stts does not count the samples")
        times, durations, now = integers(), integers(), 0
        for count, delta in zip(counts, deltas, strict=True):
            run = integers((delta,)) * count
            durations += run
            times.extend(accumulate(run[:-1], initial=now) if count else ())
            now += count * delta
        return times, durations

    def _shown(self, times: Integers) -> Integers:
        """Presentation times."""
        if "ctts" not in self._parts:
            return times
        counts, unsigned = self._table("ctts", 2)
        if sum(counts) != len(times):
            raise BadMp4("ctts does not count the samples")
        shifts = integers()
        for count, shift in zip(counts, unsigned, strict=True):
            shifts += integers((shift - ((shift >> 31) << 32),)) * count
        return integers(map(add, times, shifts))

    def _sync(self, samples: int) -> Integers:
        """Indices of the sync samples; a track without `stss` has only such."""
        if "stss" not in self._parts:
            return integers(range(samples))
        sync = integers(number - 1 for number in self._table("stss", 1)[0])
        is_rising = all(before < after for before, after in pairwise(sync))
        if sync and (sync[0] < 0 or sync[-1] >= samples or not is_rising):
            raise BadMp4("stss names samples that are not there")
        return sync

    def _offsets(self, sizes: Integers) -> Integers:
        chunks = self._chunks()
        if not sizes:
            return integers()
        offsets, sample = integers(), 0
        for chunk, count in zip(chunks, self._chunk_lengths(len(chunks), len(sizes)), strict=True):
            offsets.extend(accumulate(sizes[sample : sample + count - 1], initial=chunk))
            sample += count
            if offsets[-1] + sizes[sample - 1] > self._file_bytes:
                raise BadMp4("samples lie outside the file")
        return offsets

    def _chunks(self) -> Integers:
        """Where each chunk begins."""
        wide = "co64" in self._parts
        return self._table("co64", 1, code="Q")[0] if wide else self._table("stco", 1)[0]

    def _chunk_lengths(self, chunks: int, samples: int) -> Integers:
        """How many samples each chunk holds."""
        first, per_chunk, _ = self._table("stsc", 3)
        ends = (*first[1:], chunks + 1)
        is_rising = all(start < end for start, end in zip(first, ends, strict=True))
        if not first or first[0] != 1 or not is_rising or chunks > samples:
            raise BadMp4("stsc does not fit the chunks")
        lengths = integers()
        for start, end, count in zip(first, ends, per_chunk, strict=True):
            lengths += integers((count,)) * (end - start)
        if sum(lengths) != samples or min(lengths) < 1:
            raise BadMp4("stsc does not count the samples")
        return lengths
