"""What every rendition is made with, and how an original's pictures become one of constant rate.

`shaped` looks what shape they will have, `mezzanine` makes them: for every day, or without loss.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from exporter.adoption import rendition_facts
from exporter.errors import InputChanged, MediaUnusable, ToolFailed
from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.ingest_version import INGEST_VERSION
from exporter.mp4 import BadMp4, read_movie
from exporter.normalise import (
    LOSSLESS,
    TURNS,
    UPRIGHT,
    Cadence,
    Matrix,
    Quality,
    Size,
    cadence,
    mezzanine_arguments,
    mezzanine_size,
)
from exporter.probe import SECONDS_MAX, Probe, VideoFacts
from exporter.scan import Scan, scan
from exporter.sniff import HEAD_BYTES, sniffed
from exporter.withdrawn import is_withdrawn
from kit.box import GIB, Limits
from kit.object_store import CHUNK_BYTES, ObjectMissing, ObjectStore
from timeline.media import MediaFacts, PictureRendition
from timeline.media_json import media_from_json
from timeline.timing import Rate

HD_PIXELS: Final = 1920 * 1088
OUTPUT_SLACK_BYTES: Final = 64 << 20
WALL_SECONDS_MAX: Final = 6 * 3600.0

OnProgress = Callable[[int, int], None]
"""Gets frames done and frames in all."""


@dataclass(frozen=True, slots=True)
class Work:
    """What every step of one ingest needs. `scratch` is an empty private folder."""

    ffmpeg: Ffmpeg
    store: ObjectStore
    original: Path
    scratch: Path
    cancelled: Callable[[], bool]
    on_progress: OnProgress


@dataclass(frozen=True, slots=True)
class Shape:
    """How the pictures of an original stand upright, how large and how fast."""

    turn: Matrix
    size: Size
    pace: Cadence


def fetched(key: str, store: ObjectStore, scratch: Path) -> tuple[Path, str]:
    """The original as a local file, and its sha256; ObjectMissing."""
    path = store.local_path(key)
    if path is None:
        path = scratch / "original"
        with store.open(key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK_BYTES)
    return path, sha256_of(path)


def facts_key(digest: str) -> str:
    """Where it is written down what became of an original with this sha256."""
    return f"facts/{digest}.json"


def known_facts(store: ObjectStore, digest: str) -> MediaFacts | None:
    """What an earlier ingest of the same bytes found, where its renditions are still there."""
    try:
        with store.open(facts_key(digest)) as file:
            body = json.loads(file.read())
    except ObjectMissing:
        return None
    if body["ingest"] != INGEST_VERSION:
        return None
    media = media_from_json(body["media"])
    if is_withdrawn(store, media):
        return None
    made = (
        media.picture if media.picture and not media.picture.adopted else None,
        media.still,
        media.sound,
        media.cube,
    )
    return media if all(item is None or store.stat(item.key) is not None for item in made) else None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept(work: Work, name: str, folder: str) -> tuple[Path, str, str]:
    """Put a finished rendition into the store; its path, hash and key."""
    path = work.scratch / name
    digest = sha256_of(path)
    key = f"{folder}/{digest}{path.suffix}"
    work.store.put(key, path)
    return path, digest, key


def limits_of(found: Probe) -> Limits:
    """What a run over this original may use."""
    seconds = float(found.seconds or 60)
    is_large = found.video is not None and found.video.width * found.video.height > HD_PIXELS
    return Limits(
        wall_seconds=min(WALL_SECONDS_MAX, 60 + 10 * seconds),
        address_space_bytes=(8 if is_large else 4) * GIB,
        resident_bytes=(6 if is_large else 3) * GIB,
    )


def run(
    work: Work,
    arguments: list[str],
    limits: Limits,
    on_frames: Callable[[int], None] | None = None,
) -> None:
    run_ffmpeg(
        work.ffmpeg,
        arguments,
        inputs={"0": work.original},
        output_dir=work.scratch,
        limits=limits,
        cancelled=work.cancelled,
        on_frames=on_frames,
    )


def shaped(work: Work, found: Probe, video: VideoFacts, seen: Scan) -> Shape:
    """The shape of the pictures that `seen` found; MediaUnusable where they span too long."""
    turn = turn_of(work, found)
    return Shape(turn, mezzanine_size(video, turn), _pace(work, found, video, seen))


def turn_of(work: Work, found: Probe) -> Matrix:
    """The display matrix of a MOV or MP4 as one of the eight right-angled turns; others stand upright."""
    if found.demuxer != "mov":
        return UPRIGHT
    try:
        track = read_movie(work.original).track("vide")
    except BadMp4:
        return UPRIGHT
    if track is None:
        return UPRIGHT
    a, b, c, d = (_sign(track.matrix[place]) for place in (0, 1, 3, 4))
    return (a, b, c, d) if (a, b, c, d) in TURNS else UPRIGHT


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _pace(work: Work, found: Probe, video: VideoFacts, seen: Scan) -> Cadence:
    if len(seen.times) == 1:
        return Cadence(Rate(30), 1, Fraction(0), Fraction(0))
    pace = cadence(seen.times, seen.tick, video.declared_rate, _last_duration(work, found, seen))
    if Fraction(pace.frames) / pace.rate.fraction > SECONDS_MAX:
        raise MediaUnusable("media_too_large", "its timestamps span more than 12 hours")
    return pace


def _last_duration(work: Work, found: Probe, seen: Scan) -> int:
    """How long the tables of a MOV or MP4 show the last picture, in ticks of the scan; 0 where unknown."""
    if found.demuxer != "mov":
        return 0
    try:
        track = read_movie(work.original).track("vide")
    except BadMp4:
        return 0
    if track is None or not track.samples:
        return 0
    last_shown = max(range(track.samples), key=track.pts.__getitem__)
    last = Fraction(track.durations[last_shown], track.timescale)
    return int(last / seen.tick)


def mezzanine(
    work: Work, found: Probe, video: VideoFacts, shape: Shape, quality: Quality
) -> PictureRendition:
    """The pictures of the original at constant rate, kept in the store; MediaUnusable."""
    size, pace = shape.size, shape.pace
    pixels = pace.frames * size.width * size.height
    limit_bytes = OUTPUT_SLACK_BYTES + quality.bytes_per_pixel * pixels
    arguments = mezzanine_arguments(
        video, found.demuxer, shape.turn, size, pace, quality, limit_bytes
    )
    try:
        run(
            work,
            arguments,
            limits_of(found),
            lambda done: work.on_progress(min(done, pace.frames), pace.frames),
        )
    except ToolFailed as error:
        last = error.stderr_tail.strip().splitlines()[-1:] or ["no message"]
        raise MediaUnusable(
            "media_damaged", f"the pictures cannot be converted: {last[0][:300]}"
        ) from error
    path, digest, key = kept(work, "mezzanine.mp4", quality.folder)
    made = rendition_facts(path, digest, key, adopted=False)
    if made.pictures != pace.frames or made.rate.fraction != pace.rate.fraction:
        raise MediaUnusable("media_damaged", f"{made.pictures} of {pace.frames} pictures came out")
    work.on_progress(pace.frames, pace.frames)
    return made


def master_of(
    media: MediaFacts,
    store: ObjectStore,
    scratch: Path,
    *,
    ffmpeg: Ffmpeg,
    cancelled: Callable[[], bool],
) -> PictureRendition:
    """The pictures of a mezzanine once more from its original, without loss, and never to be copied.

    InputChanged where the original is not what the mezzanine was made of; ObjectMissing, MediaUnusable, Cancelled.
    """
    original, digest = fetched(media.original, store, scratch)
    known = known_facts(store, digest)
    if media.picture is None or known is None or known.picture is None:
        raise InputChanged(media.original, media.name)
    if known.picture.hash != media.picture.hash:
        raise InputChanged(media.original, media.name)
    work = Work(ffmpeg, store, original, scratch, cancelled, lambda _done, _total: None)
    with original.open("rb") as file:
        demuxer = sniffed(file.read(HEAD_BYTES))
    found = ffmpeg.prober.probe(original, demuxer)
    seen = scan(ffmpeg, original, found, scratch, limits_of(found), cancelled)
    if found.video is None or not seen.times:
        raise InputChanged(media.original, media.name)
    shape = shaped(work, found, found.video, seen)
    return replace(mezzanine(work, found, found.video, shape, LOSSLESS), fingerprint="")
