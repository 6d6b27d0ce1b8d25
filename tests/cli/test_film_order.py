"""Words of a command line that say which film is wanted [cli-E1, E2]."""

import json
from pathlib import Path

import pytest

from cli.errors import CommandFailed
from cli.film_order import ticks_of
from tests.cli.test_export import CLIP, export, timeline
from tests.media import Clips, read_film
from timeline.timing import TICKS, Rate


@pytest.mark.rule("cli-E1")
@pytest.mark.parametrize(
    ("text", "rate", "ticks"),
    [
        ("12.5", Rate(30), 25 * TICKS // 2),
        ("0", Rate(30), 0),
        ("300f", Rate(30), 10 * TICKS),
        ("00:00:10:00", Rate(30), 10 * TICKS),
        ("00:01:00:15", Rate(30), 60 * TICKS + TICKS // 2),
        ("00:00:01.250", Rate(30), 5 * TICKS // 4),
        ("00:00:01:00", Rate(30000, 1001), TICKS * 1001 // 1000),
    ],
)
def test_times_are_seconds_frames_or_timecode(text: str, rate: Rate, ticks: int) -> None:
    assert ticks_of(text, rate, "--range") == ticks


@pytest.mark.rule("cli-E1")
@pytest.mark.parametrize("text", ["", "-1", "1e3", "12:30", "abc", "00:99:00:00", "nan", "1f0"])
def test_what_is_no_time_is_told_with_its_option(text: str) -> None:
    with pytest.raises(CommandFailed, match="is not seconds"):
        ticks_of(text, Rate(30), "--range")


@pytest.mark.rule("cli-E1")
def test_a_range_of_the_command_line_is_those_frames(clips: Clips, tmp_path: Path) -> None:
    source = timeline(tmp_path, clips.make(CLIP))
    options = ("--cache", str(tmp_path / "cache"), "--progress", "none")
    report = ("--report", str(tmp_path / "r.json"))
    out = tmp_path / "part.mp4"
    assert export(source, out, "--range", "30f,00:00:02:00", *options, *report) == 0
    assert json.loads((tmp_path / "r.json").read_text())["frames"] == 30
    assert [mark.frame for mark in read_film(out) if mark] == list(range(30, 60))


@pytest.mark.rule("cli-E1", "cli-E2")
@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("o.mp4", ("--preset", "audio-wav"), "audio-wav makes .wav files"),
        ("o.mov", (), "source makes .mp4 files"),
        ("o.mp4", ("--range", "5"), "--range"),
        ("o.mp4", ("--range", "2,1"), "OUT is not after IN"),
        ("o.mp4", ("--range", "90,91"), "empty_range"),
        ("o.mp4", ("--poster", "90"), "empty_range"),
    ],
)
def test_an_order_that_cannot_be_is_one_line_and_no_file(
    clips: Clips,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    options: tuple[str, ...],
    said: str,
) -> None:
    source = timeline(tmp_path, clips.make(CLIP))
    out = tmp_path / name
    assert export(source, out, "--cache", str(tmp_path / "cache"), *options) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not out.exists()
