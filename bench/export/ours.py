"""The same films as Cutroom's own timeline files, and how the program is called."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench.export.films import (
    DISSOLVE_FRAMES,
    HEIGHT,
    INSET,
    MUSIC_GAIN,
    OUTLINE_PIXELS,
    RATE,
    TITLE_FADE,
    TITLE_FRAMES,
    TITLE_PIXELS,
    WIDTH,
    Film,
    Shot,
)
from bench.export.sources import Sources

TICKS: Final = 705_600_000
BEFORE: Final = 7  # frames of a dissolve before the cut; the rest stands behind it

Record = dict[str, object]


def timeline(film: Film, sources: Sources) -> dict[str, object]:
    """The `.cutroom.json` of a film."""
    clips: dict[str, Record] = {}
    transitions: dict[str, Record] = {}
    for index, shot in enumerate(film.shots):
        place = _place(film, index, shot)
        clips[f"v{index}"] = {"track": "v1", "asset": f"s{shot.source}", **place}
        clips[f"a{index}"] = {"track": "a1", "asset": f"s{shot.source}", **place}
        if film.dissolves(index):
            offsets = {"in_offset": _ticks(BEFORE), "out_offset": _ticks(DISSOLVE_FRAMES - BEFORE)}
            for track in ("v", "a"):
                sides = {"left": f"{track}{index}", "right": f"{track}{index + 1}"}
                kind = "dissolve" if track == "v" else "crossfade"
                transitions[f"{track}{index}"] = {**sides, **offsets, "kind": kind}
    for number, title in enumerate(film.titles):
        clips[f"t{number}"] = {
            "track": "v3",
            "kind": "title",
            "text": title.text,
            "y": 0.25,
            "start": _ticks(title.start),
            "duration": _ticks(TITLE_FRAMES),
            "font_size": TITLE_PIXELS / HEIGHT,
            "font_weight": 700,
            "outline_width": OUTLINE_PIXELS / HEIGHT,
            "outline_color": "#000000",
            "fade_in": _ticks(TITLE_FADE),
            "fade_out": _ticks(TITLE_FADE),
        }
    if film.inset is not None:
        clips["inset"] = {"track": "v2", **_inset(film.inset)}
    effects: dict[str, Record] = {}
    if film.has_music:
        length = {"start": 0, "duration": _ticks(film.frames)}
        gain = round(20 * math.log10(MUSIC_GAIN), 3)
        clips["music"] = {"track": "a2", "asset": "music", "gain_db": gain, **length}
        effects["duck"] = {"owner": "a2", "kind": "ducking", "p:by": "a1"}
    return {
        "schema": 1,
        "meta": {"main_sequence": "s"},
        "sequences": {"s": {"width": WIDTH, "height": HEIGHT, "fps_num": RATE, "fps_den": 1}},
        "tracks": _tracks(),
        "clips": clips,
        "transitions": transitions,
        "effects": effects,
        "assets": _assets(film, sources),
    }


def _tracks() -> dict[str, Record]:
    video = {f"v{n}": {"sequence": "s", "kind": "video", "order": f"a{n}"} for n in (1, 2, 3)}
    audio = {f"a{n}": {"sequence": "s", "kind": "audio", "order": f"b{n}"} for n in (1, 2)}
    return {**video, **audio}


def _assets(film: Film, sources: Sources) -> dict[str, Record]:
    used = {shot.source for shot in (*film.shots, *([film.inset] if film.inset else []))}
    found: dict[str, Record] = {f"s{n}": {"path": str(sources.clips[n])} for n in sorted(used)}
    return {**found, "music": {"path": str(sources.music)}} if film.has_music else found


def _place(film: Film, index: int, shot: Shot) -> Record:
    """A shot between its cuts: half of each dissolve belongs to its neighbour."""
    head = BEFORE if index > 0 and film.dissolves(index - 1) else 0
    tail = DISSOLVE_FRAMES - BEFORE if film.dissolves(index) else 0
    return {
        "start": _ticks(shot.start + head),
        "duration": _ticks(shot.frames - head - tail),
        "source_in": _ticks(shot.first + head),
    }


def _inset(shot: Shot) -> Record:
    x, y, width, height = INSET
    return {
        "asset": f"s{shot.source}",
        "start": _ticks(shot.start),
        "duration": _ticks(shot.frames),
        "source_in": _ticks(shot.first),
        "x": (x + width / 2) / WIDTH - 0.5,
        "y": (y + height / 2) / HEIGHT - 0.5,
        "scale_x": width / WIDTH,
        "scale_y": height / HEIGHT,
    }


def _ticks(frames: int) -> int:
    return frames * TICKS // RATE


def written(film: Film, sources: Sources, path: Path) -> Path:
    path.write_text(json.dumps(timeline(film, sources)))
    return path


def export_command(
    source: Path, out: Path, cache: Path, report: Path, *, preset: str, workers: int
) -> list[str]:
    command = [sys.executable, "-m", "bench.export.cutroom", "export", str(source), "-o", str(out)]
    command += ["--cache", str(cache), "--report", str(report), "--progress", "none"]
    return [*command, "--preset", preset, "--workers", str(workers)]


def ingest_command(source: Path, cache: Path) -> list[str]:
    return [sys.executable, "-m", "bench.export.cutroom", "ingest", str(source), str(cache)]


def counts(report: Path) -> Mapping[str, int]:
    """Frames by what became of them, from the report of an export."""
    told = json.loads(report.read_text())
    return {name: told[f"frames_{name}"] for name in ("encoded", "copied", "reused")}
