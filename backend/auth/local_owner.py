"""The local owner: the person at whose machine `cutroom up` runs; no password, ever [auth-A1]."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend.auth.keys import hashed, new_api_token, new_link_key
from backend.auth.roles import Role
from backend.auth.tables import ApiTokenRow, MemberRow, UserRow, WelcomeKeyRow, WorkspaceRow
from backend.db.audit_log import SERVER_CHAIN, append_act
from kit.ids import sortable_id

OWNER_NAME: Final = "Owner"
WORKSPACE_NAME: Final = "My workspace"
TOKEN_TTL: Final = timedelta(days=90)


def ensure_local_owner(session: Session, *, now: datetime) -> tuple[str, str]:
    """The ids of the local owner and of the workspace that was made with them."""
    found = session.execute(
        select(UserRow.id, MemberRow.workspace_id)
        .join(MemberRow, MemberRow.user_id == UserRow.id)
        .where(UserRow.kind == "local")
        .order_by(MemberRow.created_at, MemberRow.workspace_id)
        .limit(1)
    ).first()
    if found is not None:
        return found[0], found[1]
    user_id, workspace_id = sortable_id("usr"), sortable_id("ws")
    session.execute(
        insert(UserRow).values(id=user_id, kind="local", name=OWNER_NAME, created_at=now)
    )
    session.execute(
        insert(WorkspaceRow).values(id=workspace_id, name=WORKSPACE_NAME, created_at=now)
    )
    session.execute(
        insert(MemberRow).values(
            workspace_id=workspace_id, user_id=user_id, role="owner", epoch=1, created_at=now
        )
    )
    return user_id, workspace_id


def forget_welcome_keys(session: Session) -> None:
    """Keys end with the process that printed them."""
    session.execute(delete(WelcomeKeyRow))


def new_welcome_key(session: Session, *, now: datetime) -> str:
    """A one-time key for the fragment of the address that is printed."""
    key = new_link_key()
    session.execute(insert(WelcomeKeyRow).values(key_hash=hashed(key), created_at=now))
    append_act(session, SERVER_CHAIN, "welcome_key.created", at=now)
    return key


def new_owner_token(
    session: Session, *, role: Role, ttl: timedelta = TOKEN_TTL, now: datetime
) -> str:
    """An API token of the local owner for their own workspace; shown once."""
    user_id, workspace_id = ensure_local_owner(session, now=now)
    token, token_id = new_api_token(), sortable_id("tok")
    session.execute(
        insert(ApiTokenRow).values(
            id=token_id,
            key_hash=hashed(token),
            user_id=user_id,
            workspace_id=workspace_id,
            role=role,
            created_at=now,
            expires_at=now + ttl,
        )
    )
    append_act(
        session, workspace_id, "token.created", target=token_id, detail={"role": role}, at=now
    )
    return token
