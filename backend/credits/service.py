"""Wallets as they are first used: made, and welcomed once per account. Services never commit."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.auth.tables import MemberRow, UserRow
from backend.credits import repository
from backend.credits.ledger import Mode
from backend.credits.prices import WELCOME_CREDITS
from backend.credits.wallet import Cause, Wallet


def open_wallet(session: Session, workspace_id: str, mode: Mode, *, now: datetime) -> Wallet:
    """The wallet of a workspace for these keys, made on first use; the session may write."""
    found = repository.find_wallet(session, workspace_id, mode)
    if found is not None:
        return found
    repository.add_wallet(session, workspace_id, mode, now=now)
    made = repository.find_wallet(session, workspace_id, mode)
    if made is None:
        raise LookupError(workspace_id)
    owner_id = _first_owner(session, workspace_id)
    return _welcomed(session, made, owner_id, now) if owner_id is not None else made


def _welcomed(session: Session, wallet: Wallet, account_id: str, now: datetime) -> Wallet:
    """The one grant of an account; where another of its workspaces had it, nothing happens."""
    cause = Cause(
        f"grant:welcome:{wallet.mode}:{account_id}", "account", account_id, account_id, now
    )
    if repository.effect_exists(session, cause.effect_key):
        return wallet
    try:
        with session.begin_nested():
            return repository.grant(session, wallet.id, WELCOME_CREDITS, cause)
    except IntegrityError:  # its other workspace was opened at the same moment, and was first
        return repository.lock_wallet(session, wallet.id)


def _first_owner(session: Session, workspace_id: str) -> str | None:
    return session.scalar(
        select(MemberRow.user_id)
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .where(
            MemberRow.workspace_id == workspace_id,
            MemberRow.role == "owner",
            UserRow.kind != "guest",
        )
        .order_by(MemberRow.created_at, MemberRow.user_id)
        .limit(1)
    )
