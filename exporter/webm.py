"""Writes a film as WebM (AV1 and Vorbis) in one pass, and reads one back for the gate.

One cluster a second, one block a frame; times are milliseconds, as WebM wants them, each rounded once from its
frame or sample.
"""

import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from exporter.ebml import (
    BadEbml,
    Bytes,
    Element,
    element,
    elements,
    fraction,
    identity_bytes,
    number,
    size_bytes,
    text,
    unsigned,
)
from exporter.film_parts import FilmParts, Picture, SampleReader, Sound, Written, write_whole
from timeline.timing import Rate

# Matroska's element ids (RFC 9559), as far as a film needs them.
EBML: Final = 0x1A45DFA3
SEGMENT: Final = 0x18538067
INFO: Final = 0x1549A966
TRACKS: Final = 0x1654AE6B
TRACK_ENTRY: Final = 0xAE
CHAPTERS: Final = 0x1043A770
CUES: Final = 0x1C53BB6B
CLUSTER: Final = 0x1F43B675
CLUSTER_TIME: Final = 0xE7
SIMPLE_BLOCK: Final = 0xA3
VIDEO: Final = 0xE0
AUDIO: Final = 0xE1
TRACK_NUMBER: Final = 0xD7
CODEC_ID: Final = 0x86
TRACK_TYPE: Final = 0x83
WIDTH: Final = 0xB0
HEIGHT: Final = 0xBA
DURATION: Final = 0x4489
CHANNELS: Final = 0x9F
SAMPLING: Final = 0xB5

PICTURE_TRACK: Final = 1
SOUND_TRACK: Final = 2
KEY_FRAME: Final = 0x80
NANOSECONDS: Final = 1_000_000_000
MILLISECOND_NS: Final = 1_000_000
CLUSTER_MILLISECONDS: Final = 1000
APP: Final = "Cutroom"


@dataclass(frozen=True, slots=True)
class Block:
    """One frame or packet of a read film: track, time in milliseconds, where its bytes lie."""

    track: int
    milliseconds: int
    is_key: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WebmTrack:
    codec: str
    width: int
    height: int
    channels: int


@dataclass(frozen=True, slots=True)
class ReadWebm:
    seconds: float
    tracks: dict[int, WebmTrack]
    blocks: tuple[Block, ...]
    chapters: int


def write_webm(out: Path, film: FilmParts, channels: int) -> Written:
    """Write the film beside `out`, sync it, rename it. OSError where there is no room; then no `out` exists."""
    if film.picture is None:
        raise ValueError("a WebM without pictures")
    sound = film.sound if isinstance(film.sound, Sound) else None
    readers = [SampleReader([(part.path, part.offsets, part.sizes) for part in film.parts])]
    if sound is not None:
        readers.append(SampleReader([(sound.path, sound.offsets, sound.sizes)]))
    with closing(readers[0]), closing(readers[-1]):
        return write_whole(out, _pieces(film, film.picture, sound, channels, readers))


@dataclass(frozen=True, slots=True)
class _Sample:
    """A sample in file order: `milliseconds`, track, number in its track, size."""

    milliseconds: int
    track: int
    index: int
    size: int
    is_key: bool


def _pieces(
    film: FilmParts,
    picture: Picture,
    sound: Sound | None,
    channels: int,
    readers: list[SampleReader],
) -> Iterator[bytes]:
    clusters = list(_clusters(film, picture, sound))
    head = element(
        EBML,
        number(0x4286, 1),
        number(0x42F7, 1),
        number(0x42F2, 4),
        number(0x42F3, 8),
        text(0x4282, "webm"),
        number(0x4287, 4),
        number(0x4285, 2),
    )
    frames = sum(len(part.sizes) for part in film.parts)
    duration = Fraction(frames * picture.rate.den * CLUSTER_MILLISECONDS, picture.rate.num)
    info = element(
        INFO,
        number(0x2AD7B1, MILLISECOND_NS),
        fraction(DURATION, float(duration)),
        *([text(0x7BA9, film.labels.title)] if film.labels.title else []),
        text(0x4D80, APP),
        text(0x5741, APP),
    )
    tracks = element(
        TRACKS,
        _picture_track(picture),
        *([_sound_track(sound, channels)] if sound is not None else []),
    )
    chapters = _chapters(film)
    before = info + tracks + chapters
    sizes = [_cluster_bytes(cluster) for cluster in clusters]
    cues = _cues(clusters, sizes, 0)
    starts_at = len(before) + len(cues)
    cues = _cues(clusters, sizes, starts_at)
    yield head + identity_bytes(SEGMENT) + size_bytes(starts_at + sum(sizes)) + before + cues
    for cluster in clusters:
        yield from _cluster(cluster, readers)


