"""What the exporter is handed, as the JSON of a row, and back."""

from collections.abc import Mapping
from typing import cast

from backend.assets.tables import AssetRow
from backend.exports.tables import ExportRow, TaskRow
from timeline.film_options import FilmOptions, options_from_json, options_json
from timeline.jobs import AssetJob, ExportJob, Task, TaskKind
from timeline.model import Json


def job_json(job: ExportJob) -> dict[str, Json]:
    return {
        "document": dict(job.document),
        "assets": dict(job.assets),
        "options": options_json(job.options),
    }


def export_job(row: ExportRow) -> ExportJob:
    ranged = row.range_start is not None and row.range_duration is not None
    return ExportJob(
        id=row.id,
        document=cast("Mapping[str, Json]", row.job["document"]),
        assets=cast("Mapping[str, Json]", row.job["assets"]),
        preset=row.preset,
        range=(row.range_start or 0, row.range_duration or 0) if ranged else None,
        options=row_options(row),
        traceparent=row.traceparent,
    )


def row_options(row: ExportRow) -> FilmOptions:
    """The options of an order; rows of before there were options keep them beside."""
    return options_from_json(cast("Mapping[str, Json]", row.job.get("options", row.job)))


def asset_job(row: AssetRow) -> AssetJob:
    return AssetJob(
        asset_id=row.id,
        original_key=row.original_key,
        name=row.name,
        media_type=row.media_type,
    )


def task_of(row: TaskRow) -> Task:
    return Task(
        id=row.id,
        kind=cast("TaskKind", row.kind),
        position=row.position,
        payload=row.payload,
        version=row.version,
    )
