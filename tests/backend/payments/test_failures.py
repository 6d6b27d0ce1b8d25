"""Each statement and each commit of paying fails once; the same request again has one effect."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from itertools import count
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from backend.credits.audit import audited
from backend.credits.tables import EntryRow
from backend.db.session import DatabaseAway
from backend.payments.service import LEASE
from backend.payments.tables import CreditOrderRow, RefundRow
from tests.backend.breaking import broken_at
from tests.backend.payments.shop import Shop
from tests.backend.payments.support import api, control

STARTER = 500
STEPS_MIN = 10  # fewer were watched than there are
Step = Callable[[], Awaitable[Any]]


async def broken(shop: Shop, step: int, work: Step) -> bool:
    """Do it with a failure at that step; answers whether there was such a step."""
    # Captured, because to draw the traceback of each failure takes longer than all the rest.
    with capture_logs(), broken_at(shop.database, step) as steps:
        try:
            await work()
        except DatabaseAway:
            assert steps.broke
    return bool(steps.broke)


def number_of(shop: Shop, table: type[CreditOrderRow | RefundRow]) -> int:
    with shop.database.read_in_thread() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def effects(shop: Shop, kind: str, ref_id: str) -> int:
    with shop.database.read_in_thread() as session:
        return (
            session.scalar(
                select(func.count())
                .select_from(EntryRow)
                .where(EntryRow.kind == kind, EntryRow.ref_id == ref_id)
            )
            or 0
        )


def captured_event(shop: Shop, payment_id: str) -> tuple[dict[str, str], bytes]:
    """The one webhook that tells of this payment."""
    _, entity = api(shop.sandbox, "GET", f"/v1/payments/{payment_id}")
    told = {
        "entity": "event",
        "account_id": shop.sandbox.account.config["account_id"],
        "event": "payment.captured",
        "contains": ["payment"],
        "payload": {"payment": {"entity": entity}},
        "created_at": 1_800_000_000,
    }
    body = json.dumps(told).encode()
    secret = shop.sandbox.keys.webhook_secret.encode()
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": f"evt_{payment_id}"}, body


def balanced(shop: Shop) -> None:
    with shop.database.snapshot() as connection:
        assert audited(connection).differences == []


@pytest.mark.rule("payments-O8")
async def test_an_order_is_made_once_wherever_it_breaks(shop: Shop) -> None:
    for step in count(1):
        key = f"k{step}"
        was_broken = await broken(shop, step, lambda key=key: shop.buy(key))
        shop.clock.advance(LEASE.total_seconds() + 1)
        order = await shop.buy(key)
        assert await shop.buy(key) == order
        assert number_of(shop, CreditOrderRow) == step
        remote = control(shop.sandbox, "state", "GET")["orders"]
        assert sum(item["receipt"] == order["id"] for item in remote) == 1
        if not was_broken:
            assert step > STEPS_MIN
            return


@pytest.mark.rule("payments-O8")
async def test_a_confirmation_credits_once_wherever_it_breaks(shop: Shop) -> None:
    for step in count(1):
        order = await shop.buy(f"k{step}")
        fields = shop.pay(order)
        was_broken = await broken(
            shop, step, lambda order=order, fields=fields: shop.confirm(order, fields)
        )
        for _ in range(2):
            assert (await shop.confirm(order, fields)).status == 200
        assert effects(shop, "purchase", order["id"]) == 1
        assert shop.wallet().available == step * STARTER
        balanced(shop)
        if not was_broken:
            assert step > STEPS_MIN
            return


@pytest.mark.rule("payments-O8")
async def test_a_webhook_credits_once_wherever_it_breaks(shop: Shop) -> None:
    control(shop.sandbox, "deliveries", profile="silent")
    for step in count(1):
        order = await shop.buy(f"k{step}")
        headers, body = captured_event(shop, shop.pay(order)["razorpay_payment_id"])

        async def hear(headers: dict[str, str] = headers, body: bytes = body) -> None:
            shop.receive("", headers, body)
            shop.inbox.run_once()

        was_broken = await broken(shop, step, hear)
        for _ in range(2):
            shop.clock.advance(LEASE.total_seconds() + 1)
            await hear()
        assert effects(shop, "purchase", order["id"]) == 1
        assert shop.wallet().available == step * STARTER
        balanced(shop)
        if not was_broken:
            assert step > STEPS_MIN
            return


@pytest.mark.rule("payments-O8")
async def test_a_refund_goes_back_once_wherever_it_breaks(shop: Shop) -> None:
    for step in count(1):
        order = await shop.bought(f"k{step}")
        key = f"r{step}"
        was_broken = await broken(
            shop, step, lambda order=order, key=key: shop.refund(order, 100, key)
        )
        refund = await shop.refund(order, 100, key)
        shop.deliver(2)
        shop.clock.advance(300)
        shop.reconciler.run_once()
        assert (await shop.refund(order, 100, key)) == refund
        assert number_of(shop, RefundRow) == step
        for kind, ref_id in (
            ("hold", refund["id"]),
            ("release", refund["id"]),
            ("clawback", order["id"]),
        ):
            assert effects(shop, kind, ref_id) == 1
        assert (shop.wallet().available, shop.wallet().held) == (step * (STARTER - 100), 0)
        balanced(shop)
        if not was_broken:
            assert step > STEPS_MIN
            return


@pytest.mark.rule("payments-O10")
async def test_stopping_waits_for_the_step_in_hand_and_lets_no_other_begin(shop: Shop) -> None:
    begun, may_end, done = Event(), Event(), list[str]()

    def step() -> None:
        begun.set()
        may_end.wait(timeout=30)
        shop.order(order)  # as long as a step goes on, its database is there
        done.append("step")

    order = await shop.buy()
    in_hand = asyncio.create_task(shop.payments.run(step))
    await asyncio.to_thread(begun.wait, 30)
    stopping = Thread(target=shop.payments.stop)
    stopping.start()
    await asyncio.to_thread(stopping.join, 0.1)
    assert stopping.is_alive()
    may_end.set()
    await asyncio.to_thread(stopping.join)
    assert done == ["step"]
    await in_hand
    with pytest.raises(RuntimeError, match="after shutdown"):
        await shop.payments.run(step)
