"""`cutroom convert`: there and back, paths that stay true, and what is refused."""

import json
from pathlib import Path
from typing import Final

import pytest

from cli.main import main

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "docs/examples/demo.cutroom.json"


@pytest.mark.rule("cli-V1")
def test_otio_and_back_is_the_same_timeline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, back = tmp_path / "demo.otio", tmp_path / "back.cutroom.json"
    assert main(["convert", str(EXAMPLE), str(there)]) == 0
    assert "not carried over: trk_captions: captions" in capsys.readouterr().err
    assert main(["convert", str(there), str(back)]) == 0
    ours, original = json.loads(back.read_text()), json.loads(EXAMPLE.read_text())
    assert {**ours, "assets": {}} == {**original, "assets": {}}


@pytest.mark.rule("cli-V2")
def test_paths_still_lead_to_the_media_from_another_folder(tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "demo.cutroom.json"
    moved.parent.mkdir()
    assert main(["convert", str(EXAMPLE), str(moved)]) == 0
    paths = [asset["path"] for asset in json.loads(moved.read_text())["assets"].values()]
    assert paths
    assert all((moved.parent / path).is_file() for path in paths)


@pytest.mark.rule("cli-V3")
@pytest.mark.parametrize(
    ("source", "target"),
    [("nowhere.otio", "b.otio"), (str(EXAMPLE), "b.txt"), (str(EXAMPLE), "no/such/folder/b.otio")],
)
def test_what_cannot_be_read_or_written_is_named_and_leaves_nothing(
    source: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / target
    assert main(["convert", source, str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cutroom: ")
    assert "nowhere.otio" in error or target in error
    assert not out.exists()
    assert list(tmp_path.iterdir()) == []
