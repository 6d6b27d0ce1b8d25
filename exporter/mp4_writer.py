"""Writes a film as MP4 or MOV in one pass: `ftyp`, `moov`, `mdat`, with the sha256 taken along the way [export-X24].

Each track is a lane: tables, and where its bytes come from. Decode time of picture i is i frames, presentation
time its rank plus the deepest reorder, which the edit list takes away again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import lcm
from pathlib import Path
from typing import Final, Literal, TypeAlias

from exporter.film_parts import (
    FilmParts,
    Part,
    Pcm,
    Picture,
    SampleReader,
    Sound,
    TextTrack,
    Written,
    read_exactly,
    track_timescale,
    write_whole,
)
from exporter.mp4 import Integers, integers
from exporter.mp4_boxes import (
    LANGUAGE_UNDETERMINED,
    MATRIX,
    UNITY,
    box,
    chapter_entry,
    full,
    runs,
    subtitle_entry,
    text_sample,
    u16,
    u32,
    u64,
    user_box,
    words,
)
from timeline.timing import Rate

TIMESCALE_MAX: Final = (1 << 31) - 1
PCM_CHUNK_SECONDS: Final = 1
ENABLED: Final = 3
HIDDEN: Final = 2  # a chapter track is no track that somebody watches
Brand: TypeAlias = Literal["mp4", "mov", "m4a"]
BRANDS: Final[dict[Brand, bytes]] = {
    "mp4": b"isom" + u32(512) + b"isomiso2avc1mp41",
    "mov": b"qt  " + u32(512) + b"qt  ",
    "m4a": b"M4A " + u32(512) + b"M4A isomiso2",
}


def write_film(out: Path, film: FilmParts, brand: Brand = "mp4") -> Written:
    """Write the film beside `out`, sync it, rename it. OSError where there is no room; then no `out` exists."""
    with ExitStack() as kept:
        return write_whole(out, _Layout(film, brand, kept).pieces())


@dataclass(frozen=True, slots=True, eq=False)
class _Chunks:
    """How a lane's samples are grouped: the first sample of each chunk, and behind the last."""

    edges: Sequence[int]

    def __len__(self) -> int:
        return len(self.edges) - 1

    def samples(self, chunk: int) -> slice:
        return slice(self.edges[chunk], self.edges[chunk + 1])

    def sizes(self, of_samples: Integers) -> Integers:
        """The bytes of each chunk."""
        return integers(sum(of_samples[start:end]) for start, end in pairwise(self.edges))

    def table(self) -> bytes:
        """`stsc`: a row where the number of samples per chunk changes."""
        counts = [end - start for start, end in pairwise(self.edges)]
        changes = [i for i in range(len(counts)) if i == 0 or counts[i] != counts[i - 1]]
        rows = words(number for i in changes for number in (i + 1, counts[i], 1))
        return full("stsc", 0, 0, u32(len(changes)), rows)


def _second_chunks(seconds: Sequence[int]) -> _Chunks:
    """Chunks of the samples that begin in the same second; `seconds` holds each sample's."""
    starts = [i for i in range(len(seconds)) if i == 0 or seconds[i] != seconds[i - 1]]
    return _Chunks((*starts, len(seconds)))


@dataclass(frozen=True, slots=True, eq=False)
class _Lane:
    """One track. `tables` are its sample tables without the chunk offsets; `skip` is what the edit list takes away."""

    handler: bytes
    name: bytes
    entry: bytes
    timescale: int
    length: int
    skip: int
    tables: tuple[bytes, ...]
    chunks: _Chunks
    chunk_bytes: Integers
    read: Callable[[int], Iterator[bytes]]
    head: bytes
    size: tuple[int, int] = (0, 0)
    volume: int = 0
    flags: int = ENABLED
    group: int = 0
    chapters: list[int] = field(default_factory=list[int])


