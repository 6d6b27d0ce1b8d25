"""Clips for tests, made by the pinned ffmpeg, and the reader that says which frames a film shows.

Every picture carries its clip number and its frame number (10 bits each) as a row of twenty white
or black blocks across the top, and the complement as a second row below: whatever is blended,
blank or torn reads as None. A block is 1/20 of the picture's width, so the row survives scaling. The
sound has a 10 ms burst of 1 kHz at each full second of picture time, so sync can be measured.

Also a program: `python -m tests.media make OUT --number 3 --seconds 4`, `python -m tests.media read FILM`.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import wave
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

BITS: Final = 10
BLOCKS: Final = 2 * BITS
CELL: Final = 8  # pixels of one block in what the reader looks at
BURST_SECONDS: Final = 0.01
VFR_SCALE: Final = 90_000

Box: TypeAlias = tuple[int, int, int, int]
"""x, y, width, height of a picture inside the film."""
Samples: TypeAlias = NDArray[np.float64]
"""Shape (samples, channels), full scale 1."""


class Mark(NamedTuple):
    clip: int
    frame: int


@dataclass(frozen=True, slots=True)
class Clip:
    """What to make. `times` are presentation times of the pictures in 1/90000 s (VFR), else constant rate.

    `rotation` (clockwise degrees, 0 90 180 270) is carried as a display matrix; width and height are those of
    the upright picture. `edit_list=False` leaves the sound's priming in front of the picture (it then starts at
    0.021 s). `sound_offset_seconds` shifts the sound stream against the picture; the bursts move along.
    """

    number: int = 1
    frames: int = 60
    width: int = 640
    height: int = 360
    fps_num: int = 30
    fps_den: int = 1
    gop: int = 30
    bframes: int = 2
    codec: Literal["h264", "hevc10", "vp9", "mjpeg", "prores", "mpeg4"] = "h264"
    open_gop: bool = False
    tagged: bool = True
    times: tuple[int, ...] = ()
    rotation: Literal[0, 90, 180, 270] = 0
    pixel_aspect: tuple[int, int] = (1, 1)
    sound: Literal["none", "aac", "pcm", "mp3", "opus", "flac"] = "aac"
    sample_rate: int = 48_000
    channels: int = 2
    tone_hz: float = 0.0
    tone_level: float = 0.25
    edit_list: bool = True
    sound_offset_seconds: float = 0.0
    timecode: str = ""
    crf: int = 18
    container: Literal["mp4", "mov", "mkv", "webm", "avi"] = "mp4"

    @property
    def seconds(self) -> float:
        if self.times:
            return (2 * self.times[-1] - self.times[-2]) / VFR_SCALE
        return self.frames * self.fps_den / self.fps_num


class Clips:
    """Makes clips in one folder, each only once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, clip: Clip) -> Path:
        digest = hashlib.sha256(json.dumps(asdict(clip), sort_keys=True).encode()).hexdigest()[:16]
        path = self.folder / f"clip-{clip.number}-{digest}.{clip.container}"
        if not path.exists():
            write_clip(clip, path)
        return path

    def sound(self, name: str, samples: Samples, sample_rate: int = 48_000) -> Path:
        """A 16-bit WAV of these samples."""
        path = self.folder / f"{name}.wav"
        write_wav(path, samples, sample_rate)
        return path

    def still(
        self, name: str, width: int, height: int, *, alpha: bool = True, kind: str = "png"
    ) -> Path:
        """A red picture whose right half is half transparent and whose lower quarter is clear."""
        path = self.folder / f"{name}.{kind}"
        pixels = np.zeros((height, width, 4), np.uint8)
        pixels[:, :] = (220, 30, 30, 255)
        if alpha:
            pixels[:, width // 2 :, 3] = 128
            pixels[height - height // 4 :, :, 3] = 0
        layout = "rgba" if alpha else "rgb24"
        body = pixels.tobytes() if alpha else pixels[:, :, :3].tobytes()
        arguments = ["-f", "rawvideo", "-pix_fmt", layout, "-s", f"{width}x{height}", "-i", "-"]
        codec = ["-c:v", "libwebp", "-lossless", "1"] if kind == "webp" else []
        _run([*arguments, *codec, "-frames:v", "1", "-y", str(path)], body)
        return path


def _run(arguments: list[str], stdin: bytes = b"") -> bytes:
    command = [get_ffmpeg_exe(), "-hide_banner", "-v", "error", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ffmpeg: {done.stderr.decode(errors='replace')[-2000:]}: {command}")
    return done.stdout


# --- pictures


def mark_row(clip: int, frame: int) -> NDArray[np.uint8]:
    """The twenty blocks, 0 or 1, most significant bit first: clip number, then frame number."""
    value = (clip % (1 << BITS)) << BITS | frame % (1 << BITS)
    return np.array([value >> (BLOCKS - 1 - i) & 1 for i in range(BLOCKS)], np.uint8)


def picture(
    clip: Clip, frame: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Y, U, V of one upright picture, limited range: a moving gradient under the two rows of blocks."""
    width, height = clip.width, clip.height
    rows, columns = np.mgrid[0:height, 0:width]
    wave_ = ((columns * 2 + rows + 5 * frame + 37 * clip.number) % 256).astype(np.int32)
    luma = (60 + np.abs(wave_ - 128)).astype(np.uint8)
    half = ((height + 1) // 2, (width + 1) // 2)
    u = np.full(half, 90 + 17 * clip.number % 80, np.uint8)
    v = np.full(half, 100 + 29 * clip.number % 60, np.uint8)
    row_height = row_pixels(width)
    edges = [round(i * width / BLOCKS) for i in range(BLOCKS + 1)]
    for index, bit in enumerate(mark_row(clip.number, frame)):
        columns_ = slice(edges[index], edges[index + 1])
        luma[0:row_height, columns_] = 235 if bit else 16
        luma[row_height : 2 * row_height, columns_] = 16 if bit else 235
    u[: row_height + 1, :] = 128
    v[: row_height + 1, :] = 128
    return luma, u, v


def row_pixels(width: int) -> int:
    """Height of one row of blocks in a picture this wide."""
    return max(1, round(width / BLOCKS))


def _raw(clip: Clip) -> bytes:
    """All pictures as the camera holds them: turned back by the rotation that the matrix will apply."""
    turns = clip.rotation // 90
    parts: list[bytes] = []
    for frame in range(clip.frames):
        parts.extend(np.rot90(plane, turns).tobytes() for plane in picture(clip, frame))
    return b"".join(parts)


# --- sound


def sound(clip: Clip) -> Samples:
    """Bursts at each second of picture time and, if asked, a steady tone; every channel the same."""
    count = round(clip.seconds * clip.sample_rate)
    at = np.arange(count) / clip.sample_rate
    mono = np.where(
        at % 1.0 < BURST_SECONDS - 1e-9,
        0.6 * np.sin(2 * np.pi * 1000 * (at % 1.0) + np.pi / 2),
        0.0,
    )
    if clip.tone_hz:
        mono = mono + clip.tone_level * np.sin(2 * np.pi * clip.tone_hz * at)
    return np.repeat(mono[:, None], clip.channels, axis=1)


def write_wav(path: Path, samples: Samples, sample_rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())


# --- encoding

_SOUND_CODECS: Final = {
    "aac": ["-c:a", "aac", "-b:a", "160k"],
    "pcm": ["-c:a", "pcm_s16le"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "192k"],
    "opus": ["-c:a", "libopus", "-b:a", "128k"],
    "flac": ["-c:a", "flac"],
}
_TAGS: Final = [
    "-colorspace",
    "bt709",
    "-color_primaries",
    "bt709",
    "-color_trc",
    "bt709",
    "-color_range",
    "tv",
]


def _picture_codec(clip: Clip) -> list[str]:
    gop = str(clip.gop)
    match clip.codec:
        case "h264":
            params = f"keyint={gop}:min-keyint={gop}:scenecut=0:open-gop={int(clip.open_gop)}"
            extra = ["-preset", "veryfast", "-crf", str(clip.crf), "-bf", str(clip.bframes)]
            return ["-c:v", "libx264", *extra, "-pix_fmt", "yuv420p", "-x264-params", params]
        case "hevc10":
            params = f"keyint={gop}:min-keyint={gop}:log-level=error:open-gop={int(clip.open_gop)}"
            extra = ["-preset", "ultrafast", "-crf", str(clip.crf), "-pix_fmt", "yuv420p10le"]
            return ["-c:v", "libx265", *extra, "-tag:v", "hvc1", "-x265-params", params]
        case "vp9":
            extra = ["-deadline", "realtime", "-cpu-used", "8", "-crf", str(clip.crf), "-b:v", "0"]
            return ["-c:v", "libvpx-vp9", *extra, "-g", gop, "-pix_fmt", "yuv420p"]
        case "mjpeg":
            return ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]
        case "prores":
            return ["-c:v", "prores_ks", "-profile:v", "1", "-pix_fmt", "yuv422p10le"]
        case "mpeg4":
            return ["-c:v", "mpeg4", "-q:v", "2", "-g", gop, "-pix_fmt", "yuv420p"]


def _filters(clip: Clip) -> list[str]:
    filters: list[str] = []
    if clip.pixel_aspect != (1, 1):
        filters.append("setsar={}/{}".format(*clip.pixel_aspect))
    if clip.times:
        table = "+".join(f"eq(N,{i})*{t}" for i, t in enumerate(clip.times))
        filters.append(f"settb=1/{VFR_SCALE},setpts='{table}'")
    if clip.tagged:
        filters.append("setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709")
    return ["-vf", ",".join(filters)] if filters else []


def write_clip(clip: Clip, path: Path) -> None:
    """Encode `clip` to `path`; complete or not at all."""
    width, height = (clip.height, clip.width) if clip.rotation % 180 else (clip.width, clip.height)
    rate = f"{clip.fps_num}/{clip.fps_den}"
    work = path.with_name(f"{path.stem}.part.{clip.container}")
    wav = path.with_suffix(".part.wav")
    arguments = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-s",
        f"{width}x{height}",
        "-r",
        rate,
        "-i",
        "-",
    ]
    if clip.sound != "none":
        write_wav(wav, sound(clip), clip.sample_rate)
        arguments += ["-itsoffset", str(clip.sound_offset_seconds), "-i", str(wav)]
        arguments += ["-map", "0:v", "-map", "1:a", *_SOUND_CODECS[clip.sound], "-strict", "-2"]
    arguments += [*_filters(clip), *_picture_codec(clip), *(_TAGS if clip.tagged else [])]
    if clip.times:
        arguments += ["-fps_mode", "passthrough", "-enc_time_base", f"1/{VFR_SCALE}"]
        arguments += (
            ["-video_track_timescale", str(VFR_SCALE)] if clip.container in ("mp4", "mov") else []
        )
    if clip.timecode:
        arguments += ["-timecode", clip.timecode]
    if not clip.edit_list:
        arguments += ["-use_editlist", "0"]
    _run([*arguments, "-y", str(work)], _raw(clip))
    wav.unlink(missing_ok=True)
    if clip.rotation:
        turned = work.with_name(f"{path.stem}.turned.{clip.container}")
        rotate = [
            "-display_rotation:v",
            str(-clip.rotation),
            "-i",
            str(work),
            "-map",
            "0",
            "-c",
            "copy",
        ]
        _run([*rotate, "-y", str(turned)])
        turned.replace(work)
    work.replace(path)


# --- reading


def read_film(
    path: Path, box: Box | None = None, *, frames: int | None = None
) -> list[Mark | None]:
    """The mark of every frame, in the order a player shows them.

    `box` says where in the film the picture lies (default: all of it). Only the marked rows are looked at.
    """
    width = box[2] if box else film_size(path)[0]
    x, y = box[:2] if box else (0, 0)
    rows = 2 * row_pixels(width)
    graph = f"crop={width}:{rows}:{x}:{y}:exact=1,scale={BLOCKS * CELL}:{2 * CELL}:flags=area,format=gray"
    limit = ["-frames:v", str(frames)] if frames else []
    plain = ["-i", str(path), "-map", "0:v:0", "-vf", graph, "-fps_mode", "passthrough", *limit]
    raw = np.frombuffer(_run([*plain, "-f", "rawvideo", "-"]), np.uint8)
    return [mark_of(cells) for cells in raw.reshape(-1, 2 * CELL, BLOCKS * CELL)]


def mark_of(cells: NDArray[np.uint8]) -> Mark | None:
    """The mark in two rows of blocks (`CELL` pixels each), None where they do not complement each other."""
    middle = slice(CELL // 4, CELL - CELL // 4)
    blocks = cells.reshape(2, CELL, BLOCKS, CELL)[:, middle, :, middle].mean(axis=(1, 3))
    if np.abs(blocks[0] - blocks[1]).min() < 100:
        return None
    bits = blocks[0] > blocks[1]
    value = int("".join("1" if bit else "0" for bit in bits), 2)
    return Mark(value >> BITS, value & ((1 << BITS) - 1))


def film_size(path: Path) -> tuple[int, int]:
    """Width and height of the first picture as shown (rotation applied)."""
    graph = [
        "-map",
        "0:v:0",
        "-frames:v",
        "1",
        "-pix_fmt",
        "gray",
        "-f",
        "yuv4mpegpipe",
        "-strict",
        "-1",
        "-",
    ]
    head = _run(["-i", str(path), *graph])[:200].split(b"\n")[0].decode()
    fields = head.split(" ")
    return int(fields[1][1:]), int(fields[2][1:])


def read_pictures(
    path: Path, pixel_format: str = "gray", *, size: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """All pictures as bytes, shape (frames, bytes of a picture); for small films only."""
    width, height = size or film_size(path)
    scale = ["-vf", f"scale={width}:{height}"] if size else []
    plain = [
        "-i",
        str(path),
        "-map",
        "0:v:0",
        *scale,
        "-fps_mode",
        "passthrough",
        "-pix_fmt",
        pixel_format,
    ]
    raw = np.frombuffer(_run([*plain, "-f", "rawvideo", "-"]), np.uint8)
    one = len(raw) // max(1, round(len(raw) / _picture_bytes(width, height, pixel_format)))
    return raw.reshape(-1, one)


def read_image(body: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """A picture's RGBA values, shape (height, width, 4)."""
    raw = _run(["-i", "-", "-frames:v", "1", "-pix_fmt", "rgba", "-f", "rawvideo", "-"], body)
    return np.frombuffer(raw, np.uint8).reshape(height, width, 4)


def _picture_bytes(width: int, height: int, pixel_format: str) -> int:
    chroma = 2 * ((width + 1) // 2) * ((height + 1) // 2)
    return {
        "gray": width * height,
        "yuv420p": width * height + chroma,
        "rgb24": 3 * width * height,
    }[pixel_format]


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """PSNR in dB of each picture (first axis); 100 where they are equal."""
    error = ((one.astype(np.float64) - other.astype(np.float64)) ** 2).mean(axis=-1)
    return np.where(error < 1e-5, 100.0, 10 * np.log10(255.0**2 / np.maximum(error, 1e-9)))


def read_sound(path: Path, sample_rate: int = 48_000, channels: int = 2) -> Samples:
    """The sound as a player gives it (edit lists applied), from the film's time 0."""
    plain = ["-i", str(path), "-map", "0:a:0", "-af", "aresample=async=0:first_pts=0"]
    raw = _run([*plain, "-ar", str(sample_rate), "-ac", str(channels), "-f", "f32le", "-"])
    return np.frombuffer(raw, "<f4").astype(np.float64).reshape(-1, channels)


def bursts(samples: Samples, sample_rate: int = 48_000, *, level: float = 0.2) -> list[int]:
    """The first sample of each 1 kHz burst (where the first channel first passes `level`)."""
    loud = np.flatnonzero(np.abs(samples[:, 0]) > level)
    if not len(loud):
        return []
    starts = np.flatnonzero(np.diff(loud) > sample_rate // 10)
    return [int(loud[0]), *(int(loud[i + 1]) for i in starts)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.media")
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("make")
    make.add_argument("out", type=Path)
    for name, kind in (
        ("number", int),
        ("width", int),
        ("height", int),
        ("gop", int),
        ("seconds", float),
    ):
        make.add_argument(f"--{name}", type=kind)
    make.add_argument("--fps", default="30/1")
    make.add_argument("--codec", default="h264")
    make.add_argument("--sound", default="aac")
    make.add_argument("--tone", type=float, default=0.0)
    make.add_argument("--rotation", type=int, default=0)
    read = verbs.add_parser("read")
    read.add_argument("film", type=Path)
    read.add_argument("--box", help="x,y,width,height")
    arguments = parser.parse_args()
    if arguments.verb == "read":
        box = tuple(int(part) for part in arguments.box.split(",")) if arguments.box else None
        marks = read_film(arguments.film, box if box is None else (box[0], box[1], box[2], box[3]))
        sys.stdout.write(json.dumps([list(mark) if mark else None for mark in marks]) + "\n")
        return 0
    num, _, den = arguments.fps.partition("/")
    frames = round((arguments.seconds or 2.0) * int(num) / int(den or 1))
    given = {name: getattr(arguments, name) for name in ("number", "width", "height", "gop")}
    clip = Clip(
        frames=frames,
        fps_num=int(num),
        fps_den=int(den or 1),
        codec=arguments.codec,
        sound=arguments.sound,
        tone_hz=arguments.tone,
        rotation=arguments.rotation,
        container=arguments.out.suffix[1:],
        **{name: value for name, value in given.items() if value is not None},
    )
    write_clip(clip, arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
