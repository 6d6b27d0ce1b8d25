"""Versions that keep themselves: by time while people edit, and fewer of them as they age.

Every node looks each minute; one row per place in the log is enough, so two that look at once agree.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import delete, func, select

from backend.collab.tables import CollabHeadRow, CollabVersionRow
from backend.collab.versions import add_automatic
from backend.db.session import Database, DatabaseAway, DatabaseFull
from backend.projects.tables import ProjectRow
from kit.clock import Clock

LOOK_SECONDS: Final = 60.0
QUIET: Final = timedelta(minutes=10)  # this long after the last edit
EVERY: Final = timedelta(hours=1)  # and this often while they go on
LOOK_BACK: Final = timedelta(days=1)
ALL_KEPT: Final = timedelta(days=1)
HOURLY_KEPT: Final = timedelta(days=7)
DAILY_KEPT: Final = timedelta(days=90)
PROJECTS_THINNED_AT_ONCE: Final = 200
SEED_SEQ: Final = 1  # a project in which nobody has done anything needs no version


@dataclass(frozen=True, slots=True)
class Edited:
    """A document that was edited of late, and its newest version."""

    project_id: str
    head: int
    edited_at: datetime
    versioned_seq: int
    versioned_at: datetime


def is_due(project: Edited, now: datetime) -> bool:
    """Whether a version by time is to be kept now."""
    if project.head <= max(project.versioned_seq, SEED_SEQ):
        return False
    return now - project.edited_at >= QUIET or now - project.versioned_at >= EVERY


def thinned(versions: Iterable[tuple[str, datetime]], now: datetime) -> list[str]:
    """The ids of automatic versions that may go: of each hour, later each day, the last one stays."""
    newest: dict[tuple[str, datetime], str] = {}
    gone: list[str] = []
    for version_id, at in sorted(versions, key=lambda item: item[1], reverse=True):
        age = now - at
        if age < ALL_KEPT:
            continue
        if age >= DAILY_KEPT:
            gone.append(version_id)
            continue
        hour = at.replace(minute=0, second=0, microsecond=0)
        slot = ("hour", hour) if age < HOURLY_KEPT else ("day", hour.replace(hour=0))
        if newest.setdefault(slot, version_id) != version_id:
            gone.append(version_id)
    return gone


class VersionKeeper:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._thinned_to = ""
        self._events = structlog.stdlib.get_logger()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.keep_due()
                await self.thin_some()
            except (DatabaseAway, DatabaseFull) as error:
                self._events.warning("versions.not_kept", error=str(error))

    async def keep_due(self) -> int:
        """Keep a version of every document that is due; answers how many."""
        now = self._clock.now()
        due = [project for project in await self._edited(now) if is_due(project, now)]
        for project in due:
            async with self._database.write() as session:
                await add_automatic(session, project.project_id, now=now)
        return len(due)

    async def _edited(self, now: datetime) -> list[Edited]:
        newest = (
            select(
                CollabVersionRow.project_id,
                func.max(CollabVersionRow.seq).label("seq"),
                func.max(CollabVersionRow.created_at).label("at"),
            )
            .group_by(CollabVersionRow.project_id)
            .subquery()
        )
        wanted = (
            select(
                CollabHeadRow.project_id,
                CollabHeadRow.head,
                ProjectRow.updated_at,
                func.coalesce(newest.c.seq, 0),
                newest.c.at,
                ProjectRow.created_at,
            )
            .join(ProjectRow, ProjectRow.id == CollabHeadRow.project_id)
            .outerjoin(newest, newest.c.project_id == CollabHeadRow.project_id)
            .where(
                ProjectRow.deleted_at.is_(None),
                ProjectRow.updated_at > now - LOOK_BACK,
                CollabHeadRow.head > func.coalesce(newest.c.seq, SEED_SEQ),
            )
        )
        async with self._database.read() as session:
            found = (await session.execute(wanted)).all()
        return [
            Edited(project_id, head, edited_at, seq, at or created_at)
            for project_id, head, edited_at, seq, at, created_at in found
        ]

    async def thin_some(self) -> int:
        """Thin the versions of the next projects in line; answers how many went."""
        now = self._clock.now()
        gone: list[str] = []
        old = CollabVersionRow.created_at < now - ALL_KEPT
        automatic = CollabVersionRow.kind == "automatic"
        async with self._database.read() as session:
            projects = (
                await session.scalars(
                    select(CollabVersionRow.project_id)
                    .where(CollabVersionRow.project_id > self._thinned_to, automatic, old)
                    .distinct()
                    .order_by(CollabVersionRow.project_id)
                    .limit(PROJECTS_THINNED_AT_ONCE)
                )
            ).all()
            for project in projects:
                rows = await session.execute(
                    select(CollabVersionRow.id, CollabVersionRow.created_at).where(
                        CollabVersionRow.project_id == project, automatic, old
                    )
                )
                gone += thinned([(row[0], row[1]) for row in rows], now)
        self._thinned_to = projects[-1] if len(projects) == PROJECTS_THINNED_AT_ONCE else ""
        if gone:
            async with self._database.write() as session:
                await session.execute(delete(CollabVersionRow).where(CollabVersionRow.id.in_(gone)))
        return len(gone)
