"""The ledger's verbs on both databases."""

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event, select

from backend.credits import repository
from backend.credits.errors import (
    HoldRefused,
    HoldSettled,
    InsufficientCredits,
    WalletFrozen,
    WalletInDebt,
)
from backend.db.event_log import EventRow
from kit.ids import sortable_id
from tests.backend.credits.ledgers import NOW, Ledger, cause


@pytest.mark.rule("credits-L1", "credits-L7")
def test_a_journal_tells_each_step_and_what_was_left(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=100)
    held = ledger.hold(wallet, 40)
    assert ledger.capture(held, 25) == 25
    ledger.release(ledger.hold(wallet, 10))
    assert ledger.journal(wallet) == [
        (1, "purchase", 100, 0, 0, {"purchased": -100, "available": 100}),
        (2, "hold", 60, 40, 0, {"available": -40, "held": 40}),
        (3, "capture", 75, 0, 0, {"held": -40, "spent": 25, "available": 15}),
        (4, "hold", 65, 10, 0, {"available": -10, "held": 10}),
        (5, "release", 75, 0, 0, {"held": -10, "available": 10}),
    ]


@pytest.mark.rule("credits-L7")
def test_what_costs_more_than_was_held_is_our_loss(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=100)
    assert ledger.capture(ledger.hold(wallet, 10), 99) == 10
    assert ledger.balances(wallet) == (90, 0, 0)


@pytest.mark.rule("credits-L4")
def test_more_than_is_available_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=5)
    with pytest.raises(InsufficientCredits) as refused:
        ledger.hold(wallet, 6)
    assert (refused.value.required, refused.value.available, refused.value.debt) == (6, 5, 0)
    ledger.hold(wallet, 5)
    with pytest.raises(InsufficientCredits):
        ledger.hold(wallet, 1)
    assert ledger.balances(wallet) == (0, 5, 0)
    assert len(ledger.journal(wallet)) == 2


@pytest.mark.rule("credits-L4", "credits-L6")
def test_debt_stops_spending_until_it_is_paid(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=50)
    held = ledger.hold(wallet, 40)
    with ledger.writing() as session:
        repository.claw_back(session, wallet, 50, cause("order"))
    assert ledger.balances(wallet) == (0, 40, 40)
    with pytest.raises(WalletInDebt) as refused:
        ledger.hold(wallet, 1)
    assert (refused.value.required, refused.value.available, refused.value.debt) == (1, 0, 40)
    assert ledger.capture(held, 30) == 30
    assert ledger.balances(wallet) == (0, 0, 30)
    with ledger.writing() as session:
        repository.grant(session, wallet, 31, cause("grant"))
    assert ledger.balances(wallet) == (1, 0, 0)
    ledger.hold(wallet, 1)


@pytest.mark.rule("credits-L4")
def test_a_frozen_wallet_holds_nothing_new_and_settles_what_runs(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=50)
    running = ledger.hold(wallet, 10)
    with ledger.writing() as session:
        assert repository.set_frozen(session, wallet, frozen=True, at=NOW).frozen
    with pytest.raises(WalletFrozen):
        ledger.hold(wallet, 1)
    assert ledger.capture(running, 10) == 10
    with ledger.writing() as session:
        repository.set_frozen(session, wallet, frozen=False, at=NOW)
    ledger.hold(wallet, 1)


@pytest.mark.rule("credits-L3")
def test_a_hold_is_settled_once_whichever_way(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=50)
    captured, released = ledger.hold(wallet, 10), ledger.hold(wallet, 10)
    ledger.capture(captured, 10)
    ledger.release(released)
    for settle in (
        lambda: ledger.capture(captured, 10),
        lambda: ledger.release(captured),
        lambda: ledger.capture(released, 10),
        lambda: ledger.release(released),
        lambda: ledger.release("hld_of_nobody"),
    ):
        with pytest.raises(HoldSettled):
            settle()
    assert ledger.balances(wallet) == (40, 0, 0)


@pytest.mark.rule("credits-L3")
def test_a_hold_known_before_it_was_settled_elsewhere_is_not_settled_again(
    ledger: Ledger,
) -> None:
    wallet = ledger.wallet(bought=50)
    hold_id = ledger.hold(wallet, 10)
    with ledger.writing() as session:
        known = repository.lock_hold(session, hold_id)
        repository.release_hold(session, known, actor="usr_1", at=NOW)
    with pytest.raises(HoldSettled), ledger.writing() as session:
        repository.capture_hold(session, known, 5, actor="usr_1", at=NOW)
    assert ledger.balances(wallet) == (50, 0, 0)


@pytest.mark.rule("credits-L1")
def test_an_adjustment_is_an_entry_like_any_other(ledger: Ledger) -> None:
    wallet = ledger.wallet()
    with ledger.writing() as session:
        repository.adjust(session, wallet, 7, cause("adjust"))
        repository.adjust(session, wallet, -10, cause("adjust"))
    assert ledger.journal(wallet) == [
        (1, "adjust", 7, 0, 0, {"adjusted": -7, "available": 7}),
        (2, "adjust", 0, 0, 3, {"adjusted": 10, "available": -7, "debt": -3}),
    ]


@pytest.mark.rule("credits-L13")
def test_every_entry_has_its_event_and_a_rolled_back_one_has_none(ledger: Ledger) -> None:
    workspace = sortable_id("ws")
    wallet = ledger.wallet(bought=20, workspace=workspace)
    ledger.hold(wallet, 5)
    with suppress(HoldRefused), ledger.writing() as session:
        repository.grant(session, wallet, 1, cause("grant"))
        repository.hold(session, wallet, 999, kind="export", ref_id="exp_x", actor="usr_1", at=NOW)
    with ledger.database.read_in_thread() as session:
        bodies = session.scalars(
            select(EventRow.body).where(EventRow.workspace_id == workspace).order_by(EventRow.seq)
        ).all()
    common = {"workspace": workspace, "mode": "sandbox", "debt": 0, "frozen": False}
    assert list(bodies) == [
        {**common, "available": 20, "held": 0, "seq": 1},
        {**common, "available": 15, "held": 5, "seq": 2},
    ]


@pytest.mark.rule("credits-L15")
def test_a_hold_locks_its_wallet_for_one_statement_on_postgres(postgres_ledger: Ledger) -> None:
    wallet = postgres_ledger.wallet(bought=20)
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, words: str, *_more: Any) -> None:
        said.append(words)

    event.listen(postgres_ledger.database.engine, "before_cursor_execute", listen)
    held = postgres_ledger.hold(wallet, 5)
    counts = [len(said)]
    postgres_ledger.capture(held, 5)
    event.remove(postgres_ledger.database.engine, "before_cursor_execute", listen)
    locked = next(n for n, words in enumerate(said) if words.startswith("update wallets set seq"))
    assert [*counts, len(said) - locked] == [1, 2]


@pytest.mark.rule("credits-W1")
def test_wallets_of_several_modes_never_meet(ledger: Ledger) -> None:
    workspace = sortable_id("ws")
    sandbox = ledger.wallet(bought=100, workspace=workspace)
    live = ledger.wallet(workspace=workspace, mode="live")
    assert sandbox != live
    assert ledger.wallet(workspace=workspace) == sandbox
    with pytest.raises(InsufficientCredits):
        ledger.hold(live, 1)
