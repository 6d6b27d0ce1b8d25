# pyright: basic
"""Razorpay's own client behind our port. Nobody else imports it.

The SDK 2.0.1 has no time-out, follows redirects, obeys proxy variables, forgets the status of an
answer, may answer a string for an object and prints to standard output. So it is given a session
that allows none of this, and every answer is parsed before it is believed.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Generator, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import razorpay
import requests
import urllib3

from backend.db.session import require_no_transaction
from backend.payments.facts import (
    BadEntity,
    Dispute,
    Payment,
    Refund,
    RemoteOrder,
    dispute_of,
    is_id,
    order_of,
    payment_of,
    refund_of,
)
from backend.payments.gateway import (
    PAGE,
    GatewayBusy,
    GatewayError,
    GatewayRefused,
    OutcomeUnknown,
    RazorpayKeys,
)

CONNECT_SECONDS: Final = 3.05
READ_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 4 << 20  # a hundred of anything is far below
CALLS_AT_ONCE_MAX: Final = 8
RETRY_SECONDS: Final = 5.0

T = TypeVar("T")


class Session(requests.Session):
    """A session that waits, follows, trusts and reads no more than it must."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        # Nothing is retried down here (requests' own default): a POST may have been applied.

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # pyright: ignore[reportIncompatibleMethodOverride]
        """One request; raises GatewayError on any answer but 200 with JSON, before the SDK blurs it."""
        options |= {
            "timeout": (CONNECT_SECONDS, READ_SECONDS),
            "allow_redirects": False,
            "stream": True,
        }
        try:
            with super().request(method, url, **options) as answer:
                answer._content = _read(answer)  # noqa: SLF001 - `json()` then reads what we counted
            if answer.status_code != HTTPStatus.OK:
                raise _error_of(answer)
            answer.json()
        except requests.RequestException as error:  # the SDK would print these
            raise OutcomeUnknown(type(error).__name__) from error
        return answer


class RazorpayGateway:
    """At most eight calls at once, one client each; `PaymentGateway` for the rest of the room."""

    def __init__(self, keys: RazorpayKeys) -> None:
        self._keys = keys
        self._calls = threading.BoundedSemaphore(CALLS_AT_ONCE_MAX)
        self._local = threading.local()
        # Best effort, documented outside of the reference only: once refused, not sent again.
        self._unique_receipt = True

    def create_order(self, *, amount_minor: int, currency: str, receipt: str) -> RemoteOrder:
        body = {
            "amount": amount_minor,
            "currency": currency,
            "receipt": receipt,
            "notes": {"credit_order": receipt},
        }
        unique = self._unique_receipt
        try:
            sent = {**body, "unique_receipt": True} if unique else body
            return self._call(lambda client: order_of(client.order.create(sent)))
        except GatewayRefused as refused:
            if not unique or refused.status != HTTPStatus.BAD_REQUEST or refused.field:
                raise
            self._unique_receipt = False
            return self._call(lambda client: order_of(client.order.create(body)))

    def find_order(self, receipt: str) -> RemoteOrder | None:
        found = self._call(lambda client: _items(client.order.all({"receipt": receipt}), order_of))
        return next((order for order in found if order.receipt == receipt), None)

    def payments_of_order(self, order_id: str) -> tuple[Payment, ...]:
        _require(is_id(order_id, "order"))
        return self._call(lambda client: _items(client.order.payments(order_id), payment_of))

    def payment(self, payment_id: str) -> Payment:
        _require(is_id(payment_id, "pay"))
        return self._call(lambda client: payment_of(client.payment.fetch(payment_id)))

    def refunds_of_payment(self, payment_id: str) -> tuple[Refund, ...]:
        _require(is_id(payment_id, "pay"))
        return self._call(
            lambda client: _items(
                client.payment.fetch_multiple_refund(payment_id, {"count": PAGE}), refund_of
            )
        )

    def refund(self, payment_id: str, *, amount_minor: int, refund_id: str) -> Refund:
        _require(is_id(payment_id, "pay"))
        body = {
            "amount": amount_minor,
            "speed": "normal",
            "receipt": refund_id,
            "notes": {"refund": refund_id},
        }
        return self._call(
            lambda client: refund_of(
                client.payment.refund(payment_id, body, headers={"X-Refund-Idempotency": refund_id})
            )
        )

    def list_refunds(self, *, since: int, skip: int) -> tuple[Refund, ...]:
        query = {"from": since, "count": PAGE, "skip": skip}
        return self._call(lambda client: _items(client.refund.all(query), refund_of))

    def list_disputes(self, *, skip: int) -> tuple[Dispute, ...]:
        query = {"count": PAGE, "skip": skip}
        return self._call(lambda client: _items(client.dispute.all(query), dispute_of))

    def _call(self, call: Callable[[Any], T]) -> T:
        require_no_transaction()  # a slow bank must never hold a lock of ours [payments-R7]
        with self._calls, _foreign_errors():
            return call(self._client())

    def _client(self) -> Any:
        if not hasattr(self._local, "client"):
            self._local.client = razorpay.Client(
                session=Session(),
                auth=(self._keys.key_id, self._keys.key_secret),
                base_url=self._keys.base_url,
            )
        return self._local.client


@contextlib.contextmanager
def _foreign_errors() -> Generator[None]:
    """Whatever the SDK, its session or our parser raise ends here."""
    try:
        yield
    except GatewayError:
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise OutcomeUnknown(type(error).__name__) from error
    except (BadEntity, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise OutcomeUnknown(f"an answer that is none ({type(error).__name__})") from error


def _read(answer: requests.Response) -> bytes:
    found = bytearray()
    for chunk in answer.iter_content(64 << 10):
        found += chunk
        if len(found) > ANSWER_BYTES_MAX:
            raise OutcomeUnknown("an answer too large to be one")
    return bytes(found)


def _error_of(answer: requests.Response) -> GatewayError:
    """The error of a status that is not 2xx, from its own words where it has some."""
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        after = answer.headers.get("Retry-After", "")
        return GatewayBusy(float(after) if after.isdigit() else RETRY_SECONDS)
    if (
        answer.status_code < HTTPStatus.BAD_REQUEST
        or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return OutcomeUnknown(f"status {answer.status_code}")
    try:
        body = json.loads(answer.content)
    except ValueError:
        return OutcomeUnknown(f"status {answer.status_code} without JSON")
    told = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(told, Mapping):
        return OutcomeUnknown(f"status {answer.status_code} without an error")
    return GatewayRefused(
        answer.status_code,
        str(told.get("code")),
        str(told.get("description")),
        field=told.get("field"),
        reason=told.get("reason"),
    )


def _items(raw: Any, parse: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
    if not isinstance(raw, Mapping) or raw.get("entity") != "collection":
        raise BadEntity("entity")
    items = raw.get("items")
    if not isinstance(items, list):
        raise BadEntity("items")
    return tuple(parse(item) for item in items)


def _require(valid: bool) -> None:  # noqa: FBT001 - an assertion with our own error
    """Ids go into addresses unescaped, so none but Razorpay's own form does."""
    if not valid:
        raise GatewayRefused(400, "BAD_REQUEST_ERROR", "not an id of Razorpay", field="id")
