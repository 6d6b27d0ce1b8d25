"""What a wallet has paid to make [credits-P3]: only that costs nothing when it is used again."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from backend.exports.tables import PaidSegmentRow

KEYS_PER_QUESTION: Final = 500  # a database takes only so many values in one statement

KEEP: Final = text(
    "insert into paid_segments (wallet_id, segment_key, export_id) "
    "values (:wallet_id, :segment_key, :export_id) "
    "on conflict (wallet_id, segment_key) do nothing"
)


def paid_keys(session: Session, wallet_id: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys that this wallet has paid for."""
    left = iter(keys)
    found: set[str] = set()
    wanted = select(PaidSegmentRow.segment_key).where(
        PaidSegmentRow.wallet_id == wallet_id,
        PaidSegmentRow.segment_key.in_(bindparam("keys", expanding=True)),
    )
    while some := [*islice(left, KEYS_PER_QUESTION)]:
        found.update(session.scalars(wanted, {"keys": some}))
    return frozenset(found)


def keep_paid(session: Session, wallet_id: str, keys: Iterable[str], export_id: str) -> None:
    """From now on this wallet has paid for these segments."""
    rows = [
        {"wallet_id": wallet_id, "segment_key": key, "export_id": export_id} for key in sorted(keys)
    ]
    if rows:
        session.execute(KEEP, rows)
