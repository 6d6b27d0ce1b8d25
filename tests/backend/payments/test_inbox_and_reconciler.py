"""The inbox that gives up in the end, the pace of reconciling, invoices of real money."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from backend.credits.tables import WalletRow
from backend.payments import webhooks
from backend.payments.invoices import series_at
from backend.payments.ladder import LAST, next_rung
from backend.payments.tables import InvoiceRow, PaymentRow, ReconcilerRow, WebhookEventRow
from backend.payments.webhooks import BODY_KEPT, TRIES_MAX, Received
from tests.backend.payments.shop import Shop
from tests.backend.payments.support import control


@pytest.mark.rule("payments-W1")
async def test_an_event_that_cannot_be_worked_on_is_dead_after_twenty_tries_and_can_be_replayed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.buy()
    shop.pay(order)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug of ours")

    # Captured, because to draw the traceback of each failure takes longer than all the rest.
    with capture_logs(), monkeypatch.context() as patched:
        patched.setattr(webhooks, "settle", broken)
        for _ in range(TRIES_MAX + 2):
            shop.clock.advance(3601)
            while shop.sandbox.tick():
                pass
            shop.inbox.run_once()
        assert "webhook_dead" in shop.anomalies()
        assert shop.inbox.run_once() == 0
    with shop.database.write_in_thread() as session:
        assert webhooks.replay(session, event_id=None, now=shop.clock.now()) >= 3
    shop.inbox.run_once()
    assert shop.wallet().available == 500


@pytest.mark.rule("payments-W5")
async def test_bodies_go_after_thirty_days_and_hashes_stay(shop: Shop) -> None:
    with shop.database.write_in_thread() as session:
        webhooks.store(session, Received(b"x", None, "evt_1"), now=shop.clock.now())
    shop.inbox.run_once()
    shop.clock.advance(BODY_KEPT.total_seconds() + 1)
    shop.inbox.forget_bodies()
    with shop.database.read_in_thread() as session:
        row = session.get_one(WebhookEventRow, "evt_1")
    assert (row.body, row.state, len(row.body_sha256)) == (None, "dead", 64)


@pytest.mark.rule("payments-C1")
def test_the_ladder_is_a_minute_then_hours_then_days() -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    rungs: list[timedelta] = []
    now = made
    while (found := next_rung(made, now)) is not None:
        rungs.append(found - made)
        now = found
    assert rungs[:6] == [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 120)]
    assert rungs.count(timedelta(hours=24)) == 1
    assert rungs[-1] == LAST == timedelta(days=7)


@pytest.mark.rule("payments-C2")
async def test_calls_come_at_most_five_a_second(shop: Shop) -> None:
    for number in range(6):
        await shop.buy(f"k{number}")
    before = shop.clock.monotonic()
    done = shop.reconcile()
    assert done.orders == 6
    assert shop.clock.monotonic() - before >= 6 / 5


@pytest.mark.rule("payments-C2")
@pytest.mark.parametrize("kind", ["429", "500"])
async def test_busy_or_away_puts_the_rest_off(shop: Shop, kind: str) -> None:
    for number in range(5):
        await shop.buy(f"k{number}")
    shop.clock.advance(61)
    shop.fault(kind, method="GET", times=10)
    assert shop.reconciler.run_once().stopped
    with shop.database.read_in_thread() as session:
        state = session.get_one(ReconcilerRow, "sandbox")
    assert state.not_before is not None
    assert state.not_before > shop.clock.now()
    assert shop.reconciler.run_once().orders == 0


@pytest.mark.rule("payments-C2")
async def test_only_one_reconciles(shop: Shop) -> None:
    with shop.database.write_in_thread() as session:
        session.add(
            ReconcilerRow(mode="sandbox", lease_until=shop.clock.now() + timedelta(seconds=60))
        )
    assert shop.reconciler.run_fully().stopped == "another process reconciles"


@pytest.mark.rule("payments-C1")
async def test_money_without_webhooks_for_hours_is_noticed(shop: Shop) -> None:
    control(shop.sandbox, "deliveries", enabled=False)
    await shop.bought()
    shop.reconcile()
    assert shop.anomalies() == {"webhooks_silent"}


@pytest.mark.rule("payments-C1")
async def test_the_sweep_finds_what_the_dashboard_did_months_later(shop: Shop) -> None:
    control(shop.sandbox, "deliveries", enabled=False)
    order = await shop.bought()
    shop.reconcile()
    shop.clock.advance(60 * 86_400)
    shop.reconciler.run_once()
    control(shop.sandbox, "refund", payment_id=order["payment"], amount=9_980)
    shop.dispute(order["payment"])
    shop.clock.advance(86_401)
    assert shop.reconciler.run_once().swept
    assert (shop.wallet().available, shop.wallet().frozen) == (400, True)


@pytest.mark.rule("payments-I1")
async def test_real_money_has_invoices_without_gaps_and_other_money_has_none(
    shop: Shop,
) -> None:
    await shop.bought("k1")
    assert _documents(shop) == []
    with shop.database.write_in_thread() as session:
        session.execute(update(WalletRow).values(frozen=False))
    live = await shop.buy("k2", "ws_live")
    _make_live(shop)
    fields = shop.pay(live)
    await shop.confirm(live, fields)
    await shop.confirm(live, fields)
    control(shop.sandbox, "refund", payment_id=fields["razorpay_payment_id"], amount=9_980)
    control(shop.sandbox, "refund", payment_id=fields["razorpay_payment_id"], amount=2_468)
    shop.deliver(5)
    assert [(kind, number, amount) for kind, number, amount in _documents(shop)] == [
        ("credit_note", "CRN2526/000001", 9_980),
        ("invoice", "INV2526/000001", 49_900),
    ]
    with shop.database.read_in_thread() as session:
        fee = session.scalar(
            select(PaymentRow.fee_minor).where(
                PaymentRow.rzp_payment_id == fields["razorpay_payment_id"]
            )
        )
    assert fee == 998


@pytest.mark.rule("payments-I1")
def test_a_financial_year_begins_in_april_in_india() -> None:
    assert series_at("invoice", datetime(2026, 3, 31, 18, 29, tzinfo=UTC)) == "INV2526"
    assert series_at("invoice", datetime(2026, 3, 31, 18, 31, tzinfo=UTC)) == "INV2627"


def _documents(shop: Shop) -> list[tuple[str, str, int]]:
    with shop.database.read_in_thread() as session:
        rows = session.scalars(select(InvoiceRow).order_by(InvoiceRow.kind, InvoiceRow.number))
        return [(row.kind, f"{row.series}/{row.number:06d}", row.amount_minor) for row in rows]


def _make_live(shop: Shop) -> None:
    """Let the wallet be one of real money, as no sandbox ever would."""
    with shop.database.write_in_thread() as session:
        guard = "wallets_move_by_entries"
        which = f"{guard}_update" if shop.database.is_sqlite else f"{guard} on wallets"
        session.connection().exec_driver_sql(f"drop trigger {which}")
        session.execute(
            update(WalletRow).where(WalletRow.workspace_id == "ws_live").values(mode="live")
        )
