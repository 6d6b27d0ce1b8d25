"""Orders, refunds, invoices as the API tells them."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from backend.credits.prices import PACKS
from backend.credits.repository import lock_wallet
from backend.credits.tables import WalletRow
from backend.credits.wallet import Wallet
from backend.db.metadata import iso
from backend.payments import repository
from backend.payments.fold import refundable_credits
from backend.payments.gateway import RazorpayKeys
from backend.payments.invoices import invoice_number, list_invoices
from backend.payments.settling import UNPAID
from backend.payments.tables import CreditOrderRow, RefundRow
from timeline.model import Json

REFUND_WINDOW: Final = timedelta(days=7)
NAME: Final = "Cutroom"


def order_json(
    session: Session, order: CreditOrderRow, keys: RazorpayKeys | None, *, now: datetime
) -> dict[str, Json]:
    """The order, what of it is posted, what could go back, and how to pay while it is unpaid."""
    wallet = session.get_one(WalletRow, order.wallet_id)
    payments = repository.payments_of(session, order.rzp_order_id)
    refunds = repository.refund_rows_of(session, [payment.id for payment in payments])
    payable = order.state in UNPAID and keys is not None and keys.mode == wallet.mode
    invoices: list[Json] = [
        {
            "kind": row.kind,
            "number": invoice_number(row),
            "amount_minor": row.amount_minor,
            "issued_at": iso(row.issued_at),
        }
        for row in list_invoices(session, order.id)
    ]
    return {
        "id": order.id,
        "workspace": wallet.workspace_id,
        "state": order.state,
        "pack": order.pack,
        "credits": order.credits,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "mode": wallet.mode,
        "credits_posted": order.posted_credits,
        "refundable_credits": _refundable_now(order, wallet, refunds, now),
        "disputed": order.disputed,
        "payment": next((item.id for item in payments if item.is_captured), None),
        "refunds": [refund_json(row, order) for row in refunds],
        "invoices": invoices,
        "checkout": _checkout(order, keys) if payable and keys is not None else None,
        "created_at": iso(order.created_at),
        "paid_at": iso(order.paid_at) if order.paid_at else None,
    }


def refund_json(row: RefundRow, order: CreditOrderRow) -> dict[str, Json]:
    return {
        "id": row.id,
        "state": row.state,
        "credits": row.credits,
        "amount_minor": row.amount_minor,
        "currency": order.currency,
    }


def packs_json(mode: str, currency: str, price_version: int) -> dict[str, Json]:
    packs: list[Json] = [
        {"id": pack.id, "credits": pack.credits, "amount_minor": pack.amount_minor}
        for pack in PACKS.values()
    ]
    return {"mode": mode, "currency": currency, "price_version": price_version, "packs": packs}


def possible_refund(order: CreditOrderRow, wallet: Wallet) -> int:
    """Of a locked order and wallet: bought credits of it that are unspent."""
    return refundable_credits(
        order.posted_credits,
        available=wallet.available,
        held=wallet.held,
        granted_left=wallet.granted_left,
    )


def locked_wallet(session: Session, order: CreditOrderRow) -> Wallet:
    return lock_wallet(session, order.wallet_id)


def is_within_window(order: CreditOrderRow, now: datetime) -> bool:
    return order.paid_at is not None and now - order.paid_at <= REFUND_WINDOW


def _refundable_now(
    order: CreditOrderRow, wallet: WalletRow, refunds: list[RefundRow], now: datetime
) -> int:
    running = any(row.state == "requested" for row in refunds)
    if order.disputed or wallet.frozen or running or not is_within_window(order, now):
        return 0
    return refundable_credits(
        order.posted_credits,
        available=wallet.available,
        held=wallet.held,
        granted_left=wallet.granted_left,
    )


def _checkout(order: CreditOrderRow, keys: RazorpayKeys) -> Json:
    if order.rzp_order_id is None:
        return None
    return {
        "script": keys.checkout_script,
        "options": {
            "key": keys.key_id,
            "order_id": order.rzp_order_id,
            "amount": order.amount_minor,
            "currency": order.currency,
            "name": NAME,
            "description": f"{order.credits} credits",
        },
    }
