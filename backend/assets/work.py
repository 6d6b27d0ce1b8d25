"""The port through which an asset gets its work; `backend/exports` puts it on the board."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from backend.assets.tables import AssetRow


class AssetWork(Protocol):
    async def added(self, session: AsyncSession, asset: AssetRow) -> None:
        """Order what a new asset still needs, and tell about it, in the transaction that adds it."""
        ...
