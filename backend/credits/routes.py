"""A workspace's wallet, and its journal."""

from typing import Annotated

from fastapi import APIRouter, Depends

from backend.auth.caller import CallerDep
from backend.auth.repository import require_workspace
from backend.credits import repository
from backend.credits.journal import list_entries
from backend.credits.ledger import Mode
from backend.credits.schemas import JournalList, WalletView
from backend.credits.service import open_wallet
from backend.credits.wallet import Wallet, wallet_json
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit
from backend.db.session import ClockDep, Database, DatabaseDep
from backend.settings import SettingsDep
from kit.clock import Clock
from timeline.model import Json

router = APIRouter(tags=["credits"])


def read_mode(settings: SettingsDep) -> Mode:
    return settings.payment_mode


ModeDep = Annotated[Mode, Depends(read_mode)]
"""Which wallets the configured keys open."""


@router.get("/workspaces/{workspace_id}/wallet", response_model=WalletView)
async def get_wallet(
    workspace_id: str, caller: CallerDep, database: DatabaseDep, mode: ModeDep, clock: ClockDep
) -> dict[str, Json]:
    async with database.read() as session:
        await require_workspace(session, caller, workspace_id, "see credits")
    return wallet_json(await _opened(database, workspace_id, mode, clock))


@router.get("/workspaces/{workspace_id}/wallet/journal", response_model=JournalList)
async def get_journal(
    workspace_id: str,
    caller: CallerDep,
    database: DatabaseDep,
    mode: ModeDep,
    clock: ClockDep,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> dict[str, Json]:
    """Every entry, newest first; for those who buy."""
    async with database.read() as session:
        await require_workspace(session, caller, workspace_id, "buy credits")
    wallet = await _opened(database, workspace_id, mode, clock)
    async with database.read() as session:
        items, next_cursor = await list_entries(session, wallet.id, cursor=cursor, limit=limit)
    return {"items": [*items], "next_cursor": next_cursor}


async def _opened(database: Database, workspace_id: str, mode: Mode, clock: Clock) -> Wallet:
    """A look at the wallet, which is a write only the first time."""
    async with database.read() as session:
        found = await session.run_sync(repository.find_wallet, workspace_id, mode)
    if found is not None:
        return found
    async with database.write() as session:
        return await session.run_sync(
            lambda inner: open_wallet(inner, workspace_id, mode, now=clock.now())
        )
