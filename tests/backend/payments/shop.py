"""Our side and theirs in one process, with time in hand: orders, payments, deliveries, reconciling."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from backend.credits import repository as ledger
from backend.credits.tables import EntryRow, HoldRow
from backend.credits.wallet import Cause, Hold, Wallet
from backend.db.idempotency import Claim
from backend.db.session import Database
from backend.payments import webhooks
from backend.payments.gateway import Access, RazorpayKeys
from backend.payments.razorpay_gateway import RazorpayGateway
from backend.payments.reconciler import Pass, Reconciler
from backend.payments.repository import list_anomalies
from backend.payments.sandbox.account import Account
from backend.payments.sandbox.server import Sandbox
from backend.payments.sandbox.store import Store
from backend.payments.service import Answer, Confirmation, Payments
from backend.payments.signatures import is_signed
from backend.payments.tables import CreditOrderRow
from backend.payments.webhooks import Received, WebhookWorker
from kit.clock import ManualClock
from tests.backend.payments.support import control, keys_of
from tests.backend.support import empty_database, migrated_database

WORKSPACE: Final = "ws_of_the_tests"
WEBHOOK: Final = "http://shop/webhooks/razorpay"


class Shop:
    """One installation that sells credits; `deliver` and `reconcile` happen when told."""

    def __init__(self, database: Database, clock: ManualClock, *, seed: int = 7) -> None:
        self.database, self.clock = database, clock
        self.sandbox = Sandbox(Account(Store(), clock, seed=seed), self.receive)
        self.sandbox.start(delivers=False)
        self.sandbox.account.change(webhook_url=WEBHOOK)
        self.keys: RazorpayKeys = keys_of(self.sandbox)
        access = Access(self.keys, RazorpayGateway(self.keys))
        self.payments = Payments(database, access, clock)
        self.inbox = WebhookWorker(database, self.sandbox.account.config["account_id"], clock)
        self.reconciler = Reconciler(database, access, self.payments, clock, sleep=clock.advance)
        self.up = True

    def receive(self, _url: str, headers: dict[str, str], body: bytes) -> int:
        """The webhook door, without HTTP: what `routes.py` does with the same bytes."""
        if not self.up:
            return 503
        if not is_signed(body, headers["X-Razorpay-Signature"], self.keys.webhook_secrets):
            return 401
        received = Received(body, headers["X-Razorpay-Signature"], headers["X-Razorpay-Event-Id"])
        with self.database.write_in_thread() as session:
            webhooks.store(session, received, now=self.clock.now())
        return 200

    def claimed(self, key: str, path: str = "/orders", body: bytes = b"{}") -> Claim:
        return Claim("acc_1", path, key, body)

    async def buy(self, key: str = "k1", workspace: str = WORKSPACE) -> dict[str, Any]:
        answer = await self.payments.buy(
            self.claimed(key), workspace_id=workspace, pack="starter", buyer={}
        )
        assert answer.status == 201
        return json.loads(answer.text)

    def pay(self, order: dict[str, Any], outcome: str = "captured", **more: Any) -> Any:
        remote = order["checkout"]["options"]["order_id"]
        return control(self.sandbox, "pay", order_id=remote, outcome=outcome, **more)

    async def confirm(self, order: dict[str, Any], fields: Any, **changed: str) -> Answer:
        sent = fields | changed
        return await self.payments.confirm(
            order["id"],
            Confirmation(
                sent["razorpay_payment_id"], sent["razorpay_order_id"], sent["razorpay_signature"]
            ),
        )

    async def bought(self, key: str = "k1", workspace: str = WORKSPACE) -> dict[str, Any]:
        """An order that is paid and credited."""
        order = await self.buy(key, workspace)
        fields = self.pay(order)
        assert (await self.confirm(order, fields)).status == 200
        return order | {"payment": fields["razorpay_payment_id"]}

    async def refund(
        self, order: dict[str, Any], wanted: int | None = None, key: str = "r1"
    ) -> dict[str, Any]:
        answer = await self.payments.refund(
            self.claimed(key, f"/{order['id']}/refunds"), order["id"], wanted
        )
        return json.loads(answer.text)

    def deliver(self, seconds: float = 1.0) -> None:
        """Let time pass, and every timer, delivery and event that falls due in it."""
        for _ in range(10):
            self.clock.advance(seconds / 10)
            while self.sandbox.tick() + self.inbox.run_once():
                pass

    def reconcile(self) -> Pass:
        done = self.reconciler.run_fully()
        assert done.stopped == ""
        return done

    def wallet(self, workspace: str = WORKSPACE) -> Wallet:
        with self.database.read_in_thread() as session:
            found = ledger.find_wallet(session, workspace, "sandbox")
        assert found is not None
        return found

    def spend(self, amount: int, ref: str = "exp_1") -> Hold:
        """Set credits aside for an export."""
        with self.database.write_in_thread() as session:
            return ledger.hold(
                session,
                self.wallet().id,
                amount,
                kind="export",
                ref_id=ref,
                actor="acc_1",
                at=self.clock.now(),
            )

    def capture(self, held: Hold, used: int) -> None:
        with self.database.write_in_thread() as session:
            ledger.capture_hold(
                session,
                ledger.lock_hold(session, held.id),
                used,
                actor="worker",
                at=self.clock.now(),
            )

    def release(self, held: Hold) -> None:
        with self.database.write_in_thread() as session:
            ledger.release_hold(
                session, ledger.lock_hold(session, held.id), actor="acc_1", at=self.clock.now()
            )

    def grant(self, amount: int, key: str = "g1") -> None:
        cause = Cause(f"grant:{key}", "ticket", key, "operator", self.clock.now())
        with self.database.write_in_thread() as session:
            ledger.grant(session, self.wallet().id, amount, cause)

    def entries(self, kind: str | None = None) -> int:
        asked = select(func.count()).select_from(EntryRow)
        with self.database.read_in_thread() as session:
            return session.scalar(asked.where(EntryRow.kind == kind) if kind else asked) or 0

    def active_holds(self) -> int:
        with self.database.read_in_thread() as session:
            asked = select(func.count()).select_from(HoldRow).where(HoldRow.state == "active")
            return session.scalar(asked) or 0

    def order(self, order: dict[str, Any]) -> CreditOrderRow:
        with self.database.read_in_thread() as session:
            return session.get_one(CreditOrderRow, order["id"])

    def anomalies(self) -> set[str]:
        with self.database.read_in_thread() as session:
            return {row.kind for row in list_anomalies(session)}

    def fault(self, kind: str, **more: Any) -> None:
        control(self.sandbox, "faults", kind=kind, **more)

    def dispute(self, payment: str, *steps: str) -> str:
        found = control(self.sandbox, "disputes", payment_id=payment)
        for step in steps:
            control(self.sandbox, f"disputes/{found['id']}", outcome=step)
        return str(found["id"])

    async def close(self) -> None:
        await asyncio.to_thread(self.payments.stop)
        await asyncio.to_thread(self.sandbox.stop)
        await self.database.close()


@asynccontextmanager
async def open_shop(folder: Path, *, url: str = "", seed: int = 7) -> AsyncGenerator[Shop]:
    database = (
        await asyncio.to_thread(empty_database, url) if url else migrated_database(folder / "data")
    )
    shop = Shop(database, ManualClock(), seed=seed)
    try:
        yield shop
    finally:
        await shop.close()