class _Layout:
    """Where everything lies in the film; asked once for its bytes, in order."""

    def __init__(self, film: FilmParts, brand: Brand, kept: ExitStack) -> None:
        self._film = film
        self._brand: Brand = brand
        self._lanes: list[_Lane] = []
        if film.picture is not None:
            self._lanes.append(_picture_lane(film.picture, film.parts, kept))
        if isinstance(film.sound, Sound):
            self._lanes.append(_sound_lane(film.sound, kept))
        elif film.sound is not None:
            self._lanes.append(_pcm_lane(film.sound, kept))
        for track in film.texts:
            if track.is_chapters:
                self._lanes[0].chapters.append(len(self._lanes) + 1)
            self._lanes.append(_text_lane(track, film.rate, film.picture))
        self._timescale = self._lanes[0].timescale
        if len(self._lanes) > 1 and film.sound is not None:
            both = lcm(self._timescale, film.sound.timescale)
            self._timescale = both if both <= TIMESCALE_MAX else self._timescale

    def pieces(self) -> Iterator[bytes]:
        """The film's bytes."""
        head = box("ftyp", BRANDS[self._brand])
        data_at = len(head) + len(self._moov(0)) + 16
        yield head
        yield self._moov(data_at)
        yield u32(1) + b"mdat" + u64(16 + sum(sum(lane.chunk_bytes) for lane in self._lanes))
        for lane, chunk in self._order():
            yield from self._lanes[lane].read(chunk)

    def _order(self) -> Iterator[tuple[int, int]]:
        """(lane, chunk) as they lie in the file: a second of picture, then the second of sound."""
        longest = max(len(lane.chunk_bytes) for lane in self._lanes)
        for chunk in range(longest):
            for number, lane in enumerate(self._lanes):
                if chunk < len(lane.chunk_bytes):
                    yield number, chunk

    def _offsets(self, data_at: int) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self._lanes]
        at = data_at
        for lane, chunk in self._order():
            found[lane].append(at)
            at += self._lanes[lane].chunk_bytes[chunk]
        return found

    def _moov(self, data_at: int) -> bytes:
        offsets = self._offsets(data_at)
        tracks = [
            self._track(number, lane, offsets[number - 1])
            for number, lane in enumerate(self._lanes, start=1)
        ]
        first = self._lanes[0]
        duration = self._movie_time(first.length, first.timescale)
        head = u64(0, 0) + u32(self._timescale) + u64(duration) + u32(UNITY) + u16(256, 0)
        header = full("mvhd", 1, 0, head, bytes(8), MATRIX, bytes(24), u32(len(tracks) + 1))
        labels, rate = self._film.labels, self._film.rate
        words = user_box(labels.title, labels.cover, labels.chapters, rate.num, rate.den)
        return box("moov", header, *tracks, words)

    def _movie_time(self, units: int, timescale: int) -> int:
        """In the movie's timescale, to the nearest."""
        return (2 * units * self._timescale + timescale) // (2 * timescale)

    def _track(self, number: int, lane: _Lane, offsets: list[int]) -> bytes:
        duration = self._movie_time(lane.length, lane.timescale)
        width, height = lane.size
        header = u64(0, 0) + u32(number, 0) + u64(duration) + bytes(8)
        header += u16(0, lane.group, lane.volume, 0)
        references = box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1)))
        description = full("stsd", 0, 0, u32(1), lane.entry)
        places = full("co64", 0, 0, u32(len(offsets)), u64(*offsets))
        edit = u64(duration, lane.skip) + u32(UNITY)
        media = u64(0, 0) + u32(lane.timescale) + u64(lane.length + lane.skip)
        kind = b"mhlr" if self._brand == "mov" else bytes(4)
        return box(
            "trak",
            full("tkhd", 1, lane.flags, header, MATRIX, u32(width << 16, height << 16)),
            box("edts", full("elst", 1, 0, u32(1), edit)),
            *([box("tref", box("chap", u32(*lane.chapters)))] if lane.chapters else []),
            box(
                "mdia",
                full("mdhd", 1, 0, media, u16(LANGUAGE_UNDETERMINED, 0)),
                full("hdlr", 0, 0, kind, lane.handler, bytes(12), lane.name),
                box(
                    "minf",
                    lane.head,
                    references,
                    box("stbl", description, *lane.tables, lane.chunks.table(), places),
                ),
            ),
        )


