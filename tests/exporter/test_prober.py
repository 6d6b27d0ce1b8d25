"""Headers are read in the box, and what one file does to its reader is nobody else's business."""

import json
import os
import platform
import signal
import struct
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from exporter.demuxing import read_headers
from exporter.errors import MediaUnusable, ToolFailed
from exporter.probe import Probe, SoundFacts, VideoFacts
from exporter.probe_wire import probe_json, read_answer, unusable_json
from exporter.prober import Prober
from kit.box import Level, tried
from kit.seccomp import MACHINES
from tests.media import Clip, Clips

SECONDS: Final = 2
GOOD: Final = Clip(gop=30)
SHAPES: Final[dict[str, tuple[Clip, str]]] = {
    "mov": (Clip(gop=30, container="mov"), "mov"),
    "matroska": (Clip(container="mkv"), "matroska"),
    "webm": (Clip(codec="vp9", container="webm", sound="opus"), "matroska"),
    "no mp4": (Clip(container="mkv"), "mov"),
}
FOUND: Final = Probe(
    demuxer="mov",
    video=VideoFacts(
        index=0,
        codec="h264",
        width=1280,
        height=720,
        sample_aspect=Fraction(4, 3),
        pixel_format="yuv420p",
        bit_depth=8,
        has_alpha=False,
        is_rgb=False,
        matrix="bt709",
        full_range=None,
        is_hdr=False,
        is_interlaced=True,
        declared_rate=Fraction(30000, 1001),
    ),
    sound=SoundFacts(1, "aac", 48_000, 2, 16),
    seconds=Fraction(34, 5),
    timecode="01:00:00:00",
    unread="",
)


@pytest.fixture(params=["strict", "basic"])
def level(request: pytest.FixtureRequest) -> Level:
    if tried(request.param, Path("/bin/true"), []) is None:
        pytest.skip("bubblewrap does not work here")
    return request.param


@pytest.fixture
def prober(level: Level) -> Iterator[Prober]:
    with closing(Prober(level, seconds=SECONDS)) as found:
        yield found


@contextmanager
def endless(tmp_path: Path) -> Generator[tuple[Path, int]]:
    """A file whose first byte never comes, but for what is written to the descriptor."""
    path = tmp_path / "endless"
    os.mkfifo(path)
    held = os.open(path, os.O_RDWR)
    try:
        yield path, held
    finally:
        os.close(held)


