"""Presets: named, frozen sets of output settings [export section 11].

They are data with a version: whoever changes what a preset makes raises `PRESET_VERSION`.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from timeline.containers import CONTAINERS, Container
from timeline.errors import ExportRefused
from timeline.plan import AudioCodec, AudioSettings, Fit, Output, VideoCodec, VideoSettings
from timeline.resolved import SequenceView

PRESET_VERSION: Final = 2
KEYINT_SECONDS: Final = 2
CHANNELS: Final = {"mono": 1, "stereo": 2, "5.1": 6}
SURROUND_BIT_RATE: Final = 384_000
Use: TypeAlias = Literal["watch", "social", "edit", "sound", "picture"]
"""What somebody wants the file for; choosers group by it."""
Origin: TypeAlias = Literal["auto", "originals"]
"""What pictures are read from: renditions, or the originals, one generation less and slower [export-X23]."""


@dataclass(frozen=True, slots=True)
class Preset:
    """`short_side` pixels at the sequence's shape, or a fixed `size`, or the sequence's size times `scale`.

    `rate` replaces the sequence's; a `still` is one frame; `seconds_max` refuses what is longer.
    """

    name: str
    label: str
    use: Use
    container: str = "mp4"
    size: tuple[int, int] | None = None
    short_side: int | None = None
    scale: float = 1.0
    rate: tuple[int, int] | None = None
    fit: Fit = "contain"
    codec: VideoCodec = "h264"
    x264_preset: str = "veryfast"
    crf: int = 18
    copy: bool = True
    audio: AudioCodec = "aac"
    audio_bit_rate: int = 192_000
    still: bool = False
    seconds_max: int | None = None
    origin: Origin = "auto"

    @property
    def file(self) -> Container:
        return CONTAINERS[self.container]


PRESETS: Final[dict[str, Preset]] = {
    preset.name: preset
    for preset in (
        Preset("source", "As the timeline", "watch"),
        Preset("h264-720p", "720p", "watch", short_side=720),
        Preset("h264-1080p", "1080p", "watch", short_side=1080),
        Preset("h264-2160p", "2160p (4K)", "watch", short_side=2160),
        Preset(
            "h264-master",
            "Master, from the originals",
            "edit",
            x264_preset="slow",
            crf=16,
            audio_bit_rate=320_000,
            origin="originals",
        ),
        Preset("hevc", "HEVC, smaller file", "watch", codec="hevc", x264_preset="fast", crf=22),
        Preset(
            "webm-av1",
            "WebM with AV1",
            "watch",
            "webm",
            codec="av1",
            x264_preset="8",
            crf=30,
            audio="vorbis",
        ),
        Preset(
            "draft",
            "Draft, half size",
            "watch",
            scale=0.5,
            x264_preset="ultrafast",
            crf=28,
            copy=False,
        ),
        Preset("vertical", "Vertical 1080 x 1920", "social", size=(1080, 1920)),
        Preset("square", "Square 1080 x 1080", "social", size=(1080, 1080)),
        Preset("portrait", "Portrait 1080 x 1350", "social", size=(1080, 1350)),
        Preset("prores", "ProRes 422 HQ", "edit", "mov", codec="prores", audio="pcm"),
        Preset("audio-m4a", "Sound, AAC", "sound", "m4a", codec="none"),
        Preset("audio-wav", "Sound, WAV 24 bit", "sound", "wav", codec="none", audio="pcm"),
        Preset(
            "gif",
            "Animated GIF",
            "picture",
            "gif",
            short_side=360,
            rate=(25, 2),
            codec="png",
            audio="none",
            seconds_max=60,
        ),
        Preset(
            "frame-png", "One frame, PNG", "picture", "png", codec="png", audio="none", still=True
        ),
    )
}


def find_preset(name: str) -> Preset:
    """The preset of that name; ExportRefused names those there are."""
    preset = PRESETS.get(name)
    if preset is None:
        raise ExportRefused("unknown_preset", f"{name!r} is not one of {', '.join(PRESETS)}")
    return preset


def output_of(preset: Preset, sequence: SequenceView, fit: Fit | None = None) -> Output:
    """The preset made concrete for a sequence: its rate, and sizes in even pixels."""
    width, height = _size(preset, sequence.width, sequence.height)
    channels = CHANNELS.get(str(sequence.props.get("channel_layout", "stereo")), 2)
    num, den = preset.rate or (sequence.fps_num, sequence.fps_den)
    keyint = max(1, round(KEYINT_SECONDS * num / den))
    bit_rate = SURROUND_BIT_RATE if channels > 2 else preset.audio_bit_rate
    return Output(
        width=width,
        height=height,
        fps_num=num,
        fps_den=den,
        background=str(sequence.props.get("background", "#000000"))[:7].lower(),
        sample_rate=sequence.sample_rate,
        channels=channels,
        video=VideoSettings(preset.codec, preset.x264_preset, preset.crf, keyint, preset.copy),
        audio=AudioSettings(preset.audio, bit_rate),
        container=preset.container,
        fit=fit or preset.fit,
    )


def _size(preset: Preset, width: int, height: int) -> tuple[int, int]:
    if preset.size is not None:
        return preset.size
    if preset.short_side is not None:
        short = min(width, height)
        scaled = (width * preset.short_side / short, height * preset.short_side / short)
        return (_even(scaled[0]), _even(scaled[1]))
    return (_even(width * preset.scale), _even(height * preset.scale))


def _even(pixels: float) -> int:
    return max(2, int(pixels + 1e-6) // 2 * 2)
