"""The journal as people read it: entries of a wallet with their postings, newest first."""

from collections import defaultdict
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.credits.ledger import ACCOUNTS
from backend.credits.tables import EntryRow, PostingRow
from backend.db.metadata import iso
from backend.db.paging import BadCursor, cursor_keys, cursor_text
from timeline.model import Json

SEQ_DIGITS_MAX: Final = 18


async def list_entries(
    session: AsyncSession, wallet_id: str, *, cursor: str | None, limit: int
) -> tuple[list[dict[str, Json]], str | None]:
    """Entries as the API tells them, and the cursor for older ones."""
    wanted = (
        select(EntryRow)
        .where(EntryRow.wallet_id == wallet_id)
        .order_by(EntryRow.seq.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        wanted = wanted.where(EntryRow.seq < _seq_of(cursor))
    rows = (await session.scalars(wanted)).all()
    shown = rows[:limit]
    lines = await _lines(session, [row.id for row in shown])
    next_cursor = cursor_text(str(shown[-1].seq)) if len(rows) > limit else None
    return [_entry_json(row, lines[row.id]) for row in shown], next_cursor


async def _lines(session: AsyncSession, entry_ids: list[str]) -> dict[str, list[PostingRow]]:
    rows = await session.scalars(select(PostingRow).where(PostingRow.entry_id.in_(entry_ids)))
    found: dict[str, list[PostingRow]] = defaultdict(list)
    for row in rows:
        found[row.entry_id].append(row)
    return found


def _entry_json(row: EntryRow, postings: list[PostingRow]) -> dict[str, Json]:
    ordered = sorted(postings, key=lambda posting: ACCOUNTS.index(posting.account))
    return {
        "id": row.id,
        "seq": row.seq,
        "kind": row.kind,
        "ref": {"kind": row.ref_kind, "id": row.ref_id},
        "actor": row.actor,
        "reason": row.reason,
        "postings": [{"account": posting.account, "amount": posting.amount} for posting in ordered],
        "after": {
            "available": row.available_after,
            "held": row.held_after,
            "debt": row.debt_after,
        },
        "created_at": iso(row.created_at),
    }


def _seq_of(cursor: str) -> int:
    text = cursor_keys(cursor, 1)[0]
    if not text.isdecimal() or len(text) > SEQ_DIGITS_MAX:
        raise BadCursor
    return int(text)
