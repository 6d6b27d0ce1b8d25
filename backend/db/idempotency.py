"""Idempotency-Key: same key and body answers the same; same key, other body is refused.

The answer is stored in the transaction that had the effect; an error had none and is not stored.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.metadata import Row

KEPT: Final = timedelta(hours=48)
KEY_LENGTH_MAX: Final = 255


class IdempotencyRow(Row):
    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int]
    answer: Mapped[str]
    created_at: Mapped[datetime]


class KeyMissing(Exception):
    """A call that makes something dear came without an Idempotency-Key."""

    def __init__(self) -> None:
        super().__init__("this call needs an Idempotency-Key header of 1 to 255 characters")


class KeyReused(Exception):
    """The key was used with another body."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used with another body")


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def checked_key(key: str | None) -> str:
    if key is None or not 1 <= len(key) <= KEY_LENGTH_MAX:
        raise KeyMissing
    return key


async def find_answer(
    session: AsyncSession, *, caller: str, path: str, key: str, body: bytes, now: datetime
) -> tuple[int, str] | None:
    """The status and body that this key was answered with; KeyReused for another body."""
    await session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - KEPT))
    row = await session.get(IdempotencyRow, (caller, path, key))
    if row is None:
        return None
    if row.body_hash != body_hash(body):
        raise KeyReused
    return row.status, row.answer


def keep_answer(
    session: AsyncSession,
    *,
    caller: str,
    path: str,
    key: str,
    body: bytes,
    status: int,
    answer: str,
    now: datetime,
) -> None:
    session.add(
        IdempotencyRow(
            caller=caller,
            path=path,
            key=key,
            body_hash=body_hash(body),
            status=status,
            answer=answer,
            created_at=now,
        )
    )
