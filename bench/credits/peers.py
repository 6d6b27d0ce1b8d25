"""The peers of `bench/credits/rounds.py`: their tables and one hold of each."""

from datetime import datetime
from typing import Final

from sqlalchemy import text

from backend.db.session import Database
from kit.ids import sortable_id

FOR_UPDATE_TABLES: Final = (
    "create table peer_wallets (id text primary key, available bigint, held bigint, seq bigint)",
    "create table peer_holds (id text primary key, wallet_id text, ref_id text unique, amount bigint)",
    (
        "create table peer_entries (id text primary key, wallet_id text, seq bigint, available_after bigint,"
        " held_after bigint, created_at timestamptz, unique (wallet_id, seq))"
    ),
    (
        "create table peer_postings (entry_id text references peer_entries (id), account text,"
        " amount bigint, primary key (entry_id, account))"
    ),
    "create table peer_events (wallet_id text, seq bigint, body text, primary key (wallet_id, seq))",
)
PGLEDGER_TABLES: Final = (
    "create table peer_accounts (id text primary key, balance bigint, version bigint)",
    (
        "create table peer_transfers (id text primary key, from_id text, to_id text, amount bigint,"
        " created_at timestamptz)"
    ),
    (
        "create table peer_lines (id bigint generated always as identity primary key, account_id text"
        " references peer_accounts (id), transfer_id text references peer_transfers (id), amount bigint,"
        " balance_before bigint, balance_after bigint, version bigint, created_at timestamptz)"
    ),
    """
    create function peer_transfer(wanted text, giver text, taker text, credits bigint, at timestamptz)
    returns void language plpgsql as $$
    declare
        first text := least(giver, taker); second text := greatest(giver, taker);
        gave record; took record;
    begin
        perform 1 from peer_accounts where id = first for update;
        perform 1 from peer_accounts where id = second for update;
        insert into peer_transfers values (wanted, giver, taker, credits, at);
        update peer_accounts set balance = balance - credits, version = version + 1
        where id = giver returning * into gave;
        if gave.balance < 0 then raise exception 'insufficient'; end if;
        update peer_accounts set balance = balance + credits, version = version + 1
        where id = taker returning * into took;
        insert into peer_lines (account_id, transfer_id, amount, balance_before, balance_after, version, created_at)
        values (giver, wanted, -credits, gave.balance + credits, gave.balance, gave.version, at),
            (taker, wanted, credits, took.balance - credits, took.balance, took.version, at);
    end $$
    """,
)


def for_update_hold(database: Database, wallet_id: str, now: datetime) -> None:
    """Lock, look, decide in Python, write."""
    entry_id = sortable_id("ent")
    with database.write_in_thread() as session:
        available, held, seq = session.execute(
            text("select available, held, seq from peer_wallets where id = :w for update"),
            {"w": wallet_id},
        ).one()
        assert available >= 1
        after = {"w": wallet_id, "a": available - 1, "h": held + 1, "s": seq + 1}
        session.execute(
            text("update peer_wallets set available = :a, held = :h, seq = :s where id = :w"), after
        )
        session.execute(
            text("insert into peer_holds values (:id, :w, :ref, 1)"),
            {"id": sortable_id("hld"), "w": wallet_id, "ref": sortable_id("exp")},
        )
        session.execute(
            text("insert into peer_entries values (:id, :w, :s, :a, :h, :now)"),
            {**after, "id": entry_id, "now": now},
        )
        session.execute(
            text("insert into peer_postings values (:id, :account, :amount)"),
            [
                {"id": entry_id, "account": "available", "amount": -1},
                {"id": entry_id, "account": "held", "amount": 1},
            ],
        )
        session.execute(text("insert into peer_events values (:w, :s, '{}')"), after)


def pgledger_hold(database: Database, wallet_id: str, now: datetime) -> None:
    """One call, one round trip; it keeps no hold row and tells no event."""
    with database.write_in_thread() as session:
        session.execute(
            text("select peer_transfer(:id, :giver, :taker, 1, :now)"),
            {
                "id": sortable_id("trf"),
                "giver": f"{wallet_id}:available",
                "taker": f"{wallet_id}:held",
                "now": now,
            },
        )
