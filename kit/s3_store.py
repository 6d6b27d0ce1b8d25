"""The object store in any S3 service, through boto3 [operations-S3].

Calls block; whoever lives on an event loop asks from a thread. Endpoint, region and credentials come from the
standard AWS variables, the bucket and an endpoint of one's own from the settings.
"""

import hashlib
import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, cast

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from kit.object_store import (
    CHUNK_BYTES,
    ObjectConflict,
    ObjectMissing,
    ObjectStat,
    StoreAway,
    checked_key,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

MULTIPART_BYTES_MIN: Final = 64 << 20
PART_BYTES: Final = 16 << 20
CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 30
ATTEMPTS_MAX: Final = 5
CONNECTIONS_MAX: Final = 32  # one for each thread that may ask at once
MISSING: Final = frozenset(("404", "NoSuchKey", "NotFound"))
ALREADY_THERE: Final = frozenset(("412", "PreconditionFailed"))
BUSY: Final = frozenset(("409", "ConditionalRequestConflict"))  # another writer of the same key


class S3Store:
    """Objects of one bucket. Safe from any thread."""

    def __init__(
        self,
        bucket: str,
        endpoint_url: str | None = None,
        *,
        multipart_bytes_min: int = MULTIPART_BYTES_MIN,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._bucket = bucket
        self._multipart_bytes_min = multipart_bytes_min
        self._part_bytes = part_bytes
        self._client: S3Client = Session().client(  # pyright: ignore[reportUnknownMemberType] - its other services are untyped
            "s3",
            endpoint_url=endpoint_url,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                max_pool_connections=CONNECTIONS_MAX,
                retries={"total_max_attempts": ATTEMPTS_MAX, "mode": "adaptive"},
                s3={"addressing_style": "path" if endpoint_url else "auto"},
            ),
        )

    def put(self, key: str, source: Path | bytes, *, if_absent: bool = True) -> None:
        """Store; ObjectConflict where other bytes are there, StoreAway where the service does not answer."""
        checked_key(key)
        if if_absent and self.stat(key) is not None:
            self._compare(key, source)
            return
        with _told(key):
            try:
                self._send(key, source, if_absent=if_absent)
            except ClientError as error:
                if not if_absent or _code(error) not in ALREADY_THERE | BUSY:
                    raise
                self._compare(key, source)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """A stream that goes on where a broken connection left it, as long as it is the same object."""
        found = self._head(key)
        if found is None:
            raise ObjectMissing(key)
        reader = _Reader(self._client, self._bucket, key, found[1], start, found[0].size_bytes)
        return cast("BinaryIO", io.BufferedReader(reader, CHUNK_BYTES))

    def stat(self, key: str) -> ObjectStat | None:
        found = self._head(key)
        return None if found is None else found[0]

    def delete(self, key: str) -> None:
        with _told(checked_key(key)):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        """In the order of keys."""
        pages = self._client.get_paginator("list_objects_v2")
        with _told(prefix):
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for item in page.get("Contents", ()):
                    if {"Key", "Size", "LastModified"} <= item.keys():
                        yield ObjectStat(
                            item["Key"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                            item["Size"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                            item["LastModified"].timestamp(),  # pyright: ignore[reportTypedDictNotRequiredAccess]
                        )

    def local_path(self, key: str) -> Path | None:
        """Nothing of a service is a file here."""
        checked_key(key)
        return None

    def _head(self, key: str) -> tuple[ObjectStat, str] | None:
        """What the service knows of an object, and the tag of these bytes."""
        with _told(checked_key(key)):
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if _code(error) in MISSING:
                    return None
                raise
        stat = ObjectStat(key, found["ContentLength"], found["LastModified"].timestamp())
        return stat, found["ETag"]

    def _send(self, key: str, source: Path | bytes, *, if_absent: bool) -> None:
        if isinstance(source, Path) and source.stat().st_size > self._multipart_bytes_min:
            self._send_parts(key, source, if_absent=if_absent)
            return
        body = source.read_bytes() if isinstance(source, Path) else source
        if if_absent:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
        else:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def _send_parts(self, key: str, source: Path, *, if_absent: bool) -> None:
        """Nobody sees the object before the last part is there; what was begun is taken back on failure."""
        upload = self._client.create_multipart_upload(Bucket=self._bucket, Key=key)["UploadId"]
        parts: list[CompletedPartTypeDef] = []
        try:
            with source.open("rb") as stream:
                while chunk := stream.read(self._part_bytes):
                    number = len(parts) + 1
                    sent = self._client.upload_part(
                        Bucket=self._bucket, Key=key, UploadId=upload, PartNumber=number, Body=chunk
                    )
                    parts.append({"ETag": sent["ETag"], "PartNumber": number})
            condition: dict[str, Literal["*"]] = {"IfNoneMatch": "*"} if if_absent else {}
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
                **condition,  # pyright: ignore[reportArgumentType] - the one option of that type
            )
        except BaseException:
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
            raise

    def _compare(self, key: str, source: Path | bytes) -> None:
        """ObjectConflict where the object there has other bytes."""
        found = self.stat(key)
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if found is None or found.size_bytes != size:
            raise ObjectConflict(key)
        with self.open(key) as there:
            equal = _sha256(there) == _sha256_of(source)
        if not equal:
            raise ObjectConflict(key)


class _Reader(io.RawIOBase):
    """The bytes of one object from `at` on; asks again for the rest where a connection breaks."""

    def __init__(
        self, client: "S3Client", bucket: str, key: str, etag: str, at: int, end: int
    ) -> None:
        super().__init__()
        self._client, self._bucket, self._key, self._etag = client, bucket, key, etag
        self._at, self._end = at, end
        self._body: StreamingBody | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer)
        if self._at >= self._end or not view:
            return 0
        chunk = self._next(min(len(view), self._end - self._at))
        view[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)

    def _next(self, size: int) -> bytes:
        for _ in range(ATTEMPTS_MAX):
            if self._body is None:
                self._body = self._asked()
            try:
                chunk = self._body.read(size)
            except BotoCoreError:
                chunk = b""
            if chunk:
                return chunk
            self.drop()
        raise StoreAway(f"{self._key}: it breaks off at byte {self._at} of {self._end}")

    def _asked(self) -> StreamingBody:
        with _told(self._key):
            try:
                return self._client.get_object(
                    Bucket=self._bucket,
                    Key=self._key,
                    Range=f"bytes={self._at}-",
                    IfMatch=self._etag,
                )["Body"]
            except ClientError as error:
                if _code(error) in MISSING | ALREADY_THERE:
                    raise ObjectMissing(self._key) from error
                raise

    def drop(self) -> None:
        """Give the connection back."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def close(self) -> None:
        self.drop()
        super().close()


@contextmanager
def _told(where: str) -> Generator[None]:
    """Errors of the library end here."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreAway(f"{where}: {error}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _sha256(stream: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.digest()


def _sha256_of(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return hashlib.sha256(source).digest()
    with source.open("rb") as stream:
        return _sha256(stream)
