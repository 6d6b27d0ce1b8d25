"""What entries post, without any database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.credits.errors import Unbalanced
from backend.credits.ledger import (
    CREDITS_MAX,
    Balances,
    Posting,
    applied,
    capture_postings,
    hold_postings,
    inflow_postings,
    outflow_postings,
    release_postings,
)

amounts = st.integers(1, 1000)


@st.composite
def wallets(draw: st.DrawFn) -> Balances:
    """Any wallet that can be."""
    held = draw(st.integers(0, 1000))
    debt = draw(st.integers(0, 1000))
    available = 0 if debt else draw(st.integers(0, 1000))
    return Balances(available, held, debt, draw(st.integers(0, available + held)))


def by_account(postings: tuple[Posting, ...]) -> dict[str, int]:
    return {posting.account: posting.amount for posting in postings}


@pytest.mark.rule("credits-L1", "credits-L5")
def test_a_purchase_pays_debt_first() -> None:
    postings = inflow_postings("purchased", 500, debt=80)
    assert by_account(postings) == {"purchased": -500, "debt": 80, "available": 420}
    assert applied(Balances(debt=80), postings) == Balances(available=420)


@pytest.mark.rule("credits-L1", "credits-L5")
@given(wallet=wallets(), amount=amounts)
def test_what_flows_in_leaves_no_debt_beside_available_credits(
    wallet: Balances, amount: int
) -> None:
    for source in ("purchased", "granted", "adjusted"):
        after = applied(wallet, inflow_postings(source, amount, debt=wallet.debt))
        assert after.available - after.debt == wallet.available - wallet.debt + amount
        assert after.held == wallet.held


@pytest.mark.rule("credits-L6")
@given(wallet=wallets(), amount=amounts)
def test_a_clawback_never_touches_what_is_held(wallet: Balances, amount: int) -> None:
    after = applied(wallet, outflow_postings("purchased", amount, available=wallet.available))
    assert after.held == wallet.held
    assert after.available == max(0, wallet.available - amount)
    assert after.debt == wallet.debt + max(0, amount - wallet.available)


@pytest.mark.rule("credits-L7")
@given(held=amounts, used=amounts, rest=st.integers(0, 100), debt=st.integers(0, 100), left=amounts)
def test_a_capture_spends_at_most_what_was_held(
    held: int, used: int, rest: int, debt: int, left: int
) -> None:
    available = 0 if debt else rest
    before = Balances(available, held, debt, min(left, available + held))
    postings = capture_postings(held, used, debt=debt)
    after = applied(before, postings)
    spent = by_account(postings)["spent"]
    assert spent == min(used, held)
    assert after.held == 0
    assert after.available - after.debt == available - debt + held - spent


@pytest.mark.rule("credits-L5")
def test_a_release_and_the_rest_of_a_capture_pay_debt_first() -> None:
    assert by_account(release_postings(100, debt=30)) == {
        "held": -100,
        "debt": 30,
        "available": 70,
    }
    assert by_account(capture_postings(100, 60, debt=30)) == {
        "held": -100,
        "spent": 60,
        "debt": 30,
        "available": 10,
    }
    assert by_account(release_postings(20, debt=30)) == {"held": -20, "debt": 20}


@pytest.mark.rule("credits-L14")
def test_granted_credits_are_spent_first() -> None:
    wallet = applied(Balances(), inflow_postings("granted", 300, debt=0))
    wallet = applied(wallet, inflow_postings("purchased", 500, debt=0))
    assert wallet.granted_left == 300
    wallet = applied(wallet, hold_postings(400))
    assert wallet.granted_left == 300
    wallet = applied(wallet, capture_postings(400, 250, debt=0))
    assert (wallet.available, wallet.granted_left) == (550, 50)
    wallet = applied(wallet, hold_postings(100))
    wallet = applied(wallet, capture_postings(100, 100, debt=0))
    assert (wallet.available, wallet.granted_left) == (450, 0)


@pytest.mark.rule("credits-L14")
def test_a_grant_received_after_spending_is_not_bought() -> None:
    wallet = applied(Balances(), inflow_postings("purchased", 100, debt=0))
    wallet = applied(wallet, outflow_postings("purchased", 130, available=100))
    wallet = applied(wallet, inflow_postings("granted", 50, debt=30))
    assert wallet == Balances(available=20, granted_left=20)


@pytest.mark.rule("credits-L1")
@pytest.mark.parametrize(
    "postings",
    [
        (),
        (Posting("available", 5),),
        (Posting("available", 5), Posting("purchased", -4)),
        (Posting("available", 5), Posting("available", -5)),
        (Posting("available", -5), Posting("spent", 5)),
        (Posting("held", -1), Posting("spent", 1)),
        (Posting("debt", 1), Posting("purchased", -1)),
        (Posting("debt", -1), Posting("purchased", 1)),
    ],
)
def test_what_does_not_add_up_is_not_posted(postings: tuple[Posting, ...]) -> None:
    with pytest.raises(Unbalanced):
        applied(Balances(available=4), postings)


@pytest.mark.rule("credits-L1")
@pytest.mark.parametrize("amount", [0, -1, CREDITS_MAX + 1])
def test_nobody_moves_nothing_or_more_than_there_can_be(amount: int) -> None:
    for postings in (
        lambda: inflow_postings("purchased", amount, debt=0),
        lambda: outflow_postings("purchased", amount, available=0),
        lambda: hold_postings(amount),
        lambda: capture_postings(10, amount, debt=0),
        lambda: release_postings(amount, debt=0),
    ):
        with pytest.raises(Unbalanced):
            postings()
    with pytest.raises(Unbalanced):
        Posting("spent", 0)
