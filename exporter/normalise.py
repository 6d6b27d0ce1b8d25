"""How an original becomes the house mezzanine, its FLAC or its PNG: pure functions, from facts to arguments.

One space for all pictures: upright, square pixels, constant rate, even size, BT.709 limited 4:2:0 8 bit
[export-X20]; one for all sound: 48 kHz, sample 0 at the first displayed picture [export-X22].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from exporter.ffmpeg_process import HEAD
from exporter.film_parts import track_timescale
from exporter.probe import DECODERS, DEMUXERS, PIXELS_MAX, WHITELIST, SoundFacts, VideoFacts
from timeline.media import MediaDiagnostic
from timeline.timing import TICKS, Rate

SAMPLE_RATE: Final = 48_000
CHANNELS_MAX: Final = 8
MEZZANINE_GOP: Final = 15
MEZZANINE_CRF: Final = 18
ENCODER_THREADS: Final = 4  # fixed: the number changes the bytes
WIDTH_MAX: Final = 4096
HEIGHT_MAX: Final = 2304
GAP_SECONDS: Final = 10
SYNC_LOSS_SECONDS: Final = (
    0.02  # a jump of the sound's timestamps beyond this is a gap, below it is jitter
)
SWS_FLAGS: Final = "sws_flags=bicubic+accurate_rnd+full_chroma_int+bitexact"
SET_BT709: Final = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
TAGS: Final = (
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-color_range", "tv", "-chroma_sample_location", "left"),
)
CLEAN: Final = (
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
    *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
)
TONEMAP: Final = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=limited,format=yuv444p"
)

STANDARD_RATES: Final = tuple(
    sorted(
        {
            *(
                Fraction(whole)
                for whole in (*range(1, 61), 72, 75, 90, 96, 100, 120, 144, 200, 240)
            ),
            *(Fraction(1000 * whole, 1001) for whole in (24, 30, 48, 60, 120, 240)),
            Fraction(25, 2),
        }
    )
)


@dataclass(frozen=True, slots=True)
class Quality:
    """How the pictures of a rendition are encoded, how many bytes a pixel may take, and the folder it is kept in."""

    options: tuple[str, ...]
    bytes_per_pixel: int
    folder: str


HOUSE: Final = Quality(
    ("-preset", "veryfast", "-crf", str(MEZZANINE_CRF), "-profile:v", "high"), 1, "mz"
)
"""For every day, small, and fit to be copied into films [export-X20]."""
LOSSLESS: Final = Quality(("-preset", "ultrafast", "-qp", "0"), 2, "ms")
"""To the bit what the chain gives, quick to make and to read [export-X23]."""

Matrix = tuple[int, int, int, int]
UPRIGHT: Final[Matrix] = (1, 0, 0, 1)
TURNS: Final[dict[Matrix, str]] = {
    UPRIGHT: "",
    (0, 1, -1, 0): "transpose=clock",
    (-1, 0, 0, -1): "hflip,vflip",
    (0, -1, 1, 0): "transpose=cclock",
    (-1, 0, 0, 1): "hflip",
    (1, 0, 0, -1): "vflip",
    (0, 1, 1, 0): "transpose=cclock_flip",
    (0, -1, -1, 0): "transpose=clock_flip",
}


@dataclass(frozen=True, slots=True)
class Cadence:
    """Constant rate and number of pictures of a mezzanine; `longest_gap` in seconds, and where it begins."""

    rate: Rate
    frames: int
    longest_gap: Fraction
    gap_at: Fraction


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a mezzanine; `scaled` is the size before an odd column or row is cut off."""

    scaled: tuple[int, int]
    width: int
    height: int
    is_reduced: bool


def input_arguments(
    demuxer: str, *, threads: int = 1, video: str = "", sound: str = ""
) -> list[str]:
    """What stands in front of `-i /in/0` for a hostile file: forced demuxer, whitelists, limits [operations-M3]."""
    arguments = ["-protocol_whitelist", "file", "-format_whitelist", DEMUXERS.get(demuxer, demuxer)]
    arguments += [
        "-codec_whitelist",
        WHITELIST,
        "-max_pixels",
        str(PIXELS_MAX),
        "-threads",
        str(threads),
    ]
    if video in DECODERS:
        arguments += ["-c:v", DECODERS[video]]
    if sound in DECODERS:
        arguments += ["-c:a", DECODERS[sound]]
    if video:
        # A graph that began anew at each change of size would count its pictures anew too.
        arguments += ["-reinit_filter", "0"]
    return [*arguments, "-f", demuxer, "-i", "/in/0"]


