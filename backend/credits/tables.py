"""Rows of the ledger; the database repeats every rule under a name of its own [credits-D1].

What stands in a single row is a CHECK or UNIQUE here. What spans rows, and what may never change, are
triggers that the migration makes, alike on SQLite and Postgres: postings come first, the entry
seals them, and neither can be changed or removed afterwards.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.metadata import Row

MODES = "('sandbox', 'test', 'live')"
ENTRY_KINDS = "('grant', 'purchase', 'clawback', 'hold', 'capture', 'release', 'adjust')"
ACCOUNTS = "('available', 'held', 'debt', 'purchased', 'granted', 'spent', 'adjusted')"


class WalletRow(Row):
    """The credit account of a workspace. Sandbox, test and live credits never meet.

    No foreign key leads to the workspace: the journal outlives it under its opaque id.
    """

    __tablename__ = "wallets"
    __table_args__ = (
        UniqueConstraint("workspace_id", "mode"),
        CheckConstraint(f"mode in {MODES}", name="mode"),
        CheckConstraint("available >= 0", name="available"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("debt >= 0", name="debt"),
        CheckConstraint("granted_left >= 0", name="granted_left"),
        CheckConstraint("seq >= 0", name="seq"),
        CheckConstraint("debt = 0 or available = 0", name="debt_excludes_available"),
        CheckConstraint("granted_left <= available + held", name="granted_is_there"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    mode: Mapped[str]
    available: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger)
    debt: Mapped[int] = mapped_column(BigInteger)
    granted_left: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    frozen: Mapped[bool]
    created_at: Mapped[datetime]


class EntryRow(Row):
    """Lines that sum to zero, with the balances after them; `seq` orders a wallet's journal."""

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("effect_key"),
        UniqueConstraint("wallet_id", "seq"),
        CheckConstraint(f"kind in {ENTRY_KINDS}", name="kind"),
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint(
            "available_after >= 0 and held_after >= 0 and debt_after >= 0", name="after"
        ),
        CheckConstraint("debt_after = 0 or available_after = 0", name="debt_excludes_available"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    wallet_id: Mapped[str] = mapped_column(ForeignKey("wallets.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    effect_key: Mapped[str]
    ref_kind: Mapped[str]
    ref_id: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str | None]
    available_after: Mapped[int] = mapped_column(BigInteger)
    held_after: Mapped[int] = mapped_column(BigInteger)
    debt_after: Mapped[int] = mapped_column(BigInteger)
    trace_id: Mapped[str]
    created_at: Mapped[datetime]


class PostingRow(Row):
    """One signed line of an entry; written before it, so its foreign key is checked at the end."""

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint(f"account in {ACCOUNTS}", name="account"),
        CheckConstraint("amount <> 0", name="amount"),
    )

    entry_id: Mapped[str] = mapped_column(
        ForeignKey("entries.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    account: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class HoldRow(Row):
    """Credits set aside for one thing; settled once, by capture or release, and then for good."""

    __tablename__ = "holds"
    __table_args__ = (
        UniqueConstraint("kind", "ref_id"),
        Index("ix_holds_wallet_id_state", "wallet_id", "state"),
        CheckConstraint("kind in ('export', 'refund')", name="kind"),
        CheckConstraint("state in ('active', 'captured', 'released')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("captured >= 0 and captured <= amount", name="captured"),
        CheckConstraint("(state = 'captured') = (captured > 0)", name="captured_is_told"),
        CheckConstraint("(state = 'active') = (settled_at is null)", name="settled_is_told"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    wallet_id: Mapped[str] = mapped_column(ForeignKey("wallets.id"))
    kind: Mapped[str]
    ref_id: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    captured: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
