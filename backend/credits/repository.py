"""The ledger's verbs: each locks one wallet, asks `ledger.py` what to post, and writes.

They take an open session and never commit: an entry stands or falls with the effect it pays for.
Lock order: credit order or export, then hold, then wallet, the head of the event log last
[credits-L8]. Coroutines call them through `AsyncSession.run_sync`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.orm import Session

from backend.credits.errors import (
    HoldRefused,
    HoldSettled,
    InsufficientCredits,
    WalletFrozen,
    WalletInDebt,
)
from backend.credits.ledger import (
    EntryKind,
    HoldKind,
    Mode,
    Posting,
    applied,
    capture_postings,
    hold_postings,
    inflow_postings,
    outflow_postings,
    release_postings,
)
from backend.credits.statements import (
    COLUMNS,
    hold_credits,
    move_credits,
    tell_wallet,
    wallet_of,
)
from backend.credits.tables import EntryRow, WalletRow
from backend.credits.wallet import Cause, Hold, Wallet
from backend.db.audit_log import append_act
from backend.db.metadata import Moment
from kit.ids import sortable_id

# What an export holds, spends and gets back is told by the acts of the export [auth-A12].
AUDITED: Final = frozenset(("grant", "purchase", "clawback", "adjust"))

NEW_WALLET: Final = text(
    "insert into wallets (id, workspace_id, mode, available, held, debt, granted_left, seq, frozen, created_at) "
    "values (:id, :workspace_id, :mode, 0, 0, 0, 0, 0, false, :now) "
    "on conflict (workspace_id, mode) do nothing"
).bindparams(bindparam("now", type_=Moment()))
FIND: Final = text(
    f"select {COLUMNS} from wallets where workspace_id = :workspace_id and mode = :mode"  # noqa: S608 - our own names
)
LOCK: Final = text(f"update wallets set seq = seq where id = :id returning {COLUMNS}")  # noqa: S608 - our own names
LOCK_HOLD: Final = text(
    "update holds set state = state where id = :id and state = 'active' "
    "returning id, wallet_id, amount"
)
SETTLE: Final = text(
    "update holds set state = :state, captured = :captured, settled_at = :now "
    "where id = :id and state = 'active' returning kind, ref_id"
).bindparams(bindparam("now", type_=Moment()))


def find_wallet(session: Session, workspace_id: str, mode: Mode) -> Wallet | None:
    """The wallet as it is now, unlocked."""
    row = session.execute(FIND, {"workspace_id": workspace_id, "mode": mode}).one_or_none()
    return wallet_of(row) if row is not None else None


def add_wallet(session: Session, workspace_id: str, mode: Mode, *, now: datetime) -> None:
    """Make the wallet of a workspace, unless there is one already."""
    session.execute(
        NEW_WALLET,
        {"id": sortable_id("wal"), "workspace_id": workspace_id, "mode": mode, "now": now},
    )


def lock_wallet(session: Session, wallet_id: str) -> Wallet:
    """The wallet, ours until the transaction ends; the same statement on both databases."""
    return wallet_of(session.execute(LOCK, {"id": wallet_id}).one())


def effect_exists(session: Session, effect_key: str) -> bool:
    found = session.scalar(select(EntryRow.id).where(EntryRow.effect_key == effect_key))
    return found is not None


def purchase(session: Session, wallet_id: str, amount: int, cause: Cause) -> Wallet:
    """Bought credits flow in; debt is paid first."""
    return _post(
        session,
        wallet_id,
        "purchase",
        lambda now: inflow_postings("purchased", amount, debt=now.debt),
        cause,
    )


def claw_back(session: Session, wallet_id: str, amount: int, cause: Cause) -> Wallet:
    """Bought credits flow out again; what is spent already becomes debt [credits-L6]."""
    return _post(
        session,
        wallet_id,
        "clawback",
        lambda now: outflow_postings("purchased", amount, available=now.available),
        cause,
    )


def grant(session: Session, wallet_id: str, amount: int, cause: Cause) -> Wallet:
    """Credits without money; debt is paid first."""
    return _post(
        session,
        wallet_id,
        "grant",
        lambda now: inflow_postings("granted", amount, debt=now.debt),
        cause,
    )


def adjust(session: Session, wallet_id: str, amount: int, cause: Cause) -> Wallet:
    """A mistake put right by a new entry; `amount` may be negative, never zero."""

    def postings(now: Wallet) -> tuple[Posting, ...]:
        if amount > 0:
            return inflow_postings("adjusted", amount, debt=now.debt)
        return outflow_postings("adjusted", -amount, available=now.available)

    return _post(session, wallet_id, "adjust", postings, cause)


def hold(
    session: Session,
    wallet_id: str,
    amount: int,
    *,
    kind: HoldKind,
    ref_id: str,
    actor: str,
    at: datetime,
) -> Hold:
    """Set credits aside for one thing [credits-L4]; HoldRefused with what is there."""
    held = Hold(sortable_id("hld"), wallet_id, amount)
    cause = Cause(f"hold:{held.id}", kind, ref_id, actor, at)
    if hold_credits(session, held, hold_postings(amount), cause) is None:
        raise _refusal(lock_wallet(session, wallet_id), amount)
    return held


def lock_hold(session: Session, hold_id: str) -> Hold:
    """An active hold, ours until the transaction ends; HoldSettled when it is none."""
    row = session.execute(LOCK_HOLD, {"id": hold_id}).one_or_none()
    if row is None:
        raise HoldSettled(hold_id)
    return Hold(row[0], row[1], row[2])


def capture_hold(session: Session, held: Hold, used: int, *, actor: str, at: datetime) -> int:
    """Spend what was used of a locked hold, give back the rest; answers what was spent [credits-L7]."""
    spent = min(used, held.amount)
    cause = _settle(session, held, "captured", spent, actor, at)
    _post(
        session,
        held.wallet_id,
        "capture",
        lambda now: capture_postings(held.amount, used, debt=now.debt),
        cause,
    )
    return spent


def release_hold(session: Session, held: Hold, *, actor: str, at: datetime) -> None:
    """Give all of a locked hold back; debt is paid first [credits-L5]."""
    cause = _settle(session, held, "released", 0, actor, at)
    _post(
        session,
        held.wallet_id,
        "release",
        lambda now: release_postings(held.amount, debt=now.debt),
        cause,
    )


def set_frozen(session: Session, wallet_id: str, *, frozen: bool, at: datetime) -> Wallet:
    """Whether new holds are refused because a payment is disputed; running work finishes."""
    before = lock_wallet(session, wallet_id)
    if before.frozen == frozen:
        return before
    session.execute(update(WalletRow).where(WalletRow.id == wallet_id).values(frozen=frozen))
    after = replace(before, frozen=frozen)
    tell_wallet(session, after, at)
    return after


def _settle(
    session: Session, held: Hold, state: str, captured: int, actor: str, at: datetime
) -> Cause:
    """Mark a hold as settled, which works once; the cause of the entry that says so [credits-L3]."""
    ref = session.execute(
        SETTLE, {"id": held.id, "state": state, "captured": captured, "now": at}
    ).one_or_none()
    if ref is None:
        raise HoldSettled(held.id)
    return Cause(f"settle:{held.id}", ref[0], ref[1], actor, at)


def _post(
    session: Session,
    wallet_id: str,
    kind: EntryKind,
    decide: Callable[[Wallet], Sequence[Posting]],
    cause: Cause,
) -> Wallet:
    """Lock, compute, write."""
    before = lock_wallet(session, wallet_id)
    postings = decide(before)
    after = applied(before.balances, postings)
    moved = move_credits(session, wallet_id, after, kind, postings, cause)
    if kind in AUDITED:
        append_act(
            session,
            moved.workspace_id,
            f"credits.{kind}",
            target=cause.ref_id,
            detail={
                "mode": moved.mode,
                **{posting.account: str(posting.amount) for posting in postings},
            },
            actor=cause.actor,
            at=cause.at,
        )
    return moved


def _refusal(wallet: Wallet, required: int) -> HoldRefused:
    """Why nothing was set aside, by one look at what is there."""
    available, debt = wallet.available, wallet.debt
    if wallet.frozen:
        words = "a payment of this workspace is in dispute, so nothing new can be spent"
        return WalletFrozen(words, required=required, available=available, debt=debt)
    if debt:
        words = f"the workspace owes {debt} credits; new ones pay them first"
        return WalletInDebt(words, required=required, available=available, debt=debt)
    words = f"needs {required} credits, {available} available"
    return InsufficientCredits(words, required=required, available=available, debt=debt)
