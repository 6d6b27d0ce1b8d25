"""An animated GIF: the frames, drawn as lossless pictures, get one palette for all of them.

The rate is a whole number of hundredths of a second, so every frame is shown exactly as long as planned.
"""

from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

from exporter.errors import CheckFailed
from exporter.ffmpeg_process import HEAD, run_ffmpeg
from exporter.film_parts import Written, write_whole
from exporter.joining import Joining
from exporter.plain_files import file_bytes
from exporter.stitch import stitch
from kit.box import GIB, Limits

GIF_LIMITS: Final = Limits(wall_seconds=1800, resident_bytes=3 * GIB)
PALETTE: Final = (
    "[0:v]split[a][b];[a]palettegen=stats_mode=diff[p];"
    "[b][p]paletteuse=dither=bayer:bayer_scale=3:diff_mode=rectangle[v]"
)
EXTENSION: Final = 0x21
IMAGE: Final = 0x2C
TRAILER: Final = 0x3B
CONTROL: Final = 0xF9
HUNDREDTHS: Final = 100


def write_gif(joining: Joining, out: Path) -> Written:
    """Join the pictures, then one pass over them. `-cpuflags 0`: the palette differs between processors."""
    frames = joining.scratch / "frames.mov"
    stitch(joining.plan, joining.segments, {}, None, frames)
    folder = joining.scratch / "gif"
    folder.mkdir(exist_ok=True)
    run_ffmpeg(
        joining.ffmpeg,
        gif_arguments(),
        inputs={"0": frames},
        output_dir=folder,
        limits=GIF_LIMITS,
        cancelled=joining.cancelled,
    )
    frames.unlink()
    made = folder / "film.gif"
    written = write_whole(out, file_bytes(made))
    made.unlink()
    return written


def gif_arguments() -> list[str]:
    """Ffmpeg's arguments: joined pictures `/in/0` -> `/out/film.gif`."""
    arguments = [*HEAD, "-cpuflags", "0", "-y", "-protocol_whitelist", "file"]
    arguments += ["-format_whitelist", "mov", "-codec_whitelist", "png", "-threads", "1"]
    arguments += ["-f", "mov", "-i", "/in/0", "-filter_complex_threads", "1"]
    arguments += ["-filter_complex", PALETTE, "-map", "[v]", "-fps_mode", "passthrough"]
    arguments += ["-c:v", "gif", "-threads", "1", "-loop", "0", "-map_metadata", "-1"]
    return [
        *arguments,
        "-fflags",
        "+bitexact",
        "-flags:v",
        "+bitexact",
        "-f",
        "gif",
        "/out/film.gif",
    ]


def check_gif(film: Path, joining: Joining) -> None:
    """As many frames as planned, each shown as long as planned, in the planned size; CheckFailed."""
    output = joining.plan.output
    with film.open("rb") as file:
        delays = _delays(file, (output.width, output.height))
    delay = Fraction(HUNDREDTHS * output.fps_den, output.fps_num)
    if len(delays) != joining.plan.frames:
        raise CheckFailed(f"{len(delays)} frames instead of {joining.plan.frames}")
    if set(delays) != {delay}:
        raise CheckFailed(f"frames that are not shown for {delay} hundredths of a second")


def _delays(file: BinaryIO, size: tuple[int, int]) -> list[int]:
    """How long each picture is shown, in 1/100 s, from the blocks of the file (GIF89a)."""
    head = _exactly(file, 13)
    found = tuple(int.from_bytes(head[at : at + 2], "little") for at in (6, 8))
    if head[:6] != b"GIF89a" or found != size:
        raise CheckFailed(f"not a GIF of {size[0]} x {size[1]}")
    _skip_palette(file, head[10])
    delays: list[int] = []
    delay = 0
    while (mark := _exactly(file, 1)[0]) != TRAILER:
        if mark == EXTENSION:
            label, body = _exactly(file, 1)[0], _blocks(file)
            if label == CONTROL:
                delay = int.from_bytes(body[1:3], "little")
        elif mark == IMAGE:
            _skip_palette(file, _exactly(file, 9)[8])
            _exactly(file, 1)
            _blocks(file)
            delays.append(delay)
        else:
            raise CheckFailed(f"a block that no GIF has: {mark:#x}")
    return delays


def _skip_palette(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        _exactly(file, 3 << (flags & 7) + 1)


def _blocks(file: BinaryIO) -> bytes:
    """The data of sub-blocks up to the empty one; the first of them is all anybody asks for."""
    first = b""
    while length := _exactly(file, 1)[0]:
        body = _exactly(file, length)
        first = first or body
    return first


def _exactly(file: BinaryIO, count: int) -> bytes:
    body = file.read(count)
    if len(body) != count:
        raise CheckFailed("the GIF is cut off")
    return body
