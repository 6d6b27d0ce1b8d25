"""An original becomes usable: probed, decoded once, normalised or adopted [export-X20, X21, X22].

The result is a pure function of the original's bytes: renditions lie in the object store under the hash of
their own bytes, and an index object says which original they were made of, so the next ingest costs nothing.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from exporter.adoption import NotAdopted, adopted
from exporter.cube_file import FILE_BYTES_MAX, cube_colors
from exporter.cubes import cube_bytes
from exporter.errors import MediaUnusable, ToolFailed
from exporter.ffmpeg_process import Ffmpeg
from exporter.flac import flac_facts
from exporter.ingest_version import INGEST_VERSION
from exporter.mezzanine import (
    OnProgress,
    Work,
    facts_key,
    fetched,
    kept,
    known_facts,
    limits_of,
    mezzanine,
    run,
    shaped,
    turn_of,
)
from exporter.normalise import (
    HOUSE,
    SAMPLE_RATE,
    frame_still_arguments,
    mezzanine_size,
    picture_diagnostics,
    sound_arguments,
    still_arguments,
)
from exporter.probe import SECONDS_MAX, Probe, SoundFacts, VideoFacts
from exporter.scan import Scan, scan
from exporter.sniff import HEAD_BYTES, STILLS, check_pixels, sniffed, still_head
from exporter.timecode import ticks_of_timecode
from exporter.withdrawn import is_marked
from kit.box import GIB, Limits
from kit.object_store import ObjectStore
from timeline.jobs import AssetJob
from timeline.media import (
    AssetFacts,
    CubeRendition,
    MediaDiagnostic,
    MediaFacts,
    PictureRendition,
    SoundRendition,
    StillRendition,
)
from timeline.media_json import media_json
from timeline.timing import TICKS, Rate, tick

TIMED: Final = frozenset(
    {"mov", "matroska"}
)  # containers that know how long they are; others guess
CLAIM_SECONDS: Final = 1  # what pictures and sound last themselves, and a little more
STILL_LIMITS: Final = Limits(wall_seconds=60, resident_bytes=GIB, output_bytes=256 << 20)


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
    original, digest = fetched(job.original_key, store, scratch)
    known = known_facts(store, digest)
    if known is None:
        work = Work(ffmpeg, store, original, scratch, cancelled, on_progress)
        with original.open("rb") as file:
            head = file.read(HEAD_BYTES)
        demuxer = sniffed(head)
        if demuxer in STILLS:
            known = _ingest_still(work, demuxer, head)
        elif demuxer == "cube":
            known = _ingest_cube(work)
        else:
            known = _ingest_film(work, demuxer, digest, job.original_key)
        body = {"ingest": INGEST_VERSION, "media": media_json(known)}
        store.put(facts_key(digest), json.dumps(body, sort_keys=True).encode(), if_absent=False)
    picture = known.picture
    if picture and picture.adopted:
        # The same bytes may lie in the store as somebody else's original too; ours is the one to read.
        known = replace(known, picture=replace(picture, key=job.original_key))
    return replace(known, name=job.name, original=job.original_key)


# --- stills


def _ingest_still(work: Work, demuxer: str, head: bytes) -> MediaFacts:
    found = still_head(demuxer, head)
    run(work, still_arguments(demuxer, has_alpha=found.has_alpha), STILL_LIMITS)
    return _still_media(_kept_still(work, has_alpha=found.has_alpha), ())


def _kept_still(work: Work, *, has_alpha: bool) -> StillRendition:
    path, digest, key = kept(work, "still.png", "img")
    with path.open("rb") as file:
        made = still_head("png_pipe", file.read(64))
    return StillRendition(digest, key, made.width, made.height, has_alpha)


def _still_media(still: StillRendition, diagnostics: tuple[MediaDiagnostic, ...]) -> MediaFacts:
    return MediaFacts(
        AssetFacts(duration=None, has_video=True), still=still, diagnostics=diagnostics
    )


# --- look-up tables


def _ingest_cube(work: Work) -> MediaFacts:
    with work.original.open("rb") as file:
        colors = cube_colors(file.read(FILE_BYTES_MAX + 1))
    path = work.scratch / "table.cube16"
    path.write_bytes(cube_bytes(colors))
    _, digest, key = kept(work, path.name, "lut")
    return MediaFacts(AssetFacts(has_video=False), cube=CubeRendition(digest, key))


# --- films and sound


def _ingest_film(work: Work, demuxer: str, digest: str, original_key: str) -> MediaFacts:
    found = work.ffmpeg.prober.probe(work.original, demuxer)
    if found.video:
        check_pixels(found.video.width, found.video.height)
    limits = limits_of(found)
    seen = scan(work.ffmpeg, work.original, found, work.scratch, limits, work.cancelled)
    if not seen.times and seen.first_sound is None:
        raise MediaUnusable("media_damaged", "not one picture and not one sample can be decoded")
    diagnostics = (
        [] if seen.is_clean else [MediaDiagnostic("media_damaged", "parts of it cannot be decoded")]
    )
    claimed = found.seconds if demuxer in TIMED else None
    if claimed is not None and claimed - seen.seconds > CLAIM_SECONDS:
        told = f"it claims {float(claimed):.1f} s, and what can be decoded ends after {float(seen.seconds):.1f} s"
        diagnostics.append(MediaDiagnostic("media_damaged", told))
    if seen.unshown:
        left_out = f"{seen.unshown} pictures have no time, or one that had passed: left out"
        diagnostics.append(MediaDiagnostic("media_damaged", left_out))
    if found.unread:
        diagnostics.append(MediaDiagnostic("media_damaged", found.unread))
    sound = _sound(work, found.sound, demuxer, seen, limits, diagnostics)
    if found.video and len(seen.times) == 1 and sound is None:
        turn = turn_of(work, found)
        size = mezzanine_size(found.video, turn)
        run(work, frame_still_arguments(found.video, demuxer, turn, size), limits)
        return _still_media(_kept_still(work, has_alpha=False), tuple(diagnostics))
    picture = None
    if found.video and seen.times:
        picture = _picture(work, found, found.video, seen, digest, original_key, diagnostics)
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


def _picture(
    work: Work,
    found: Probe,
    video: VideoFacts,
    seen: Scan,
    digest: str,
    original_key: str,
    diagnostics: list[MediaDiagnostic],
) -> PictureRendition:
    if seen.is_clean and found.demuxer == "mov" and not is_marked(work.store, digest):
        try:
            return adopted(work.original, digest, original_key, len(seen.times))
        except NotAdopted:
            pass  # then it is made anew; the reason is nobody's problem
    shape = shaped(work, found, video, seen)
    diagnostics.extend(picture_diagnostics(video, shape.size, shape.pace))
    return mezzanine(work, found, video, shape, HOUSE)


def _sound(
    work: Work,
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
        run(work, sound_arguments(sound, demuxer, offset), limits)
    except ToolFailed:
        diagnostics.append(MediaDiagnostic("media_damaged", "its sound cannot be decoded"))
        return None
    made = flac_facts(work.scratch / "sound.flac")
    if made.samples == 0:
        return None
    _, digest, key = kept(work, "sound.flac", "snd")
    return SoundRendition(digest, key, SAMPLE_RATE, made.channels, made.samples)
