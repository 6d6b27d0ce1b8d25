"""What of payments runs beside the requests: the inbox, the reconciler, and their making."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from backend.db.session import Database
from backend.payments.gateway import Access, Mode, RazorpayKeys
from backend.payments.razorpay_gateway import RazorpayGateway
from backend.payments.reconciler import Reconciler
from backend.payments.service import Payments
from backend.payments.webhooks import WebhookWorker
from kit.background import Background
from kit.clock import Clock

INBOX_SECONDS: Final = 0.25
RECONCILE_SECONDS: Final = 1.0
FORGET_SECONDS: Final = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class PaymentWork:
    payments: Payments
    inbox: WebhookWorker
    reconciler: Reconciler | None

    def start(self, background: Background) -> None:
        """Begin; without keys there is nothing to ask and nothing that could come."""
        if self.reconciler is None:
            return
        background.repeat("payments.inbox", self.inbox.run_once, every_seconds=INBOX_SECONDS)
        background.repeat(
            "payments.reconcile", self.reconciler.run_once, every_seconds=RECONCILE_SECONDS
        )
        background.repeat("payments.forget", self.inbox.forget_bodies, every_seconds=FORGET_SECONDS)


def payment_work(database: Database, keys: RazorpayKeys | None, clock: Clock) -> PaymentWork:
    """Everything made for these keys."""
    access = Access(keys, RazorpayGateway(keys)) if keys is not None else None
    payments = Payments(database, access, clock)
    inbox = WebhookWorker(database, keys.account_id if keys else None, clock)
    if access is None:
        return PaymentWork(payments, inbox, None)
    return PaymentWork(payments, inbox, Reconciler(database, access, payments, clock))


def payment_mode_check(keys: RazorpayKeys | None, mode: Mode) -> Callable[[], Awaitable[str]]:
    """What `/readyz` says of money: the mode, and whether anything can be bought."""

    async def payments_mode() -> str:
        return mode if keys is not None else f"{mode}, nothing can be bought"

    return payments_mode
