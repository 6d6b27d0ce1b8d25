"""Texts with every special sign, and clips of no and of one frame, through `cutroom export`."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from cli.main import main
from tests.exporter.films import frames_at
from tests.media import Clip, Clips, read_film, read_pictures

SHOWN: Final = 2
TEXTS: Final = {
    "quotes": 'it\'s "said" `so`',
    "backslash": "back\\slash \\n \\",
    "percent": "100% %{localtime} %d %%",
    "braces": "{a} ${b} #{c}",
    "graph": "a:b,c;d=[v]'[out]",
    "newlines": "one\ntwo\r\nthree\rfour",
    "emoji": "\U0001f600\U0001f44d\U0001f3fd \u2764\ufe0f",
    "hebrew": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "arabic": "\u0645\u0631\u062d\u0628\u0627 abc",
    "controls": "\x01\x02a\x1b[31m\x7f\x85b",
    "overrides": "\u202e\u2066\u200f\u2028a\u2029",
    "no glyphs": "a\U00012000\ua66eb",
    "no character": "\ufeff\ufffea",
    "long": "many words " * 500,
    "markup": "</text>&amp;<b>",
    "shell": "'; rm -rf $(pwd) | &",
}
NO_GLYPHS: Final = {"emoji": "\U0001f600", "no_glyphs": "\U00012000"}


def written(folder: Path, clips: dict[str, Any], **more: Any) -> Path:
    whole = {
        "schema": 1,
        "sequences": {"s": {"width": 320, "height": 180}},
        "tracks": {"v1": {"order": "a0"}, "v2": {"order": "a1"}},
        "clips": clips,
        **more,
    }
    path = folder / "cut.cutroom.json"
    path.write_text(json.dumps(whole))
    return path


def title(text: str, start: int, frames: int = SHOWN) -> dict[str, Any]:
    place = {"start": frames_at(start), "duration": frames_at(frames)}
    return {"track": "v1", "kind": "title", "text": text, **place}


def export(source: Path, *options: str) -> int:
    words = ["export", str(source), "-o", str(source.with_name("out.mp4")), "--progress", "json"]
    return main([*words, "--cache", str(source.with_name("cache")), *options])


@pytest.mark.rule("export-X6", "operations-T3")
def test_every_special_sign_of_a_title_is_drawn_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [*TEXTS.items(), ("nul", "a\0b"), ("plain", "ab")]
    clips = {name.replace(" ", "_"): title(text, SHOWN * n) for n, (name, text) in enumerate(texts)}
    assert export(written(tmp_path, clips)) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["frames"] == SHOWN * len(texts)
    told = {item["id"]: item for item in report["diagnostics"]}
    assert {item["code"] for item in told.values()} == {"missing_glyphs"}
    for name, sign in NO_GLYPHS.items():
        assert sign in told[name]["detail"]
    pictures = read_pictures(tmp_path / "out.mp4")
    assert len(pictures) == SHOWN * len(texts)
    shown = {name: pictures[SHOWN * n] for n, (name, _) in enumerate(texts)}
    assert all(picture.max() > 100 for name, picture in shown.items() if name != "emoji")
    assert (shown["nul"] == shown["plain"]).all()


@pytest.mark.rule("cli-C1", "cli-C2")
def test_half_a_sign_is_refused_by_its_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, {"c": title("\ud83d", 0)})
    assert export(source) == 2
    assert capsys.readouterr().err.rstrip().endswith("cut.cutroom.json: clips/c/text")
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.rule("export-X1", "export-X9")
@pytest.mark.parametrize("policy", ["slate", "fail"])
def test_clips_of_no_frame_show_nothing_and_one_of_one_frame_shows_it(
    policy: str, clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take = clips.make(Clip(131, frames=60, gop=15, width=320, height=180, sound="none"))
    one: dict[str, Any] = {"track": "v1", "asset": "a"}

    def at(start: int, duration: int, source: int) -> dict[str, Any]:
        place = {"start": frames_at(start), "duration": duration, "source_in": frames_at(source)}
        return {**one, **place}

    records = {
        "before": at(0, frames_at(5), 0),
        "single": at(5, frames_at(1), 20),
        "after": at(6, frames_at(5), 30),
        "sliver": {**at(11, 1000, 40), "track": "v2"},
        "nothing": {**at(3, 0, 50), "track": "v2"},
    }
    source = written(tmp_path, records, assets={"a": {"path": str(take)}})
    assert export(source, "--on-missing", policy) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {item["id"] for item in report["diagnostics"]} == {"sliver", "nothing"}
    shown = [mark and mark.frame for mark in read_film(tmp_path / "out.mp4")]
    assert shown == [*range(5), 20, *range(30, 35)]
