"""What is told again about one payment is merged with what is known, on both databases."""

import pytest

from backend.payments import repository
from backend.payments.tables import PaymentRow
from tests.backend.payments.shop import Shop


@pytest.mark.rule("payments-O1")
async def test_a_payment_that_is_known_is_not_taken_for_new(shop: Shop) -> None:
    told = {"amount_minor": 100, "currency": "INR", "state": "authorized", "captured": False}
    answers: list[bool] = []
    for _ in range(3):
        with shop.database.write_in_thread() as session:
            answers.append(
                repository.insert_or_nothing(
                    session,
                    PaymentRow,
                    rzp_payment_id="pay_1",
                    method="upi",
                    updated_at=shop.clock.now(),
                    **told,
                )
            )
    assert answers == [True, False, False]
