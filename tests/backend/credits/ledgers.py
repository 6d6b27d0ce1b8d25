"""Ledgers on real databases, for tests: a wallet with so many credits, and its journal as told."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from backend.credits import repository
from backend.credits.ledger import Mode
from backend.credits.tables import EntryRow, HoldRow, PostingRow
from backend.credits.wallet import Cause, Wallet
from backend.db.session import WRITES, Database
from kit.clock import ManualClock
from kit.ids import sortable_id

NOW = ManualClock().now()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The verbs on one database, each in a transaction of its own."""

    database: Database

    @contextmanager
    def writing(self) -> Generator[Session]:
        with self.database.write_in_thread() as session:
            yield session

    def wallet(self, bought: int = 0, workspace: str | None = None, mode: Mode = "sandbox") -> str:
        """A new wallet with so many bought credits; its id."""
        workspace = workspace or sortable_id("ws")
        with self.writing() as session:
            repository.add_wallet(session, workspace, mode, now=NOW)
            found = repository.find_wallet(session, workspace, mode)
            assert found is not None
            if bought:
                repository.purchase(session, found.id, bought, cause("order"))
        return found.id

    def hold(self, wallet_id: str, amount: int, ref_id: str | None = None) -> str:
        with self.writing() as session:
            held = repository.hold(
                session,
                wallet_id,
                amount,
                kind="export",
                ref_id=ref_id or sortable_id("exp"),
                actor="usr_1",
                at=NOW,
            )
        return held.id

    def capture(self, hold_id: str, used: int) -> int:
        with self.writing() as session:
            held = repository.lock_hold(session, hold_id)
            return repository.capture_hold(session, held, used, actor="usr_1", at=NOW)

    def release(self, hold_id: str) -> None:
        with self.writing() as session:
            held = repository.lock_hold(session, hold_id)
            repository.release_hold(session, held, actor="usr_1", at=NOW)

    def seen(self, wallet_id: str) -> Wallet:
        with self.writing() as session:
            return repository.lock_wallet(session, wallet_id)

    def balances(self, wallet_id: str) -> tuple[int, int, int]:
        wallet = self.seen(wallet_id)
        return wallet.available, wallet.held, wallet.debt

    def journal(self, wallet_id: str) -> Sequence[tuple[Any, ...]]:
        """Number, kind, postings and the balances after, in order; without ids, so that two compare."""
        with self.database.read_in_thread() as session:
            entries = session.scalars(
                select(EntryRow).where(EntryRow.wallet_id == wallet_id).order_by(EntryRow.seq)
            ).all()
            return [(*_told(entry), _postings(session, entry.id)) for entry in entries]

    def hold_ids(self, wallet_id: str) -> set[str]:
        with self.database.read_in_thread() as session:
            return {
                *session.scalars(select(HoldRow.id).where(HoldRow.wallet_id == wallet_id)).all()
            }

    @contextmanager
    def unguarded(self) -> Generator[Connection]:
        """A connection on which no trigger of the ledger is there; all of it is undone at the end."""
        engine = self.database.engine.execution_options(**{WRITES: True})
        with engine.connect() as connection:
            for name, table in connection.execute(text(self._triggers())).all():
                on = "" if self.database.is_sqlite else f" on {table}"
                connection.execute(text(f"drop trigger {name}{on}"))
            yield connection
            connection.rollback()

    def _triggers(self) -> str:
        if self.database.is_sqlite:
            return "select name, tbl_name from sqlite_master where type = 'trigger'"
        return (
            "select tgname, relname from pg_trigger join pg_class on pg_class.oid = tgrelid"
            " where not tgisinternal"
        )

    def active_holds(self, wallet_id: str) -> int:
        """Credits in active holds."""
        with self.database.read_in_thread() as session:
            amounts = session.scalars(
                select(HoldRow.amount).where(
                    HoldRow.wallet_id == wallet_id, HoldRow.state == "active"
                )
            ).all()
        return sum(amounts)


def cause(word: str = "effect") -> Cause:
    """A cause that no other entry has."""
    return Cause(f"{word}:{sortable_id('t')}", word, "r_1", "usr_1", NOW)


def _told(entry: EntryRow) -> tuple[Any, ...]:
    return (entry.seq, entry.kind, entry.available_after, entry.held_after, entry.debt_after)


def _postings(session: Session, entry_id: str) -> dict[str, int]:
    rows = session.scalars(select(PostingRow).where(PostingRow.entry_id == entry_id))
    return {row.account: row.amount for row in rows}
