"""Presets: named, frozen sets of output settings [export section 11]."""

from dataclasses import dataclass
from typing import Final, Literal

from timeline.errors import ExportRefused
from timeline.plan import AudioSettings, Output, VideoSettings
from timeline.resolved import SequenceView

PRESET_VERSION: Final = 1
KEYINT_SECONDS: Final = 2
CHANNELS: Final = {"mono": 1, "stereo": 2, "5.1": 6}
SURROUND_BIT_RATE: Final = 384_000


@dataclass(frozen=True, slots=True)
class Preset:
    """`short_side` pixels at the sequence's shape, or a fixed `size`, or the sequence's size times `scale`."""

    name: str
    label: str
    size: tuple[int, int] | None = None
    short_side: int | None = None
    scale: float = 1.0
    x264_preset: Literal["ultrafast", "veryfast", "slow"] = "veryfast"
    crf: int = 18
    copy: bool = True
    audio_bit_rate: int = 192_000


PRESETS: Final[dict[str, Preset]] = {
    preset.name: preset
    for preset in (
        Preset("source", "As the timeline"),
        Preset("h264-720p", "720p", short_side=720),
        Preset("h264-1080p", "1080p", short_side=1080),
        Preset("h264-2160p", "2160p (4K)", short_side=2160),
        Preset("vertical", "Vertical 1080 x 1920", size=(1080, 1920)),
        Preset("square", "Square 1080 x 1080", size=(1080, 1080)),
        Preset("draft", "Draft, half size", scale=0.5, x264_preset="ultrafast", crf=28, copy=False),
    )
}


def find_preset(name: str) -> Preset:
    """The preset of that name; ExportRefused names those there are."""
    preset = PRESETS.get(name)
    if preset is None:
        raise ExportRefused("unknown_preset", f"{name!r} is not one of {', '.join(PRESETS)}")
    return preset


def output_of(preset: Preset, sequence: SequenceView) -> Output:
    """The preset made concrete for a sequence: its rate, and sizes in even pixels."""
    width, height = _size(preset, sequence.width, sequence.height)
    channels = CHANNELS.get(str(sequence.props.get("channel_layout", "stereo")), 2)
    keyint = max(1, round(KEYINT_SECONDS * sequence.fps_num / sequence.fps_den))
    return Output(
        width=width,
        height=height,
        fps_num=sequence.fps_num,
        fps_den=sequence.fps_den,
        background=str(sequence.props.get("background", "#000000"))[:7].lower(),
        sample_rate=sequence.sample_rate,
        channels=channels,
        video=VideoSettings("h264", preset.x264_preset, preset.crf, keyint, preset.copy),
        audio=AudioSettings("aac", SURROUND_BIT_RATE if channels > 2 else preset.audio_bit_rate),
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
