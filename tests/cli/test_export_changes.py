"""Media that changes while its film is made: planned once more, or told by name; never a wrong film."""

import argparse
import shutil
from pathlib import Path
from typing import Final

import pytest

from cli.commands import export
from cli.errors import CommandFailed
from cli.main import main
from cli.progress import Silence
from exporter.memory_board import Standing
from tests.cli.test_export import timeline
from tests.media import Clip, Clips, Mark, read_film

ONE: Final = Clip(61, frames=60, gop=15, width=320, height=180)
TWO: Final = Clip(62, frames=60, gop=15, width=320, height=180)


class Swapping(Silence):
    """Puts another file in the place of the media once it was read, `times` times."""

    def __init__(self, take: Path, others: list[Path]) -> None:
        self.take, self.others = take, others
        self.states: list[str] = []

    def media(self, ready: int, total: int) -> None:
        if ready == total and self.others:
            self.take.unlink()
            shutil.copy(self.others.pop(0), self.take)

    def standing(self, standing: Standing) -> None:
        self.states.append(standing.state)


def exported(source: Path, out: Path, cache: Path, swapping: Swapping, *options: str) -> None:
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    words = [str(source), "-o", str(out), "--cache", str(cache), "--progress", "none", *options]
    export.made(parser.parse_args(words), swapping)


@pytest.mark.rule("export-X19")
@pytest.mark.parametrize("opacity", [0.9, 1])
def test_media_that_changed_is_read_and_planned_once_more(
    clips: Clips, tmp_path: Path, opacity: float
) -> None:
    source = timeline(tmp_path, clips.make(ONE), 60, opacity=opacity)
    swapping = Swapping(tmp_path / "media/take.mp4", [clips.make(TWO)])
    exported(source, tmp_path / "out.mp4", tmp_path / "cache", swapping)
    assert read_film(tmp_path / "out.mp4") == [Mark(62, n) for n in range(60)]
    assert "failed" in swapping.states


@pytest.mark.rule("export-X19", "cli-C1")
def test_media_that_changes_again_fails_by_name_and_leaves_no_film(
    clips: Clips, tmp_path: Path
) -> None:
    source = timeline(tmp_path, clips.make(ONE), 60)
    swapping = Swapping(tmp_path / "media/take.mp4", [clips.make(TWO), clips.make(ONE)])
    with pytest.raises(CommandFailed, match=r"input_changed: take\.mp4"):
        exported(source, tmp_path / "out.mp4", tmp_path / "cache", swapping)
    assert not list(tmp_path.glob("*.mp4*"))
    words = ["export", str(source), "-o", str(tmp_path / "out.mp4"), "--progress", "none"]
    assert main([*words, "--cache", str(tmp_path / "cache")]) == 0
