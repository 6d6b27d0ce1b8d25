# pyright: basic
# moto and botocore carry no types for what is used here.
"""A real S3 protocol on loopback: moto behind a strict gate, because moto alone believes every signature.

The gate verifies SigV4 of headers and of presigned addresses, their expiry and the headers they sign. Faults can
be ordered: the next answers are 503, slow, or cut off in the middle of the body.
"""

import hmac
import threading
import uuid
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

import boto3
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

KEY_ID, SECRET, REGION = "test-key", "test-secret-of-loopback", "eu-central-1"
STAMP = "%Y%m%dT%H%M%SZ"
SKEW = timedelta(minutes=15)


class Refused(Exception):
    pass


@dataclass
class Gate:
    """Lets what is signed through to moto."""

    app: Any
    faults: deque[str] = field(default_factory=deque)
    refused: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            _verify(environ)
        except Refused as why:
            self.refused.append(str(why))
            return _error(start_response, "403 Forbidden", "SignatureDoesNotMatch", str(why))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "503":
            return _error(start_response, "503 Slow Down", "SlowDown", "come back later")
        body = self.app(environ, start_response)
        if fault == "cut" and environ["REQUEST_METHOD"] == "GET":
            whole = b"".join(body)
            return [whole[: len(whole) // 2]]
        return body


def _verify(environ: dict[str, Any]) -> None:
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if "X-Amz-Signature" in query:
        _verify_presigned(environ, query)
        return
    header = environ.get("HTTP_AUTHORIZATION", "")
    if not header.startswith("AWS4-HMAC-SHA256 "):
        raise Refused("not signed")
    parts = dict(item.strip().split("=", 1) for item in header[17:].split(","))
    stamp = environ.get("HTTP_X_AMZ_DATE", "")
    if abs(datetime.now(UTC) - _time(stamp)) > SKEW:
        raise Refused("signed at another time")
    request = _request(environ, parts["SignedHeaders"], stamp, environ.get("QUERY_STRING", ""))
    auth = S3SigV4Auth(Credentials(KEY_ID, SECRET), "s3", REGION)
    _compare(auth, request, parts["Credential"], parts["Signature"])


def _verify_presigned(environ: dict[str, Any], query: dict[str, str]) -> None:
    stamp = query["X-Amz-Date"]
    if datetime.now(UTC) > _time(stamp) + timedelta(seconds=int(query["X-Amz-Expires"])):
        raise Refused("expired")
    pairs = sorted((key, value) for key, value in query.items() if key != "X-Amz-Signature")
    kept = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs)
    request = _request(environ, query["X-Amz-SignedHeaders"], stamp, kept)
    auth = S3SigV4QueryAuth(Credentials(KEY_ID, SECRET), "s3", REGION)
    _compare(auth, request, query["X-Amz-Credential"], query["X-Amz-Signature"])


def _request(environ: dict[str, Any], signed: str, stamp: str, query: str) -> AWSRequest:
    headers = {}
    for name in signed.split(";"):
        key = name.upper().replace("-", "_")
        plain = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        headers[name] = environ.get(key if plain else f"HTTP_{key}", "")
    path = environ.get("RAW_URI", environ["PATH_INFO"]).split("?")[0]
    url = f"http://{environ['HTTP_HOST']}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, headers=headers)
    request.context["timestamp"] = stamp
    return request


def _compare(auth: Any, request: AWSRequest, credential: str, signature: str) -> None:
    if credential.partition("/")[0] != KEY_ID:
        raise Refused("unknown key")
    text = auth.string_to_sign(request, auth.canonical_request(request))
    if not hmac.compare_digest(auth.signature(text, request), signature):
        raise Refused("another signature")


def _time(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused("no date") from error


def _error(start_response: Any, status: str, code: str, detail: str) -> list[bytes]:
    start_response(status, [("Content-Type", "application/xml")])
    return [f"<Error><Code>{code}</Code><Message>{detail}</Message></Error>".encode()]


@dataclass(frozen=True)
class S3Server:
    url: str
    gate: Gate


def make_bucket(server: S3Server) -> str:
    """An empty bucket; answers its name."""
    name = f"films-{uuid.uuid4().hex}"
    client = boto3.client("s3", endpoint_url=server.url)
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@contextmanager
def running_s3() -> Generator[S3Server]:
    """A server with no bucket on a free port of loopback."""
    gate = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, gate, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield S3Server(f"http://127.0.0.1:{server.server_port}", gate)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
