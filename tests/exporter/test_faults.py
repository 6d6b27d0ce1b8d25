"""What goes wrong in the middle of an export, and what is left of it [export-X18, X19]."""

import errno
import re
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from cli.local_export import LocalRoom
from exporter.errors import BoxVerdict, Cancelled, NoRoom, ToolFailed, ToolStalled
from exporter.ffmpeg_process import Ffmpeg, ffmpeg_stream, run_ffmpeg
from exporter.memory_board import Standing
from exporter.worker import failure_of
from kit.box import Level, Limits
from tests.exporter.films import Cut, Studio, frames_at
from tests.media import Clip, Clips
from timeline.model import Json

LONG: Final = Clip(21, frames=240, gop=15, sound="none")
CLIP: Final = Clip(22, frames=90, gop=15, sound="none", width=320, height=180)
ENDLESS: Final = ("-re", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-")
SHORT: Final = ("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-c:v", "libx264", "-f", "mp4")
HEAD: Final = ("-nostdin", "-v", "error", "-progress", "pipe:1", "-y")


@pytest.fixture(params=["strict", "basic"])
def boxed(ffmpeg: Ffmpeg, request: pytest.FixtureRequest) -> Ffmpeg:
    level: Level = request.param
    if level == "strict" and ffmpeg.level != "strict":
        pytest.skip("bubblewrap does not work here")
    return replace(ffmpeg, level=level)


def slow_cut(clip: Clip = CLIP) -> Cut:
    """Encoded whole, because it is faded; in several pieces."""
    length = frames_at(clip.frames)
    record: dict[str, Json] = {"track": "v1", "asset": "a", "start": 0, "duration": length}
    return Cut({"c": {**record, "opacity": 0.9}}, width=clip.width, height=clip.height)


def run(ffmpeg: Ffmpeg, arguments: tuple[str, ...], out: Path, **more: object) -> None:
    limits = more.pop("limits", Limits())
    cancelled = more.pop("cancelled", lambda: False)
    run_ffmpeg(
        ffmpeg,
        (*HEAD, *arguments),
        inputs={},
        output_dir=out,
        limits=limits,  # pyright: ignore[reportArgumentType]
        cancelled=cancelled,  # pyright: ignore[reportArgumentType]
        stall_seconds=float(str(more.get("stall_seconds", 60))),
    )


@pytest.mark.rule("export-X19")
def test_cancel_ends_ffmpeg_within_two_seconds(boxed: Ffmpeg, tmp_path: Path) -> None:
    asked = threading.Event()
    threading.Timer(0.3, asked.set).start()
    with pytest.raises(Cancelled):
        run(boxed, ENDLESS, tmp_path, cancelled=asked.is_set)


@pytest.mark.rule("export-X19")
def test_what_makes_no_new_frame_is_stalled(boxed: Ffmpeg, tmp_path: Path) -> None:
    silent = ("-f", "lavfi", "-i", "testsrc2=s=64x64,realtime=speed=0.001", "-f", "null", "-")
    with pytest.raises(ToolStalled):
        run(boxed, silent, tmp_path, stall_seconds=0.5)


@pytest.mark.rule("export-X19")
def test_time_and_output_beyond_the_limit_are_the_inputs_fault(
    boxed: Ffmpeg, tmp_path: Path
) -> None:
    with pytest.raises(BoxVerdict, match="time"):
        run(boxed, ENDLESS, tmp_path, limits=Limits(wall_seconds=0.5))
    with pytest.raises(BoxVerdict, match="output"):
        run(boxed, (*SHORT, "/out/x.mp4"), tmp_path, limits=Limits(output_bytes=4096))
    with pytest.raises(BoxVerdict, match="memory"):
        run(boxed, ENDLESS, tmp_path, limits=Limits(resident_bytes=1 << 20))


@pytest.mark.rule("export-X19")
def test_an_error_carries_the_end_of_what_ffmpeg_said(boxed: Ffmpeg, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="Filter not found"):
        run(boxed, ("-f", "lavfi", "-i", "nosuchfilter", "-f", "null", "-"), tmp_path)


@pytest.mark.rule("operations-M6")
def test_the_strict_box_hides_the_machine(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    if ffmpeg.level != "strict":
        pytest.skip("bubblewrap does not work here")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(ToolFailed, match="No such file"):
        run(ffmpeg, ("-f", "data", "-i", str(secret), "-f", "data", "/out/x"), out)
    with pytest.raises(ToolFailed):
        run(ffmpeg, ("-i", "http://127.0.0.1:9/x", "-f", "null", "-"), out)


@pytest.mark.rule("export-X19")
def test_pipes_carry_everything_and_break_cleanly(boxed: Ffmpeg) -> None:
    arguments = ("-v", "error", "-f", "f32le", "-ar", "48000", "-ac", "1", "-i", "pipe:0")
    total = 0
    with ffmpeg_stream(
        boxed,
        (*arguments, "-f", "s16le", "pipe:1"),
        inputs={},
        output_dir=None,
        limits=Limits(),
        cancelled=lambda: False,
        feed=(bytes(40_000) for _ in range(20)),
    ) as read:
        while chunk := read(65_536):
            total += len(chunk)
    assert total == 400_000

    def broken() -> Callable[[], bytes]:
        raise ValueError("the feed broke")

    with (
        pytest.raises(ValueError, match="the feed broke"),
        ffmpeg_stream(
            boxed,
            (*arguments, "-f", "s16le", "pipe:1"),
            inputs={},
            output_dir=None,
            limits=Limits(),
            cancelled=lambda: False,
            feed=(broken()() for _ in range(2)),
        ) as read,
    ):
        read(10)


@pytest.mark.rule("export-X19")
def test_a_cancelled_export_leaves_no_film_and_its_segments_are_reused(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(LONG)}

    def cancel(room: LocalRoom, standing: Standing) -> None:
        if standing.frames_done > 60:  # the first segment is in the cache
            room.board.cancel("film")

    out = tmp_path / "film.mp4"
    ended, _ = studio.attempt(
        slow_cut(LONG), files, out, cache=tmp_path / "cache", workers=1, on_standing=cancel
    )
    assert ended.state == "cancelled"
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    film = studio.export(slow_cut(LONG), files, out, cache=tmp_path / "cache")
    assert film.report.segments.reused >= 1
    whole = studio.export(slow_cut(LONG), files, tmp_path / "2.mp4", cache=tmp_path / "other")
    assert film.sha256 == whole.sha256


@pytest.mark.rule("export-X26")
def test_progress_never_goes_back_and_ends_at_the_total(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(CLIP)}
    film = studio.export(slow_cut(), files, tmp_path / "f.mp4", cache=tmp_path / "cache")
    done = [standing.frames_done for standing in film.standings]
    assert done == sorted(done)
    assert film.standings[-1].frames_done == film.standings[-1].frames_total == 90
    states = [standing.state for standing in film.standings]
    order = ["queued", "planning", "rendering", "stitching", "checking", "done"]
    assert states == sorted(states, key=order.index)


@pytest.mark.rule("export-X18")
def test_a_flipped_bit_in_the_cache_is_noticed_and_made_again(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(CLIP)}
    first = studio.export(slow_cut(), files, tmp_path / "1.mp4", cache=tmp_path / "cache")
    entries = sorted(
        path for path in (tmp_path / "cache/segments/seg").iterdir() if path.suffix != ".note"
    )
    content = bytearray(entries[0].read_bytes())
    content[len(content) // 2] ^= 1
    entries[0].write_bytes(content)
    second = studio.export(slow_cut(), files, tmp_path / "2.mp4", cache=tmp_path / "cache")
    assert second.sha256 == first.sha256
    assert bytes(content) != entries[0].read_bytes()


@contextmanager
def disk(folder: Path, size: str) -> Generator[Path]:
    """A file system of that size, where this user may mount one."""
    folder.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    with disk(tmp_path / "small", "256k") as folder:
        yield folder


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    return filler


@pytest.mark.rule("export-X19")
def test_a_disk_that_fills_up_is_told_in_bytes_and_the_next_export_goes_on(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(LONG)}

    def filled(_room: LocalRoom, standing: Standing) -> None:
        if standing.frames_done > 60 and not (cache / "filler").exists():
            fill(cache)

    with disk(tmp_path / "disk", "64m") as cache:
        ended, _ = studio.attempt(
            slow_cut(LONG), files, tmp_path / "f.mp4", cache=cache, workers=1, on_standing=filled
        )
        assert ended.failure is not None
        assert (ended.failure.verdict, ended.failure.code) == ("poison", "disk_full")
        assert re.search(r": [0-9]+ bytes are missing$", ended.failure.detail)
        assert not (tmp_path / "f.mp4").exists()
        (cache / "filler").unlink()
        film = studio.export(slow_cut(LONG), files, tmp_path / "f.mp4", cache=cache)
        assert film.report.segments.reused >= 1


@pytest.mark.rule("export-X19")
def test_a_bare_error_of_a_full_disk_is_no_fault_of_a_store() -> None:
    full = failure_of(OSError(errno.ENOSPC, "No space left on device", "/films/x"))
    assert (full.verdict, full.code, full.detail) == (
        "poison",
        "disk_full",
        "disk full: /films/x: no space left",
    )
    assert failure_of(OSError(errno.EIO, "Input/output error", "/films/x")).code == "storage"


@pytest.mark.rule("export-X19")
def test_a_full_disk_is_told_and_finished_segments_stay(
    studio: Studio, clips: Clips, tmp_path: Path, small_disk: Path
) -> None:
    files = {"a": clips.make(CLIP)}
    (small_disk / "filler").write_bytes(bytes(253_000))
    ended, _ = studio.attempt(slow_cut(), files, small_disk / "f.mp4", cache=tmp_path / "cache")
    assert ended.failure is not None
    assert ended.failure.code == "disk_full"
    assert re.search(r"f\.mp4.*: [0-9]+ bytes are missing$", ended.failure.detail)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    film = studio.export(slow_cut(), files, tmp_path / "f.mp4", cache=tmp_path / "cache")
    assert film.report.frames_encoded == 0


@pytest.mark.rule("export-X19")
def test_no_room_in_the_box_is_no_room(boxed: Ffmpeg, small_disk: Path) -> None:
    arguments = ("-f", "lavfi", "-i", "testsrc2=s=640x360:d=60", "-c:v", "rawvideo")
    with pytest.raises(NoRoom):
        run(boxed, (*arguments, "-f", "rawvideo", "/out/x"), small_disk)
