"""Facts -> credits owed: every property that a wallet rests on."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.payments.facts import (
    Dispute,
    Facts,
    Payment,
    Refund,
    merged_dispute,
    merged_payment,
    merged_refund,
)
from backend.payments.fold import (
    Folded,
    Terms,
    credits_for,
    folded,
    net_minor,
    refund_minor,
    refundable_credits,
)
from tests.backend.payments.stories import ORDER, payment_id, stories, terms

STARTER = Terms(500, 49_900, "INR")


class Known:
    """Facts gathered by the rule of merging, as the tables gather them."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.disputes: dict[str, Dispute] = {}

    def learn(self, told: Facts) -> "Known":
        for fact in told.payments:
            before = self.payments.get(fact.id)
            self.payments[fact.id] = merged_payment(before, fact) if before else fact
        for refund in told.refunds:
            known = self.refunds.get(refund.id)
            self.refunds[refund.id] = merged_refund(known, refund) if known else refund
        for dispute in told.disputes:
            seen = self.disputes.get(dispute.id)
            self.disputes[dispute.id] = merged_dispute(seen, dispute) if seen else dispute
        return self

    def fold(self, agreed: Terms) -> Folded:
        return folded(agreed, self.payments.values(), self.refunds.values(), self.disputes.values())


def captured(number: int = 0, amount: int = 49_900, currency: str = "INR") -> Payment:
    return Payment(payment_id(number), ORDER, amount, currency, "captured", captured=True)


@pytest.mark.rule("payments-F1")
@given(story=stories())
def test_credits_owed_stay_between_nothing_and_the_order(story: tuple[Terms, list[Facts]]) -> None:
    agreed, told = story
    known = Known()
    for facts in told:
        assert 0 <= known.learn(facts).fold(agreed).credits <= agreed.credits


@pytest.mark.rule("payments-F2")
@given(story=stories(), data=st.data())
def test_facts_come_to_the_same_in_any_order_and_any_number_of_times(
    story: tuple[Terms, list[Facts]], data: st.DataObject
) -> None:
    agreed, told = story
    again = [facts for facts in told for _ in range(data.draw(st.integers(1, 3)))]
    shuffled = data.draw(st.permutations(again))
    one, other = Known(), Known()
    for facts in told:
        one.learn(facts)
    for facts in shuffled:
        other.learn(facts)
    assert other.fold(agreed).credits == one.fold(agreed).credits
    assert other.fold(agreed).state == one.fold(agreed).state
    assert (other.payments, other.refunds) == (one.payments, one.refunds)


@pytest.mark.rule("payments-F2")
def test_failed_then_captured_on_one_id_is_captured_whichever_comes_first() -> None:
    failed = replace(captured(), state="failed", captured=True)
    assert merged_payment(failed, captured()).state == "captured"
    assert merged_payment(captured(), failed).state == "captured"


@pytest.mark.rule("payments-F2")
def test_a_refund_that_failed_after_it_was_processed_gives_its_credits_back() -> None:
    known = Known().learn(
        Facts((captured(),), (Refund("rfnd_a", payment_id(0), 9_980, "processed"),))
    )
    assert known.fold(STARTER).credits == 400
    known.learn(Facts(refunds=(Refund("rfnd_a", payment_id(0), 9_980, "failed"),)))
    known.learn(Facts(refunds=(Refund("rfnd_a", payment_id(0), 9_980, "pending"),)))
    assert known.fold(STARTER).credits == 500


@pytest.mark.rule("payments-F3")
@pytest.mark.parametrize(
    "payment",
    [
        captured(amount=49_800),
        captured(amount=4_990_000),
        captured(currency="USD"),
    ],
    ids=["less", "more", "other currency"],
)
def test_money_of_another_amount_or_currency_buys_nothing(payment: Payment) -> None:
    found = folded(STARTER, [payment], [], [])
    assert (found.credits, found.state, found.mismatching) == (0, "review", (payment.id,))


@pytest.mark.rule("payments-F3")
@pytest.mark.parametrize("state", ["created", "failed", "authorized"])
def test_what_is_not_captured_buys_nothing_whatever_its_flag_says(state: str) -> None:
    payment = replace(captured(), state=state, captured=True)
    found = folded(STARTER, [payment], [], [])
    assert (found.credits, found.state) == (0, "attempted")


