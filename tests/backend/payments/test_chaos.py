"""Everything at once: deliveries doubled, shuffled, late and lost, calls that fail, people who spend.

After reconciling, every wallet is what the sandbox knows to be true, and a second pass posts
nothing. A seed that ever fails stays here as a named test.
"""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from backend.credits import repository as ledger
from backend.credits.errors import CreditsError
from backend.credits.wallet import Hold
from backend.payments.errors import NotRefundable, RazorpayUnavailable
from tests.backend.payments.shop import Shop, open_shop
from tests.backend.payments.support import control

WORKSPACES: Final[tuple[str, ...]] = ("ws_a", "ws_b", "ws_c", "ws_d")
OUTCOMES: Final = (
    *("captured",) * 6,
    *("failed", "failed_then_captured", "authorized", "late_authorized"),
    *("second_captured", "wrong_amount", "wrong_currency"),
)
FAULTS: Final = ("429", "500", "html", "204", "302", "drop_before", "drop_after")
FAULT_SHARE: Final = 0.02  # of the calls, each kind


class Chaos:
    """People and banks at random, on one shop."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.random = shop, Random(seed)
        self.delivered = 0
        self.orders: list[dict[str, Any]] = []
        self.holds: list[Hold] = []
        self.spent: Counter[str] = Counter()
        receive = shop.receive

        def counted(url: str, headers: dict[str, str], body: bytes) -> int:
            self.delivered += 1
            return 500 if self.random.random() < 0.1 else receive(url, headers, body)

        shop.sandbox.deliveries._send = counted  # pyright: ignore[reportPrivateUsage]

    async def step(self, number: int) -> None:
        """One person does something, then a little time passes."""
        deeds = (self.buy, self.buy, self.buy, self.give_back, self.spend, self.bank)
        await self.random.choice(deeds)(number)
        self.shop.clock.advance(self.random.choice((0.1, 1.0, 5.0)))
        if self.random.random() < 0.5:
            self.shop.sandbox.tick()
        if self.random.random() < 0.3:
            self.shop.inbox.run_once()
        if self.random.random() < 0.02:
            self.shop.reconciler.run_once()

    async def buy(self, number: int) -> None:
        workspace = self.random.choice(WORKSPACES)
        try:
            order = await self.shop.buy(f"k{number}", workspace)
        except RazorpayUnavailable:
            return
        self.orders.append(order | {"workspace": workspace})
        for _ in range(self.random.choice((0, 1, 1, 1, 2))):
            outcome = self.random.choice(OUTCOMES)
            fields = self.shop.pay(order, outcome, late_seconds=self.random.uniform(1, 3600))
            if "error" not in fields and self.random.random() < 0.5:
                await self.shop.confirm(order, fields)

    async def give_back(self, number: int) -> None:
        if not self.orders:
            return
        order = self.random.choice(self.orders)
        wanted = self.random.choice((None, 1 + self.random.randrange(200)))
        try:
            await self.shop.refund(order, wanted, f"r{number}")
        except NotRefundable:
            return

    async def spend(self, number: int) -> None:
        if self.holds and self.random.random() < 0.6:
            held = self.holds.pop(self.random.randrange(len(self.holds)))
            used = self.random.randint(0, held.amount)
            if used:
                self.shop.capture(held, used)
                self.spent[self._workspace_of(held)] += used
            else:
                self.shop.release(held)
            return
        workspace = self.random.choice(WORKSPACES)
        with self.shop.database.read_in_thread() as session:
            wallet = ledger.find_wallet(session, workspace, "sandbox")
        if wallet is None:
            return
        try:
            with self.shop.database.write_in_thread() as session:
                self.holds.append(
                    ledger.hold(
                        session,
                        wallet.id,
                        self.random.randint(1, 300),
                        kind="export",
                        ref_id=f"exp_{number}",
                        actor="acc_1",
                        at=self.shop.clock.now(),
                    )
                )
        except CreditsError:
            return

    async def bank(self, _number: int) -> None:
        """Something from the dashboard, or a customer who complains."""
        state = control(self.shop.sandbox, "state", "GET")
        paid = [
            payment
            for order in state["orders"]
            for payment in order["payments"]
            if payment["status"] == "captured"
        ]
        still_open = [
            item for item in state["disputes"] if item["status"] in {"open", "under_review"}
        ]
        if still_open and self.random.random() < 0.5:
            dispute = self.random.choice(still_open)
            step = self.random.choice(("under_review", "won", "lost", "closed"))
            control(self.shop.sandbox, f"disputes/{dispute['id']}", outcome=step)
        elif paid:
            payment = self.random.choice(paid)
            left = payment["amount"] - payment["amount_refunded"]
            if self.random.random() < 0.3:
                control(self.shop.sandbox, "disputes", payment_id=payment["id"])
            else:
                amount = self.random.choice((2468, self.random.randint(100, left)))
                if amount <= left:
                    control(self.shop.sandbox, "refund", payment_id=payment["id"], amount=amount)

    def calm_down(self) -> None:
        """The weather clears, the last timers run out; what was lost stays lost."""
        control(self.shop.sandbox, "faults", clear=True)
        for hours in (1, 3, 24, 100):
            self.shop.clock.advance(hours * 3600)
            while self.shop.sandbox.tick() + self.shop.inbox.run_once():
                pass

    def check(self) -> None:
        """Every order's credits and every wallet are what the other side knows."""
        posted: Counter[str] = Counter()
        ours = {order["id"]: order for order in self.orders}
        for remote in control(self.shop.sandbox, "state", "GET")["orders"]:
            row = self.shop.order({"id": remote["receipt"]})
            owed = row.credits * min(row.amount_minor, remote["kept"]) // row.amount_minor
            assert row.posted_credits == owed, remote
            if remote["receipt"] in ours:
                posted[ours[remote["receipt"]]["workspace"]] += owed
        for workspace in WORKSPACES:
            with self.shop.database.read_in_thread() as session:
                wallet = ledger.find_wallet(session, workspace, "sandbox")
            if wallet is not None:
                have = wallet.available + wallet.held - wallet.debt
                assert have == posted[workspace] - self.spent[workspace], workspace

    def _workspace_of(self, held: Hold) -> str:
        with self.shop.database.read_in_thread() as session:
            for workspace in WORKSPACES:
                found = ledger.find_wallet(session, workspace, "sandbox")
                if found is not None and found.id == held.wallet_id:
                    return workspace
        raise LookupError(held.wallet_id)