def cadence(times: Sequence[int], tick: Fraction, declared: Fraction | None, last: int) -> Cadence:
    """The constant rate of pictures shown at `times`, and how many frames they make.

    Times are ascending and count ticks of `tick` seconds; `last` is how long the last picture is shown at least.
    """
    steps = [later - earlier for earlier, later in pairwise(times)]
    count, span = len(steps), times[-1] - times[0]
    if all(abs((at - times[0]) * count - span * i) <= count for i, at in enumerate(times)):
        rate = _steady_rate(span * tick / count, tick / count, declared)
        end = span * tick + 1 / rate
    else:
        median = sorted(steps)[count // 2]
        rate = min(STANDARD_RATES, key=lambda item: abs(item * median * tick - 1))
        end = (span + max(median, last)) * tick
    longest = max(range(count), key=lambda i: steps[i])
    frames = max(1, -((1 - 2 * end * rate) // 2))  # frames whose middle lies before the end
    return Cadence(
        Rate(rate.numerator, rate.denominator),
        int(frames),
        steps[longest] * tick,
        (times[longest] - times[0]) * tick,
    )


def _steady_rate(duration: Fraction, error: Fraction, declared: Fraction | None) -> Fraction:
    """The standard rate that a measured mean duration stands for; the declared one where both fit."""
    fitting = [rate for rate in STANDARD_RATES if abs(1 / rate - duration) <= error]
    if declared in fitting:
        return declared if declared is not None else fitting[0]
    return min(fitting or STANDARD_RATES, key=lambda rate: abs(rate * duration - 1))


def mezzanine_size(video: VideoFacts, turn: Matrix) -> Size:
    """Square pixels, upright, at most 4096 x 2304 (or upright 2304 x 4096), even."""
    wide, high = Fraction(video.width), Fraction(video.height)
    if video.sample_aspect > 1:
        wide *= video.sample_aspect
    else:
        high /= video.sample_aspect
    if turn[0] == 0:
        wide, high = high, wide
    limits = (WIDTH_MAX, HEIGHT_MAX) if wide >= high else (HEIGHT_MAX, WIDTH_MAX)
    reduction = min(Fraction(1), limits[0] / wide, limits[1] / high)
    is_reduced = reduction < 1
    scaled = (max(2, round(wide * reduction)), max(2, round(high * reduction)))
    if is_reduced:
        scaled = (scaled[0] & ~1, scaled[1] & ~1)
    return Size(scaled, scaled[0] & ~1, scaled[1] & ~1, is_reduced)


def picture_chain(video: VideoFacts, turn: Matrix, size: Size) -> str:
    """Filters that make any picture one of the house's: fields, turn, alpha, colour, size. No time in it.

    A picture of another size in mid-stream is scaled to the first one's; only `scale` bears such pictures, so
    where another filter comes before the last one, a first one stands in front.
    """
    chain = [
        "sidedata=mode=delete"
    ]  # or the display matrix would be written again, and applied twice
    if video.is_interlaced or TURNS[turn] or video.has_alpha or video.is_hdr:
        chain.append(f"scale={video.width}:{video.height}")
    if video.is_interlaced:
        chain.append("yadif=mode=send_frame:deint=interlaced")
    if TURNS[turn]:
        chain.append(TURNS[turn])
    matrix = video.matrix or ("bt709" if video.height >= 720 else "bt601")
    reading = f"in_color_matrix={matrix}:in_range={'pc' if video.full_range else 'tv'}"
    if video.is_rgb:
        reading = "in_range=pc"
    if video.has_alpha:
        chain.append(f"scale={reading}:out_range=pc,format=gbrap,premultiply=inplace=1,format=gbrp")
        reading = "in_range=pc"
    elif video.is_hdr and video.bit_depth > 8:
        chain.append(TONEMAP)
        reading = "in_color_matrix=bt709:in_range=tv"
    scale = "scale={}:{}".format(*size.scaled)
    chain.append(f"{scale}:{reading}:out_color_matrix=bt709:out_range=tv")
    if size.scaled != (size.width, size.height):
        chain.append(f"crop={size.width}:{size.height}:0:0:exact=1")
    return ",".join([*chain, "format=yuv420p", SET_BT709, "setsar=1"])


def mezzanine_arguments(
    video: VideoFacts,
    demuxer: str,
    turn: Matrix,
    size: Size,
    pace: Cadence,
    quality: Quality,
    limit_bytes: int,
) -> list[str]:
    """Ffmpeg's arguments: `/in/0` -> `/out/mezzanine.mp4`.

    Frame n shows the picture that the original shows at the middle of frame n: rounding to the nearest
    frame, one tick early so that a picture beginning exactly at a middle still counts.
    """
    rate = f"{pace.rate.num}/{pace.rate.den}"
    # A picture that is hours away only ends the film: `fps` would fill the time until then.
    end = pace.frames * TICKS * pace.rate.den // pace.rate.num
    counted = f"settb=1/{TICKS},setpts=min(PTS-STARTPTS-1\\,{end})"
    timing = f"{counted},fps=fps={rate}:round=near:start_time=0"
    hold = "tpad=stop_mode=clone:stop=-1"
    chain = f"[0:{video.index}]{timing},{picture_chain(video, turn, size)},{hold}[v]"
    params = (
        f"keyint={MEZZANINE_GOP}:min-keyint={MEZZANINE_GOP}:scenecut=0:open-gop=0"
        ":stitchable=1:cpu-independent=1:sps-id=0"
    )
    return [
        *HEAD,
        *(("-cpuflags", "0") if video.is_hdr else ()),
        *("-y", "-noautorotate"),
        *input_arguments(demuxer, threads=2, video=video.codec),
        *("-filter_complex_threads", "1", "-filter_complex", f"{SWS_FLAGS};{chain}"),
        *(
            "-map",
            "[v]",
            "-an",
            *CLEAN,
            "-frames:v",
            str(pace.frames),
            "-fps_mode",
            "cfr",
            "-r",
            rate,
        ),
        *("-c:v", "libx264", "-threads", str(ENCODER_THREADS), *quality.options),
        *("-pix_fmt", "yuv420p", "-x264-params", params),
        *(*TAGS, "-video_track_timescale", str(track_timescale(pace.rate))),
        *("-bsf:v", "filter_units=remove_types=6", "-fs", str(limit_bytes)),
        *("-f", "mp4", "/out/mezzanine.mp4"),
    ]


def frame_still_arguments(video: VideoFacts, demuxer: str, turn: Matrix, size: Size) -> list[str]:
    """The only picture of a film, as a still: `/in/0` -> `/out/still.png`."""
    chain = f"[0:{video.index}]{picture_chain(video, turn, size)}"
    rgb = "scale=in_color_matrix=bt709:in_range=tv:out_range=pc,format=rgb24"
    return [
        *(*HEAD, "-y", "-noautorotate"),
        *input_arguments(demuxer, video=video.codec),
        *("-filter_complex", f"{SWS_FLAGS};{chain},{rgb}[v]", "-map", "[v]", "-an", *CLEAN),
        *("-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1", "/out/still.png"),
    ]


def still_arguments(demuxer: str, *, has_alpha: bool) -> list[str]:
    """A PNG, JPEG or WebP as an upright 8-bit PNG: `/in/0` -> `/out/still.png`; orientation tags are applied."""
    layout = "rgba" if has_alpha else "rgb24"
    return [
        *(*HEAD, "-y"),
        *input_arguments(demuxer),
        *(
            "-filter_complex",
            f"{SWS_FLAGS};[0:v:0]scale=out_range=pc,format={layout}[v]",
            "-map",
            "[v]",
        ),
        *(
            *CLEAN,
            "-frames:v",
            "1",
            "-c:v",
            "png",
            "-f",
            "image2",
            "-update",
            "1",
            "/out/still.png",
        ),
    ]


def sound_arguments(sound: SoundFacts, demuxer: str, offset: Fraction) -> list[str]:
    """Sound as FLAC, `/in/0` -> `/out/sound.flac`. `offset` is where it starts after the first picture, in seconds."""
    shift = round(offset * SAMPLE_RATE)
    chain = [
        "asetpts=PTS-STARTPTS",
        f"aresample={SAMPLE_RATE}:async=1:min_hard_comp={SYNC_LOSS_SECONDS}:first_pts=0",
    ]
    if sound.channels > CHANNELS_MAX:
        kept = "|".join(f"c{i}=c{i}" for i in range(CHANNELS_MAX))
        chain.insert(0, f"pan={CHANNELS_MAX}c|{kept}")
    if shift < 0:
        chain.append(f"atrim=start_sample={-shift},asetpts=PTS-STARTPTS")
    elif shift > 0:
        chain.append(f"adelay=delays={shift}S:all=1")
    deep = sound.bits > 16
    chain.append(f"aformat=sample_fmts={'s32' if deep else 's16'}")
    return [
        *(*HEAD, "-cpuflags", "0", "-y"),
        *input_arguments(demuxer, sound=sound.codec),
        *(
            "-filter_complex_threads",
            "1",
            "-filter_complex",
            f"[0:{sound.index}]{','.join(chain)}[a]",
        ),
        *("-map", "[a]", "-vn", *CLEAN, "-c:a", "flac", "-compression_level", "5"),
        *(("-bits_per_raw_sample", "24") if deep else ()),
        *("-f", "flac", "/out/sound.flac"),
    ]


def picture_diagnostics(
    video: VideoFacts, size: Size, pace: Cadence
) -> tuple[MediaDiagnostic, ...]:
    """What was lost or changed on the way (`export.md`, section 12)."""
    found: list[MediaDiagnostic] = []
    if video.is_hdr:
        found.append(
            MediaDiagnostic("hdr_converted", "HDR or BT.2020 pictures were converted to BT.709")
        )
    if video.has_alpha:
        found.append(MediaDiagnostic("alpha_dropped", "transparent video was laid over black"))
    if size.is_reduced:
        found.append(
            MediaDiagnostic(
                "scaled_down", f"{video.width} x {video.height} -> {size.width} x {size.height}"
            )
        )
    if pace.longest_gap > GAP_SECONDS:
        where = f"{float(pace.longest_gap):.1f} s without a picture from {float(pace.gap_at):.3f} s"
        found.append(MediaDiagnostic("media_gap", where))
    return tuple(found)
