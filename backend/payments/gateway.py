"""The port to Razorpay: few verbs, values in and out, and three ways to fail.

GatewayError
├── GatewayRefused        it understood and said no: our request or our keys are wrong
├── GatewayBusy           429: nothing was applied, later it may be
└── OutcomeUnknown        no answer that can be trusted: it may have been applied
"""

from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from backend.payments.facts import Dispute, Payment, Refund, RemoteOrder

Mode: TypeAlias = Literal["sandbox", "test", "live"]

PAGE: Final = 100  # the most that a list answers at once
API_URL: Final = "https://api.razorpay.com"
CHECKOUT_URL: Final = "https://checkout.razorpay.com/v1/checkout.js"


class GatewayError(Exception):
    """A call that did not end well."""


class GatewayRefused(GatewayError):
    """An answer of 4xx; branch on `status`, `code` and `reason`, never on `description`."""

    def __init__(
        self,
        status: int,
        code: str,
        description: str,
        *,
        field: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {description}")
        self.status: Final = status
        self.code: Final = code
        self.description: Final = description
        self.field: Final = field
        self.reason: Final = reason


class GatewayBusy(GatewayError):
    """Too many calls; try again after `retry_seconds`."""

    def __init__(self, retry_seconds: float) -> None:
        super().__init__(f"busy for {retry_seconds} s")
        self.retry_seconds: Final = retry_seconds


class OutcomeUnknown(GatewayError):
    """A time-out, a broken connection, 5xx, HTML, an answer that is none: look before you repeat."""


@dataclass(frozen=True, slots=True)
class RazorpayKeys:
    """How this installation is known to Razorpay, or to the sandbox; the secrets stay in here."""

    mode: Mode
    key_id: str
    key_secret: str
    webhook_secrets: tuple[str, ...]
    base_url: str = API_URL
    checkout_script: str = CHECKOUT_URL
    account_id: str | None = None  # where it is known: whose webhooks these must be

    def __repr__(self) -> str:
        return f"RazorpayKeys({self.mode}, {self.key_id})"


class PaymentGateway(Protocol):
    """Blocking; each call may raise GatewayError, and refuses to run inside a transaction."""

    def create_order(self, *, amount_minor: int, currency: str, receipt: str) -> RemoteOrder: ...

    def find_order(self, receipt: str) -> RemoteOrder | None: ...

    def payments_of_order(self, order_id: str) -> tuple[Payment, ...]: ...

    def payment(self, payment_id: str) -> Payment: ...

    def refunds_of_payment(self, payment_id: str) -> tuple[Refund, ...]: ...

    def refund(self, payment_id: str, *, amount_minor: int, refund_id: str) -> Refund:
        """Ask for a refund; `refund_id` is ours and the key, so that asking again is harmless."""
        ...

    def list_refunds(self, *, since: int, skip: int) -> tuple[Refund, ...]:
        """A page of at most PAGE, newest first; `since` in Unix seconds."""
        ...

    def list_disputes(self, *, skip: int) -> tuple[Dispute, ...]: ...


@dataclass(frozen=True, slots=True)
class Access:
    """Keys, and the gateway that uses them."""

    keys: RazorpayKeys
    gateway: PaymentGateway
