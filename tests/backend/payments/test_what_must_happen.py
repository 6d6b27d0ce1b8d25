"""Every row of the table of failure cases that concerns money coming in or going back, by name."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.credits.errors import HoldRefused
from backend.db.idempotency import KeyReused
from backend.payments.errors import (
    NotRefundable,
    RazorpayRefused,
    RazorpayUnavailable,
    SignatureInvalid,
)
from backend.payments.facts import Facts
from backend.payments.sandbox.orders import create_order
from backend.payments.settling import settle
from backend.payments.tables import RefundRow
from tests.backend.payments.shop import WORKSPACE, Shop
from tests.backend.payments.support import control


@pytest.mark.rule("payments-O1")
async def test_webhook_confirm_and_poll_at_one_instant_are_one_purchase(shop: Shop) -> None:
    order = await shop.buy()
    fields = shop.pay(order)
    shop.clock.advance(1)
    while shop.sandbox.tick():
        pass
    async with asyncio.TaskGroup() as tasks:
        confirmed = [tasks.create_task(shop.confirm(order, fields)) for _ in range(4)]
        for _ in range(2):
            tasks.create_task(asyncio.to_thread(shop.inbox.run_once))
        tasks.create_task(asyncio.to_thread(shop.reconciler.run_fully))
    assert {task.result().status for task in confirmed} == {200}
    shop.deliver()
    assert (shop.wallet().available, shop.entries("purchase")) == (500, 1)


@pytest.mark.rule("payments-O1")
async def test_one_event_a_hundred_times_is_one_purchase(shop: Shop) -> None:
    order = await shop.buy()
    shop.pay(order)
    with shop.sandbox.account.desk() as desk:
        (captured,) = [
            item for item in desk.records.list_of("delivery") if item["event"] == "payment.captured"
        ]
    headers = {
        "X-Razorpay-Signature": captured["signature"],
        "X-Razorpay-Event-Id": captured["event_id"],
    }

    def receive(_number: int) -> int:
        return shop.receive("", headers, captured["body"].encode())

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(receive, range(100)))
    assert set(said) == {200}
    for _ in range(3):
        shop.inbox.run_once()
    assert (shop.wallet().available, shop.entries("purchase")) == (500, 1)


@pytest.mark.rule("payments-F4", "payments-A1")
async def test_two_captured_payments_of_one_order_buy_it_once_and_raise_an_anomaly(
    shop: Shop,
) -> None:
    order = await shop.buy()
    first = shop.pay(order)
    second = shop.pay(order, "second_captured")
    await asyncio.gather(shop.confirm(order, first), shop.confirm(order, second))
    assert (shop.wallet().available, shop.entries("purchase")) == (500, 1)
    assert shop.anomalies() == {"paid_twice"}
    extra = max(first["razorpay_payment_id"], second["razorpay_payment_id"])
    await asyncio.to_thread(lambda: shop.payments.refund_extra(extra, actor="operator"))
    shop.deliver(3)
    assert (shop.wallet().available, shop.order(order).state) == (500, "paid")
    assert shop.anomalies() == set()
    with pytest.raises(NotRefundable):
        shop.payments.refund_extra(extra, actor="operator")


@pytest.mark.rule("payments-C1")
async def test_tab_closed_and_webhook_lost_is_credited_at_the_next_rung(shop: Shop) -> None:
    control(shop.sandbox, "deliveries", profile="silent")
    order = await shop.buy()
    shop.pay(order)
    shop.clock.advance(59)
    shop.reconciler.run_once()
    assert shop.wallet().available == 0
    shop.clock.advance(2)
    shop.reconciler.run_once()
    assert shop.wallet().available == 500


@pytest.mark.rule("payments-C1")
async def test_a_disabled_endpoint_changes_nothing_in_the_end(shop: Shop) -> None:
    control(shop.sandbox, "deliveries", enabled=False)
    order = await shop.bought()
    control(shop.sandbox, "refund", payment_id=order["payment"], amount=9_980)
    shop.reconcile()
    assert shop.wallet().available == 400


@pytest.mark.rule("payments-W3")
async def test_a_refund_told_before_its_payment_ends_as_if_in_order(shop: Shop) -> None:
    order = await shop.buy()
    control(shop.sandbox, "deliveries", held=True)
    payment = shop.pay(order)["razorpay_payment_id"]
    control(shop.sandbox, "refund", payment_id=payment, amount=9_980)
    with shop.sandbox.account.desk() as desk:
        deliveries = desk.records.list_of("delivery")
    for item in reversed(deliveries):
        headers = {
            "X-Razorpay-Signature": item["signature"],
            "X-Razorpay-Event-Id": item["event_id"],
        }
        assert shop.receive("", headers, item["body"].encode()) == 200
        shop.inbox.run_once()
    assert (shop.wallet().available, shop.order(order).state) == (400, "partly_refunded")


@pytest.mark.rule("payments-W3")
async def test_failed_then_captured_on_one_payment_is_credited(shop: Shop) -> None:
    order = await shop.buy()
    control(shop.sandbox, "deliveries", profile="rough", speed=20)
    shop.pay(order, "failed_then_captured")
    shop.deliver(30)
    shop.reconcile()
    assert shop.wallet().available == 500


@pytest.mark.rule("payments-C3")
@pytest.mark.parametrize("days", [2, 8])
async def test_a_late_authorisation_is_credited_even_when_the_order_has_expired(
    shop: Shop, days: int
) -> None:
    control(shop.sandbox, "deliveries", held=True)
    order = await shop.buy()
    shop.pay(order, "late_authorized", late_seconds=days * 86_400.0 + 60)
    for _ in range(8):
        shop.clock.advance(86_400)
        shop.sandbox.account.run_timers()
        shop.reconciler.run_once()
    assert shop.order(order).state == ("paid" if days < 7 else "expired")
    control(shop.sandbox, "deliveries", held=False)
    shop.deliver(3600)
    assert (shop.wallet().available, shop.order(order).state) == (500, "paid")


@pytest.mark.rule("payments-F3", "payments-A1")
async def test_authorised_only_is_shown_never_credited_and_goes_back(shop: Shop) -> None:
    order = await shop.buy()
    answer = await shop.confirm(order, shop.pay(order, "authorized"))
    assert (answer.status, json.loads(answer.text)["state"]) == (202, "attempted")
    shop.clock.advance(3700)
    shop.reconcile()
    assert shop.anomalies() == {"authorized_only"}
    shop.deliver(6 * 86_400)
    shop.reconcile()
    assert shop.wallet().available == 0


@pytest.mark.rule("payments-F3", "payments-A1")
@pytest.mark.parametrize("outcome", ["wrong_amount", "wrong_currency"])
async def test_other_amount_or_currency_is_no_credit_and_an_anomaly(
    shop: Shop, outcome: str
) -> None:
    order = await shop.buy()
    answer = await shop.confirm(order, shop.pay(order, outcome))
    assert json.loads(answer.text)["state"] == "review"
    shop.deliver()
    shop.reconcile()
    assert (shop.wallet().available, shop.anomalies()) == (0, {"amount_or_currency"})


@pytest.mark.rule("payments-W2", "payments-A1")
async def test_an_unknown_order_is_no_credit_and_an_anomaly(shop: Shop) -> None:
    with shop.sandbox.account.desk() as desk:
        foreign = create_order(desk, {"amount": 49_900, "currency": "INR", "receipt": "shoes"})
    control(shop.sandbox, "pay", order_id=foreign["id"])
    shop.deliver()
    assert shop.anomalies() == {"unknown_order"}
    assert shop.entries() == 0


@pytest.mark.rule("payments-W2", "payments-A1")
async def test_another_account_is_no_credit_and_an_anomaly(shop: Shop) -> None:
    order = await shop.buy()
    shop.sandbox.account.change(account_id="acc_ofsomeoneelse")
    shop.pay(order)
    shop.deliver()
    assert (shop.wallet().available, shop.anomalies()) == (0, {"other_account"})


@pytest.mark.rule("payments-O4")
async def test_a_payment_of_another_order_confirms_nothing(shop: Shop) -> None:
    mine, theirs = await shop.buy("k1"), await shop.buy("k2", "ws_of_others")
    fields = shop.pay(theirs)
    for changed in ({}, {"razorpay_order_id": mine["checkout"]["options"]["order_id"]}):
        with pytest.raises(SignatureInvalid):
            await shop.confirm(mine, fields, **changed)
    shop.deliver()
    assert shop.wallet().available == 0
    assert shop.wallet("ws_of_others").available == 500
    assert shop.anomalies() == {"signature_invalid"}


@pytest.mark.rule("payments-O4", "payments-A1")
@pytest.mark.parametrize(
    "forged",
    [
        {"razorpay_signature": ""},
        {"razorpay_signature": "0" * 64},
        {"razorpay_signature": "\u0660" * 64},
        {"razorpay_signature": "\ud800"},
        {"razorpay_payment_id": "../orders/xxxxxx"},
        {"razorpay_payment_id": "pay_AAAAAAAAAAAAA/"},
        {"razorpay_payment_id": ""},
        {"razorpay_order_id": ""},
    ],
)
async def test_a_forged_confirmation_is_refused_and_noted(
    shop: Shop, forged: dict[str, str]
) -> None:
    order = await shop.buy()
    fields = shop.pay(order, "authorized")
    with pytest.raises(SignatureInvalid):
        await shop.confirm(order, fields, **forged)
    assert shop.anomalies() == {"signature_invalid"}
    assert shop.wallet().available == 0


@pytest.mark.rule("payments-O4")
async def test_truncated_and_upper_case_signatures_are_none(shop: Shop) -> None:
    order = await shop.buy()
    fields = shop.pay(order)
    signature = fields["razorpay_signature"]
    for wrong in (signature[:-1], signature.upper(), f" {signature}", signature + "0"):
        with pytest.raises(SignatureInvalid):
            await shop.confirm(order, fields, razorpay_signature=wrong)
    assert (await shop.confirm(order, fields)).status == 200
    assert (await shop.confirm(order, fields)).status == 200
    assert shop.entries("purchase") == 1


@pytest.mark.rule("payments-O2")
@pytest.mark.parametrize("fault", ["drop_after", "html", "204", "drop_before", "500", "429"])
async def test_a_create_whose_answer_is_lost_goes_on_with_the_same_order(
    shop: Shop, fault: str
) -> None:
    control(shop.sandbox, "habits", unique_receipt="ignored")
    shop.fault(fault, method="POST", path="/v1/orders")
    with pytest.raises(RazorpayUnavailable):
        await shop.buy()
    order = await shop.buy()
    remote = control(shop.sandbox, "state", "GET")["orders"]
    assert [item["receipt"] for item in remote] == [order["id"]]
    assert await shop.buy() == order


@pytest.mark.rule("payments-O2")
async def test_a_create_that_nobody_repeats_is_found_by_its_receipt(shop: Shop) -> None:
    shop.fault("drop_after", method="POST", path="/v1/orders")
    with pytest.raises(RazorpayUnavailable):
        await shop.buy()
    (remote,) = control(shop.sandbox, "state", "GET")["orders"]
    control(shop.sandbox, "pay", order_id=remote["id"])
    shop.deliver()
    assert shop.anomalies() == {"unknown_order"}
    shop.reconcile()
    assert (shop.wallet().available, shop.anomalies()) == (500, set())


@pytest.mark.rule("payments-O2")
async def test_the_same_key_with_another_body_is_refused(shop: Shop) -> None:
    await shop.buy()
    with pytest.raises(KeyReused):
        await shop.payments.buy(
            shop.claimed("k1", body=b'{"pack": "film"}'),
            workspace_id=WORKSPACE,
            pack="film",
            buyer={},
        )


@pytest.mark.rule("payments-O2")
async def test_a_double_click_makes_one_order(shop: Shop) -> None:
    one, other = await asyncio.gather(shop.buy(), shop.buy())
    assert one == other
    assert len(control(shop.sandbox, "state", "GET")["orders"]) == 1


@pytest.mark.rule("payments-O3")
async def test_our_wrong_keys_are_told_as_our_fault(shop: Shop) -> None:
    shop.sandbox.account.change(key_secret="rotated")  # noqa: S106 - of a test
    with pytest.raises(RazorpayRefused):
        await shop.buy()


@pytest.mark.rule("payments-O5")
async def test_confirm_while_razorpay_is_down_is_accepted_and_finished_later(shop: Shop) -> None:
    order = await shop.buy()
    fields = shop.pay(order)
    control(shop.sandbox, "deliveries", enabled=False)
    shop.fault("500", method="GET", times=1)
    answer = await shop.confirm(order, fields)
    assert (answer.status, json.loads(answer.text)["state"]) == (202, "attempted")
    assert shop.wallet().available == 0
    shop.reconciler.run_once()
    assert shop.wallet().available == 500


@pytest.mark.rule("payments-R1")
async def test_a_refund_while_an_export_holds_credits_gives_back_only_what_is_free(
    shop: Shop,
) -> None:
    order = await shop.bought()
    held = shop.spend(120)
    refund = await shop.refund(order)
    assert refund["credits"] == 380
    shop.deliver(3)
    assert (shop.wallet().available, shop.wallet().held, shop.wallet().debt) == (0, 120, 0)
    shop.capture(held, 100)
    assert (shop.wallet().available, shop.wallet().debt) == (20, 0)
    assert shop.order(order).posted_credits == 120


@pytest.mark.rule("payments-R1")
async def test_a_grant_received_after_spending_is_never_cashed_out(shop: Shop) -> None:
    order = await shop.bought()
    shop.capture(shop.spend(500), 500)
    shop.grant(300)
    with pytest.raises(NotRefundable) as refused:
        await shop.refund(order)
    assert refused.value.reason == "spent"
    assert shop.wallet().available == 300


@pytest.mark.rule("payments-R2")
async def test_partial_refunds_are_exact_and_one_that_fails_gives_its_credits_back(
    shop: Shop,
) -> None:
    order = await shop.bought()
    first = await shop.refund(order, 100, "r1")
    assert first["amount_minor"] == 9_980
    shop.deliver(3)
    assert (shop.wallet().available, shop.order(order).state) == (400, "partly_refunded")
    await shop.refund(order, 50, "r2")
    shop.deliver(0.2)
    assert shop.wallet().available == 350
    (pending,) = [
        item
        for item in control(shop.sandbox, "state", "GET")["refunds"]
        if item["status"] == "pending"
    ]
    control(shop.sandbox, f"refunds/{pending['id']}", outcome="failed")
    shop.deliver(3)
    assert (shop.wallet().available, shop.active_holds()) == (400, 0)
    await shop.refund(order, None, "r3")
    shop.deliver(3)
    assert (shop.wallet().available, shop.order(order).state) == (0, "refunded")
    kept = control(shop.sandbox, "state", "GET")["orders"][0]["kept"]
    assert kept == 0


@pytest.mark.rule("payments-R3")
@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "html", "500", "429"])
async def test_a_refund_whose_outcome_is_unknown_keeps_its_hold_and_converges_by_its_key(
    shop: Shop, fault: str
) -> None:
    control(shop.sandbox, "deliveries", enabled=False)
    order = await shop.bought()
    shop.fault(fault, method="POST", path="/v1/payments")
    await shop.refund(order)
    assert (shop.wallet().held, shop.wallet().available) == (500, 0)
    shop.reconcile()
    assert (shop.wallet().held, shop.wallet().available, shop.active_holds()) == (0, 0, 0)
    assert len(control(shop.sandbox, "state", "GET")["refunds"]) == 1


@pytest.mark.rule("payments-R3")
async def test_a_refund_that_razorpay_refuses_gives_its_credits_back(shop: Shop) -> None:
    control(shop.sandbox, "deliveries", held=True)
    order = await shop.bought()
    control(shop.sandbox, "refund", payment_id=order["payment"])
    await shop.refund(order)
    assert (shop.wallet().available, shop.wallet().held) == (500, 0)
    assert "refund_refused" in shop.anomalies()
    control(shop.sandbox, "deliveries", held=False)
    shop.deliver(3)
    assert shop.wallet().available == 0


@pytest.mark.rule("payments-R3")
async def test_a_webhook_that_overtakes_the_answer_finds_our_row(shop: Shop) -> None:
    order = await shop.bought()
    shop.fault("drop_after", method="POST", path="/v1/payments")
    await shop.refund(order, 100)
    shop.deliver(3)
    with shop.database.read_in_thread() as session:
        (row,) = session.scalars(select(RefundRow)).all()
    assert (row.state, row.credits, shop.active_holds()) == ("processed", 100, 0)
    assert shop.wallet().available == 400


@pytest.mark.rule("payments-R4")
async def test_a_refund_needs_its_window_and_one_at_a_time(shop: Shop) -> None:
    control(shop.sandbox, "deliveries", enabled=False)
    order = await shop.bought()
    shop.fault("drop_before", method="POST", path="/v1/payments")
    await shop.refund(order, 100)
    reasons: list[str] = []
    with pytest.raises(NotRefundable) as refused:
        await shop.refund(order, 100, "r2")
    reasons.append(refused.value.reason)
    shop.reconcile()
    with pytest.raises(NotRefundable) as refused:
        await shop.refund(order, 401, "r3")
    reasons.append(refused.value.reason)
    with pytest.raises(NotRefundable) as refused:
        await shop.refund(order, 1, "r4")  # under INR 1
    reasons.append(refused.value.reason)
    shop.clock.advance(timedelta(days=7, minutes=1).total_seconds())
    with pytest.raises(NotRefundable) as refused:
        await shop.refund(order, 100, "r5")
    reasons.append(refused.value.reason)
    unpaid = await shop.buy("k2")
    with pytest.raises(NotRefundable) as refused:
        await shop.refund(unpaid, None, "r6")
    reasons.append(refused.value.reason)
    assert reasons == ["state", "spent", "state", "window", "state"]
    assert shop.wallet().available == 400


@pytest.mark.rule("payments-R1")
async def test_concurrent_refunds_never_give_back_more_than_there_is(shop: Shop) -> None:
    order = await shop.bought()

    async def try_one(number: int) -> int:
        try:
            return int((await shop.refund(order, 300, f"r{number}"))["credits"])
        except NotRefundable:
            return 0

    given = await asyncio.gather(*(try_one(number) for number in range(4)))
    assert sum(given) == 300
    shop.deliver(3)
    assert (shop.wallet().available, shop.wallet().debt) == (200, 0)


@pytest.mark.rule("payments-R5")
@pytest.mark.parametrize("how", ["dashboard", "lost"])
async def test_money_that_goes_back_after_spending_is_debt_that_the_next_inflow_pays(
    shop: Shop, how: str
) -> None:
    order = await shop.bought()
    shop.capture(shop.spend(300), 300)
    running = shop.spend(150, "exp_2")
    if how == "dashboard":
        control(shop.sandbox, "refund", payment_id=order["payment"])
    else:
        shop.dispute(order["payment"], "lost")
    shop.deliver(3)
    wallet = shop.wallet()
    assert (wallet.available, wallet.held, wallet.debt) == (0, 150, 450)
    with pytest.raises(HoldRefused):
        shop.spend(1, "exp_3")
    shop.capture(running, 100)
    assert (shop.wallet().available, shop.wallet().debt) == (0, 400)
    await shop.bought("k2")
    assert (shop.wallet().available, shop.wallet().debt) == (100, 0)


@pytest.mark.rule("payments-R5")
async def test_a_release_after_a_lost_dispute_pays_debt(shop: Shop) -> None:
    order = await shop.bought()
    held = shop.spend(500)
    shop.dispute(order["payment"], "lost")
    shop.deliver(3)
    assert (shop.wallet().held, shop.wallet().debt) == (500, 500)
    shop.release(held)
    assert (shop.wallet().available, shop.wallet().held, shop.wallet().debt) == (0, 0, 0)


@pytest.mark.rule("payments-D1")
async def test_a_dispute_freezes_new_holds_and_running_exports_finish(shop: Shop) -> None:
    order = await shop.bought()
    running = shop.spend(100)
    dispute = shop.dispute(order["payment"])
    shop.deliver()
    assert shop.wallet().frozen
    with pytest.raises(HoldRefused):
        shop.spend(1, "exp_2")
    with pytest.raises(NotRefundable) as refused:
        await shop.refund(order)
    assert refused.value.reason == "disputed"
    shop.capture(running, 80)
    control(shop.sandbox, f"disputes/{dispute}", outcome="won")
    shop.deliver()
    assert (shop.wallet().frozen, shop.wallet().available) == (False, 420)


@pytest.mark.rule("payments-D1")
async def test_a_wallet_stays_frozen_while_another_order_is_disputed(shop: Shop) -> None:
    one, other = await shop.bought("k1"), await shop.bought("k2")
    first = shop.dispute(one["payment"])
    shop.dispute(other["payment"])
    shop.deliver()
    control(shop.sandbox, f"disputes/{first}", outcome="won")
    shop.deliver()
    assert shop.wallet().frozen


@pytest.mark.rule("payments-D1")
async def test_a_refund_after_a_lost_dispute_is_never_taken_twice(shop: Shop) -> None:
    order = await shop.bought()
    shop.dispute(order["payment"], "under_review", "lost")
    shop.deliver()
    assert (shop.wallet().available, shop.wallet().frozen) == (0, False)
    control(shop.sandbox, "refund", payment_id=order["payment"])
    shop.deliver(3)
    shop.reconcile()
    assert (shop.wallet().available, shop.wallet().debt, shop.entries("clawback")) == (0, 0, 1)


@pytest.mark.rule("payments-W1")
async def test_a_server_that_was_away_hears_later(shop: Shop) -> None:
    order = await shop.buy()
    shop.up = False
    shop.pay(order)
    shop.deliver(1)
    shop.up = True
    shop.deliver(30)
    assert shop.wallet().available == 500


@pytest.mark.rule("payments-C2")
async def test_a_clock_that_jumps_back_changes_no_outcome(shop: Shop) -> None:
    order = await shop.buy()
    shop.pay(order)
    shop.clock.advance(-7200)
    shop.deliver(1)
    shop.reconcile()
    await shop.bought("k2")
    assert (shop.wallet().available, shop.wallet().seq) == (1000, 2)


@pytest.mark.rule("payments-O6")
async def test_facts_settle_without_anybody_of_the_workspace(shop: Shop) -> None:
    """No row of the workspace or of its people is needed: wallets and orders stand by themselves."""
    order = await shop.bought(workspace="ws_that_is_gone")
    control(shop.sandbox, "refund", payment_id=order["payment"], amount=9_980)
    shop.deliver(3)
    assert shop.wallet("ws_that_is_gone").available == 400


@pytest.mark.rule("payments-O1")
async def test_settling_again_posts_nothing(shop: Shop) -> None:
    order = await shop.bought()
    before = shop.entries()
    for _ in range(3):
        with shop.database.write_in_thread() as session:
            settle(session, Facts(), order_id=order["id"], now=shop.clock.now())
    assert shop.entries() == before
