"""What projects hear of edits: that there were some, and the name that the document has now.

Beside the group commit and never in it: an edit is durable and seen by others before it is told here.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Protocol

import structlog

from backend.collab.room import Room
from backend.db.session import DatabaseAway, DatabaseFull
from kit.background import Background
from timeline.model import Json

PAUSE_SECONDS: Final = 10.0


class EditedProjects(Protocol):
    async def edited(self, names: Mapping[str, Json]) -> None:
        """Documents were edited, each by its project id: what stands in it as its name, whatever."""
        ...


class EditNotes:
    """Tells of edits: of the first at once, of more once a pause, of all projects together.

    In one transaction: with a hundred rooms at work, ten a second would go through the one writer
    that the group commit needs.
    """

    def __init__(
        self,
        projects: EditedProjects,
        background: Background,
        *,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._projects = projects
        self._background = background
        self._pause_seconds = pause_seconds
        self._untold: dict[str, Room] = {}
        self._is_telling = False
        self._turn = asyncio.Lock()  # the later telling reads the later name
        self._events = structlog.stdlib.get_logger()

    def note(self, room: Room) -> None:
        """An edit of this room is durable; costs the group commit no more than this."""
        self._untold[room.project_id] = room
        if not self._is_telling:
            self._is_telling = True
            self._background.start("collab.tell", self._tell_until_quiet())

    async def tell(self) -> None:
        """Tell now what is not told yet; raises DatabaseAway, DatabaseFull, and it stays untold."""
        async with self._turn:
            rooms, self._untold = self._untold, {}
            if not rooms:
                return
            names = {
                project_id: None if room.is_broken else room.live.name
                for project_id, room in rooms.items()
            }
            try:
                await self._projects.edited(names)
            except (DatabaseAway, DatabaseFull):
                self._untold = {**rooms, **self._untold}
                raise

    async def tell_all(self) -> None:
        """As `tell`; what cannot be told stays untold and is logged."""
        try:
            await self.tell()
        except (DatabaseAway, DatabaseFull):
            self._events.warning("projects.untold", project_ids=list(self._untold))

    async def _tell_until_quiet(self) -> None:
        try:
            while self._untold:
                await self.tell_all()
                await asyncio.sleep(self._pause_seconds)
        finally:
            self._is_telling = False
