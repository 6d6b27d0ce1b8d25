"""How an entry is written: on Postgres as one statement, on SQLite one after another [credits-L2].

A wallet's row is locked from its update until the commit, so each way to the server and back in
between is time that everybody else waits. On Postgres one statement therefore moves the wallet and
writes what hangs on it. Postgres promises no order of the parts of a statement, so that a part which
needs another one whole reads what that one returns. The words of a part are the same on both.
"""

# ruff: noqa: S608 - every word of these statements stands in this file

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from backend.credits.ledger import Balances, EntryKind, Posting
from backend.credits.wallet import Cause, Hold, Wallet, wallet_json
from backend.db.event_log import append_event, event_parts, event_values, hint_event
from backend.db.metadata import Moment
from kit.ids import sortable_id
from kit.logs import bound_traceparent, trace_id_of

COLUMNS: Final = "id, workspace_id, mode, available, held, debt, granted_left, seq, frozen"
# The condition is the lock: whoever is second finds the credits gone [credits-L4].
HOLD: Final = (
    "update wallets set available = available - :amount, held = held + :amount, seq = seq + 1"
    " where id = :wallet_id and available >= :amount and debt = 0 and not frozen"
    f" returning {COLUMNS}"
)
MOVE: Final = (
    "update wallets set available = :available, held = :held, debt = :debt,"
    f" granted_left = :granted_left, seq = seq + 1 where id = :wallet_id returning {COLUMNS}"
)
HELD: Final = (
    "insert into holds (id, wallet_id, kind, ref_id, amount, captured, state, created_at)"
    " select :hold_id, moved.id, :ref_kind, :ref_id, :amount, 0, 'active', :at from {moved}"
)
# Postings come before the entry that seals them [credits-D2].
POSTED: Final = (
    "insert into postings (entry_id, account, amount)"
    " select :entry_id, line.key, cast(line.value as bigint) from {moved}, {lines} as line"
)
SEALED: Final = (
    "insert into entries (id, wallet_id, seq, kind, effect_key, ref_kind, ref_id, actor, reason,"
    " available_after, held_after, debt_after, trace_id, created_at)"
    " select :entry_id, moved.id, moved.seq, :kind, :effect_key, :ref_kind, :ref_id, :actor, :reason,"
    " moved.available, moved.held, moved.debt, :trace_id, :at from {moved}{posted}"
)
ON_SQLITE: Final = {
    "moved": "(select * from wallets where id = :wallet_id) as moved",
    "lines": "json_each(:lines)",
    "posted": "",
}
ON_POSTGRES: Final = {
    "moved": "moved",
    "lines": "json_each_text(cast(:lines as json))",
    "posted": ", (select count(*) from posted) as posted",
}
# What `wallet_json` makes of a wallet, said by the database that has just moved it.
WALLET_TOLD: Final = (
    "jsonb_build_object('workspace', moved.workspace_id, 'mode', moved.mode,"
    " 'available', moved.available, 'held', moved.held, 'debt', moved.debt,"
    " 'frozen', moved.frozen, 'seq', moved.seq)"
)


def hold_credits(
    session: Session, held: Hold, postings: Sequence[Posting], cause: Cause
) -> Wallet | None:
    """Set credits aside, with the hold, its entry and the event; None where the wallet refuses."""
    values = {"amount": held.amount, "hold_id": held.id}
    return _written(session, HOLD_WAYS, held.wallet_id, values, "hold", postings, cause)


def move_credits(
    session: Session,
    wallet_id: str,
    after: Balances,
    kind: EntryKind,
    postings: Sequence[Posting],
    cause: Cause,
) -> Wallet:
    """Bring a locked wallet to these balances, with the entry that says why and the event."""
    values = {
        "available": after.available,
        "held": after.held,
        "debt": after.debt,
        "granted_left": after.granted_left,
    }
    moved = _written(session, MOVE_WAYS, wallet_id, values, kind, postings, cause)
    if moved is None:
        raise LookupError(wallet_id)
    return moved


def wallet_of(row: Sequence[Any]) -> Wallet:
    """A wallet of a row of `COLUMNS`."""
    wallet_id, workspace_id, mode, available, held, debt, granted_left, seq, frozen = row
    balances = Balances(available, held, debt, granted_left)
    return Wallet(wallet_id, workspace_id, mode, balances, seq, bool(frozen))


@dataclass(frozen=True, slots=True)
class _Ways:
    """The same parts as one statement and as several; each of them says what it moved first."""

    whole: TextClause
    steps: tuple[TextClause, ...]


def _ways(move: str, **parts: str) -> _Ways:
    made = {name: f"{words.format(**ON_POSTGRES)} returning 1" for name, words in parts.items()}
    event = event_parts("moved", workspace_id="moved.workspace_id", body=WALLET_TOLD)
    inner = {"moved": move, **made, **event}
    named = ", ".join(f"{name} as ({words})" for name, words in inner.items())
    return _Ways(
        _dated(f"with {named} select {COLUMNS} from moved"),
        tuple(_dated(words.format(**ON_SQLITE)) for words in (move, *parts.values())),
    )


def _dated(words: str) -> TextClause:
    found = text(words)
    return found.bindparams(bindparam("at", type_=Moment())) if ":at" in words else found


HOLD_WAYS: Final = _ways(HOLD, created=HELD, posted=POSTED, sealed=SEALED)
MOVE_WAYS: Final = _ways(MOVE, posted=POSTED, sealed=SEALED)


def _written(
    session: Session,
    ways: _Ways,
    wallet_id: str,
    values: Mapping[str, int | str],
    kind: EntryKind,
    postings: Sequence[Posting],
    cause: Cause,
) -> Wallet | None:
    entry = {
        **values,
        "wallet_id": wallet_id,
        "entry_id": sortable_id("ent"),
        "lines": json.dumps({posting.account: posting.amount for posting in postings}),
        "kind": kind,
        "effect_key": cause.effect_key,
        "ref_kind": cause.ref_kind,
        "ref_id": cause.ref_id,
        "actor": cause.actor,
        "reason": cause.reason,
        "trace_id": trace_id_of(bound_traceparent()),
        "at": cause.at,
    }
    if session.get_bind().dialect.name == "postgresql":
        return _at_once(session, ways.whole, entry)
    return _step_by_step(session, ways.steps, entry)


def _at_once(session: Session, whole: TextClause, entry: Mapping[str, Any]) -> Wallet | None:
    told = event_values(project_id=None, kind="wallet")
    row = session.execute(whole, {**entry, **told}).one_or_none()
    if row is None:
        return None
    wallet = wallet_of(row)
    hint_event(session, wallet.workspace_id)
    return wallet


def _step_by_step(
    session: Session, steps: Sequence[TextClause], entry: Mapping[str, Any]
) -> Wallet | None:
    move, *rest = steps
    row = session.execute(move, entry).one_or_none()
    if row is None:
        return None
    wallet = wallet_of(row)
    for step in rest:
        session.execute(step, entry)
    tell_wallet(session, wallet, entry["at"])
    return wallet


def tell_wallet(session: Session, wallet: Wallet, at: datetime) -> None:
    """The event of a wallet that changed; the last statement of a transaction [credits-L13]."""
    append_event(
        session,
        workspace_id=wallet.workspace_id,
        project_id=None,
        kind="wallet",
        body=wallet_json(wallet),
        at=at,
    )