@pytest.mark.rule("payments-F3")
def test_an_authorised_payment_that_went_back_by_itself_never_counted() -> None:
    authorised = replace(captured(), state="authorized", captured=False)
    returned = merged_payment(authorised, replace(captured(), state="refunded", captured=False))
    found = folded(STARTER, [returned], [Refund("rfnd_a", payment_id(0), 49_900, "pending")], [])
    assert (found.credits, found.mismatching) == (0, ())


@pytest.mark.rule("payments-F4")
def test_a_second_payment_adds_nothing_and_refunding_either_leaves_the_credits() -> None:
    both = [captured(0), captured(1)]
    found = folded(STARTER, both, [], [])
    assert (found.credits, found.extra) == (500, (payment_id(1),))
    for number in (0, 1):
        back = Refund("rfnd_a", payment_id(number), 49_900, "processed")
        after = folded(STARTER, both, [back], [])
        assert (after.credits, after.state, after.extra) == (500, "paid", ())


@pytest.mark.rule("payments-F1")
def test_a_refund_after_a_lost_dispute_is_never_taken_twice() -> None:
    lost = Dispute("disp_a", payment_id(0), 49_900, 49_900, "lost")
    back = Refund("rfnd_a", payment_id(0), 49_900, "processed")
    assert net_minor(captured(), [back], [lost]) == 0
    assert folded(STARTER, [captured()], [back], [lost]).credits == 0


@pytest.mark.rule("payments-F1")
def test_a_lost_dispute_takes_what_was_deducted_else_its_amount() -> None:
    part = Dispute("disp_a", payment_id(0), 49_900, 9_980, "lost")
    assert folded(STARTER, [captured()], [], [part]).credits == 400
    assert folded(STARTER, [captured()], [], [replace(part, deducted_minor=0)]).credits == 0
    assert folded(STARTER, [captured()], [], [replace(part, state="won")]).credits == 500


@pytest.mark.rule("payments-F5")
@given(agreed=terms(), data=st.data())
@example(agreed=STARTER, data=None)
def test_a_refund_leaves_exactly_the_credits_that_were_not_given_back(
    agreed: Terms, data: st.DataObject | None
) -> None:
    """One refund, then another: the fold gives what was promised each time."""
    net, posted = agreed.amount_minor, agreed.credits
    steps = data.draw(st.lists(st.integers(1, agreed.credits), max_size=4)) if data else [100, 400]
    for wish in steps:
        back = min(wish, posted)
        if back == 0:
            break
        sent = refund_minor(agreed, posted=posted, back=back, net_minor=net)
        assert 0 < sent <= net
        net, posted = net - sent, posted - back
        assert credits_for(agreed, net) == posted
    assert net >= 0


@pytest.mark.rule("payments-F5")
def test_every_refund_of_every_pack_is_exact_by_brute_force() -> None:
    for agreed in (STARTER, Terms(2_500, 199_900, "INR"), Terms(500, 500, "INR")):
        for back in range(1, agreed.credits + 1):
            sent = refund_minor(
                agreed, posted=agreed.credits, back=back, net_minor=agreed.amount_minor
            )
            assert credits_for(agreed, agreed.amount_minor - sent) == agreed.credits - back


@pytest.mark.rule("payments-F5")
@given(
    bought=st.integers(0, 1000),
    granted=st.integers(0, 1000),
    spent=st.integers(0, 2000),
    held=st.integers(0, 2000),
)
def test_a_grant_is_never_cashed_out(bought: int, granted: int, spent: int, held: int) -> None:
    """Granted credits go first, so what may go back is never more than what was bought and is left."""
    total = bought + granted
    spent = min(spent, total)
    granted_left = max(0, granted - spent)
    held = min(held, total - spent)
    available = total - spent - held
    possible = refundable_credits(bought, available=available, held=held, granted_left=granted_left)
    bought_left = bought - max(0, spent - granted)
    assert 0 <= possible <= bought_left
    assert available - possible + held >= granted_left


@pytest.mark.rule("payments-F5")
def test_a_grant_after_everything_bought_was_spent_stays_a_grant() -> None:
    assert refundable_credits(500, available=300, held=0, granted_left=300) == 0
    assert refundable_credits(500, available=300, held=100, granted_left=300) == 100
    assert refundable_credits(500, available=300, held=400, granted_left=300) == 300


@pytest.mark.rule("payments-F1")
@pytest.mark.parametrize(("bought", "amount"), [(0, 100), (101, 100), (1, 99)])
def test_terms_that_cannot_be_divided_exactly_are_no_terms(bought: int, amount: int) -> None:
    with pytest.raises(ValueError, match="not an order"):
        Terms(bought, amount, "INR")
