"""What the board looks like, in the Prometheus text form [door-D5]."""

from sqlalchemy import func, select

from backend.db.session import Database
from backend.exports.tables import ExportRow, TaskRow


async def export_metrics(database: Database) -> str:
    async with database.read() as session:
        tasks = (
            await session.execute(
                select(TaskRow.kind, TaskRow.state, func.count()).group_by(
                    TaskRow.kind, TaskRow.state
                )
            )
        ).all()
        exports = (
            await session.execute(select(ExportRow.state, func.count()).group_by(ExportRow.state))
        ).all()
    lines = ["# TYPE cutroom_tasks gauge"]
    lines += [
        f'cutroom_tasks{{kind="{kind}",state="{state}"}} {count}' for kind, state, count in tasks
    ]
    lines.append("# TYPE cutroom_exports gauge")
    lines += [f'cutroom_exports{{state="{state}"}} {count}' for state, count in exports]
    return "\n".join(lines) + "\n"
