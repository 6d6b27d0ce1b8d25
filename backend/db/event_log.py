"""The event log: what happened in a workspace, in order, written in the transaction that did it.

`seq` comes from the workspace's head row, updated in the same transaction: a serial id is handed
out before commit, so a reader that follows it misses rows [events-V1].
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.db.metadata import PlainJson, Row
from backend.db.session import hint_after_commit
from kit.logs import bound_traceparent
from kit.tracing import span
from timeline.model import Json

EVENTS_READ_MAX: Final = 200
TOPIC: Final = "events."
# One statement, so that two first events at once do not both make the row.
NEXT_SEQ: Final = text(
    "insert into event_heads (workspace_id, seq) values (:workspace_id, 1) "
    "on conflict (workspace_id) do update set seq = event_heads.seq + 1 returning seq"
)


class EventHeadRow(Row):
    __tablename__ = "event_heads"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]


class EventRow(Row):
    __tablename__ = "events"
    __table_args__ = (Index("ix_events_project_seq", "project_id", "seq"),)

    workspace_id: Mapped[str] = mapped_column(
        ForeignKey("event_heads.workspace_id"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[str | None]
    kind: Mapped[str]
    body: Mapped[dict[str, Json]] = mapped_column(PlainJson)
    traceparent: Mapped[str]
    at: Mapped[datetime]


def event_parts(source: str, *, workspace_id: str, body: str) -> dict[str, str]:
    """On Postgres, the parts of a statement that write one event, to be named as the keys say.

    `source` is a part or a list of rows in `from`, of one row for one event; `workspace_id` and
    `body` are expressions on it. The rest of the values are `event_values` and the moment `:at`.
    """
    return {
        "head": (
            f"insert into event_heads (workspace_id, seq) select {workspace_id}, 1 from {source}"  # noqa: S608 - words of ours
            " on conflict (workspace_id) do update set seq = event_heads.seq + 1 returning *"
        ),
        "told": (
            "insert into events (workspace_id, seq, project_id, kind, body, traceparent, at)"  # noqa: S608 - words of ours
            " select head.workspace_id, head.seq, cast(:event_project as varchar),"
            f" cast(:event_kind as varchar), {body}, cast(:traceparent as varchar), :at"
            f" from head, {source} returning seq"
        ),
    }


def event_values(*, project_id: str | None, kind: str) -> dict[str, str | None]:
    """What `event_parts` asks for."""
    return {
        "event_project": project_id,
        "event_kind": kind,
        "traceparent": bound_traceparent(),
    }


def hint_event(session: Session | AsyncSession, workspace_id: str) -> None:
    """Wake whoever follows this workspace, once the transaction stands."""
    hint_after_commit(session, TOPIC + workspace_id)


def append_event(
    session: Session,
    *,
    workspace_id: str,
    project_id: str | None,
    kind: str,
    body: Mapping[str, Json],
    at: datetime,
) -> int:
    """Write one event as the last statement of a transaction; answers its `seq`."""
    with span("event.append", kind="producer", event=kind, workspace_id=workspace_id):
        seq = session.execute(NEXT_SEQ, {"workspace_id": workspace_id}).scalar_one()
        session.execute(
            insert(EventRow).values(
                workspace_id=workspace_id,
                seq=seq,
                project_id=project_id,
                kind=kind,
                body=dict(body),
                traceparent=bound_traceparent(),
                at=at,
            )
        )
    hint_event(session, workspace_id)
    return seq


async def record_event(
    session: AsyncSession,
    *,
    workspace_id: str,
    project_id: str | None,
    kind: str,
    body: Mapping[str, Json],
    at: datetime,
) -> int:
    """`append_event` for coroutines."""
    return await session.run_sync(
        lambda inner: append_event(
            inner, workspace_id=workspace_id, project_id=project_id, kind=kind, body=body, at=at
        )
    )


async def head_of(session: AsyncSession, workspace_id: str) -> int:
    found = await session.scalar(
        select(EventHeadRow.seq).where(EventHeadRow.workspace_id == workspace_id)
    )
    return found or 0


async def events_after(
    session: AsyncSession, *, workspace_id: str, project_id: str, seq: int
) -> Sequence[EventRow]:
    """The next events of a project (and of its whole workspace), oldest first."""
    return (
        await session.scalars(
            select(EventRow)
            .where(
                EventRow.workspace_id == workspace_id,
                EventRow.seq > seq,
                (EventRow.project_id == project_id) | EventRow.project_id.is_(None),
            )
            .order_by(EventRow.seq)
            .limit(EVENTS_READ_MAX)
        )
    ).all()


async def oldest_of(session: AsyncSession, workspace_id: str) -> int:
    found = await session.scalar(
        select(EventRow.seq)
        .where(EventRow.workspace_id == workspace_id)
        .order_by(EventRow.seq)
        .limit(1)
    )
    return found or 0
