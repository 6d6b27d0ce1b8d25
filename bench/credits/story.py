"""A ledger of a million entries, for the audit: written in bulk, by formula, with its guards put aside."""

# ruff: noqa: S608 - every word of these statements stands in this file

from typing import Final

from sqlalchemy import Connection, text

from backend.db.session import WRITES, Database

WALLETS: Final = 1_000
PER_WALLET: Final = 1_001  # one purchase, then 500 times a hold and its capture
ENTRIES: Final = WALLETS * PER_WALLET
BOUGHT: Final = 1_000

NUMBERS_SQLITE: Final = (
    "with recursive w(w) as (select 1 union all select w + 1 from w where w < {wallets}),"
    " s(s) as (select 1 union all select s + 1 from s where s < {entries})"
)
NUMBERS_POSTGRES: Final = (
    "with w(w) as (select generate_series(1, {wallets})),"
    " s(s) as (select generate_series(1, {entries}))"
)
MOMENT: Final = "'2026-11-20 00:00:00+00:00'"
# The purchase is entry 1; the hold of pair p is entry 2p, its capture entry 2p + 1.
STATEMENTS: Final = (
    (
        f"insert into wallets select 'wal_' || w, 'ws_' || w, 'sandbox', {BOUGHT} - {PER_WALLET // 2}, 0, 0, 0,"
        f" {PER_WALLET}, false, {MOMENT} from w"
    ),
    (
        "insert into entries select 'ent_' || w || '_' || s, 'wal_' || w, s,"
        " case when s = 1 then 'purchase' when s % 2 = 0 then 'hold' else 'capture' end,"
        " case when s = 1 then 'order:' || w when s % 2 = 0 then 'hold:hld_' || w || '_' || (s / 2)"
        " else 'settle:hld_' || w || '_' || (s / 2) end,"
        f" 'export', 'exp_' || w || '_' || (s / 2), 'usr_1', null, {BOUGHT} - s / 2, 1 - s % 2, 0, '',"
        f" {MOMENT} from w, s"
    ),
    (
        "insert into postings select 'ent_' || w || '_' || s,"
        " case when s = 1 then 'purchased' when s % 2 = 0 then 'available' else 'held' end,"
        f" case when s = 1 then -{BOUGHT} else -1 end from w, s"
    ),
    (
        "insert into postings select 'ent_' || w || '_' || s,"
        " case when s = 1 then 'available' when s % 2 = 0 then 'held' else 'spent' end,"
        f" case when s = 1 then {BOUGHT} else 1 end from w, s"
    ),
    (
        "insert into holds select 'hld_' || w || '_' || (s / 2), 'wal_' || w, 'export',"
        f" 'exp_' || w || '_' || (s / 2), 1, 1, 'captured', {MOMENT}, {MOMENT} from w, s where s % 2 = 0"
    ),
)


def write_story(database: Database) -> None:
    engine = database.engine.execution_options(**{WRITES: True})
    with engine.begin() as connection:
        _put_guards_aside(connection, sqlite=database.is_sqlite)
        numbers = NUMBERS_SQLITE if database.is_sqlite else NUMBERS_POSTGRES
        head = numbers.format(wallets=WALLETS, entries=PER_WALLET)
        for words in STATEMENTS:
            into, rest = words.split(" select ", 1)
            moments = rest if database.is_sqlite else rest.replace(MOMENT, f"{MOMENT}::timestamptz")
            connection.execute(text(f"{into} {head} select {moments}".replace("::", "\\:\\:")))
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as after:
            after.execute(text("vacuum analyze"))


def _put_guards_aside(connection: Connection, *, sqlite: bool) -> None:
    """They would look at each of two million postings."""
    if not sqlite:
        connection.execute(text("set local session_replication_role = replica"))
        return
    names = connection.execute(text("select name from sqlite_master where type = 'trigger'"))
    for name in names.scalars().all():
        connection.execute(text(f"drop trigger {name}"))
