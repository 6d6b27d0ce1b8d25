"""What the headers of a file say of it, as media facts: for plans that render nothing.

Nothing is decoded, so nothing is known of its pictures: no rendition, no packets to copy. Where
headers lie, ingest will tell.
"""

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Final

from exporter.errors import MediaUnusable
from exporter.probe import Probe, VideoFacts
from exporter.prober import Prober
from exporter.sniff import HEAD_BYTES, STILLS, sniffed, still_head
from timeline.media import (
    AssetFacts,
    CubeRendition,
    MediaDiagnostic,
    MediaFacts,
    PictureRendition,
    SoundRendition,
    StillRendition,
)
from timeline.timing import TICKS, Rate

SAMPLE_RATE: Final = 48_000
RATE_DEN_MAX: Final = 1001


def headers_of(path: Path, name: str, prober: Prober) -> MediaFacts:
    """Facts with stand-ins for renditions; `failed` with the reason where the file is no media."""
    mark = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        demuxer = sniffed(head)
        if demuxer in STILLS:
            still = still_head(demuxer, head)
            found = StillRendition(mark, "", still.width, still.height, still.has_alpha)
            facts = AssetFacts(duration=None)
            return MediaFacts(facts, name=name, still=found)
        if demuxer == "cube":
            return MediaFacts(AssetFacts(has_video=False), name=name, cube=CubeRendition(mark, ""))
        return _film(prober.probe(path, demuxer), mark, name)
    except MediaUnusable as unusable:
        failed = AssetFacts(state="failed", duration=None, has_video=False)
        reason = MediaDiagnostic(unusable.code, unusable.detail)
        return MediaFacts(failed, name=name, diagnostics=(reason,))


def _film(found: Probe, mark: str, name: str) -> MediaFacts:
    seconds = found.seconds or Fraction(0)
    rate = _rate(found.video)
    sound = None
    if found.sound is not None:
        samples = int(seconds * SAMPLE_RATE)
        sound = SoundRendition(mark, "", SAMPLE_RATE, min(8, found.sound.channels), samples)
    picture = None
    if found.video is not None:
        picture = PictureRendition(
            hash=mark,
            key="",
            width=found.video.width,
            height=found.video.height,
            rate=rate,
            pictures=max(1, round(seconds * rate.fraction)),
        )
    facts = AssetFacts(
        duration=int(seconds * TICKS),
        fps_num=rate.num,
        fps_den=rate.den,
        has_video=picture is not None,
        has_audio=sound is not None,
    )
    return MediaFacts(facts, name=name, picture=picture, sound=sound)


def _rate(video: VideoFacts | None) -> Rate:
    declared = video.declared_rate if video is not None else None
    if declared is None or declared <= 0:
        return Rate(30, 1)
    near = declared.limit_denominator(RATE_DEN_MAX)
    return Rate(near.numerator, near.denominator)
