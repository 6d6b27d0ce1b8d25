"""The parser of replies and webhooks: what is documented passes, anything else is no entity."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.payments.facts import (
    BadEntity,
    dispute_of,
    is_id,
    order_of,
    payment_of,
    refund_of,
)

PAYMENT: dict[str, Any] = {
    "id": "pay_" + "A" * 14,
    "entity": "payment",
    "order_id": "order_" + "B" * 14,
    "amount": 49_900,
    "currency": "INR",
    "status": "captured",
    "captured": True,
    "method": "upi",
    "fee": None,
    "tax": None,
    "error_code": "",
}


@pytest.mark.rule("payments-F6")
@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "pay_../../orders/xx"},
        {"id": 7},
        {"order_id": "order_1/payments"},
        {"amount": 49_900.0},
        {"amount": True},
        {"amount": -1},
        {"amount": 10**30},
        {"amount": None},
        {"currency": None},
        {"status": "requested"},
        {"status": ["captured"]},
        {"entity": "order"},
    ],
)
def test_an_entity_with_a_wrong_field_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadEntity):
        payment_of(PAYMENT | wrong)


@pytest.mark.rule("payments-F6")
def test_odd_corners_of_real_entities_pass() -> None:
    assert payment_of(PAYMENT | {"error_code": ""}).error_code is None
    assert payment_of(PAYMENT | {"order_id": None}).order_id is None
    assert not payment_of(PAYMENT | {"status": "failed"}).is_captured
    base = {"entity": "refund", "id": "rfnd_" + "C" * 14, "payment_id": PAYMENT["id"]}
    refund: dict[str, Any] = {**base, "amount": 100, "status": "pending"}
    assert refund_of(refund | {"notes": []}).ours is None
    assert refund_of(refund | {"notes": {"refund": "rfd_1"}}).ours == "rfd_1"
    assert refund_of(refund | {"notes": [], "receipt": "rfd_2"}).ours == "rfd_2"


@pytest.mark.rule("payments-F6")
@given(
    raw=st.dictionaries(
        st.sampled_from([*PAYMENT, "payment_id", "receipt", "attempts", "notes"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.lists(st.integers(), max_size=2)
        | st.sampled_from(list(PAYMENT.values())),
    )
)
def test_no_answer_whatever_breaks_the_parser(raw: dict[str, Any]) -> None:
    for parse in (order_of, payment_of, refund_of, dispute_of):
        try:
            parse(raw)
        except BadEntity:
            continue


@pytest.mark.rule("payments-G3")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "pay_",
        "pay_../orders/xx/y",
        "pay_AAAAAAAAAAAAA",
        "pay_AAAAAAAAAAAAAAA",
        "order_" + "A" * 14,
        "pay_" + "A" * 14 + "\n",
        "pay_AAAAAAAAAAAAA\u0661",
        None,
        7,
    ],
)
def test_only_ids_in_their_own_form_are_ids(text: object) -> None:
    assert not is_id(text, "pay")
    assert is_id("pay_" + "A" * 14, "pay")
