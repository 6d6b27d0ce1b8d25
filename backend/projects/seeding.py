"""The port through which a new project gets its document; `backend/collab` implements it."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class DocumentSeeder(Protocol):
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
