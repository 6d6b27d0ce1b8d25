"""Who is asking. A Caller is the same whether a cookie, a token or a room token told us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from fastapi import Depends, Request

from backend.auth.errors import NotSignedIn
from backend.auth.roles import Role

CredentialKind: TypeAlias = Literal["session", "token", "bootstrap"]
UserKind: TypeAlias = Literal["account", "local", "guest"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person or a program on somebody's behalf.

    `workspace_id` is the only workspace of an API token, `project_id` the only project of a guest;
    `ceiling` lowers every role. `credential_id` names the session or token row; `expires_at` is
    when it ends, None for the bootstrap token.
    """

    user_id: str
    name: str
    email: str | None
    kind: UserKind
    credential: CredentialKind
    credential_id: str
    expires_at: datetime | None
    workspace_id: str | None = None
    project_id: str | None = None
    share_link_id: str | None = None
    ceiling: Role | None = None


def find_caller(request: Request) -> Caller | None:
    """Whom the door (`backend/door`) has recognised."""
    return request.scope.get("caller")


def get_caller(request: Request) -> Caller:
    caller = find_caller(request)
    if caller is None:
        raise NotSignedIn
    return caller


OptionalCallerDep = Annotated[Caller | None, Depends(find_caller)]
CallerDep = Annotated[Caller, Depends(get_caller)]
