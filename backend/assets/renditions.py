"""Proxy, peaks and thumbnails of an asset, and texts drawn once; immutable bytes."""

from fastapi import APIRouter, Request, Response

from backend.assets import repository
from backend.assets.bytes import Shown, bytes_answer
from backend.assets.errors import NotThereYet
from backend.assets.routes import StoreDep
from backend.assets.tables import AssetRow
from backend.auth.caller import CallerDep
from backend.db.session import SessionDep

router = APIRouter(tags=["assets"])


@router.api_route("/assets/{asset_id}/proxy", methods=["GET", "HEAD"])
async def get_proxy(
    asset_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    asset = await repository.get_asset(session, caller, asset_id)
    return await bytes_answer(request, store, _shown(asset, "proxy", "video/mp4"))


@router.api_route("/assets/{asset_id}/peaks", methods=["GET", "HEAD"])
async def get_peaks(
    asset_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    asset = await repository.get_asset(session, caller, asset_id)
    return await bytes_answer(request, store, _shown(asset, "peaks", "application/octet-stream"))


def _shown(asset: AssetRow, name: str, media_type: str) -> Shown:
    """Where a rendition lies: `views[name]` is a key, or `{key, hash, media_type}`."""
    found = (asset.views or {}).get(name)
    if isinstance(found, dict):
        key = str(found.get("key", ""))
        return Shown(key, str(found.get("hash", key)), str(found.get("media_type", media_type)))
    if not isinstance(found, str) or not found:
        raise NotThereYet(
            f"this asset has no {name}" + (" yet" if asset.views_state == "pending" else "")
        )
    return Shown(found, found.rsplit("/", 1)[-1], media_type)
