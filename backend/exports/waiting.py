"""Orders that wait for their media: the plan stays blocked while an asset it shows is being read."""

from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.assets.tables import AssetRow
from backend.db.session import hint_after_commit
from backend.exports.queue import WORK_TOPIC
from backend.exports.tables import ExportRow, TaskRow
from timeline.model import Json

WAITING: Final = "waiting"


def media_arrived(session: Session, export: ExportRow) -> bool:
    """Take over what has become known of the assets an order waits for; True when none is pending."""
    wanted = cast("list[str]", export.job.get(WAITING, []))
    if not wanted:
        return True
    rows = session.scalars(
        select(AssetRow).where(
            AssetRow.id.in_(wanted), AssetRow.workspace_id == export.workspace_id
        )
    )
    assets = dict(cast("dict[str, Json]", export.job["assets"]))
    pending: list[Json] = []
    for row in rows:
        if row.media is not None:
            assets[row.id] = row.media
        elif row.state == "pending":
            pending.append(row.id)
    export.job = {**export.job, "assets": assets, WAITING: pending}
    return not pending


def free_waiting(session: Session, workspace_id: str) -> None:
    """An asset has been read, or never will be: plans that waited for it alone may begin."""
    session.flush()
    blocked = select(TaskRow).where(
        TaskRow.workspace_id == workspace_id, TaskRow.kind == "plan", TaskRow.state == "blocked"
    )
    for task in session.scalars(blocked).all():
        if media_arrived(session, session.get_one(ExportRow, task.export_id)):
            task.state = "ready"
            hint_after_commit(session, WORK_TOPIC)
