"""The API under `/v1`: Basic auth, one table of routes, every refusal in the form of the API."""

import base64
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from backend.payments.sandbox import orders, payments, refunds
from backend.payments.sandbox.account import Account
from backend.payments.sandbox.desk import Desk
from backend.payments.sandbox.entities import Entity, collection
from backend.payments.sandbox.errors import Refused
from backend.payments.sandbox.faults import with_faults
from backend.payments.sandbox.wire import Answer, Asked, json_answer

Handler: TypeAlias = Callable[[Desk, Asked, tuple[str, ...]], Entity]

ID: Final = r"([^/]+)"


def _list_payments(desk: Desk, request: Asked, _ids: tuple[str, ...]) -> Entity:
    """All payments; this list lags, reads by order id do not."""
    newest = desk.now - float(desk.config["list_lag_seconds"])
    found = [item for item in desk.records.list_of("payment") if item["created_at"] <= newest]
    return orders.page(found, request.query)


def _refund_of_payment(desk: Desk, _request: Asked, ids: tuple[str, ...]) -> Entity:
    found = desk.get("refund", ids[1])
    if found["payment_id"] != ids[0]:
        raise Refused("The id provided does not exist", field="id")
    return found


def _create_refund(desk: Desk, request: Asked, _ids: tuple[str, ...]) -> Entity:
    body = request.json()
    payment_id = str(body.pop("payment_id", ""))
    return refunds.refund(desk, payment_id, body, _refund_key(request))


def _refund(desk: Desk, request: Asked, ids: tuple[str, ...]) -> Entity:
    return refunds.refund(desk, ids[0], request.json(), _refund_key(request))


def _refunds_of_payment(desk: Desk, request: Asked, ids: tuple[str, ...]) -> Entity:
    desk.get("payment", ids[0])
    return orders.page(desk.records.list_of("refund", parent=ids[0]), request.query)


ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("POST", "/v1/orders", lambda desk, asked, _: orders.create_order(desk, asked.json())),
    ("GET", "/v1/orders", lambda desk, asked, _: orders.list_orders(desk, asked.query)),
    ("GET", f"/v1/orders/{ID}", lambda desk, _, ids: desk.get("order", ids[0])),
    (
        "PATCH",
        f"/v1/orders/{ID}",
        lambda desk, asked, ids: orders.edit_order(desk, ids[0], asked.json()),
    ),
    (
        "GET",
        f"/v1/orders/{ID}/payments",
        lambda desk, _, ids: orders.payments_of_order(desk, ids[0]),
    ),
    ("GET", "/v1/payments", _list_payments),
    ("GET", f"/v1/payments/{ID}", lambda desk, _, ids: desk.get("payment", ids[0])),
    (
        "POST",
        f"/v1/payments/{ID}/capture",
        lambda desk, asked, ids: payments.capture(desk, ids[0], asked.json()),
    ),
    ("POST", f"/v1/payments/{ID}/refund", _refund),
    ("GET", f"/v1/payments/{ID}/refunds", _refunds_of_payment),
    ("GET", f"/v1/payments/{ID}/refunds/{ID}", _refund_of_payment),
    ("POST", "/v1/refunds", _create_refund),
    (
        "GET",
        "/v1/refunds",
        lambda desk, asked, _: orders.page(desk.records.list_of("refund"), asked.query),
    ),
    ("GET", f"/v1/refunds/{ID}", lambda desk, _, ids: desk.get("refund", ids[0])),
    (
        "GET",
        "/v1/disputes",
        lambda desk, asked, _: orders.page(desk.records.list_of("dispute"), asked.query),
    ),
    ("GET", f"/v1/disputes/{ID}", lambda desk, _, ids: desk.get("dispute", ids[0])),
)


def answer_api(account: Account, request: Asked) -> Answer:
    """One call of the API."""
    try:
        _admit(account, request.headers)
        return with_faults(account, request, lambda: _answered(account, request))
    except Refused as refused:
        return json_answer(refused.body(), refused.status)


def state_of(desk: Desk) -> Entity:
    """The truth that tests compare wallets with: every order, and what of it the merchant keeps."""
    payments_of: dict[str, list[Entity]] = {}
    for payment in desk.records.list_of("payment"):
        payments_of.setdefault(payment["order_id"], []).append(payment)
    kept = {item["id"]: _kept(desk, item) for items in payments_of.values() for item in items}
    return {
        "orders": [
            {
                **order,
                "payments": payments_of.get(order["id"], []),
                "kept": sum(
                    kept[item["id"]]
                    for item in payments_of.get(order["id"], [])
                    if (item["amount"], item["currency"]) == (order["amount"], order["currency"])
                ),
            }
            for order in desk.records.list_of("order")
        ],
        "refunds": collection(desk.records.list_of("refund"))["items"],
        "disputes": collection(desk.records.list_of("dispute"))["items"],
        "waiting": [
            {"event": item["event"], "attempts": item["attempts"]}
            for item in desk.records.list_of("delivery")
        ],
    }


def _kept(desk: Desk, payment: Entity) -> int:
    """What the merchant keeps of a payment: nothing of what was never captured."""
    if not payment["captured"] or payment["status"] not in {"captured", "refunded"}:
        return 0
    lost = sum(
        item["amount_deducted"] for item in desk.records.list_of("dispute", parent=payment["id"])
    )
    return max(0, payment["amount"] - payment["amount_refunded"] - lost)


def _answered(account: Account, request: Asked) -> Answer:
    for method, pattern, handler in ROUTES:
        found = re.fullmatch(pattern, request.path)
        if found is not None and method == request.method:
            try:
                with account.desk() as desk:
                    return json_answer(handler(desk, request, found.groups()))
            except Refused as refused:
                return json_answer(refused.body(), refused.status)
    raise Refused("The requested URL was not found on the server.")


def _admit(account: Account, headers: Mapping[str, str]) -> None:
    config = account.config
    wanted = base64.b64encode(f"{config['key_id']}:{config['key_secret']}".encode()).decode()
    sent = headers.get("authorization", "").removeprefix("Basic ")
    if not hmac.compare_digest(sent.encode(), wanted.encode()):
        raise Refused("Authentication failed", status=401, reason="authentication_failed")


def _refund_key(request: Asked) -> str | None:
    return request.headers.get("x-refund-idempotency")
