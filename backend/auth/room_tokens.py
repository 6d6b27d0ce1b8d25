"""Room tokens: good for one websocket room, an hour at most [auth-A6].

HMAC over user, workspace, project, role, the credential that asked, the membership epoch and the
end. `verified_room_token` reads nothing but the token; the authenticator then asks the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from backend.auth.caller import CredentialKind
from backend.auth.keys import signed, verified
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
    return signed(
        keys,
        PURPOSE,
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
    )


def verified_room_token(keys: Sequence[bytes], token: str, *, now: datetime) -> RoomClaims:
    """What a token of ours claims; raises BadRoomToken `malformed` or `expired`."""
    values = verified(keys, PURPOSE, token) if len(token) <= TOKEN_LENGTH_MAX else None
    if values is None:
        raise BadRoomToken("malformed")
    claims = _claims(values)
    if claims.expires_at <= now:
        raise BadRoomToken("expired")
    return claims


def _claims(values: list[Any]) -> RoomClaims:
    try:
        user, workspace, project, role, kind, credential, epoch, ends = values
    except ValueError as error:
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