def helpers() -> list[int]:
    """Processes of this one that read headers."""
    return [
        int(pid)
        for children in Path("/proc/self/task").glob("*/children")
        for pid in children.read_text().split()
        if b"probe_helper" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def deepest(pid: int) -> tuple[int, int]:
    """The last of the line that a process has started, and who started that."""
    parent = pid
    while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        parent, pid = pid, int(children[-1])
    return pid, parent


def filters(pid: int) -> int:
    """How many filters of system calls a process is behind."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Seccomp_filters"))


def outcome(read: Callable[[], Probe]) -> Probe | tuple[str, str]:
    try:
        return read()
    except MediaUnusable as unusable:
        return unusable.code, unusable.detail


@pytest.mark.rule("export-X53")
@pytest.mark.parametrize("shape", SHAPES)
def test_headers_are_read_in_the_box_as_they_are_outside(
    shape: str, level: Level, clips: Clips
) -> None:
    clip, demuxer = SHAPES[shape]
    path = clips.make(clip)
    with closing(Prober(level)) as prober, path.open("rb") as file:
        inside = outcome(lambda: prober.probe(path, demuxer))
        assert inside == outcome(lambda: read_headers(file.fileno(), demuxer))
    assert isinstance(inside, tuple) == (shape == "no mp4")


@pytest.mark.rule("export-X53")
def test_a_file_that_stalls_its_reader_is_refused_and_others_are_read_meanwhile(
    prober: Prober, clips: Clips, tmp_path: Path
) -> None:
    good = clips.make(GOOD)
    with endless(tmp_path) as (path, _):
        told: list[Probe | tuple[str, str]] = []
        stalled = threading.Thread(
            target=lambda: told.append(outcome(lambda: prober.probe(path, "mov")))
        )
        stalled.start()
        assert prober.probe(good, "mov").video
        stalled.join()
    assert told == [("media_damaged", f"its headers take more than {SECONDS} s")]
    assert prober.probe(good, "mov").video


@pytest.mark.rule("export-X53")
def test_who_reads_a_file_is_confined_to_reading(level: Level, tmp_path: Path) -> None:
    if platform.machine() not in MACHINES:
        pytest.skip("no filter here")
    before = helpers()
    with closing(Prober(level)) as prober:
        with endless(tmp_path) as (path, held):
            read = threading.Thread(target=lambda: outcome(lambda: prober.probe(path, "mov")))
            read.start()
            box = struct.pack(">I4sQ", 1, b"free", 1 << 40)
            os.write(held, box + bytes(1 << 17))  # more than a pipe holds: returns when it is read
            (helper,) = set(helpers()) - set(before)
            reader, parent = deepest(helper)
            assert filters(reader) == filters(parent) + 1
        read.join()


@pytest.mark.rule("export-X53")
def test_a_helper_that_is_killed_is_replaced(prober: Prober, clips: Clips) -> None:
    good = clips.make(GOOD)
    before = helpers()
    prober.probe(good, "mov")
    (first,) = set(helpers()) - set(before)
    os.kill(first, signal.SIGKILL)
    assert prober.probe(good, "mov").video
    prober.close()
    assert set(helpers()) <= set(before)


@pytest.mark.rule("export-X53")
def test_a_helper_that_does_not_start_is_no_fault_of_the_file(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = clips.make(GOOD)
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho no namespaces here >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    told = "the reader of headers ended with 1: no namespaces here"
    with closing(Prober("strict")) as prober, pytest.raises(ToolFailed, match=told):
        prober.probe(good, "mov")


@pytest.mark.rule("export-X53")
def test_an_answer_is_what_was_told() -> None:
    assert read_answer(probe_json(FOUND), "mov") == FOUND
    bare = Probe("wav", None, None, None, "", "sound coded as x is not read")
    assert read_answer(probe_json(bare), "wav") == bare
    with pytest.raises(MediaUnusable) as refused:
        read_answer(unusable_json(MediaUnusable("media_codec", "no")), "mov")
    assert (refused.value.code, refused.value.detail) == ("media_codec", "no")


LIES: Final[dict[str, Any]] = {
    "a stream far away": ("index", 1 << 20),
    "a codec of its own": ("codec", "h264,concat"),
    "no width": ("width", 0),
    "a truth as a number": ("height", True),
    "an aspect that fills memory": ("sample_aspect", "1e999999999"),
    "nothing below": ("sample_aspect", "1/0"),
    "a format with options": ("pixel_format", "gray:x=/in/0"),
    "a matrix with options": ("matrix", "bt709;movie=x"),
    "a flag in words": ("full_range", "yes"),
}


@pytest.mark.rule("export-X53")
@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_lies_is_not_believed(lie: str) -> None:
    name, value = LIES[lie]
    body = json.loads(probe_json(FOUND))
    body["found"]["video"][name] = value
    with pytest.raises(MediaUnusable, match="makes sense"):
        read_answer(json.dumps(body).encode(), "mov")


@pytest.mark.rule("export-X53")
@pytest.mark.parametrize(
    "answer",
    [b"no json", b"[]", b"{}", b"[" * 60_000, b'{"found": 3}', b'{"code": "a b", "detail": ""}'],
)
def test_an_answer_of_another_shape_is_not_believed(answer: bytes) -> None:
    with pytest.raises(MediaUnusable, match="makes sense"):
        read_answer(answer, "mov")
    with pytest.raises(MediaUnusable, match="makes sense"):
        read_answer(probe_json(FOUND), "matroska")
