"""What an upgrade request for a room says. Pure."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

PREFIX: Final = "/collab/"
RELAY_HEADER: Final = "x-cutroom-relay"
PROJECT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Handshake:
    """What an upgrade request says; nothing of it is believed yet."""

    project_id: str
    token: str | None
    bearer: str | None
    cookies: str
    origin: str | None
    host: str
    scheme: str
    wants_ack: bool
    relay_mark: str = ""  # set by a node of ours that passes this socket on
    head: bytes = field(default=b"", repr=False)


def read_handshake(head: bytes, *, is_secure: bool) -> Handshake | None:
    """The request as a Handshake; None where it is no room of ours."""
    request, *lines = head.decode("latin-1").split("\r\n")
    parts = request.split(" ")
    if len(parts) != 3 or parts[0] != "GET":
        return None
    target = urlsplit(parts[1])
    if not target.path.startswith(PREFIX) or not PROJECT_ID.match(target.path[len(PREFIX) :]):
        return None
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines if line)
    }
    query = parse_qs(target.query, keep_blank_values=True)
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return Handshake(
        project_id=target.path[len(PREFIX) :],
        token=query["token"][0] if "token" in query else None,
        bearer=credentials.strip() if scheme.lower() == "bearer" else None,
        cookies=headers.get("cookie", ""),
        origin=headers.get("origin"),
        host=headers.get("host", ""),
        scheme="https" if is_secure else "http",
        wants_ack=query.get("ack", ["0"])[0] == "1",
        relay_mark=headers.get(RELAY_HEADER, ""),
        head=head,
    )


def plain_upgrade(head: bytes) -> bytes:
    """The head with `Connection: upgrade` alone: browsers and proxies send a list of words."""
    lines = head.split(b"\r\n")
    return b"\r\n".join(
        b"connection: upgrade" if line.lower().startswith(b"connection:") else line
        for line in lines
    )


def relayed_head(head: bytes, mark: str) -> bytes:
    """The head as a node of ours sends it on: signed, whatever the client claimed itself."""
    request, *lines = plain_upgrade(head).split(b"\r\n")
    prefix = RELAY_HEADER.encode() + b":"
    kept = [line for line in lines if not line.lower().startswith(prefix)]
    return b"\r\n".join([request, prefix + b" " + mark.encode(), *kept])
