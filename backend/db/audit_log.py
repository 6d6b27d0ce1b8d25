"""The audit log: who did what, on what, from where and when; a chain of hashes per workspace.

An act is written in the transaction that does it, so neither is there without the other. Each names
the hash of the one before it, and triggers refuse changes: what is altered behind their back shows
in `cutroom ledger audit` [db-B10]. People's words, names and email addresses never stand here.

Lock order: a wallet, then the head of the events, then the head of a chain.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, Connection, Index, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.db.metadata import PlainJson, Row
from backend.db.paging import BadCursor, cursor_keys, cursor_text
from kit.logs import bound_traceparent, trace_id_of

SERVER_CHAIN: Final = "server"
"""The chain of what belongs to no workspace: failures of unknown people, acts of operators."""

OPERATOR: Final = "operator"
ROWS_AT_ONCE: Final = 10_000
# One statement, so that two first acts at once do not both make the row.
NEXT: Final = text(
    "insert into audit_heads (chain, seq, hash) values (:chain, 1, '') "
    "on conflict (chain) do update set seq = audit_heads.seq + 1 returning seq, hash"
)
SEAL: Final = text("update audit_heads set hash = :hash where chain = :chain")


class AuditHeadRow(Row):
    """The last act of a chain; whoever appends locks it."""

    __tablename__ = "audit_heads"
    __table_args__ = (CheckConstraint("seq >= 1", name="seq"),)

    chain: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]


class ActRow(Row):
    """`via` is the session or token by which `actor` asked; `previous` the hash of the act before.

    No foreign key leads to people or workspaces: what was done outlives who did it.
    """

    __tablename__ = "audit_acts"
    __table_args__ = (
        CheckConstraint("seq >= 1", name="seq"),
        Index("ix_audit_acts_actor", "actor"),
    )

    chain: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    act: Mapped[str]
    actor: Mapped[str]
    via: Mapped[str]
    target: Mapped[str]
    detail: Mapped[dict[str, str]] = mapped_column(PlainJson)
    address: Mapped[str]
    trace_id: Mapped[str]
    at: Mapped[datetime]
    previous: Mapped[str]
    hash: Mapped[str]


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf this code runs: a person, a program of theirs, an operator or the server."""

    actor: str
    via: str = ""
    address: str = ""


SERVER: Final = Asker("server")
ASKER: Final[ContextVar[Asker]] = ContextVar("cutroom_asker", default=SERVER)
"""Set at the door, as the trace id is: an act tells of the request, not of the function."""


def append_act(
    session: Session,
    chain: str,
    act: str,
    *,
    target: str = "",
    detail: Mapping[str, str] | None = None,
    actor: str | None = None,
    at: datetime,
) -> None:
    """Write one act of whoever asks, or of `actor`; after the first event of the transaction."""
    session.flush()
    asker = ASKER.get()
    seq, previous = session.execute(NEXT, {"chain": chain}).one()
    values: dict[str, Any] = {
        "chain": chain,
        "seq": seq,
        "act": act,
        "actor": asker.actor if actor is None else actor,
        "via": asker.via,
        "target": target,
        "detail": dict(detail or {}),
        "address": asker.address,
        "trace_id": trace_id_of(bound_traceparent()),
        "at": at,
        "previous": previous,
    }
    sealed = act_hash(values)
    session.execute(insert(ActRow).values(**values, hash=sealed))
    session.execute(SEAL, {"chain": chain, "hash": sealed})


async def record_act(
    session: AsyncSession,
    chain: str,
    act: str,
    *,
    target: str = "",
    detail: Mapping[str, str] | None = None,
    actor: str | None = None,
    at: datetime,
) -> None:
    """`append_act` for coroutines."""
    await session.run_sync(
        lambda inner: append_act(
            inner, chain, act, target=target, detail=detail, actor=actor, at=at
        )
    )


def act_hash(values: Mapping[str, Any]) -> str:
    """SHA-256 of the act and of the hash before it; the same on every database."""
    told = [values[name] for name in ("previous", "chain", "seq", "act", "actor", "via", "target")]
    told += [values[name] for name in ("detail", "address", "trace_id")]
    told.append(values["at"].isoformat(timespec="microseconds"))
    return hashlib.sha256(
        json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


async def list_acts(
    session: AsyncSession, chain: str, *, cursor: str | None, limit: int
) -> tuple[Sequence[ActRow], str | None]:
    """The acts of a chain, newest first, and the cursor for more."""
    wanted = select(ActRow).where(ActRow.chain == chain).order_by(ActRow.seq.desc())
    if cursor is not None:
        wanted = wanted.where(ActRow.seq < _seq_of(cursor))
    rows = (await session.scalars(wanted.limit(limit + 1))).all()
    shown = rows[:limit]
    return shown, cursor_text(str(shown[-1].seq)) if len(rows) > limit else None


def check_acts(connection: Connection, differs: Callable[[str, str], None]) -> int:
    """Follow every chain and tell where one is broken; answers how many acts there are."""
    count = 0
    last: dict[str, tuple[int, str]] = {}
    for row in _acts(connection):
        count += 1
        seq, previous = last.get(row["chain"], (0, ""))
        where = f"audit log of {row['chain']}, act {row['seq']}"
        if row["seq"] != seq + 1:
            differs(where, f"follows act {seq}")
        elif row["previous"] != previous:
            differs(where, "does not name the act before it")
        if act_hash(row) != row["hash"]:
            differs(where, "is not as it was written")
        last[row["chain"]] = (row["seq"], row["hash"])
    heads = {
        row.chain: (row.seq, row.hash)
        for row in connection.execute(
            select(AuditHeadRow.chain, AuditHeadRow.seq, AuditHeadRow.hash)
        )
    }
    for chain in sorted(heads.keys() | last.keys()):
        if heads.get(chain) != last.get(chain):
            differs(f"audit log of {chain}", "does not end where it ended")
    return count


def _acts(connection: Connection) -> Iterator[Mapping[str, Any]]:
    ordered = select(ActRow.__table__).order_by(ActRow.chain, ActRow.seq)
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(ordered).mappings():
        yield {str(name): value for name, value in row.items()}


def _seq_of(cursor: str) -> int:
    (seq,) = cursor_keys(cursor, 1)
    if not seq.isdecimal() or len(seq) > 18:
        raise BadCursor
    return int(seq)
