"""A film of mixed sources: every frame is the planned one, and every burst of sound sits at its sample."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.media import Clip, Mark, bursts, read_film, read_sound, write_clip

FRAME = 23_520_000  # ticks at 30/1
SHOWN = 60
SOURCES = {
    "primed": Clip(number=1, frames=150, edit_list=False),
    "mkv25": Clip(number=2, frames=150, gop=250, fps_num=25, container="mkv"),
    "late441": Clip(
        number=3,
        frames=150,
        sound="pcm",
        container="mov",
        sample_rate=44_100,
        sound_offset_seconds=0.1,
    ),
    "turned": Clip(number=4, frames=150, fps_num=30_000, fps_den=1001, rotation=180),
}


def timeline() -> dict[str, Any]:
    """Sixty frames of each source, picture and sound, one after the other, from source frame 20 on."""
    clips: dict[str, Any] = {}
    for number, name in enumerate(SOURCES):
        place = {
            "asset": name,
            "start": number * SHOWN * FRAME,
            "duration": SHOWN * FRAME,
            "source_in": 20 * FRAME,
        }
        clips[name] = {"track": "v", **place}
        clips[f"{name}-sound"] = {"track": "a", **place}
    return {
        "schema": 1,
        "sequences": {"s": {"width": 640, "height": 360}},
        "tracks": {"v": {"sequence": "s"}, "a": {"sequence": "s", "kind": "audio", "order": "a1"}},
        "clips": clips,
        "assets": {name: {"path": f"{name}.{clip.container}"} for name, clip in SOURCES.items()},
    }


@pytest.mark.rule("export-X9", "export-X15", "export-X22")
def test_frames_and_sound_of_mixed_sources_are_where_the_timeline_has_them(tmp_path: Path) -> None:
    for name, clip in SOURCES.items():
        write_clip(clip, tmp_path / f"{name}.{clip.container}")
    source, film = tmp_path / "cut.cutroom.json", tmp_path / "film.mp4"
    source.write_text(json.dumps(timeline()))
    options = ["--cache", str(tmp_path / "cache"), "--progress", "none"]
    assert main(["export", str(source), "-o", str(film), *options]) == 0

    marks: list[Mark] = []
    heard: list[int] = []
    for number, clip in enumerate(SOURCES.values()):
        rate = Fraction(clip.fps_num, clip.fps_den)
        marks += [
            Mark(clip.number, int((Fraction(20 + n, 30) + Fraction(1, 60)) * rate))
            for n in range(SHOWN)
        ]
        for second in range(6):
            at = second + clip.sound_offset_seconds - 20 / 30
            if 0 <= at < SHOWN / 30:
                heard.append(round((number * SHOWN / 30 + at) * 48_000))
    assert read_film(film) == marks
    found = bursts(read_sound(film), level=0.3)
    assert len(found) == len(heard) == 8
    assert max(abs(one - other) for one, other in zip(found, heard, strict=True)) <= 48
