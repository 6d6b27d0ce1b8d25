"""What can be wrong with paying.

PaymentError
 +- RazorpayUnavailable   its outcome is unknown or it is busy; the same key may try again
 +- RazorpayRefused       it says no to us: our configuration is wrong
 +- SignatureInvalid      a confirmation that was not signed for this order
 +- NotRefundable         nothing to give back: window, spent, disputed, state
 +- StillRunning          the twin of this request has not ended
 +- WebhookRefused        a body that nobody signed
 +- WebhooksOff           no secret is configured
 +- BodyTooLong           a webhook over 256 KiB
"""

from typing import Final, Literal, TypeAlias

RefundReason: TypeAlias = Literal["window", "spent", "disputed", "state"]


class PaymentError(Exception):
    """Root of what this feature raises."""


class RazorpayUnavailable(PaymentError):
    def __init__(self, retry_seconds: float) -> None:
        super().__init__("payments do not answer; the same request may be sent again")
        self.retry_seconds: Final = retry_seconds


class RazorpayRefused(PaymentError):
    def __init__(self) -> None:
        super().__init__("payments are not configured rightly here; nothing was charged")


class SignatureInvalid(PaymentError):
    def __init__(self) -> None:
        super().__init__("this payment was not signed for this order")


class NotRefundable(PaymentError):
    def __init__(self, reason: RefundReason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Final = reason


class StillRunning(PaymentError):
    def __init__(self) -> None:
        super().__init__("the same request is still being worked on")


class WebhookRefused(PaymentError):
    def __init__(self) -> None:
        super().__init__("the signature is missing or wrong")


class WebhooksOff(PaymentError):
    def __init__(self) -> None:
        super().__init__("no webhook secret is configured here")


class BodyTooLong(PaymentError):
    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} bytes here")
