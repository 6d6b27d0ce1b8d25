"""One planned segment -> one file with one process [export-X7]."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from exporter.cubes import CubeFile, CubeFilm, table_of
from exporter.drawn_files import SmallFile
from exporter.ffmpeg_command import SegmentCommand, segment_command
from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.sizes import estimated_bytes
from kit.box import GIB, Limits
from timeline.plan import DrawnSegment, InputFile, Output

GRAPH_BYTES_MAX: Final = (
    100_000  # one argument may have 128 KiB; longer graphs are read from a file
)
FILE_SLACK_BYTES: Final = 64 << 20
LARGE_PIXELS: Final = 1920 * 1088
TASK_SECONDS: Final = 600.0


def render_segment(
    ffmpeg: Ffmpeg,
    segment: DrawnSegment,
    output: Output,
    inputs: Mapping[str, InputFile],
    *,
    local: Callable[[InputFile], Path],
    work_dir: Path,
    cancelled: Callable[[], bool],
    on_frames: Callable[[int], None],
) -> Path:
    """Draw and encode into `work_dir`, an empty folder of its own; answers the file.

    `local` gives an input as a local file. Raises what `run_ffmpeg` raises.
    """
    bytes_max = estimated_bytes(segment.frames, output) * 3 + FILE_SLACK_BYTES
    command = segment_command(segment, output, inputs, bytes_max=bytes_max)
    out_dir = work_dir / "out"
    out_dir.mkdir()
    files = _bound(command, local, work_dir)
    arguments = _with_short_graph(command, files, work_dir)
    large = output.width * output.height > LARGE_PIXELS
    limits = Limits(
        wall_seconds=TASK_SECONDS,
        address_space_bytes=(8 if large else 4) * GIB,
        resident_bytes=(6 if large else 3) * GIB,
        output_bytes=bytes_max,
    )
    run_ffmpeg(
        ffmpeg,
        arguments,
        inputs=files,
        output_dir=out_dir,
        limits=limits,
        cancelled=cancelled,
        on_frames=on_frames,
    )
    return out_dir / "segment.mp4"


def _bound(
    command: SegmentCommand, local: Callable[[InputFile], Path], work_dir: Path
) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for name, used in command.named().items():
        if isinstance(used, InputFile):
            files[name] = local(used)
            continue
        files[name] = work_dir / f"drawn-{name}"
        files[name].write_bytes(drawn_content(used, local))
    return files


def drawn_content(
    used: SmallFile | CubeFile | CubeFilm, local: Callable[[InputFile], Path]
) -> bytes:
    """The bytes of a file that is made for one segment; `local` gives what they are made of."""
    if not isinstance(used, CubeFile | CubeFilm):
        return used.content()
    table = table_of(used)
    return used.content(b"" if table is None else local(table).read_bytes())


def _with_short_graph(
    command: SegmentCommand, files: dict[str, Path], work_dir: Path
) -> tuple[str, ...]:
    place = command.arguments.index("-filter_complex")
    graph = command.arguments[place + 1]
    if len(graph.encode()) <= GRAPH_BYTES_MAX:
        return command.arguments
    path = work_dir / "graph.txt"
    path.write_text(graph, encoding="utf-8")
    files["graph"] = path
    before, after = command.arguments[:place], command.arguments[place + 2 :]
    return (*before, "-/filter_complex", "/in/graph", *after)
