"""What projects hear of edits: that there were some, and the name that the document has now.

Beside the group commit and never in it: an edit is durable and seen by others before it is told here.
"""

import asyncio
from typing import Final, Protocol

import structlog

from backend.collab.room import Room
from backend.db.session import DatabaseAway, DatabaseFull
from kit.background import Background
from timeline.model import Json

PAUSE_SECONDS: Final = 10.0


class EditedProjects(Protocol):
    async def edited(self, project_id: str, name: Json) -> None:
        """A document was edited; `name` is what stands in it as its name, whatever that is."""
        ...


class EditNotes:
    """Tells of each project's edits: of the first at once, of more at most once a pause."""

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
        self._telling: set[str] = set()
        self._turn = asyncio.Lock()  # the later telling reads the later name
        self._events = structlog.stdlib.get_logger()

    def note(self, room: Room) -> None:
        """An edit of this room is durable; costs the group commit no more than this."""
        self._untold[room.project_id] = room
        if room.project_id not in self._telling:
            self._telling.add(room.project_id)
            self._background.start("collab.tell", self._tell_until_quiet(room.project_id))

    async def tell(self, project_id: str) -> None:
        """Tell now what is not told yet; raises DatabaseAway, DatabaseFull, and it stays untold."""
        async with self._turn:
            room = self._untold.pop(project_id, None)
            if room is None:
                return
            try:
                await self._projects.edited(project_id, None if room.is_broken else room.live.name)
            except (DatabaseAway, DatabaseFull):
                self._untold.setdefault(project_id, room)
                raise

    async def tell_all(self) -> None:
        for project_id in list(self._untold):
            await self._try_to_tell(project_id)

    async def _tell_until_quiet(self, project_id: str) -> None:
        try:
            while project_id in self._untold:
                await self._try_to_tell(project_id)
                await asyncio.sleep(self._pause_seconds)
        finally:
            self._telling.discard(project_id)

    async def _try_to_tell(self, project_id: str) -> None:
        try:
            await self.tell(project_id)
        except (DatabaseAway, DatabaseFull):
            self._events.warning("project.untold", project_id=project_id)
