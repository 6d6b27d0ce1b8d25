"""What the database itself refuses, by name, on both databases: the code is gone round on purpose."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kit.ids import sortable_id
from tests.backend.credits.ledgers import NOW, Ledger

WALLET = (
    "insert into wallets (id, workspace_id, mode, available, held, debt, granted_left, seq, frozen, created_at)"
    " values (:id, :ws, :mode, :available, :held, :debt, :granted_left, 0, false, :now)"
)
POSTING = "insert into postings (entry_id, account, amount) values (:id, :account, :amount)"
ENTRY = (
    "insert into entries (id, wallet_id, seq, kind, effect_key, ref_kind, ref_id, actor,"
    " available_after, held_after, debt_after, trace_id, created_at)"
    " values (:id, :wallet, :seq, :kind, :key, 'r', 'r', 'a', :available, :held, :debt, '', :now)"
)
HOLD = (
    "insert into holds (id, wallet_id, kind, ref_id, amount, captured, state, created_at, settled_at)"
    " values (:id, :wallet, :kind, :ref, :amount, :captured, :state, :now, :settled)"
)


def refused(ledger: Ledger, name: str, *statements: tuple[str, dict[str, object]]) -> None:
    """The transaction of these statements fails, and the error says the name of the rule."""
    with pytest.raises(IntegrityError) as error:
        run(ledger, statements)
    told = str(error.value.orig)
    if "UNIQUE constraint failed" in told or "FOREIGN KEY constraint" in told:
        assert name.startswith(("uq_", "fk_"))
        return  # SQLite tells the columns of these instead of their name
    assert name in told, told


def run(ledger: Ledger, statements: Sequence[tuple[str, dict[str, object]]]) -> None:
    with ledger.writing() as session:
        for words, values in statements:
            session.execute(text(words), values)


def wallet_row(**changes: object) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "id": sortable_id("wal"),
        "ws": sortable_id("ws"),
        "mode": "sandbox",
        "available": 0,
        "held": 0,
        "debt": 0,
        "granted_left": 0,
        "now": NOW.isoformat(),
    }
    return WALLET, values | changes


def posting(entry: str, account: str, amount: int) -> tuple[str, dict[str, object]]:
    return POSTING, {"id": entry, "account": account, "amount": amount}


def entry_row(wallet: str, entry: str, **changes: object) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "id": entry,
        "wallet": wallet,
        "seq": 2,
        "kind": "grant",
        "key": sortable_id("k"),
        "available": 101,
        "held": 0,
        "debt": 0,
        "now": NOW.isoformat(),
    }
    return ENTRY, values | changes


def hold_row(wallet: str, **changes: object) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "id": sortable_id("hld"),
        "wallet": wallet,
        "kind": "export",
        "ref": sortable_id("exp"),
        "amount": 5,
        "captured": 0,
        "state": "active",
        "now": NOW.isoformat(),
        "settled": None,
    }
    return HOLD, values | changes


def moved(wallet: str, words: str) -> tuple[str, dict[str, object]]:
    return f"update wallets set {words} where id = :id", {"id": wallet}  # noqa: S608 - of this file


@pytest.mark.rule("credits-D1")
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("ck_wallets_mode", {"mode": "play"}),
        ("ck_wallets_available", {"available": -1, "held": 1}),
        ("ck_wallets_held", {"held": -1, "available": 1}),
        ("ck_wallets_debt", {"debt": -1}),
        ("ck_wallets_granted_left", {"granted_left": -1}),
        ("ck_wallets_debt_excludes_available", {"debt": 1, "available": 1}),
        ("ck_wallets_granted_is_there", {"granted_left": 3, "available": 1, "held": 1}),
    ],
)
def test_a_wallet_that_cannot_be(ledger: Ledger, name: str, changes: dict[str, object]) -> None:
    refused(ledger, name, wallet_row(**changes))


@pytest.mark.rule("credits-D1", "credits-W1")
def test_one_wallet_per_workspace_and_mode(ledger: Ledger) -> None:
    workspace = sortable_id("ws")
    refused(
        ledger, "uq_wallets_workspace_id_mode", wallet_row(ws=workspace), wallet_row(ws=workspace)
    )


@pytest.mark.rule("credits-D1")
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("ck_holds_kind", {"kind": "loan"}),
        ("ck_holds_state", {"state": "lost", "settled": NOW.isoformat()}),
        ("ck_holds_amount", {"amount": 0}),
        ("ck_holds_captured", {"captured": 6, "state": "captured", "settled": NOW.isoformat()}),
        ("ck_holds_captured_is_told", {"captured": 1}),
        ("ck_holds_captured_is_told", {"state": "captured", "settled": NOW.isoformat()}),
        ("ck_holds_settled_is_told", {"settled": NOW.isoformat()}),
        ("ck_holds_settled_is_told", {"state": "released"}),
    ],
)
def test_a_hold_that_cannot_be(ledger: Ledger, name: str, changes: dict[str, object]) -> None:
    refused(ledger, name, hold_row(ledger.wallet(), **changes))


@pytest.mark.rule("credits-D1")
def test_one_hold_per_thing(ledger: Ledger) -> None:
    wallet, thing = ledger.wallet(), sortable_id("exp")
    refused(
        ledger, "uq_holds_kind_ref_id", hold_row(wallet, ref=thing), hold_row(wallet, ref=thing)
    )


@pytest.mark.rule("credits-D1", "credits-D2")
@pytest.mark.parametrize(
    ("name", "lines", "changes"),
    [
        ("ck_postings_account", {"pocket": 1, "granted": -1}, {}),
        ("ck_postings_amount", {"available": 1, "granted": -1, "held": 0}, {}),
        ("ck_entries_kind", {"available": 1, "granted": -1}, {"kind": "gift"}),
        ("entries_sum_to_zero", {}, {"available": 100}),
        ("entries_sum_to_zero", {"available": 1, "granted": -2}, {}),
        ("entries_follow_on", {"available": 2, "granted": -2}, {}),
        ("entries_follow_on", {"held": 1, "granted": -1}, {}),
        ("entries_follow_on", {"debt": 1, "granted": -1}, {"available": 100}),
        ("entries_without_gaps", {"available": 101, "granted": -101}, {"seq": 3}),
    ],
)
def test_an_entry_that_cannot_be(
    ledger: Ledger, name: str, lines: dict[str, int], changes: dict[str, object]
) -> None:
    wallet, entry = ledger.wallet(bought=100), sortable_id("ent")
    refused(
        ledger,
        name,
        moved(wallet, f"available = {changes.get('available', 101)}, seq = 2"),
        *([moved(wallet, "seq = 3")] if "seq" in changes else []),
        *(posting(entry, account, amount) for account, amount in lines.items()),
        entry_row(wallet, entry, **changes),
    )


@pytest.mark.rule("credits-D2")
def test_an_entry_that_is_not_what_the_wallet_says(ledger: Ledger) -> None:
    wallet, entry = ledger.wallet(bought=100), sortable_id("ent")
    lines = (posting(entry, "available", 1), posting(entry, "granted", -1))
    sealed = entry_row(wallet, entry)
    refused(ledger, "entries_equal_the_wallet", *lines, sealed)
    refused(
        ledger,
        "entries_equal_the_wallet",
        moved(wallet, "available = 150, seq = 2"),
        *lines,
        sealed,
    )


@pytest.mark.rule("credits-D1", "credits-D2")
def test_a_number_and_an_effect_are_used_once(ledger: Ledger) -> None:
    wallet, entry = ledger.wallet(bought=100), sortable_id("ent")
    lines = (posting(entry, "available", 1), posting(entry, "granted", -1))
    with ledger.database.read_in_thread() as session:
        used = session.execute(
            text("select effect_key from entries where wallet_id = :id"), {"id": wallet}
        ).scalar_one()
    refused(
        ledger,
        "uq_entries_effect_key",
        moved(wallet, "available = 101, seq = 2"),
        *lines,
        entry_row(wallet, entry, key=used),
    )
    refused(
        ledger,
        "uq_entries_wallet_id_seq",
        posting(entry, "available", 100),
        posting(entry, "granted", -100),
        entry_row(wallet, entry, seq=1, available=100),
    )


@pytest.mark.rule("credits-D2")
def test_postings_come_first_and_never_alone(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=100)
    with ledger.database.read_in_thread() as session:
        entry = session.execute(
            text("select id from entries where wallet_id = :id"), {"id": wallet}
        ).scalar_one()
    refused(ledger, "postings_sealed", posting(entry, "held", 1))
    refused(ledger, "fk_postings_entry_id", posting(sortable_id("ent"), "held", 1))


@pytest.mark.rule("credits-D2", "credits-D3")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("entries_append_only", "update entries set actor = 'x' where wallet_id = :id"),
        ("entries_append_only", "delete from entries where wallet_id = :id"),
        ("postings_append_only", "update postings set amount = amount + 1"),
        ("postings_append_only", "delete from postings"),
        ("wallets_kept", "delete from wallets where id = :id"),
        ("wallets_move_by_entries", "update wallets set available = 900 where id = :id"),
        ("wallets_move_by_entries", "update wallets set held = held + 1 where id = :id"),
        ("wallets_move_by_entries", "update wallets set debt = 1 where id = :id"),
        ("wallets_move_by_entries", "update wallets set granted_left = 1 where id = :id"),
        ("wallets_move_by_entries", "update wallets set seq = seq + 2 where id = :id"),
        ("wallets_move_by_entries", "update wallets set seq = seq - 1 where id = :id"),
        ("wallets_move_by_entries", "update wallets set workspace_id = 'ws_x' where id = :id"),
        ("wallets_move_by_entries", "update wallets set mode = 'live' where id = :id"),
        ("holds_kept", "delete from holds where wallet_id = :id"),
        ("holds_unchanged", "update holds set amount = 1 where wallet_id = :id"),
        ("holds_unchanged", "update holds set ref_id = 'exp_z' where wallet_id = :id"),
        ("holds_unchanged", "update holds set kind = 'refund' where wallet_id = :id"),
    ],
)
def test_what_is_written_stays(ledger: Ledger, name: str, words: str) -> None:
    wallet = ledger.wallet(bought=100)
    ledger.hold(wallet, 10)
    refused(ledger, name, (words, {"id": wallet} if ":id" in words else {}))


@pytest.mark.rule("credits-D3", "credits-L3")
def test_a_settled_hold_is_settled_for_good(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=100)
    ledger.release(ledger.hold(wallet, 10))
    for words in ("state = 'active', settled_at = null", "state = 'captured', captured = 5"):
        change = f"update holds set {words} where wallet_id = :id"  # noqa: S608 - of this file
        refused(ledger, "holds_settled_once", (change, {"id": wallet}))


@pytest.mark.rule("credits-D2", "credits-D3")
@pytest.mark.parametrize("table", ["wallets", "holds", "entries", "postings"])
def test_no_table_is_emptied(postgres_ledger: Ledger, table: str) -> None:
    refused(postgres_ledger, table, (f"truncate {table} cascade", {}))


@pytest.mark.rule("credits-D1")
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("ck_entries_after", {"held": -1}),
        ("ck_entries_seq", {"seq": 0}),
        ("ck_entries_debt_excludes_available", {"debt": 1}),
        ("fk_entries_wallet_id", {"wallet": "wal_of_nobody"}),
    ],
)
def test_what_triggers_would_refuse_constraints_refuse_too(
    ledger: Ledger, name: str, changes: dict[str, object]
) -> None:
    words, values = entry_row(ledger.wallet(bought=100), sortable_id("ent"))
    values |= changes
    with ledger.unguarded() as connection, pytest.raises(IntegrityError) as error:
        connection.execute(text(words), values)
    told = str(error.value.orig)
    assert name in told or ("FOREIGN KEY" in told and name.startswith("fk_"))


@pytest.mark.rule("credits-D1")
def test_no_wallet_counts_below_nothing(ledger: Ledger) -> None:
    words, values = moved(ledger.wallet(), "seq = -1")
    with ledger.unguarded() as connection, pytest.raises(IntegrityError, match="ck_wallets_seq"):
        connection.execute(text(words), values)


@pytest.mark.rule("credits-D1")
def test_holds_and_postings_stand_in_a_wallet_and_an_entry_once(ledger: Ledger) -> None:
    refused(ledger, "fk_holds_wallet_id", hold_row("wal_of_nobody"))
    entry = sortable_id("ent")
    twice = (posting(entry, "available", 1), posting(entry, "available", -1))
    with pytest.raises(IntegrityError, match=r"pk_postings|postings\.entry_id"):
        run(ledger, twice)
