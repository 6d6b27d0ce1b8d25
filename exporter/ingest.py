"""An original becomes usable: probed, decoded once, normalised or adopted [export-X20, X21, X22].

The result is a pure function of the original's bytes: renditions lie in the object store under the hash of
their own bytes, and an index object says which original they were made of, so the next ingest costs nothing.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from exporter.adoption import NotAdopted, adopted, rendition_facts
from exporter.errors import MediaUnusable, ToolFailed
from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.flac import flac_facts
from exporter.mp4 import BadMp4, read_movie
from exporter.normalise import (
    INGEST_VERSION,
    SAMPLE_RATE,
    TURNS,
    UPRIGHT,
    Cadence,
    Matrix,
    Size,
    cadence,
    frame_still_arguments,
    mezzanine_arguments,
    mezzanine_size,
    picture_diagnostics,
    sound_arguments,
    still_arguments,
)
from exporter.probe import SECONDS_MAX, Probe, SoundFacts, VideoFacts, probe
from exporter.scan import Scan, scan
from exporter.sniff import HEAD_BYTES, STILLS, check_pixels, sniffed, still_head
from exporter.timecode import ticks_of_timecode
from kit.box import GIB, Limits
from kit.object_store import CHUNK_BYTES, ObjectMissing, ObjectStore
from timeline.jobs import AssetJob
from timeline.media import (
    AssetFacts,
    MediaDiagnostic,
    MediaFacts,
    PictureRendition,
    SoundRendition,
    StillRendition,
)
from timeline.media_json import media_from_json, media_json
from timeline.timing import TICKS, Rate, tick

HD_PIXELS: Final = 1920 * 1088
OUTPUT_SLACK_BYTES: Final = 64 << 20
WALL_SECONDS_MAX: Final = 6 * 3600.0
STILL_LIMITS: Final = Limits(wall_seconds=60, resident_bytes=GIB, output_bytes=256 << 20)

OnProgress = Callable[[int, int], None]
"""Gets frames done and frames in all."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What every step of one ingest needs."""

    ffmpeg: Ffmpeg
    store: ObjectStore
    original: Path
    scratch: Path
    cancelled: Callable[[], bool]
    on_progress: OnProgress


def ingest(
    job: AssetJob,
    store: ObjectStore,
    scratch: Path,
    *,
    ffmpeg: Ffmpeg,
    cancelled: Callable[[], bool],
    on_progress: OnProgress,
) -> MediaFacts:
    """The facts and renditions of an original. `scratch` is an empty private folder of this call.

    MediaUnusable says what is wrong with the original; ObjectMissing that it is gone; Cancelled.
    """
    original, digest = _fetched(job.original_key, store, scratch)
    index_key = f"facts/{digest}.json"
    known = _known(store, index_key)
    if known is None:
        work = _Work(ffmpeg, store, original, scratch, cancelled, on_progress)
        with original.open("rb") as file:
            head = file.read(HEAD_BYTES)
        demuxer = sniffed(head)
        if demuxer in STILLS:
            known = _ingest_still(work, demuxer, head)
        else:
            known = _ingest_film(work, demuxer, digest, job.original_key)
        body = {"ingest": INGEST_VERSION, "media": media_json(known)}
        store.put(index_key, json.dumps(body, sort_keys=True).encode(), if_absent=False)
    picture = known.picture
    if picture and picture.adopted:
        # The same bytes may lie in the store as somebody else's original too; ours is the one to read.
        known = replace(known, picture=replace(picture, key=job.original_key))
    return replace(known, name=job.name)


def _fetched(key: str, store: ObjectStore, scratch: Path) -> tuple[Path, str]:
    """The original as a local file, and its sha256."""
    path = store.local_path(key)
    if path is None:
        path = scratch / "original"
        with store.open(key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK_BYTES)
    return path, _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(store: ObjectStore, index_key: str) -> MediaFacts | None:
    """What an earlier ingest of the same bytes found, where its renditions are still there."""
    try:
        with store.open(index_key) as file:
            body = json.loads(file.read())
    except ObjectMissing:
        return None
    if body["ingest"] != INGEST_VERSION:
        return None
    media = media_from_json(body["media"])
    made = (
        media.picture if media.picture and not media.picture.adopted else None,
        media.still,
        media.sound,
    )
    return media if all(item is None or store.stat(item.key) is not None for item in made) else None


