# pyright: basic
# PyAV's stubs leave much of a stream untyped; this file hands out typed values.
"""Reads the headers of a media file with PyAV's demuxers, inside the box: forced format, no other file, no protocol."""

from fractions import Fraction
from typing import Final, cast

import av
import av.container
import av.error
import av.subtitles.codeccontext  # both are imported when a file needs them, where nothing can be opened any more
import av.subtitles.stream
from av.audio.stream import AudioStream
from av.stream import Disposition
from av.video.stream import VideoStream

from exporter.errors import MediaUnusable
from exporter.probe import (
    AUDIO_CODECS,
    CHANNELS_MAX,
    DEMUXERS,
    PIXELS_MAX,
    SAMPLE_RATE_MAX,
    SECONDS_MAX,
    STREAMS_MAX,
    VIDEO_CODECS,
    WHITELIST,
    Probe,
    SoundFacts,
    VideoFacts,
)

# Headers of some codecs are only known after a first picture; a huge one must not be allocated.
PER_STREAM: Final = [{"max_pixels": str(PIXELS_MAX), "threads": "1"}] * STREAMS_MAX
MATRICES: Final = {
    1: "bt709",
    4: "fcc",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    9: "bt2020",
    10: "bt2020",
}
HDR_TRANSFERS: Final = (16, 18)
BT2020_PRIMARIES: Final = 9
FIELD_ORDER_TOP: Final = 2  # AV_FIELD_TT and above: pictures are made of two fields


def read_headers(descriptor: int, demuxer: str) -> Probe:
    """What an open file says of itself to one forced demuxer; MediaUnusable says what is wrong with it."""
    options = {
        "fd": str(descriptor),
        "protocol_whitelist": "fd",
        "format_whitelist": DEMUXERS.get(demuxer, demuxer),
        "codec_whitelist": WHITELIST,
        "max_streams": str(STREAMS_MAX),
    }
    # The stub says text, the library wants mappings.
    per_stream = cast("list[str]", PER_STREAM)
    try:
        with av.open("fd:", format=demuxer, options=options, stream_options=per_stream) as opened:
            return _facts(opened, demuxer)
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        said = getattr(error, "strerror", "") or str(error) or type(error).__name__
        raise MediaUnusable(
            "media_damaged", f"cut off or broken: no readable {demuxer} file ({said})"
        ) from error


def _facts(container: av.container.InputContainer, demuxer: str) -> Probe:
    if len(container.streams) > STREAMS_MAX:
        raise MediaUnusable(
            "media_too_large", f"{len(container.streams)} streams; at most {STREAMS_MAX} are read"
        )
    seconds = Fraction(container.duration, 1_000_000) if container.duration else None
    if seconds is not None and seconds > SECONDS_MAX:
        raise MediaUnusable(
            "media_too_large", f"{float(seconds) / 3600:.1f} hours; at most 12 are read"
        )
    pictures = [
        item for item in container.streams.video if not item.disposition & Disposition.attached_pic
    ]
    sounds = list(container.streams.audio)
    if not pictures and not sounds:
        raise MediaUnusable("media_no_stream", "neither pictures nor sound in it")
    labels = [container.metadata, *(stream.metadata for stream in container.streams)]
    timecode = next((item["timecode"] for item in labels if "timecode" in item), "")
    video = _video(pictures[0]) if pictures else None
    sound, unread = None, ""
    try:
        sound = _sound(sounds[0]) if sounds else None
    except MediaUnusable as unusable:
        if video is None:
            raise
        unread = unusable.detail
    return Probe(demuxer, video, sound, seconds, timecode, unread)


def _video(stream: VideoStream) -> VideoFacts:
    context = stream.codec_context
    codec = _canonical(context.name) if context is not None else "something unknown"
    if codec not in VIDEO_CODECS:
        raise MediaUnusable("media_codec", f"pictures coded as {codec} are not read")
    if not context.width or not context.height or context.format is None:
        raise MediaUnusable(
            "media_damaged", "the pictures have no size: the file is cut off or broken"
        )
    layout = context.format
    aspect = stream.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1)
    names = {component.is_alpha for component in layout.components}
    return VideoFacts(
        index=stream.index,
        codec=codec,
        width=context.width,
        height=context.height,
        sample_aspect=aspect if aspect > 0 else Fraction(1),
        pixel_format=layout.name,
        bit_depth=max(component.bits for component in layout.components),
        has_alpha=True in names or layout.has_palette,
        is_rgb=layout.is_rgb or layout.has_palette,
        matrix=MATRICES.get(int(context.colorspace), ""),
        full_range={1: False, 2: True}.get(
            int(context.color_range), layout.name.startswith("yuvj") or None
        ),
        is_hdr=int(context.color_trc) in HDR_TRANSFERS
        or int(context.color_primaries) == BT2020_PRIMARIES,
        is_interlaced=int(context.field_order) >= FIELD_ORDER_TOP,
        declared_rate=Fraction(stream.average_rate) if stream.average_rate else None,
    )


def _sound(stream: AudioStream) -> SoundFacts | None:
    context = stream.codec_context
    codec = _canonical(context.name) if context is not None else "something unknown"
    if codec not in AUDIO_CODECS:
        raise MediaUnusable("media_codec", f"sound coded as {codec} is not read")
    if not context.sample_rate or not context.channels:
        return None
    if context.sample_rate > SAMPLE_RATE_MAX or context.channels > CHANNELS_MAX:
        raise MediaUnusable(
            "media_too_large", f"{context.channels} channels at {context.sample_rate} Hz"
        )
    lossless = codec.startswith("pcm_") or codec in ("flac", "alac")
    bits = context.format.bits if context.format is not None else 16
    return SoundFacts(
        stream.index, codec, context.sample_rate, context.channels, bits if lossless else 16
    )


def _canonical(decoder: str) -> str:
    """The codec behind a decoder's name."""
    return {"libdav1d": "av1", "mp3float": "mp3", "libvpx-vp9": "vp9", "aac_fixed": "aac"}.get(
        decoder, decoder
    )
