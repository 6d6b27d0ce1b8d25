"""How the finished mix is encoded: once, the whole film in one go [export-X14].

AAC and Vorbis go into an MP4 whose tables say where each packet lies; a raw stream would lose its priming.
Opus stands in no preset: its encoder gives other bytes on other processors (`docs/adr/`).
"""

from typing import Final

from timeline.plan import AudioCodec
from timeline.sound_plan import SoundPlan

SURROUND_BIT_RATE: Final = 384_000
VORBIS_QUALITY: Final = 6  # about 192 kbit/s in stereo
PCM_BITS: Final = 24
CLEAN: Final = ("-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")


def encoding(plan: SoundPlan) -> list[str]:
    """Output options of the mix, all but the file's name."""
    return ["-map", "0:a:0", *_codec(plan), *CLEAN, "-f", _muxer(plan.codec)]


def encoded_name(codec: AudioCodec) -> str:
    return "sound.wav" if codec == "pcm" else "sound.m4a"


def _codec(plan: SoundPlan) -> list[str]:
    match plan.codec:
        case "aac":
            bit_rate = SURROUND_BIT_RATE if plan.channels > 2 else plan.bit_rate
            return ["-c:a", "aac", "-b:a", str(bit_rate)]
        case "vorbis":
            return ["-c:a", "libvorbis", "-q:a", str(VORBIS_QUALITY)]
        case "pcm":
            return ["-c:a", f"pcm_s{PCM_BITS}le", "-rf64", "auto"]
        case "none":
            raise ValueError("a silent file has no sound to encode")


def _muxer(codec: AudioCodec) -> str:
    return "wav" if codec == "pcm" else "mp4"
