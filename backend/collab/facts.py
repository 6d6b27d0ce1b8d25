"""Asset facts for commands and resolve: only assets that the workspace owns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import select

from backend.assets.tables import AssetRow
from backend.db.session import Database
from timeline.media import AssetFacts, AssetState, AssetTable
from timeline.media_json import media_from_json
from timeline.model import Document, Json

BATCH: Final = 500
ASSET_KEYS: Final = ("asset", "p:asset", "narration")


@dataclass(frozen=True, slots=True)
class KnownAsset:
    name: str
    sha256: str
    facts: AssetFacts


def assets_named(document: Document, commands: Iterable[Json] = ()) -> set[str]:
    """Ids that stand where an asset is named: in the document, and anywhere in the commands."""
    named: set[str] = set()
    for records in (document.clips, document.effects, document.variables):
        for record in records.values():
            named.update(
                value
                for key in (*ASSET_KEYS, "default")
                if isinstance(value := record.get(key), str)
            )
    waiting = list(commands)
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            named.update(value for key in ASSET_KEYS if isinstance(value := item.get(key), str))
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return named


async def read_assets(
    database: Database, workspace_id: str, asset_ids: Iterable[str]
) -> dict[str, KnownAsset]:
    """The assets of a workspace among these ids."""
    wanted = sorted(asset_ids)
    found: dict[str, KnownAsset] = {}
    async with database.read() as session:
        for start in range(0, len(wanted), BATCH):
            rows: Sequence[AssetRow] = (
                await session.scalars(
                    select(AssetRow).where(
                        AssetRow.workspace_id == workspace_id,
                        AssetRow.id.in_(wanted[start : start + BATCH]),
                    )
                )
            ).all()
            found.update((row.id, _known(row)) for row in rows)
    return found


async def read_matching(
    database: Database, workspace_id: str, *, hashes: Iterable[str], names: Iterable[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Asset ids by sha256 and by name, the newest of each; for imports from elsewhere."""
    by_hash: dict[str, str] = {}
    by_name: dict[str, str] = {}
    async with database.read() as session:
        for column, wanted, found in (
            (AssetRow.sha256, sorted(hashes), by_hash),
            (AssetRow.name, sorted(names), by_name),
        ):
            for start in range(0, len(wanted), BATCH):
                rows = await session.execute(
                    select(column, AssetRow.id)
                    .where(
                        AssetRow.workspace_id == workspace_id,
                        column.in_(wanted[start : start + BATCH]),
                    )
                    .order_by(AssetRow.id)
                )
                found.update((row[0], row[1]) for row in rows)
    return by_hash, by_name


def facts_table(assets: Mapping[str, KnownAsset]) -> AssetTable:
    return {asset_id: asset.facts for asset_id, asset in assets.items()}


def _known(row: AssetRow) -> KnownAsset:
    facts = (
        media_from_json(row.media).facts
        if row.media is not None
        else AssetFacts(state=cast("AssetState", row.state))
    )
    return KnownAsset(row.name, row.sha256, facts)
