"""From bytes in the private folder to an asset. Services never commit."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backend.assets import repository
from backend.assets.sniff import HEAD_BYTES, Sniffed, sniffed
from backend.assets.tables import AssetRow
from backend.assets.work import AssetWork
from backend.auth.caller import Caller
from backend.auth.errors import NotAllowed, NotVisible
from backend.auth.repository import list_workspaces, require_workspace
from backend.auth.roles import may
from backend.auth.schemas import CONTROL
from backend.projects.access import require_project
from kit.object_store import CHUNK_BYTES, ObjectStore

NAME_LENGTH_MAX: Final = 255
UPLOAD_BYTES_MAX: Final = 20 << 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where an asset will belong."""

    workspace_id: str
    project_id: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """An original in the object store."""

    key: str
    sha256: str
    size_bytes: int
    sniffed: Sniffed


async def place_of(
    session: AsyncSession, caller: Caller, *, workspace_id: str | None, project_id: str | None
) -> Place:
    """The workspace (and project) that an upload names, for a caller who may upload there."""
    if project_id:
        access = await require_project(session, caller, project_id, "edit")
        if workspace_id and access.project.workspace_id != workspace_id:
            raise NotVisible("project", project_id)
        return Place(access.project.workspace_id, project_id)
    if caller.project_id is not None:
        return await place_of(
            session, caller, workspace_id=workspace_id, project_id=caller.project_id
        )
    if workspace_id:
        await require_workspace(session, caller, workspace_id, "edit")
        return Place(workspace_id, None)
    for workspace, role in await list_workspaces(session, caller):
        if may(role, "edit"):
            return Place(workspace.id, None)
    raise NotAllowed("edit", "guest")


async def stored(file: Path, store: ObjectStore) -> Stored:
    """Put the bytes of a finished upload into the store, under the hash of them; NotMedia."""
    seen = sniffed(await asyncio.to_thread(_head, file))
    sha256, size_bytes = await asyncio.to_thread(_sha256, file)
    key = f"originals/{sha256}"
    await asyncio.to_thread(store.put, key, file)
    return Stored(key, sha256, size_bytes, seen)


async def add_asset(
    session: AsyncSession,
    caller: Caller,
    work: AssetWork,
    *,
    asset_id: str,
    place: Place,
    name: str,
    original: Stored,
    now: datetime,
) -> AssetRow:
    """The asset's row and the order for its renditions; the same bytes are worked on once."""
    asset = AssetRow(
        id=asset_id,
        workspace_id=place.workspace_id,
        project_id=place.project_id,
        name=plain_name(name),
        kind=original.sniffed.kind,
        media_type=original.sniffed.media_type,
        size_bytes=original.size_bytes,
        sha256=original.sha256,
        original_key=original.key,
        state="pending",
        views_state="pending",
        created_by=caller.user_id,
        created_at=now,
    )
    twin = await repository.find_twin(session, place.workspace_id, original.sha256)
    if twin is not None and twin.media is not None:
        asset.state, asset.kind = twin.state, twin.kind
        asset.media = {**twin.media, "name": asset.name}
        if twin.views_state != "pending":
            asset.views_state, asset.views = twin.views_state, twin.views
    session.add(asset)
    await session.flush()
    await work.added(session, asset)
    return asset


def plain_name(name: str) -> str:
    """The last part of a file name as people may read it; it is never a path of ours."""
    last = CONTROL.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    return last[:NAME_LENGTH_MAX] or "untitled"


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(HEAD_BYTES)


def _sha256(file: Path) -> tuple[str, int]:
    digest, size_bytes = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes
