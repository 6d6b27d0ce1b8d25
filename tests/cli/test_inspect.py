"""`cutroom inspect`: what a file is, in lines and as JSON, and one clear line where it is nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.media import Clip, Clips


def inspected(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["inspect", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.rule("cli-I1")
def test_facts_of_a_film(clips: Clips, capsys: pytest.CaptureFixture[str]) -> None:
    path = clips.make(Clip(fps_num=30000, fps_den=1001, timecode="01:00:00;00", container="mov"))
    code, out, _ = inspected(capsys, str(path), "--json")
    facts: dict[str, Any] = json.loads(out)
    assert (code, facts["kind"], facts["timecode"]) == (0, "video", "01:00:00;00")
    assert (facts["video"]["width"], facts["video"]["rate"]) == (640, "30000/1001")
    assert facts["sound"] == {"codec": "aac", "sample_rate": 48_000, "channels": 2}
    code, out, _ = inspected(capsys, str(path))
    assert "30000/1001" in out


@pytest.mark.rule("cli-I1")
def test_facts_of_a_still(clips: Clips, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = inspected(capsys, str(clips.still("seen", 101, 60)), "--json")
    assert (code, json.loads(out)["still"]) == (0, {"width": 101, "height": 60, "has_alpha": True})


@pytest.mark.rule("cli-I2")
def test_a_timeline_tells_its_diagnostics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cut.cutroom.json"
    document = {
        "schema": 1,
        "sequences": {"s": {"width": 640, "height": 360}},
        "tracks": {"v": {"sequence": "s"}},
        "clips": {"c": {"track": "v", "asset": "a", "duration": 705_600_000}},
        "assets": {"a": {"path": "gone.mp4"}},
    }
    path.write_text(json.dumps(document))
    code, out, _ = inspected(capsys, str(path), "--json")
    facts = json.loads(out)
    assert (code, facts["kind"], facts["sequence"]["frames"]) == (0, "timeline", 30)
    assert "media_missing" in [item["code"] for item in facts["diagnostics"]]
    code, out, _ = inspected(capsys, str(path))
    assert "media_missing" in out


@pytest.mark.rule("cli-I2")
@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("notes.mp4", b"not a film\n", "text"),
        ("empty.mp4", b"", "empty"),
        ("cut.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(40), "cut off"),
        ("bad.cutroom.json", b'{"schema": NaN}', ""),
        ("none.cutroom.json", b'{"schema": 1}', "no_sequence"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_code_2(
    name: str, body: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    code, _, error = inspected(capsys, str(path))
    assert code == 2
    assert error.startswith("cutroom: ")
    assert error.count("\n") == 1
    assert name in error
    assert said in error


@pytest.mark.rule("cli-I2")
def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = inspected(capsys, "/nowhere/x.mp4")
    assert (code, error) == (2, "cutroom: No such file or directory: /nowhere/x.mp4\n")