def _kept(work: _Work, name: str, folder: str) -> tuple[Path, str, str]:
    """Put a finished rendition into the store; its path, hash and key."""
    path = work.scratch / name
    digest = _sha256(path)
    key = f"{folder}/{digest}{path.suffix}"
    work.store.put(key, path)
    return path, digest, key


# --- stills


def _ingest_still(work: _Work, demuxer: str, head: bytes) -> MediaFacts:
    found = still_head(demuxer, head)
    _run(work, still_arguments(demuxer, has_alpha=found.has_alpha), STILL_LIMITS)
    return _still_media(_kept_still(work, has_alpha=found.has_alpha), ())


def _kept_still(work: _Work, *, has_alpha: bool) -> StillRendition:
    path, digest, key = _kept(work, "still.png", "img")
    with path.open("rb") as file:
        made = still_head("png_pipe", file.read(64))
    return StillRendition(digest, key, made.width, made.height, has_alpha)


def _still_media(still: StillRendition, diagnostics: tuple[MediaDiagnostic, ...]) -> MediaFacts:
    return MediaFacts(
        AssetFacts(duration=None, has_video=True), still=still, diagnostics=diagnostics
    )


# --- films and sound


def _ingest_film(work: _Work, demuxer: str, digest: str, original_key: str) -> MediaFacts:
    found = probe(work.original, demuxer)
    if found.video:
        check_pixels(found.video.width, found.video.height)
    limits = _limits(found)
    seen = scan(work.ffmpeg, work.original, found, work.scratch, limits, work.cancelled)
    if not seen.times and seen.first_sound is None:
        raise MediaUnusable("media_damaged", "not one picture and not one sample can be decoded")
    diagnostics = (
        [] if seen.is_clean else [MediaDiagnostic("media_damaged", "parts of it cannot be decoded")]
    )
    if found.unread:
        diagnostics.append(MediaDiagnostic("media_damaged", found.unread))
    sound = _sound(work, found.sound, demuxer, seen, limits, diagnostics)
    if found.video and len(seen.times) == 1 and sound is None:
        turn, size = _turn(work, found), mezzanine_size(found.video, _turn(work, found))
        _run(work, frame_still_arguments(found.video, demuxer, turn, size), limits)
        return _still_media(_kept_still(work, has_alpha=False), tuple(diagnostics))
    picture = None
    if found.video and seen.times:
        picture = _picture(
            work, found, found.video, seen, digest, original_key, limits, diagnostics
        )
    if picture is None and sound is None:
        raise MediaUnusable("media_damaged", "no picture and no sound came out of it")
    return MediaFacts(
        facts=_facts(picture, sound, found.timecode),
        picture=picture,
        sound=sound,
        diagnostics=tuple(diagnostics),
    )


def _facts(
    picture: PictureRendition | None, sound: SoundRendition | None, timecode: str
) -> AssetFacts:
    rate = picture.rate if picture else Rate(30)
    duration = None
    if picture:
        duration = tick(picture.pictures, rate)
    elif sound:
        duration = sound.samples * TICKS // sound.sample_rate
    return AssetFacts(
        duration=duration,
        fps_num=rate.num,
        fps_den=rate.den,
        has_video=picture is not None,
        has_audio=sound is not None,
        start_tc=ticks_of_timecode(timecode, rate),
    )


def _limits(found: Probe) -> Limits:
    seconds = float(found.seconds or 60)
    is_large = found.video is not None and found.video.width * found.video.height > HD_PIXELS
    return Limits(
        wall_seconds=min(WALL_SECONDS_MAX, 60 + 10 * seconds),
        address_space_bytes=(8 if is_large else 4) * GIB,
        resident_bytes=(6 if is_large else 3) * GIB,
    )


