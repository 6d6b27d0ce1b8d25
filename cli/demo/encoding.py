"""Scene pictures and sound -> an MP4 that an export can copy from (closed GOP, tagged BT.709)."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cli.demo.storyboard import HEIGHT, RATE, WIDTH
from cli.errors import CommandFailed

GRAPH: Final = (
    "scale=in_range=full:out_range=tv:out_color_matrix=bt709:"
    "flags=bicubic+accurate_rnd+full_chroma_int,format=yuv420p,"
    "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)
X264: Final = "keyint=30:min-keyint=30:scenecut=0:open-gop=0:bframes=2:b-pyramid=0"


def encode(ffmpeg: str, pictures: Iterable[bytes], sound: Path, out: Path) -> None:
    """Write `out`; pictures are RGBA of the storyboard's size."""
    process = subprocess.Popen(
        _arguments(ffmpeg, sound, out), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        if process.stdin is None or process.stderr is None:
            raise CommandFailed("no pipe to ffmpeg", str(out))
        for picture in pictures:
            process.stdin.write(picture)
        process.stdin.close()
        complaint = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise CommandFailed(
            f"ffmpeg could not encode a sample scene ({complaint.strip()[-200:]})", out.name
        )


def _arguments(ffmpeg: str, sound: Path, out: Path) -> list[str]:
    return [
        ffmpeg, "-v", "error", "-y",
        "-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "pipe:0",
        "-i", str(sound),
        "-vf", GRAPH,
        "-c:v", "libx264", "-threads", "1", "-preset", "veryfast", "-crf", "17", "-x264-params", X264,
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-c:a", "aac", "-b:a", "128k", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart",
        str(out),
    ]  # fmt: skip
