"""An export as the API and the events tell it."""

from collections.abc import Mapping
from typing import Final, cast

from backend.db.metadata import iso
from backend.exports.jobs_json import row_options
from backend.exports.tables import ExportRow
from timeline.containers import CONTAINERS, Container
from timeline.film_options import FilmOptions, options_json
from timeline.jobs import ExportReport, Failure
from timeline.model import Json
from timeline.presets import PRESETS
from timeline.resolved_json import diagnostic_json

API: Final = "/api/v1/exports"
ENDED: Final = ("done", "failed", "cancelled")

TITLES: Final[Mapping[str, str]] = {
    "disk_full": "The server's disk is full",
    "tool_failed": "A part of the film could not be rendered",
    "stalled": "A part of the film stopped moving",
    "check_failed": "The film did not pass its check",
    "input_changed": "A media file changed while it was used",
    "media_missing": "Media is missing",
    "not_media": "Not a media file",
    "bad_timeline": "The timeline cannot be read",
    "internal": "Something of ours broke",
}


def export_json(row: ExportRow, *, now_seconds: float | None = None) -> dict[str, Json]:
    """`now_seconds` of the database's clock gives the time left."""
    total = row.frames_total or 0
    options = row_options(row)
    done = total if row.state == "done" else min(row.frames_done, total)
    return {
        "id": row.id,
        "project": row.project_id,
        "name": row.name,
        "state": row.state,
        "preset": row.preset,
        "range": _range(row),
        "progress": {
            "done": done,
            "total": total,
            "eta_seconds": _eta_seconds(row, done, total, now_seconds),
        },
        "credits_held": row.credits_held if row.state not in ENDED else 0,
        "credits_captured": row.credits_captured,
        "created_at": iso(row.created_at),
        "ended_at": iso(row.ended_at) if row.ended_at else None,
        "requested_by": {"id": row.requested_by, "name": row.requested_name},
        "problem": row.problem,
        "report": row.report,
        "file": f"{API}/{row.id}/file" if row.state == "done" else None,
        "extension": container_of(row.preset).extension,
        "options": _options(options),
        "captions_file": _beside(row, "captions.vtt", there=options.captions == "soft"),
        "poster_file": _beside(row, "poster.jpg", there=options.poster is not None),
    }


def container_of(preset: str) -> Container:
    """What a film of that preset is; an MP4 where the preset is gone by now."""
    known = PRESETS.get(preset)
    return known.file if known is not None else CONTAINERS["mp4"]


def _options(options: FilmOptions) -> dict[str, Json]:
    """As they were sent: targets of loudness are whole numbers."""
    loudness = options.loudness
    told: Json = loudness if isinstance(loudness, str) else int(loudness)
    return {**options_json(options), "loudness": told}


def _beside(row: ExportRow, name: str, *, there: bool) -> str | None:
    return f"{API}/{row.id}/{name}" if there and row.state == "done" else None


def report_json(report: ExportReport) -> dict[str, Json]:
    """The contract's report."""
    return {
        "output": report.output,
        "sha256": report.sha256,
        "frames": report.frames,
        "frame_rate": report.frame_rate,
        "duration_seconds": report.duration_seconds,
        "segments": {
            "total": report.segments.total,
            "encoded": report.segments.encoded,
            "copied": report.segments.copied,
            "reused": report.segments.reused,
        },
        "frames_encoded": report.frames_encoded,
        "frames_copied": report.frames_copied,
        "frames_reused": report.frames_reused,
        "wall_seconds": report.wall_seconds,
        "size_bytes": report.size_bytes,
        "diagnostics": [cast("Json", diagnostic_json(item)) for item in report.diagnostics],
    }


def problem_json(failure: Failure) -> dict[str, Json]:
    """Why it failed, for people; the code's words are the title where no better ones are known."""
    code = failure.code
    return {
        "type": f"/problems/{code.replace('_', '-')}",
        "code": code,
        "title": TITLES.get(code, code.replace("_", " ").capitalize()),
        "status": 422 if failure.verdict == "poison" else 500,
        "detail": failure.detail,
    }


def _eta_seconds(row: ExportRow, done: int, total: int, now_seconds: float | None) -> float | None:
    if row.state == "done":
        return 0.0
    if now_seconds is None or row.rendering_since is None or not 0 < done <= total:
        return None
    spent = max(0.0, now_seconds - row.rendering_since)
    return round(spent * (total - done) / done, 1)


def _range(row: ExportRow) -> dict[str, Json] | None:
    if row.range_start is None or row.range_duration is None:
        return None
    start, duration = row.range_start, row.range_duration
    return {"start": start, "end": start + duration, "duration": duration}