def _run(
    work: _Work,
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


def _turn(work: _Work, found: Probe) -> Matrix:
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


def _picture(
    work: _Work,
    found: Probe,
    video: VideoFacts,
    seen: Scan,
    digest: str,
    original_key: str,
    limits: Limits,
    diagnostics: list[MediaDiagnostic],
) -> PictureRendition:
    if seen.is_clean and found.demuxer == "mov":
        try:
            return adopted(work.original, digest, original_key, len(seen.times))
        except NotAdopted:
            pass  # then it is made anew; the reason is nobody's problem
    turn = _turn(work, found)
    size = mezzanine_size(video, turn)
    pace = _pace(work, found, video, seen)
    diagnostics.extend(picture_diagnostics(video, size, pace))
    return _mezzanine(work, found, video, turn, size, pace, limits)


def _pace(work: _Work, found: Probe, video: VideoFacts, seen: Scan) -> Cadence:
    if len(seen.times) == 1:
        return Cadence(Rate(30), 1, Fraction(0), Fraction(0))
    pace = cadence(seen.times, seen.tick, video.declared_rate, _last_duration(work, found, seen))
    if Fraction(pace.frames) / pace.rate.fraction > SECONDS_MAX:
        raise MediaUnusable("media_too_large", "its timestamps span more than 12 hours")
    return pace


def _last_duration(work: _Work, found: Probe, seen: Scan) -> int:
    """How long the tables of a MOV or MP4 show the last picture, in ticks of the scan; 0 where unknown."""
    if found.demuxer != "mov":
        return 0
    try:
        track = read_movie(work.original).track("vide")
    except BadMp4:
        return 0
    if track is None or not track.samples:
        return 0
    last = Fraction(int(track.durations[int(track.pts.argmax())]), track.timescale)
    return int(last / seen.tick)


def _mezzanine(
    work: _Work,
    found: Probe,
    video: VideoFacts,
    turn: Matrix,
    size: Size,
    pace: Cadence,
    limits: Limits,
) -> PictureRendition:
    limit_bytes = OUTPUT_SLACK_BYTES + pace.frames * size.width * size.height
    arguments = mezzanine_arguments(video, found.demuxer, turn, size, pace, limit_bytes)
    try:
        _run(
            work,
            arguments,
            limits,
            lambda done: work.on_progress(min(done, pace.frames), pace.frames),
        )
    except ToolFailed as error:
        last = error.stderr_tail.strip().splitlines()[-1:] or ["no message"]
        raise MediaUnusable(
            "media_damaged", f"the pictures cannot be converted: {last[0][:300]}"
        ) from error
    path, digest, key = _kept(work, "mezzanine.mp4", "mz")
    made = rendition_facts(path, digest, key, adopted=False)
    if made.pictures != pace.frames or made.rate.fraction != pace.rate.fraction:
        raise MediaUnusable("media_damaged", f"{made.pictures} of {pace.frames} pictures came out")
    work.on_progress(pace.frames, pace.frames)
    return made


def _sound(
    work: _Work,
    sound: SoundFacts | None,
    demuxer: str,
    seen: Scan,
    limits: Limits,
    diagnostics: list[MediaDiagnostic],
) -> SoundRendition | None:
    if sound is None or seen.first_sound is None:
        return None
    first = seen.first_picture
    offset = Fraction(0) if first is None else seen.first_sound - first
    if abs(offset) > SECONDS_MAX:
        offset = Fraction(0)
    try:
        _run(work, sound_arguments(sound, demuxer, offset), limits)
    except ToolFailed:
        diagnostics.append(MediaDiagnostic("media_damaged", "its sound cannot be decoded"))
        return None
    made = flac_facts(work.scratch / "sound.flac")
    if made.samples == 0:
        return None
    _, digest, key = _kept(work, "sound.flac", "snd")
    return SoundRendition(digest, key, SAMPLE_RATE, made.channels, made.samples)
