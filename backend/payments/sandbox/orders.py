"""Orders: made by the merchant, tried and paid by a customer."""

from collections.abc import Mapping
from typing import Any

from backend.payments.sandbox import checks
from backend.payments.sandbox.desk import Desk
from backend.payments.sandbox.entities import Entity, collection, new_order
from backend.payments.sandbox.errors import Refused


def create_order(desk: Desk, body: Mapping[str, Any]) -> Entity:
    checks.only(
        body,
        *("amount", "currency", "receipt", "notes", "payment_capture", "partial_payment"),
        *(("unique_receipt",) if desk.config["unique_receipt"] != "rejected" else ()),
    )
    asked = {
        "amount": checks.amount(body.get("amount")),
        "currency": checks.currency(body.get("currency")),
        "receipt": checks.receipt(body.get("receipt")),
        "notes": checks.notes(body.get("notes")),
    }
    if body.get("unique_receipt") is True and desk.config["unique_receipt"] == "honoured":
        known = [order for order in desk.records.list_of("order") if _has(order, asked["receipt"])]
        if known:
            return known[0]
    order = new_order(desk.new_id("order"), asked, at=int(desk.now))
    desk.put(order)
    return order


def list_orders(desk: Desk, query: Mapping[str, str]) -> Entity:
    """Newest first; `receipt`, `from`, `to`, `count` (at most 100), `skip`."""
    found = desk.records.list_of("order")
    if "receipt" in query:
        found = [order for order in found if _has(order, query["receipt"])]
    return page(found, query)


def payments_of_order(desk: Desk, order_id: str) -> Entity:
    desk.get("order", order_id)
    return collection(desk.records.list_of("payment", parent=order_id)[::-1])


def edit_order(desk: Desk, order_id: str, body: Mapping[str, Any]) -> Entity:
    checks.only(body, "notes")
    order = desk.get("order", order_id) | {"notes": checks.notes(body.get("notes"))}
    desk.put(order)
    return order


def page(found: list[Entity], query: Mapping[str, str]) -> Entity:
    """A page of what was found, newest first; unknown words in the query are refused."""
    unknown = sorted(set(query) - {"receipt", "count", "skip", "from", "to"})
    if unknown:
        raise Refused(f"{', '.join(unknown)} is/are not required and should not be sent")
    since = checks.whole(query.get("from"), 0, name="from")
    until = checks.whole(query.get("to"), 2**53, name="to")
    count = checks.whole(query.get("count"), 10, name="count", most=checks.COUNT_MAX)
    skip = checks.whole(query.get("skip"), 0, name="skip")
    within = [item for item in reversed(found) if since <= item["created_at"] <= until]
    return collection(within[skip : skip + count])


def _has(order: Entity, receipt: Any) -> bool:
    return receipt is not None and order["receipt"] == receipt
