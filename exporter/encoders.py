"""How the pictures of a segment are encoded: the arguments of each codec, and the pixels it takes.

Only what gives the same bytes on every processor stands here: one thread, no scene detection of its own, no
message about itself in the stream [export-X16, X44].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from exporter.film_parts import track_timescale
from timeline.plan import Output, VideoCodec
from timeline.timing import Rate

Options = dict[str, float | str]

BT709: Final[Options] = {
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "color_range": "tv",
}
PRORES_HQ: Final = 3


@dataclass(frozen=True, slots=True)
class Encoding:
    """`pixels` leave the graph; `decoders` read it back; `pixel_bits` is what one pixel may take at most.

    `muxer` is that of a segment's file; `range` and `matrix` are those of the pixels. `is_plain`: only without
    the processor's own instructions does it give the same bytes everywhere.
    """

    pixels: str
    decoders: str
    pixel_bits: float
    muxer: str
    range: Literal["tv", "full"] = "tv"
    matrix: Literal["bt709", "bt601"] = "bt709"
    is_plain: bool = False


ENCODINGS: Final[Mapping[VideoCodec, Encoding]] = {
    "h264": Encoding("yuv420p", "h264", 1, "mp4"),
    "hevc": Encoding("yuv420p", "hevc", 1, "mp4"),
    "av1": Encoding("yuv420p", "libdav1d,av1", 1, "mp4"),
    "prores": Encoding("yuv422p10le", "prores", 12, "mov"),
    "png": Encoding("rgb24", "png", 26, "mov", range="full"),
    "jpeg": Encoding("yuvj420p", "mjpeg", 8, "mov", range="full", matrix="bt601", is_plain=True),
}


def encoding_of(output: Output) -> Encoding:
    return ENCODINGS[output.video.codec]


def encoder_options(output: Output, frames: int, bytes_max: int) -> Options:
    """Output options of a segment of so many frames; one that is larger than `bytes_max` is cut off."""
    codec = output.video.codec
    muxer = ENCODINGS[codec].muxer
    return {
        "frames:v": frames,
        "fps_mode": "cfr",
        "r": f"{output.fps_num}/{output.fps_den}",
        **_codec_options(output),
        "video_track_timescale": track_timescale(Rate(output.fps_num, output.fps_den)),
        **({"bsf:v": "filter_units=remove_types=6"} if codec == "h264" else {}),
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "map_metadata": "-1",
        "map_chapters": "-1",
        "fs": bytes_max,
        "format": muxer,
    }


def _codec_options(output: Output) -> Options:
    video = output.video
    speed, quality = video.x264_preset, video.crf
    match video.codec:
        case "h264":
            return {
                "c:v": "libx264",
                "threads": 1,
                "preset": speed,
                "crf": quality,
                "profile:v": "high",
                "pix_fmt": "yuv420p",
                "x264-params": _joined(
                    {
                        **_closed_gops(video.keyint),
                        "stitchable": 1,
                        "cpu-independent": 1,
                        "sps-id": 1,
                    }
                ),
                **BT709,
                "chroma_sample_location": "left",
            }
        case "hevc":
            return {
                "c:v": "libx265",
                "threads": 1,
                "preset": speed,
                "crf": quality,
                "pix_fmt": "yuv420p",
                "x265-params": _joined(
                    {
                        **_closed_gops(video.keyint),
                        "pools": "none",
                        "frame-threads": 1,
                        "wpp": 0,
                        "info": 0,
                        "hrd": 0,
                        "log-level": "none",
                    }
                ),
                **BT709,
                "chroma_sample_location": "left",
                "tag:v": "hvc1",
            }
        case "av1":
            return {
                "c:v": "libsvtav1",
                "threads": 1,
                "preset": speed,
                "crf": quality,
                "g": video.keyint,
                "pix_fmt": "yuv420p",
                "svtav1-params": _joined({"lp": 1, "scd": 0}),
                **BT709,
                "chroma_sample_location": "left",
            }
        case "prores":
            return {
                "c:v": "prores_ks",
                "threads": 1,
                "profile:v": PRORES_HQ,
                "vendor": "apl0",
                "pix_fmt": "yuv422p10le",
                **BT709,
            }
        case "png":
            return {"c:v": "png", "threads": 1, "pix_fmt": "rgb24"}
        case "jpeg":
            return {"c:v": "mjpeg", "threads": 1, "q:v": 3, "pix_fmt": "yuvj420p"}
        case "none":
            raise ValueError("a file without pictures has no segments")


def _closed_gops(keyint: int) -> Options:
    return {"keyint": keyint, "min-keyint": keyint, "scenecut": 0, "open-gop": 0}


def _joined(options: Options) -> str:
    return ":".join(f"{name}={value}" for name, value in options.items())
