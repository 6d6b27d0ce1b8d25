"""The audit: replay every journal and compare with what is stored [credits-A1].

It reads one moment of the database, streaming, and asks `ledger.py` for each step. What it finds is
told, never mended: a mistake is put right by a new entry.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

from backend.credits.errors import Unbalanced
from backend.credits.ledger import Balances, Posting, applied

ROWS_AT_ONCE: Final = 20_000
FOUND_MAX: Final = 1_000  # who reads more of them? the count goes on

# One row for each posting; an entry without any still comes once.
JOURNAL: Final = text(
    "select e.wallet_id, e.seq, e.id, e.kind, e.effect_key, e.available_after, e.held_after,"
    " e.debt_after, p.account, p.amount"
    " from entries e left join postings p on p.entry_id = e.id order by e.wallet_id, e.seq"
)
WALLETS: Final = text(
    "select w.id, w.available, w.held, w.debt, w.granted_left, w.seq, coalesce(h.held, 0)"
    " from wallets w left join (select wallet_id, sum(amount) as held from holds"
    " where state = 'active' group by wallet_id) h on h.wallet_id = w.id"
)
ORPHANS: Final = text(
    "select entry_id from postings where not exists"
    " (select 1 from entries where entries.id = postings.entry_id)"
)
# A hold has its entry, and exactly when it is settled the one that settles it.
HOLDS: Final = text(
    "select h.id, h.state, h.amount, h.captured, b.kind, s.kind, held.amount, spent.amount"
    " from holds h"
    " left join entries b on b.effect_key = 'hold:' || h.id"
    " left join entries s on s.effect_key = 'settle:' || h.id"
    " left join postings held on held.entry_id = b.id and held.account = 'held'"
    " left join postings spent on spent.entry_id = s.id and spent.account = 'spent'"
)
# The key names its hold, so that each is looked up: comparing every entry with every hold takes hours.
STRAYS: Final = text(
    "select e.effect_key from entries e where e.kind in ('hold', 'capture', 'release')"
    " and not exists (select 1 from holds h"
    " where h.id = substr(e.effect_key, case when e.kind = 'hold' then 6 else 8 end)"
    " and e.effect_key = case when e.kind = 'hold' then 'hold:' else 'settle:' end || h.id)"
)
SETTLED: Final = {"captured": "capture", "released": "release", "active": None}


@dataclass(slots=True)
class Audit:
    """What was looked at, and what differs; `differences` is cut at FOUND_MAX, `wrong` is not."""

    wallets: int = 0
    entries: int = 0
    postings: int = 0
    holds: int = 0
    wrong: int = 0
    differences: list[str] = field(default_factory=list[str])

    def differs(self, where: str, what: str) -> None:
        self.wrong += 1
        if len(self.differences) < FOUND_MAX:
            self.differences.append(f"{where}: {what}")


@dataclass(frozen=True, slots=True)
class _Replayed:
    balances: Balances
    seq: int


def audited(connection: Connection) -> Audit:
    """Replay all; the connection is in a transaction that sees one moment."""
    audit = Audit()
    replayed = _replay(_rows(connection, JOURNAL), audit)
    for row in _rows(connection, WALLETS):
        audit.wallets += 1
        _compare_wallet(row, replayed.get(row[0], _Replayed(Balances(), 0)), audit)
    for row in _rows(connection, HOLDS):
        audit.holds += 1
        _compare_hold(row, audit)
    for row in _rows(connection, ORPHANS):
        audit.differs(f"posting of {row[0]}", "its entry is missing")
    for row in _rows(connection, STRAYS):
        audit.differs(f"entry {row[0]}", "its hold is missing")
    return audit


def _rows(connection: Connection, words: TextClause) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=ROWS_AT_ONCE).execute(words)


def _replay(rows: Iterable[Any], audit: Audit) -> dict[str, _Replayed]:
    """Each wallet as its journal makes it."""
    found: dict[str, _Replayed] = {}
    for wallet_id, entries in groupby(rows, key=itemgetter(0)):
        balances, seq = Balances(), 0
        for number, lines in groupby(entries, key=itemgetter(1)):
            first, *more = lines
            audit.entries += 1
            postings = [row for row in (first, *more) if row[8] is not None]
            audit.postings += len(postings)
            where = f"wallet {wallet_id}, entry {number}"
            if number != seq + 1:
                audit.differs(where, f"follows entry {seq}")
            seq = number
            balances = _step(balances, first, postings, where, audit)
        found[wallet_id] = _Replayed(balances, seq)
    return found


def _step(before: Balances, entry: Any, lines: list[Any], where: str, audit: Audit) -> Balances:
    """The balances after an entry; where it cannot be replayed, those that it claims."""
    told = (entry[5], entry[6], entry[7])
    try:
        after = applied(before, [Posting(row[8], row[9]) for row in lines])
    except Unbalanced as fault:
        audit.differs(where, str(fault))
        return _claimed(before, told)
    made = (after.available, after.held, after.debt)
    if made != told:
        audit.differs(where, f"replays to {made}, says {told}")
        return _claimed(after, told)
    return after


def _claimed(near: Balances, told: tuple[int, int, int]) -> Balances:
    """Go on from what the entry says, so that one fault is told once."""
    try:
        return Balances(*told, granted_left=min(near.granted_left, told[0] + told[1]))
    except Unbalanced:
        return near


def _compare_wallet(row: Any, replayed: _Replayed, audit: Audit) -> None:
    wallet_id, available, held, debt, granted_left, seq, on_hold = row
    where, made = f"wallet {wallet_id}", replayed.balances
    for name, stored, expected in (
        ("available", available, made.available),
        ("held", held, made.held),
        ("debt", debt, made.debt),
        ("granted_left", granted_left, made.granted_left),
        ("seq", seq, replayed.seq),
    ):
        if stored != expected:
            audit.differs(where, f"{name} is {stored}, its journal makes {expected}")
    if held != on_hold:
        audit.differs(where, f"held is {held}, its active holds are {on_hold}")


def _compare_hold(row: Any, audit: Audit) -> None:
    hold_id, state, amount, captured, begun, settled, held, spent = row
    where = f"hold {hold_id}"
    if begun != "hold" or held != amount:
        audit.differs(where, f"of {amount}, its entry says {held}")
    if settled != SETTLED.get(state):
        audit.differs(where, f"is {state}, its journal says {settled or 'nothing'}")
    elif state == "captured" and spent != captured:
        audit.differs(where, f"captured {captured}, its entry spent {spent}")
