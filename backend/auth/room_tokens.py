"""Room tokens: good for one websocket room, an hour at most [auth-A6].

HMAC over user, workspace, project, role, the credential that asked, the membership epoch and the
end. `verified_room_token` reads nothing but the token; the authenticator then asks the database.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, cast

from backend.auth.caller import CredentialKind
from backend.auth.keys import derived_key
from backend.auth.roles import RIGHTS, Role

TTL_SECONDS_MAX: Final = 3600
PURPOSE: Final = "room token"
TOKEN_LENGTH_MAX: Final = 2048

RoomTokenFault: TypeAlias = Literal[
    "malformed", "expired", "other_project", "signed_out", "revoked"
]


class BadRoomToken(Exception):
    """Why a room token opens nothing; `other_project` and `revoked` are 4403, the rest 4401."""

    def __init__(self, fault: RoomTokenFault) -> None:
        super().__init__(fault)
        self.fault: Final = fault


@dataclass(frozen=True, slots=True)
class RoomClaims:
    """`role` is the ceiling asked for; `epoch` the member's, 0 for a guest."""

    user_id: str
    workspace_id: str
    project_id: str
    role: Role
    credential: CredentialKind
    credential_id: str
    epoch: int
    expires_at: datetime


def signed_room_token(keys: Sequence[bytes], claims: RoomClaims) -> str:
    """The token, signed by the first key."""
    body = _encoded(
        json.dumps(
            [
                claims.user_id,
                claims.workspace_id,
                claims.project_id,
                claims.role,
                claims.credential,
                claims.credential_id,
                claims.epoch,
                int(claims.expires_at.timestamp()),
            ],
            separators=(",", ":"),
        ).encode()
    )
    return f"{body}.{_encoded(_signature(keys[0], body))}"


def verified_room_token(keys: Sequence[bytes], token: str, *, now: datetime) -> RoomClaims:
    """What a token of ours claims; raises BadRoomToken `malformed` or `expired`."""
    body, _, signature = token.partition(".")
    if len(token) > TOKEN_LENGTH_MAX or not any(
        hmac.compare_digest(_encoded(_signature(key, body)).encode(), signature.encode())
        for key in keys
    ):
        raise BadRoomToken("malformed")
    claims = _claims(body)
    if claims.expires_at <= now:
        raise BadRoomToken("expired")
    return claims


def _claims(body: str) -> RoomClaims:
    try:
        user, workspace, project, role, kind, credential, epoch, ends = cast(
            "list[Any]", json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        )
    except (ValueError, binascii.Error) as error:
        raise BadRoomToken("malformed") from error
    if role not in RIGHTS:
        raise BadRoomToken("malformed")
    return RoomClaims(
        user_id=user,
        workspace_id=workspace,
        project_id=project,
        role=role,
        credential=kind,
        credential_id=credential,
        epoch=epoch,
        expires_at=datetime.fromtimestamp(ends, UTC),
    )


def _signature(key: bytes, body: str) -> bytes:
    return hmac.digest(derived_key(key, PURPOSE), body.encode(), "sha256")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
