"""`cutroom export` and `cutroom plan` as a program uses them [cli-C1, C2]."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import pytest

from cli.main import main
from tests.exporter.films import frames_at
from tests.media import Clip, Clips, read_film
from timeline.otio import write_otio
from timeline.records import read_timeline_file

ROOT: Final = Path(__file__).parents[2]
CLIP: Final = Clip(31, frames=90, gop=15, width=320, height=180)
LONG: Final = Clip(32, frames=300, gop=15, sound="none")


def timeline(folder: Path, media: Path, count: int = 90, **more: Any) -> Path:
    link = folder / "media" / f"take{media.suffix}"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(media)
    clip = {"track": "v1", "asset": "a", "start": 0, "duration": frames_at(count), "opacity": 0.9}
    sound = {"track": "a1", "asset": "a", "start": 0, "duration": frames_at(count)}
    whole = {
        "schema": 1,
        "sequences": {"s": {"width": 320, "height": 180}},
        "tracks": {"v1": {"order": "a0"}, "a1": {"kind": "audio", "order": "a1"}},
        "clips": {"c": {**clip, **more}, "d": sound},
        "assets": {"a": {"path": f"media/{link.name}"}},
    }
    path = folder / "cut.cutroom.json"
    path.write_text(json.dumps(whole))
    return path


def export(source: Path, out: Path, *options: str) -> int:
    return main(["export", str(source), "-o", str(out), *options])


@pytest.mark.rule("cli-C1", "export-X29")
def test_an_export_reports_and_the_second_reuses_everything(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = timeline(tmp_path, clips.make(CLIP))
    options = ("--cache", str(tmp_path / "cache"), "--progress", "json", "--workers", "2")
    assert export(source, tmp_path / "1.mp4", *options, "--report", str(tmp_path / "r.json")) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    events = [line["event"] for line in lines]
    assert events[0] == "planned"
    assert events[-3:] == ["stitching", "checking", "done"]
    done = [line["done"] for line in lines]
    assert done == sorted(done)
    assert done[-1] == lines[-1]["total"] == 90
    assert all(isinstance(line["eta_seconds"], int | float) for line in lines)
    report = json.loads((tmp_path / "r.json").read_text())
    assert {**lines[-1], **report} == lines[-1]
    assert report["segments"]["encoded"] == report["segments"]["total"]
    assert (report["frames"], report["frame_rate"]) == (90, "30/1")
    assert export(source, tmp_path / "2.mp4", *options) == 0
    second = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert second["sha256"] == report["sha256"]
    assert second["frames_encoded"] == 0
    assert second["frames_reused"] == 90


@pytest.mark.rule("export-X29")
def test_the_same_timeline_as_otio_gives_the_same_film(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = timeline(tmp_path, clips.make(CLIP))
    other = tmp_path / "cut.otio"
    other.write_text(write_otio(read_timeline_file(source.read_bytes()), {}).text)
    shas: set[str] = set()
    for number, path in enumerate((source, other)):
        out = tmp_path / f"{number}.mp4"
        assert export(path, out, "--cache", str(tmp_path / "cache"), "--progress", "json") == 0
        shas.add(json.loads(capsys.readouterr().out.splitlines()[-1])["sha256"])
    assert len(shas) == 1


@pytest.mark.rule("export-X29")
def test_media_is_looked_for_by_name_and_no_cache_leaves_nothing(
    clips: Clips, tmp_path: Path
) -> None:
    source = timeline(tmp_path / "project", clips.make(CLIP))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "project/media/take.mp4").rename(elsewhere / "take.mp4")
    out = tmp_path / "out.mp4"
    words = ["export", str(source), "-o", str(out), "--no-cache", "--media", str(elsewhere)]
    subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "home")},
        check=True,
    )
    assert None not in read_film(out)
    assert not (tmp_path / "home").exists()


@pytest.mark.rule("cli-C1", "cli-C2", "export-X27")
@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, ("--preset", "cinema"), "unknown_preset"),
        ({}, ("--workers", "0"), "--workers"),
        ({}, ("--media", "/no/such/folder"), "--media"),
        ({"assets": {}}, ("--on-missing", "fail"), "media_missing"),
        ({"clips": {}}, (), "empty_timeline"),
        ({"meta": {"min_reader": 99}}, (), "too_new"),
        ({"clips": []}, (), "clips"),
    ],
)
def test_wrong_input_is_one_line_and_no_film(
    clips: Clips,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    options: tuple[str, ...],
    said: str,
) -> None:
    source = timeline(tmp_path, clips.make(CLIP))
    source.write_text(json.dumps({**json.loads(source.read_text()), **change}))
    code = export(source, tmp_path / "o.mp4", "--cache", str(tmp_path / "cache"), *options)
    error = capsys.readouterr().err
    assert code == 2
    assert error.startswith("cutroom: ")
    assert error.count("\n") == 1
    assert said in error
    assert not (tmp_path / "o.mp4").exists()


@pytest.mark.rule("cli-C1", "cli-C2")
def test_nan_a_text_file_and_an_unwritable_out_are_told(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = timeline(tmp_path, clips.make(CLIP))
    broken = tmp_path / "broken.cutroom.json"
    broken.write_text(source.read_text().replace("0.9", "NaN"))
    for path, out in (
        (broken, tmp_path / "o.mp4"),
        (tmp_path / "none.otio", tmp_path / "o.mp4"),
        (source, tmp_path / "no" / "o.mp4"),
        (source, tmp_path / "o.avi"),
        (source, tmp_path),
    ):
        assert export(path, out, "--cache", str(tmp_path / "cache")) == 2
        assert capsys.readouterr().err.startswith("cutroom: ")
    assert not (tmp_path / "o.mp4").exists()


@pytest.mark.rule("export-X29")
def test_a_plan_tells_what_an_export_would_do_and_renders_nothing(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = timeline(tmp_path, clips.make(CLIP))
    cache = ("--cache", str(tmp_path / "cache"))
    assert main(["plan", str(source), "--json", *cache]) == 0
    before = json.loads(capsys.readouterr().out)
    assert before["counts"]["frames_encoded"] == before["frames"] == 90
    assert before["credits"] == 2
    assert not list((tmp_path / "cache/store").glob("seg/*"))
    assert export(source, tmp_path / "o.mp4", *cache, "--progress", "none") == 0
    assert main(["plan", str(source), "--json", *cache]) == 0
    after = json.loads(capsys.readouterr().out)
    assert after["counts"]["frames_encoded"] == 0
    assert after["credits"] == 1


@pytest.mark.rule("export-X23", "export-X29")
def test_a_master_is_planned_without_being_made_and_reused_when_it_is(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = timeline(tmp_path, clips.make(Clip(33, frames=90, gop=200, width=320, height=180)))
    options = ("--preset", "h264-master", "--cache", str(tmp_path / "cache"))
    store = tmp_path / "cache/store"

    def planned() -> dict[str, int]:
        assert main(["plan", str(source), "--json", *options]) == 0
        return json.loads(capsys.readouterr().out)["counts"]

    assert planned()["frames_encoded"] == 90
    assert not list(store.glob("ms/*"))
    assert export(source, tmp_path / "1.mp4", *options, "--progress", "none") == 0
    assert len(list(store.glob("ms/*"))) == 1
    assert planned()["frames_encoded"] == 0
    assert export(source, tmp_path / "2.mp4", *options, "--progress", "none") == 0
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()


def started(source: Path, out: Path, cache: Path) -> "subprocess.Popen[str]":
    """An export that has begun to encode."""
    words = ["export", str(source), "-o", str(out), "--cache", str(cache), "--progress", "json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "planned"
    while not family(process.pid):
        assert process.poll() is None
        time.sleep(0.01)
    return process


def family(pid: int) -> list[int]:
    """All processes below one."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *family(int(child))]
    return found


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.rule("cli-C1", "export-X19")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_export_leaves_nothing_behind(
    clips: Clips, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    source = timeline(tmp_path, clips.make(LONG), 300)
    out = tmp_path / "films" / "o.mp4"
    out.parent.mkdir()
    process = started(source, out, tmp_path / "cache")
    children = family(process.pid)
    process.send_signal(number)
    _, error = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in error
    assert error.count("\n") == 1
    assert not list(out.parent.iterdir())
    assert not list((tmp_path / "cache/scratch").iterdir())
    assert not [pid for pid in children if is_alive(pid)]


@pytest.mark.rule("export-X19")
def test_a_killed_export_takes_its_ffmpeg_along_and_the_next_one_goes_on(
    clips: Clips, tmp_path: Path
) -> None:
    source = timeline(tmp_path, clips.make(LONG), 300)
    process = started(source, tmp_path / "o.mp4", tmp_path / "cache")
    children = family(process.pid)
    process.kill()
    process.communicate(timeout=20)
    deadline = time.monotonic() + 5
    while any(is_alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in children if is_alive(pid)]
    assert not (tmp_path / "o.mp4").exists()
    boxes = Path(tempfile.gettempdir())
    assert list(boxes.glob(f"cutroom-box-{process.pid}-*"))
    left, living = tmp_path / f".o.mp4.{process.pid}-1.part", tmp_path / ".o.mp4.1-1.part"
    for path in (left, left.with_name(f".{left.name}.part"), living):
        path.write_bytes(b"half a film")  # as it would have been a moment before its end
    cache = ("--cache", str(tmp_path / "cache"), "--progress", "none")
    assert export(source, tmp_path / "o.mp4", *cache) == 0
    assert list(tmp_path.glob(".*")) == [living]
    assert not list(boxes.glob(f"cutroom-box-{process.pid}-*"))
    assert not list((tmp_path / "cache/scratch").iterdir())
    marks = read_film(tmp_path / "o.mp4")
    assert [mark and mark.frame for mark in marks] == list(range(300))
