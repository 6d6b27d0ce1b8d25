"""Progress of an export: a bar for people, JSON lines for programs, silence."""

import json
import sys
import time
from collections import deque
from collections.abc import Mapping
from typing import Final, Literal, Protocol, TextIO, TypeAlias

from exporter.memory_board import Standing
from timeline.jobs import ExportReport
from timeline.model import Json

ProgressForm: TypeAlias = Literal["bar", "json", "none"]
BAR_CELLS: Final = 24
WINDOW_SECONDS: Final = 10.0  # export-X26: how far back the speed is measured
LAST_STEPS: Final = ("stitching", "checking")
FRAMES_PER_SECOND_GUESS: Final = 60.0  # before anything was measured


def report_json(report: ExportReport) -> dict[str, Json]:
    """The export report of the contract."""
    segments = report.segments
    return {
        "output": report.output,
        "sha256": report.sha256,
        "frames": report.frames,
        "frame_rate": report.frame_rate,
        "duration_seconds": report.duration_seconds,
        "segments": {
            "total": segments.total,
            "encoded": segments.encoded,
            "copied": segments.copied,
            "reused": segments.reused,
        },
        "frames_encoded": report.frames_encoded,
        "frames_copied": report.frames_copied,
        "frames_reused": report.frames_reused,
        "wall_seconds": report.wall_seconds,
        "size_bytes": report.size_bytes,
        "diagnostics": [
            {"level": item.level, "code": item.code, "id": item.id, "detail": item.detail}
            for item in report.diagnostics
        ],
    }


class Progress(Protocol):
    def media(self, ready: int, total: int) -> None:
        """Files of media that are ready to be read."""
        ...

    def standing(self, standing: Standing) -> None: ...

    def done(self, report: ExportReport) -> None: ...

    def failed(self, detail: str) -> None: ...


class Speed:
    """Seconds left by the frames of the last ten seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def eta_seconds(self, done: int, total: int) -> float:
        now = time.monotonic()
        self._marks.append((now, done))
        while now - self._marks[0][0] > WINDOW_SECONDS and len(self._marks) > 2:
            self._marks.popleft()
        began, first = self._marks[0]
        passed, moved = now - began, done - first
        speed = moved / passed if moved and passed > 0.2 else FRAMES_PER_SECOND_GUESS
        return round((total - done) / speed, 1)


class Silence:
    def media(self, ready: int, total: int) -> None: ...

    def standing(self, standing: Standing) -> None: ...

    def done(self, report: ExportReport) -> None: ...

    def failed(self, detail: str) -> None: ...


class JsonLines:
    """One object a line on stdout; `done` never goes back, and the last line carries the report."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._speed = Speed()
        self._steps = 0
        self._done = -1
        self._total = 0

    def media(self, ready: int, total: int) -> None: ...

    def standing(self, standing: Standing) -> None:
        total = standing.frames_total
        if total is None:
            return
        self._total = total
        if self._done < 0:
            self._write("planned", 0, _planned(standing))
        done = max(self._done, min(standing.frames_done, total))
        if done > self._done and done > 0:
            self._write("segment", done, {})
        if standing.state in LAST_STEPS:
            self._entered(LAST_STEPS.index(standing.state) + 1)

    def done(self, report: ExportReport) -> None:
        self._entered(len(LAST_STEPS))
        self._write("done", self._total, report_json(report))

    def failed(self, detail: str) -> None:
        self._write("failed", max(0, self._done), {"detail": detail})

    def _entered(self, steps: int) -> None:
        """Each of the last steps is told, also one that was over before anybody looked."""
        for step in LAST_STEPS[self._steps : steps]:
            self._write(step, self._total, {})
        self._steps = max(self._steps, steps)

    def _write(self, event: str, done: int, more: Mapping[str, Json]) -> None:
        self._done = done
        eta = self._speed.eta_seconds(done, self._total)
        line = {"event": event, "done": done, "total": self._total, "eta_seconds": eta, **more}
        print(json.dumps(line), file=self._out, flush=True)


def _planned(standing: Standing) -> Mapping[str, Json]:
    planned = standing.body.get("planned")
    return planned if isinstance(planned, dict) else {}


class Bar:
    """One line on stderr that is drawn over itself; without a terminal only the last word is said."""

    def __init__(self, err: TextIO | None = None) -> None:
        self._err = err or sys.stderr
        self._is_terminal = self._err.isatty()
        self._speed = Speed()

    def media(self, ready: int, total: int) -> None:
        if ready < total:
            self._draw(f"reading media {ready} of {total}")

    def standing(self, standing: Standing) -> None:
        total = standing.frames_total
        if standing.state in ("stitching", "checking"):
            self._draw(standing.state)
        elif total is None:
            self._draw("planning")
        elif total:
            done = min(standing.frames_done, total)
            cells = BAR_CELLS * done // total
            bar = "#" * cells + "." * (BAR_CELLS - cells)
            eta = self._speed.eta_seconds(done, total)
            self._draw(f"[{bar}] {done}/{total} frames, {eta:.0f} s left")

    def done(self, report: ExportReport) -> None:
        self._clear()
        segments = report.segments
        print(
            f"{report.output}: {report.frames} frames, {report.duration_seconds:.1f} s; "
            f"{segments.encoded} segments encoded, {segments.copied} copied, {segments.reused} reused, "
            f"in {report.wall_seconds:.1f} s"
        )
        for item in report.diagnostics:
            if item.level == "warning":
                detail = f": {item.detail}" if item.detail else ""
                print(f"warning: {item.code}: {item.id}{detail}", file=self._err)

    def failed(self, detail: str) -> None:  # noqa: ARG002 - the error line says it
        self._clear()

    def _draw(self, text: str) -> None:
        if self._is_terminal:
            print(f"\r\x1b[K{text}", end="", file=self._err, flush=True)

    def _clear(self) -> None:
        if self._is_terminal:
            print("\r\x1b[K", end="", file=self._err, flush=True)


def progress_of(form: ProgressForm) -> Progress:
    match form:
        case "bar":
            return Bar()
        case "json":
            return JsonLines()
        case "none":
            return Silence()
