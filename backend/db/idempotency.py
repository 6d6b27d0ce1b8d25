"""Idempotency-Key: same key and body answers the same; same key, other body is refused.

The answer is stored in the transaction that had the effect; an error had none and is not stored.
The key is claimed first, so that of two requests at once the second waits and answers the same.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, bindparam, delete, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.db.metadata import Moment, Row

KEPT: Final = timedelta(hours=48)
KEY_LENGTH_MAX: Final = 255
TWIN_SECONDS: Final = 10
LOCK_NOT_AVAILABLE: Final = "55P03"

CLAIM: Final = text(
    "insert into idempotency_keys (caller, path, key, body_hash, ref_id, created_at) "
    "values (:caller, :path, :key, :body_hash, :ref_id, :now) "
    "on conflict (caller, path, key) do nothing returning key"
).bindparams(bindparam("now", type_=Moment()))
FORGET: Final = text(
    "delete from idempotency_keys "
    "where caller = :caller and path = :path and key = :key and created_at < :before"
).bindparams(bindparam("before", type_=Moment()))


class IdempotencyRow(Row):
    """A key and what it was answered with; without an answer yet, `ref_id` names what it began."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    caller: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    ref_id: Mapped[str | None]
    status: Mapped[int | None]
    answer: Mapped[str | None]
    created_at: Mapped[datetime]


class KeyMissing(Exception):
    """A call that makes something dear came without an Idempotency-Key."""

    def __init__(self) -> None:
        super().__init__("this call needs an Idempotency-Key header of 1 to 255 characters")


class KeyReused(Exception):
    """The key was used with another body."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used with another body")


class KeyBusy(Exception):
    """The first request under this key is still running."""

    def __init__(self) -> None:
        super().__init__("the first request with this Idempotency-Key is still running")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for what under which key; a key means nothing to another caller or path."""

    caller: str
    path: str
    key: str
    body: bytes

    @property
    def place(self) -> tuple[str, str, str]:
        return (self.caller, self.path, self.key)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under a key: the answer, or the row that an unanswered request began."""

    status: int | None
    answer: str | None
    ref_id: str | None


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def checked_key(key: str | None) -> str:
    if key is None or not 1 <= len(key) <= KEY_LENGTH_MAX:
        raise KeyMissing
    return key


def claim(
    session: Session, claimed: Claim, *, now: datetime, ref_id: str | None = None
) -> Kept | None:
    """What is kept under this key, or None: then it is ours, and its twin waits for our commit.

    `ref_id` names what a new claim begins, for calls that outlast one transaction: their second try
    goes on where the first one ended. KeyReused for another body, KeyBusy when the twin takes
    longer than `TWIN_SECONDS`.
    """
    place = {"caller": claimed.caller, "path": claimed.path, "key": claimed.key}
    wanted = body_hash(claimed.body)
    session.execute(FORGET, {**place, "before": now - KEPT})
    with _patience():
        _wait_at_most(session, TWIN_SECONDS)
        made = session.execute(
            CLAIM, {**place, "body_hash": wanted, "ref_id": ref_id, "now": now}
        ).first()
        _wait_at_most(session, None)
    if made is not None:
        return None
    row = session.get_one(IdempotencyRow, claimed.place)
    if row.body_hash != wanted:
        raise KeyReused
    return Kept(row.status, row.answer, row.ref_id)


def keep(session: Session, claimed: Claim, *, status: int, answer: str) -> None:
    """The answer that this key has from now on; in the transaction that had the effect."""
    row = session.get_one(IdempotencyRow, claimed.place)
    row.status, row.answer = status, answer
    session.flush()


async def claim_key(session: AsyncSession, claimed: Claim, *, now: datetime) -> Kept | None:
    """`claim` for coroutines."""
    return await session.run_sync(lambda inner: claim(inner, claimed, now=now))


async def keep_answer(session: AsyncSession, claimed: Claim, *, status: int, answer: str) -> None:
    """`keep` for coroutines."""
    await session.run_sync(lambda inner: keep(inner, claimed, status=status, answer=answer))


def forget_keys(session: Session, *, now: datetime) -> None:
    """Remove what is older than it is kept."""
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - KEPT))


def _wait_at_most(session: Session, seconds: int | None) -> None:
    """How long the next statements of this transaction wait for others; None: as long as ever.

    SQLite needs none of it: there the twin waits until it may write at all.
    """
    if session.get_bind().dialect.name == "postgresql":
        words = f"set local lock_timeout = '{seconds}s'" if seconds else "reset lock_timeout"
        session.execute(text(words))


@contextmanager
def _patience() -> Generator[None]:
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise KeyBusy from error
        raise
