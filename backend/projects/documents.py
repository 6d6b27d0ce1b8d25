"""The port through which a project reaches its document; `backend/collab` implements it."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class ProjectDocuments(Protocol):
    async def seed(
        self,
        session: AsyncSession,
        project_id: str,
        *,
        name: str,
        width: int,
        height: int,
        fps_num: int,
        fps_den: int,
    ) -> None:
        """Write the first state of the document, in the transaction that makes the project."""
        ...

    async def rename(self, project_id: str, name: str, *, origin: str) -> None:
        """Write the name into the document; when this answers, the project's row has it too.

        Not to be called within a session: the log and the row are written by others.
        """
        ...