def _clusters(film: FilmParts, picture: Picture, sound: Sound | None) -> Iterator[list[_Sample]]:
    """Samples of each second, in the order of their times; every cluster begins with a picture if it has one."""
    samples = list(_picture_samples(film, picture))
    if sound is not None:
        samples += _sound_samples(sound)
    samples.sort(key=lambda item: (item.milliseconds, item.track))
    cluster: list[_Sample] = []
    for sample in samples:
        begins = cluster and (
            sample.milliseconds // CLUSTER_MILLISECONDS
            != cluster[0].milliseconds // CLUSTER_MILLISECONDS
        )
        if begins:
            yield cluster
            cluster = []
        cluster.append(sample)
    yield cluster


def _picture_samples(film: FilmParts, picture: Picture) -> Iterator[_Sample]:
    index = 0
    for part in film.parts:
        keys = set(part.sync)
        for position, size in enumerate(part.sizes):
            at = frame_milliseconds(index, picture.rate)
            yield _Sample(at, PICTURE_TRACK, index, size, position in keys)
            index += 1


def _sound_samples(sound: Sound) -> Iterator[_Sample]:
    begins = accumulate(sound.durations[:-1], initial=-sound.priming)
    for index, (start, size) in enumerate(zip(begins, sound.sizes, strict=True)):
        at = max(0, (2 * start * 1000 + sound.timescale) // (2 * sound.timescale))
        yield _Sample(at, SOUND_TRACK, index, size, is_key=True)


def frame_milliseconds(index: int, rate: Rate) -> int:
    """When a frame begins, to the nearest millisecond."""
    return (2 * index * 1000 * rate.den + rate.num) // (2 * rate.num)


def _picture_track(picture: Picture) -> bytes:
    duration = NANOSECONDS * picture.rate.den // picture.rate.num
    colour = element(
        0x55B0, number(0x55B1, 1), number(0x55B9, 1), number(0x55BA, 1), number(0x55BB, 1)
    )
    video = element(VIDEO, number(WIDTH, picture.width), number(HEIGHT, picture.height), colour)
    return element(
        TRACK_ENTRY,
        number(TRACK_NUMBER, PICTURE_TRACK),
        number(0x73C5, PICTURE_TRACK),
        number(TRACK_TYPE, 1),
        number(0x9C, 0),
        text(CODEC_ID, "V_AV1"),
        element(0x63A2, picture.entry),
        number(0x23E383, duration),
        video,
    )


def _sound_track(sound: Sound, channels: int) -> bytes:
    delay = NANOSECONDS * sound.priming // sound.timescale
    return element(
        TRACK_ENTRY,
        number(TRACK_NUMBER, SOUND_TRACK),
        number(0x73C5, SOUND_TRACK),
        number(TRACK_TYPE, 2),
        number(0x9C, 0),
        text(CODEC_ID, "A_VORBIS"),
        element(0x63A2, sound.entry),
        *([number(0x56AA, delay)] if delay else []),
        element(AUDIO, fraction(SAMPLING, float(sound.timescale)), number(CHANNELS, channels)),
    )


def _chapters(film: FilmParts) -> bytes:
    if not film.labels.chapters:
        return b""
    atoms = [
        element(
            0xB6,
            number(0x73C4, position),
            number(0x91, start * NANOSECONDS * film.rate.den // film.rate.num),
            element(0x80, text(0x85, name), text(0x437C, "und")),
        )
        for position, (start, name) in enumerate(film.labels.chapters, start=1)
    ]
    return element(CHAPTERS, element(0x45B9, *atoms))


def _cues(clusters: list[list[_Sample]], sizes: list[int], first_at: int) -> bytes:
    """Where each cluster that begins with a picture needing no other lies; as long whatever the places are."""
    points: list[bytes] = []
    at = first_at
    for cluster, size in zip(clusters, sizes, strict=True):
        key = next((item for item in cluster if item.track == PICTURE_TRACK and item.is_key), None)
        if key is not None:
            place = element(0xF1, at.to_bytes(8, "big"))
            track = element(0xB7, number(0xF7, PICTURE_TRACK), place)
            points.append(element(0xBB, number(0xB3, key.milliseconds), track))
        at += size
    return element(CUES, *points)


def _cluster_bytes(cluster: list[_Sample]) -> int:
    head = len(identity_bytes(CLUSTER)) + 8
    time = len(number(CLUSTER_TIME, cluster[0].milliseconds))
    return head + time + sum(9 + 4 + item.size for item in cluster)


def _cluster(cluster: list[_Sample], readers: list[SampleReader]) -> Iterator[bytes]:
    began = cluster[0].milliseconds
    time = number(CLUSTER_TIME, began)
    body = len(time) + sum(9 + 4 + item.size for item in cluster)
    yield identity_bytes(CLUSTER) + size_bytes(body) + time
    for item in cluster:
        head = bytes([0x80 | item.track]) + (item.milliseconds - began).to_bytes(2, "big")
        flags = bytes([KEY_FRAME if item.is_key else 0])
        yield identity_bytes(SIMPLE_BLOCK) + size_bytes(4 + item.size) + head + flags
        yield from readers[item.track - 1].read(item.index, 1)


def read_webm(path: Path) -> ReadWebm:
    """What a film of ours says of itself; BadEbml where its elements do not fit."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as body:
        return _read(body, len(body))


def _read(body: Bytes, size: int) -> ReadWebm:
    top = list(elements(body, 0, size))
    if [item.id for item in top] != [EBML, SEGMENT]:
        raise BadEbml("not one EBML header and one segment")
    seconds, chapters = 0.0, 0
    tracks: dict[int, WebmTrack] = {}
    blocks: list[Block] = []
    for item in elements(body, top[1].start, top[1].end):
        if item.id == INFO:
            seconds = _duration(body, item)
        elif item.id == TRACKS:
            tracks = _read_tracks(body, item)
        elif item.id == CHAPTERS:
            edition = next(elements(body, item.start, item.end))
            chapters = sum(1 for _ in elements(body, edition.start, edition.end))
        elif item.id == CLUSTER:
            blocks += _read_cluster(body, item)
    return ReadWebm(seconds, tracks, tuple(blocks), chapters)


def _duration(body: Bytes, info: Element) -> float:
    for item in elements(body, info.start, info.end):
        if item.id == DURATION:
            return float(struct.unpack(">d", body[item.start : item.end])[0]) / 1000
    raise BadEbml("no duration")


def _read_tracks(body: Bytes, tracks: Element) -> dict[int, WebmTrack]:
    found: dict[int, WebmTrack] = {}
    for entry in elements(body, tracks.start, tracks.end):
        parts = {item.id: item for item in elements(body, entry.start, entry.end)}
        inner = parts.get(VIDEO) or parts.get(AUDIO)
        more = {item.id: item for item in elements(body, inner.start, inner.end)} if inner else {}
        codec = body[parts[CODEC_ID].start : parts[CODEC_ID].end].decode("ascii", "replace")
        width, height, channels = (
            unsigned(body, more[key]) if key in more else 0 for key in (WIDTH, HEIGHT, CHANNELS)
        )
        found[unsigned(body, parts[TRACK_NUMBER])] = WebmTrack(codec, width, height, channels)
    return found


def _read_cluster(body: Bytes, cluster: Element) -> Iterator[Block]:
    began = 0
    for item in elements(body, cluster.start, cluster.end):
        if item.id == CLUSTER_TIME:
            began = unsigned(body, item)
        elif item.id == SIMPLE_BLOCK:
            head = body[item.start : item.start + 4]
            at = began + int.from_bytes(head[1:3], "big", signed=True)
            is_key = bool(head[3] & KEY_FRAME)
            yield Block(head[0] & 0x7F, at, is_key, item.start + 4, item.end)