async def ride(folder: Path, *, seed: int, deliveries: int, url: str = "") -> Chaos:
    """Chaos until so many webhooks were delivered; then calm, reconciled and compared."""
    async with open_shop(folder, url=url, seed=seed) as shop:
        control(shop.sandbox, "deliveries", profile="rough" if deliveries else "silent", speed=4)
        for kind in FAULTS:
            shop.fault(kind, share=FAULT_SHARE, times=None)
        chaos, number = Chaos(shop, seed), 0
        while chaos.delivered < deliveries or number < 60:
            await chaos.step(number)
            number += 1
        chaos.calm_down()
        shop.reconcile()
        chaos.check()
        before = shop.entries()
        shop.reconcile()
        assert shop.entries() == before
        return chaos


@pytest.mark.rule("payments-C4")
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_thousand_rough_deliveries_end_in_the_truth(tmp_path: Path, seed: int) -> None:
    chaos = await ride(tmp_path, seed=seed, deliveries=1000)
    assert chaos.delivered >= 1000


@pytest.mark.rule("payments-C4")
async def test_without_a_single_webhook_it_ends_in_the_truth(tmp_path: Path) -> None:
    chaos = await ride(tmp_path, seed=4, deliveries=0)
    assert chaos.delivered == 0


@pytest.mark.rule("payments-C4")
@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 120))
async def test_ten_thousand_rough_deliveries_end_in_the_truth(tmp_path: Path, seed: int) -> None:
    await ride(tmp_path, seed=seed, deliveries=10_000)


@pytest.mark.rule("payments-C4")
@pytest.mark.nightly
@pytest.mark.parametrize(
    ("seed", "deliveries"), [*((seed, 1000) for seed in range(5, 10)), (10, 10_000)]
)
async def test_rough_deliveries_end_in_the_truth_on_postgres(
    tmp_path: Path, postgres_copy_url: str, seed: int, deliveries: int
) -> None:
    await ride(tmp_path, seed=seed, deliveries=deliveries, url=postgres_copy_url)


@pytest.mark.rule("payments-C4")
@pytest.mark.nightly
async def test_without_a_single_webhook_it_ends_in_the_truth_on_postgres(
    tmp_path: Path, postgres_copy_url: str
) -> None:
    chaos = await ride(tmp_path, seed=4, deliveries=0, url=postgres_copy_url)
    assert chaos.delivered == 0
