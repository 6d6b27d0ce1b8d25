"""`cutroom export` of the six sample scenes, cut together, beside one ffmpeg command that does the same.

Same ffmpeg binary, same encoder settings, straight cuts and their sound; three rounds in turn, the
best wall time of each. Frames of both films are counted and must agree. CPU time is left out: what runs in
the box is not waited for by us, so the kernel does not add it to our account.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imageio_ffmpeg import count_frames_and_secs, get_ffmpeg_exe

ROOT: Final = Path(__file__).resolve().parents[1]
MEDIA: Final = ROOT / "docs/examples/media"
TICKS: Final = 705_600_000
RATE: Final = 30
FRAMES: Final = 150  # of each scene, from FIRST on: no cut falls on a sync picture
FIRST: Final = 11
SCENES: Final = ("sunrise", "the-grid-wakes", "journeys", "warmth", "where-people-meet", "night")
ROUNDS: Final = 3


def measured() -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="cutroom-bench-") as folder:
        return _measured(Path(folder))


def _measured(folder: Path) -> dict[str, object]:
    source = folder / "cuts.cutroom.json"
    source.write_text(json.dumps(_timeline()))
    peer: list[float] = []
    first: list[float] = []
    again: list[float] = []
    frames: set[int] = set()
    for number in range(ROUNDS):
        cache, ours, theirs = folder / f"cache{number}", folder / "ours.mp4", folder / "peer.mp4"
        peer.append(_timed(_ffmpeg(theirs)))
        first.append(_timed(_cutroom(source, ours, cache)))
        again.append(_timed(_cutroom(source, ours, cache)))
        frames |= {count_frames_and_secs(str(film))[0] for film in (ours, theirs)}
    ffmpeg = min(peer)
    return {
        "frames (both)": sorted(frames),
        "one ffmpeg, s": round(ffmpeg, 2),
        "cutroom first, ingest included, s": round(min(first), 2),
        "cutroom first, ratio": round(min(first) / ffmpeg, 3),
        "cutroom again, nothing changed, s": round(min(again), 2),
        "cutroom again, ratio": round(min(again) / ffmpeg, 3),
    }


def _cutroom(source: Path, out: Path, cache: Path) -> list[str]:
    command = [sys.executable, "-m", "cli.main", "export", str(source), "-o", str(out)]
    return [*command, "--cache", str(cache), "--progress", "none"]


def _ffmpeg(out: Path) -> list[str]:
    inputs = [word for name in SCENES for word in ("-i", str(MEDIA / f"{name}.mp4"))]
    start, end = FIRST / RATE, (FIRST + FRAMES) / RATE
    parts = "".join(
        f"[{index}:v]trim=start_frame={FIRST}:end_frame={FIRST + FRAMES},setpts=PTS-STARTPTS[v{index}];"
        f"[{index}:a]atrim={start}:{end},asetpts=PTS-STARTPTS[a{index}];"
        for index in range(len(SCENES))
    )
    joined = "".join(f"[v{index}][a{index}]" for index in range(len(SCENES)))
    graph = f"{parts}{joined}concat=n={len(SCENES)}:v=1:a=1[v][a]"
    encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "60"]
    sound = ["-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart"]
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *inputs, "-filter_complex", graph]
    return [*command, "-map", "[v]", "-map", "[a]", *encode, *sound, str(out)]


def _timeline() -> dict[str, object]:
    clips: dict[str, object] = {}
    for index, name in enumerate(SCENES):
        place = {
            "asset": name,
            "start": index * FRAMES * TICKS // RATE,
            "duration": FRAMES * TICKS // RATE,
            "source_in": FIRST * TICKS // RATE,
        }
        clips[f"v{index}"] = {"track": "v1", "kind": "media", **place}
        clips[f"a{index}"] = {"track": "a1", "kind": "media", **place}
    return {
        "schema": 1,
        "sequences": {"s": {"width": 1280, "height": 720, "fps_num": RATE, "fps_den": 1}},
        "tracks": {
            "v1": {"sequence": "s", "kind": "video", "order": "a0"},
            "a1": {"sequence": "s", "kind": "audio", "order": "a1"},
        },
        "clips": clips,
        "assets": {name: {"path": str(MEDIA / f"{name}.mp4")} for name in SCENES},
    }


def _timed(command: Sequence[str]) -> float:
    """Wall seconds of a command."""
    begun = time.monotonic()
    subprocess.run(command, check=True, cwd=ROOT)
    return time.monotonic() - begun
