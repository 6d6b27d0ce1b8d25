"""The example of the README: its film is the same each time, costs nothing twice, and is the same from .otio."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import pytest

from cli.main import main

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "docs/examples/demo.cutroom.json"


def film(source: Path, out: Path, cache: Path) -> tuple[str, dict[str, Any]]:
    report = out.with_suffix(".json")
    arguments = ["export", str(source), "-o", str(out), "--cache", str(cache)]
    code = main([*arguments, "--preset", "draft", "--report", str(report), "--progress", "none"])
    assert code == 0
    return hashlib.sha256(out.read_bytes()).hexdigest(), json.loads(report.read_text())


@pytest.mark.rule("cli-X1", "cli-X2")
def test_the_example_film_is_the_same_bytes_every_time_and_from_otio(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first, made = film(EXAMPLE, tmp_path / "one.mp4", cache)
    again, reused = film(EXAMPLE, tmp_path / "two.mp4", cache)
    otio = tmp_path / "demo.otio"
    assert main(["convert", str(EXAMPLE), str(otio)]) == 0
    foreign, _ = film(otio, tmp_path / "three.mp4", cache)
    assert first == again == foreign
    assert made["frames"] == 1230
    assert made["diagnostics"] == []
    assert reused["segments"]["encoded"] == 0
    assert reused["frames_encoded"] == 0
