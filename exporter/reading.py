"""How the inputs of a graph are opened, and which of their pictures are taken."""

from collections.abc import Sequence
from typing import Final

from exporter.cubes import CubeFilm
from exporter.drawn_files import SmallFile
from timeline.plan import InputFile
from timeline.timing import Rate

MAX_PIXELS: Final = 40_000_000


def guards(demuxer: str, codec: str) -> dict[str, float | str | None]:
    """Options that forbid everything but the one demuxer and the one decoder."""
    return {
        "format": demuxer,
        "protocol_whitelist": "file",
        "format_whitelist": demuxer,
        "codec_whitelist": codec,
        "max_pixels": MAX_PIXELS,
        "threads": 1,
    }


def raw(drawn: SmallFile | CubeFilm, rate: Rate) -> dict[str, float | str | None]:
    return {
        **guards("rawvideo", "rawvideo"),
        "pixel_format": drawn.pixels,
        "framerate": f"{rate.num}/{rate.den}",
        "s": f"{drawn.width}x{drawn.height}",
    }


def seek_seconds(item: InputFile, sync: int) -> str:
    """Half a picture after the sync picture's presentation time, in microseconds: it is the last one before."""
    num, den = item.first_pts
    scale = 2 * item.fps_num * den
    micros = ((2 * sync + 1) * item.fps_den * den + 2 * num * item.fps_num) * 1_000_000 // scale
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def any_of(numbers: Sequence[int]) -> str:
    """A `select` expression for these frame numbers, written as stretches."""
    stretches: list[tuple[int, int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], number)
        else:
            stretches.append((number, number))
    return "+".join(
        f"eq(n,{first})" if first == last else f"between(n,{first},{last})"
        for first, last in stretches
    )
