"""Proxy, peaks and thumbnails of an asset: immutable bytes."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from backend.assets import repository
from backend.assets.bytes import IMMUTABLE, Shown, bytes_answer
from backend.assets.errors import NotThereYet
from backend.assets.routes import StoreDep
from backend.assets.tables import AssetRow
from backend.auth.caller import CallerDep
from backend.db.session import SessionDep
from kit.object_store import ObjectMissing, ObjectStore
from kit.thumbnails import SECONDS_MAX, STRIP_MAX, BadThumbnails, read_strip

router = APIRouter(tags=["assets"])


@router.head("/assets/{asset_id}/proxy", include_in_schema=False, response_class=Response)
@router.get("/assets/{asset_id}/proxy", response_class=Response)
async def get_proxy(
    asset_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    asset = await repository.get_asset(session, caller, asset_id)
    return await bytes_answer(request, store, _shown(asset, "proxy", "video/mp4"))


@router.head("/assets/{asset_id}/peaks", include_in_schema=False, response_class=Response)
@router.get("/assets/{asset_id}/peaks", response_class=Response)
async def get_peaks(
    asset_id: str, request: Request, session: SessionDep, caller: CallerDep, store: StoreDep
) -> Response:
    asset = await repository.get_asset(session, caller, asset_id)
    return await bytes_answer(request, store, _shown(asset, "peaks", "application/octet-stream"))


@router.get("/assets/{asset_id}/thumbnails/{second}", response_class=Response)
async def get_thumbnails(
    asset_id: str,
    second: Annotated[int, Path(ge=0, le=SECONDS_MAX)],
    session: SessionDep,
    caller: CallerDep,
    store: StoreDep,
    count: Annotated[int, Query(ge=1, le=STRIP_MAX)] = 1,
) -> Response:
    """The picture of a second, 160 pixels wide, or `count` of them side by side, as one JPEG."""
    asset = await repository.get_asset(session, caller, asset_id)
    pack = _shown(asset, "thumbnails", "application/octet-stream")
    strip = await asyncio.to_thread(_strip, store, pack.key, second, count)
    headers = {"Cache-Control": IMMUTABLE, "ETag": f'"{pack.etag[:32]}-{second}-{count}"'}
    return Response(strip, headers=headers, media_type="image/jpeg")


def _strip(store: ObjectStore, key: str, first: int, count: int) -> bytes:
    try:
        with store.open(key) as pack:
            return read_strip(pack, first, count)
    except (ObjectMissing, BadThumbnails) as error:
        raise NotThereYet("the thumbnails are not there") from error


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
