"""Facts of a media file from its headers, and what is read at all: formats, codecs, limits.

`demuxing.py` reads them inside the box, `prober.py` asks it to. Counting and timing of pictures is done later, by
decoding (`scan.py`).
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

PIXELS_MAX: Final = 40_000_000
STREAMS_MAX: Final = 32
SECONDS_MAX: Final = 12 * 3600
CHANNELS_MAX: Final = 16
SAMPLE_RATE_MAX: Final = 192_000

DEMUXERS: Final = {
    "mov": "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska": "matroska,webm",
}
VIDEO_CODECS: Final = frozenset(
    (
        "h264",
        "hevc",
        "vp8",
        "vp9",
        "av1",
        "mpeg4",
        "mpeg2video",
        "prores",
        "mjpeg",
        "png",
        "gif",
        "webp",
    )
)
PCM_CODECS: Final = frozenset(
    f"pcm_{layout}" for layout in ("u8", "s8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be")
) | {"pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_alaw", "pcm_mulaw"}
AUDIO_CODECS: Final = PCM_CODECS | {"aac", "mp3", "flac", "opus", "vorbis", "alac"}
DECODERS: Final = {"av1": "libdav1d", "aac": "aac_fixed"}
WHITELIST: Final = ",".join(
    (
        *sorted(VIDEO_CODECS - {"av1"}),
        "libdav1d",
        "av1",
        *sorted(AUDIO_CODECS),
        "aac_fixed",
        "mp3float",
    )
)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A picture stream as its header claims it; sizes before rotation. `matrix` is "" where untagged."""

    index: int
    codec: str
    width: int
    height: int
    sample_aspect: Fraction
    pixel_format: str
    bit_depth: int
    has_alpha: bool
    is_rgb: bool
    matrix: str
    full_range: bool | None
    is_hdr: bool
    is_interlaced: bool
    declared_rate: Fraction | None


@dataclass(frozen=True, slots=True)
class SoundFacts:
    index: int
    codec: str
    sample_rate: int
    channels: int
    bits: int


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file holds. `demuxer` is the forced one, `seconds` what the container claims.

    `unread` says why the sound beside good pictures is left out, "" where it is not.
    """

    demuxer: str
    video: VideoFacts | None
    sound: SoundFacts | None
    seconds: Fraction | None
    timecode: str
    unread: str = ""