def _picture_lane(picture: Picture, parts: Sequence[Part], kept: ExitStack) -> _Lane:
    timescale = track_timescale(picture.rate)
    frame_ticks = timescale // picture.rate.num * picture.rate.den
    sizes, ranks, sync = integers(), integers(), integers()
    for part in parts:
        start = len(sizes)
        sizes += part.sizes
        ranks.extend(rank + start for rank in part.ranks)
        sync.extend(index + start for index in part.sync)
    samples = len(sizes)
    delay = max(index - rank for index, rank in enumerate(ranks))
    rate = picture.rate
    chunks = _second_chunks([index * rate.den // rate.num for index in range(samples)])
    tables = [full("stts", 0, 0, u32(1, samples, frame_ticks))]
    if delay:
        shown = ((rank - index + delay) * frame_ticks for index, rank in enumerate(ranks))
        tables.append(full("ctts", 0, 0, runs(shown)))
    if len(sync) < samples:
        numbers = words(index + 1 for index in sync)
        tables.append(full("stss", 0, 0, u32(len(sync)), numbers))
    tables.append(full("stsz", 0, 0, u32(0, samples), words(sizes)))
    reader = SampleReader([(part.path, part.offsets, part.sizes) for part in parts])
    kept.enter_context(closing(reader))
    return _Lane(
        handler=b"vide",
        name=b"Picture\0",
        entry=picture.entry,
        timescale=timescale,
        length=samples * frame_ticks,
        skip=delay * frame_ticks,
        tables=tuple(tables),
        chunks=chunks,
        chunk_bytes=chunks.sizes(sizes),
        read=_chunk_reader(reader, chunks),
        head=full("vmhd", 0, 1, bytes(8)),
        size=(picture.width, picture.height),
    )


def _sound_lane(sound: Sound, kept: ExitStack) -> _Lane:
    begins = accumulate(sound.durations[:-1], initial=0)
    chunks = _second_chunks([begin // sound.timescale for begin in begins])
    reader = SampleReader([(sound.path, sound.offsets, sound.sizes)])
    kept.enter_context(closing(reader))
    return _Lane(
        handler=b"soun",
        name=b"Sound\0",
        entry=sound.entry,
        timescale=sound.timescale,
        length=sum(sound.durations) - sound.priming,
        skip=sound.priming,
        tables=(
            full("stts", 0, 0, runs(sound.durations)),
            full("stsz", 0, 0, u32(0, len(sound.sizes)), words(sound.sizes)),
        ),
        chunks=chunks,
        chunk_bytes=chunks.sizes(sound.sizes),
        read=_chunk_reader(reader, chunks),
        head=full("smhd", 0, 0, bytes(4)),
        volume=256,
    )


def _pcm_lane(sound: Pcm, kept: ExitStack) -> _Lane:
    per_chunk = sound.timescale * PCM_CHUNK_SECONDS
    chunks = _Chunks((*range(0, sound.samples, per_chunk), sound.samples))
    file = kept.enter_context(sound.path.open("rb"))
    sizes = integers((end - start) * sound.sample_bytes for start, end in pairwise(chunks.edges))

    def read(chunk: int) -> Iterator[bytes]:
        start = sound.offset + chunk * per_chunk * sound.sample_bytes
        yield read_exactly(file, start, sizes[chunk])

    return _Lane(
        handler=b"soun",
        name=b"Sound\0",
        entry=sound.entry,
        timescale=sound.timescale,
        length=sound.samples,
        skip=0,
        tables=(
            full("stts", 0, 0, u32(1, sound.samples, 1)),
            full("stsz", 0, 0, u32(sound.sample_bytes, sound.samples)),
        ),
        chunks=chunks,
        chunk_bytes=sizes,
        read=read,
        head=full("smhd", 0, 0, bytes(4)),
        volume=256,
    )


def _text_lane(track: TextTrack, rate: Rate, picture: Picture | None) -> _Lane:
    timescale = track_timescale(rate)
    frame_ticks = timescale // rate.num * rate.den
    samples = [text_sample(text, is_chapter=track.is_chapters) for text in track.texts]
    sizes = integers(len(sample) for sample in samples)
    size = (picture.width, picture.height) if picture and not track.is_chapters else (0, 0)
    return _Lane(
        handler=b"text" if track.is_chapters else b"sbtl",
        name=b"Chapters\0" if track.is_chapters else b"Captions\0",
        entry=chapter_entry() if track.is_chapters else subtitle_entry(),
        timescale=timescale,
        length=sum(track.frames) * frame_ticks,
        skip=0,
        tables=(
            full("stts", 0, 0, runs(frames * frame_ticks for frames in track.frames)),
            full("stsz", 0, 0, u32(0, len(sizes)), words(sizes)),
        ),
        chunks=_Chunks((0, len(samples))),
        chunk_bytes=integers((sum(sizes),)),
        read=lambda _chunk: iter((b"".join(samples),)),
        head=full("nmhd", 0, 0),
        size=size,
        flags=HIDDEN if track.is_chapters else ENABLED,
        group=0 if track.is_chapters else 1,
    )


def _chunk_reader(reader: SampleReader, chunks: _Chunks) -> Callable[[int], Iterator[bytes]]:
    def read(chunk: int) -> Iterator[bytes]:
        start, end = chunks.edges[chunk], chunks.edges[chunk + 1]
        return reader.read(start, end - start)

    return read
