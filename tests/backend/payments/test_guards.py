"""What the database refuses of orders and facts, by name, on both: the code is gone round on purpose."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from backend.db.metadata import Row
from backend.db.session import Database
from kit.ids import sortable_id
from tests.backend.credits.conftest import ledger, postgres_ledger, sqlite_ledger
from tests.backend.credits.ledgers import Ledger

__all__ = ["ledger", "postgres_ledger", "sqlite_ledger"]  # fixtures of the tests below

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TABLES = ("credit_orders", "payments", "refunds", "disputes", "webhook_events", "anomalies", "invoices")  # fmt: skip
CREDIT_NOTE = {"kind": "credit_note", "refund_id": "rfd_of_guards"}
Values = dict[str, Any]

# The name of a guard, and rows of which the last one breaks it.
BROKEN: list[tuple[str, list[Values]]] = [
    ("ck_credit_orders_amount_minor", [{"amount_minor": 99, "credits": 9}]),
    ("ck_credit_orders_credits", [{"credits": 0}]),
    ("ck_credit_orders_divides_exactly", [{"credits": 101, "amount_minor": 100}]),
    ("ck_credit_orders_posted_credits", [{"posted_credits": 501}]),
    ("ck_credit_orders_posted_credits", [{"posted_credits": -1}]),
    ("ck_credit_orders_state", [{"state": "stolen"}]),
    ("uq_credit_orders_rzp_order_id", [{"rzp_order_id": "order_1"}, {"rzp_order_id": "order_1"}]),
    ("ck_payments_state", [{"state": "promised"}]),
    ("ck_refunds_amount_minor", [{"amount_minor": 0}]),
    ("ck_refunds_state", [{"state": "wished"}]),
    ("uq_refunds_rzp_refund_id", [{"rzp_refund_id": "rfnd_1"}, {"rzp_refund_id": "rfnd_1"}]),
    ("ck_disputes_state", [{"state": "shouted"}]),
    ("ck_webhook_events_state", [{"state": "lost"}]),
    ("ck_anomalies_state", [{"state": "ignored"}]),
    ("uq_anomalies_kind_ref", [{"ref": "r"}, {"ref": "r"}]),
    ("ck_invoices_kind", [{"kind": "receipt"}]),
    ("ck_invoices_refund_is_told", [{"kind": "credit_note"}]),
    ("ck_invoices_refund_is_told", [{"refund_id": "rfd_of_guards"}]),
    ("uq_invoices_series_number", [{"number": 7}, {"number": 7, **CREDIT_NOTE}]),
    ("uq_invoices_order_id", [{}, {"number": 2}]),
    (
        "uq_invoices_order_id_refund_id_kind",
        [CREDIT_NOTE, {**CREDIT_NOTE, "number": 2}],
    ),
]


def row_of(name: str, **changes: Any) -> Values:
    """A row that may be."""
    rows: dict[str, Values] = {
        "credit_orders": {
            "id": sortable_id("cro"),
            "wallet_id": "wal_of_guards",
            "created_by": "acc_1",
            "pack": "starter",
            "price_version": 1,
            "credits": 500,
            "amount_minor": 49_900,
            "currency": "INR",
            "buyer": {},
            "state": "new",
            "disputed": False,
            "posted_credits": 0,
            "rev": 0,
            "created_at": NOW,
        },
        "payments": {
            "rzp_payment_id": sortable_id("pay"),
            "amount_minor": 1,
            "currency": "INR",
            "state": "created",
            "captured": False,
            "method": "upi",
            "updated_at": NOW,
        },
        "refunds": {
            "id": sortable_id("rfd"),
            "rzp_payment_id": "pay_1",
            "amount_minor": 1,
            "state": "requested",
            "created_at": NOW,
            "updated_at": NOW,
        },
        "disputes": {
            "rzp_dispute_id": sortable_id("disp"),
            "rzp_payment_id": "pay_1",
            "amount_minor": 1,
            "deducted_minor": 0,
            "state": "open",
            "updated_at": NOW,
        },
        "webhook_events": {
            "event_id": sortable_id("evt"),
            "event": "",
            "body_sha256": "",
            "state": "pending",
            "attempts": 0,
            "next_at": NOW,
            "received_at": NOW,
        },
        "anomalies": {
            "id": sortable_id("ano"),
            "kind": "odd",
            "ref": "r",
            "detail": {},
            "state": "open",
            "created_at": NOW,
        },
        "invoices": {
            "id": sortable_id("inv"),
            "order_id": "cro_of_guards",
            "kind": "invoice",
            "series": "GUARDS",
            "number": 1,
            "amount_minor": 1,
            "taxable_minor": 1,
            "tax_rate_bp": 0,
            "cgst_minor": 0,
            "sgst_minor": 0,
            "igst_minor": 0,
            "buyer": {},
            "issued_at": NOW,
        },
    }
    return rows[name] | changes


def table_of(guard: str) -> Table:
    name = next(name for name in TABLES if guard.split("_", 1)[1].startswith(name))
    return Row.metadata.tables[name]


def insert_all(database: Database, rows: list[tuple[str, Values]]) -> None:
    with database.write_in_thread() as session:
        for name, values in rows:
            session.execute(Row.metadata.tables[name].insert().values(**values))


@pytest.mark.rule("payments-O9")
@pytest.mark.parametrize(("guard", "rows"), BROKEN)
def test_a_row_that_cannot_be(ledger: Ledger, guard: str, rows: list[Values]) -> None:
    wallet = ledger.wallet()
    base = [
        ("credit_orders", row_of("credit_orders", id="cro_of_guards", wallet_id=wallet)),
        ("refunds", row_of("refunds", id="rfd_of_guards")),
    ]
    name = table_of(guard).name
    own = {"wallet_id": wallet} if name == "credit_orders" else {}
    made = [(name, row_of(name, **own, **row)) for row in rows]
    with pytest.raises(IntegrityError) as error:
        insert_all(ledger.database, [*base, *made])
    told = str(error.value.orig)
    if "UNIQUE constraint failed" in told:  # SQLite tells the columns of these instead of the name
        assert guard.startswith("uq_")
    else:
        assert guard in told, told


@pytest.mark.rule("payments-O9")
def test_each_guard_is_broken_once() -> None:
    guards = {
        str(found.name)
        for name in TABLES
        for found in (*Row.metadata.tables[name].constraints, *Row.metadata.tables[name].indexes)
        if isinstance(found, CheckConstraint | UniqueConstraint) or getattr(found, "unique", False)
    }
    assert guards == {name for name, _ in BROKEN}
