"""Two signatures with two secrets, over bytes, compared in constant time; the SDK's own is not used.

It takes text where bytes were signed, raises TypeError on what is missing, and believes an empty
secret.
"""

import hashlib
import hmac
from collections.abc import Iterable


def is_signed(message: bytes, signature: str | None, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed exactly these bytes; a blank secret never did."""
    sent = (signature or "").encode("utf-8", "surrogatepass")
    matches = [
        hmac.compare_digest(_signature(secret, message), sent) for secret in secrets if secret
    ]
    return any(matches)


def payment_message(order_id: str, payment_id: str) -> bytes:
    """What is signed for the handler of checkout; `order_id` is that of our row, never the one sent."""
    return f"{order_id}|{payment_id}".encode()


def _signature(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest().encode()
