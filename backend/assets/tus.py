"""Uploads that survive a broken line: tus 1.0 with creation, creation-with-upload, termination.

The id of an upload is the id of its asset, so the address that `POST` answers tells both.
"""

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from backend.assets import repository, service
from backend.assets.errors import NotMedia, TooLarge, UploadFault
from backend.assets.routes import AssetWorkDep, StoreDep, UploadsDep
from backend.assets.service import UPLOAD_BYTES_MAX, Place
from backend.assets.tables import UploadRow
from backend.assets.uploads import Uploads
from backend.assets.work import AssetWork
from backend.auth.caller import Caller, CallerDep
from backend.auth.errors import BadRequest
from backend.db.session import ClockDep, Database, DatabaseDep
from kit.clock import Clock
from kit.ids import random_id
from kit.object_store import ObjectStore

router = APIRouter(tags=["uploads"])

VERSION: Final = "1.0.0"
AGE_MAX: Final = timedelta(days=2)
OFFSET_TYPE: Final = "application/offset+octet-stream"
ASSET_HEADER: Final = "Upload-Asset"  # says that the asset is there
METADATA_LENGTH_MAX: Final = 8192
ABOUT: Final = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,termination,expiration",
    "Tus-Max-Size": str(UPLOAD_BYTES_MAX),
}


@router.options("/uploads", status_code=204)
async def about_uploads() -> Response:
    return Response(status_code=204, headers=ABOUT)


@router.post("/uploads", status_code=201)
async def begin_upload(
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    store: StoreDep,
    uploads: UploadsDep,
    work: AssetWorkDep,
    clock: ClockDep,
) -> Response:
    _check_version(request)
    size_bytes = _length(request)
    metadata = _metadata(request.headers.get("upload-metadata", ""))
    async with database.read() as session:
        place = await service.place_of(
            session,
            caller,
            workspace_id=metadata.get("workspace"),
            project_id=metadata.get("project"),
        )
    upload = _new_upload(caller, place, metadata.get("filename", ""), size_bytes, clock)
    uploads.begin(upload.id, size_bytes)
    async with database.write() as session:
        session.add(upload)
    headers = {"Tus-Resumable": VERSION, "Location": f"/api/v1/uploads/{upload.id}"}
    offset = 0
    if _content_type(request) == OFFSET_TYPE:
        with uploads.turn(upload.id):
            offset = await _take(upload, request, caller, database, store, uploads, work, clock)
    headers["Upload-Offset"] = str(offset)
    if offset == size_bytes:
        headers[ASSET_HEADER] = upload.id
    return Response(status_code=201, headers=headers)


@router.head("/uploads/{upload_id}")
async def ask_upload(
    upload_id: str, request: Request, caller: CallerDep, database: DatabaseDep, uploads: UploadsDep
) -> Response:
    _check_version(request)
    async with database.read() as session:
        upload = await repository.get_upload(session, caller, upload_id)
    offset = upload.size_bytes if upload.asset_id else uploads.offset(upload_id)
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(offset),
        "Upload-Length": str(upload.size_bytes),
        "Cache-Control": "no-store",
    }
    return Response(status_code=200, headers=headers)


@router.patch("/uploads/{upload_id}", status_code=204)
async def go_on(
    upload_id: str,
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    store: StoreDep,
    uploads: UploadsDep,
    work: AssetWorkDep,
    clock: ClockDep,
) -> Response:
    _check_version(request)
    if _content_type(request) != OFFSET_TYPE:
        raise UploadFault(415, f"the body must be {OFFSET_TYPE}")
    async with database.read() as session:
        upload = await repository.get_upload(session, caller, upload_id)
    with uploads.turn(upload_id):
        offset = upload.size_bytes if upload.asset_id else uploads.offset(upload_id)
        if request.headers.get("upload-offset") != str(offset):
            raise UploadFault(409, f"the next byte is {offset}")
        if not upload.asset_id:
            offset = await _take(upload, request, caller, database, store, uploads, work, clock)
    headers = {"Tus-Resumable": VERSION, "Upload-Offset": str(offset)}
    if offset == upload.size_bytes:
        headers[ASSET_HEADER] = upload_id
    return Response(status_code=204, headers=headers)


@router.delete("/uploads/{upload_id}", status_code=204)
async def give_up(
    upload_id: str, request: Request, caller: CallerDep, database: DatabaseDep, uploads: UploadsDep
) -> Response:
    _check_version(request)
    async with database.write() as session:
        await repository.get_upload(session, caller, upload_id)
        await repository.forget_upload(session, upload_id)
    with uploads.turn(upload_id):
        uploads.forget(upload_id)
    return Response(status_code=204, headers={"Tus-Resumable": VERSION})


async def _take(
    upload: UploadRow,
    request: Request,
    caller: Caller,
    database: Database,
    store: ObjectStore,
    uploads: Uploads,
    work: AssetWork,
    clock: Clock,
) -> int:
    """Write the body behind what is there; the last byte makes the asset."""
    offset = await uploads.append(upload.id, _body(request), size_bytes=upload.size_bytes)
    if offset < upload.size_bytes:
        return offset
    try:
        original = await service.stored(uploads.path(upload.id), store)
    except NotMedia:
        async with database.write() as session:
            await repository.forget_upload(session, upload.id)
        uploads.forget(upload.id)
        raise
    async with database.write() as session:
        row = await repository.get_upload(session, caller, upload.id)
        row.asset_id = upload.id
        await service.add_asset(
            session,
            caller,
            work,
            asset_id=upload.id,
            place=Place(upload.workspace_id, upload.project_id),
            name=upload.name,
            original=original,
            now=clock.now(),
        )
    uploads.forget(upload.id)
    return offset


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk


def _new_upload(
    caller: Caller, place: Place, name: str, size_bytes: int, clock: Clock
) -> UploadRow:
    now = clock.now()
    return UploadRow(
        id=random_id("as"),
        user_id=caller.user_id,
        workspace_id=place.workspace_id,
        project_id=place.project_id,
        name=service.plain_name(name),
        size_bytes=size_bytes,
        created_at=now,
        expires_at=now + AGE_MAX,
    )


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise UploadFault(412, f"this server speaks tus {VERSION}")


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def _length(request: Request) -> int:
    text = request.headers.get("upload-length", "")
    if not text.isdigit() or len(text) > 15:
        raise UploadFault(400, "Upload-Length must say how many bytes will come")
    if int(text) > UPLOAD_BYTES_MAX:
        raise TooLarge(f"an upload has at most {UPLOAD_BYTES_MAX} bytes")
    if int(text) == 0:
        raise NotMedia("media_empty", "the file is empty")
    return int(text)


def _metadata(header: str) -> Mapping[str, str]:
    """`name base64, name base64`; BadRequest for what is not that."""
    if len(header) > METADATA_LENGTH_MAX:
        raise BadRequest("Upload-Metadata", "is too long")
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, encoded = pair.partition(" ")
        try:
            found[name] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise BadRequest("Upload-Metadata", f"{name[:40]} is not base64 of UTF-8") from error
    return found
