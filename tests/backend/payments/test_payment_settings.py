"""Money is never half configured: the start says which variable is wrong."""

from typing import Any

import pytest

from backend.settings import BadSettings, Settings

TEST_KEYS = {"razorpay_key_id": "rzp_test_abc", "razorpay_key_secret": "s"}
LIVE_KEYS = {"razorpay_key_id": "rzp_live_abc", "razorpay_key_secret": "s"}


@pytest.mark.rule("payments-S8")
@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ({"razorpay_key_id": "rzp_test_abc"}, "KEY_SECRET"),
        ({"razorpay_key_secret": "s"}, "KEY_ID"),
        ({"razorpay_webhook_secrets": "w"}, "KEY_ID"),
        ({"razorpay_key_id": "rzp_test_abc", "razorpay_webhook_secrets": "w"}, "KEY_SECRET"),
        (TEST_KEYS | {"razorpay_key_id": "key_abc"}, "KEY_ID"),
        (TEST_KEYS | {"razorpay_key_id": "rzp_test_../x"}, "KEY_ID"),
        (TEST_KEYS | {"razorpay_base_url": "https://evil.example"}, "BASE_URL"),
        (TEST_KEYS | {"razorpay_base_url": "https://127.0.0.1.evil.example"}, "BASE_URL"),
        (LIVE_KEYS | {"razorpay_base_url": "http://127.0.0.1:9"}, "BASE_URL"),
        ({"razorpay_base_url": "http://127.0.0.1:9"}, "KEY_ID"),
        (LIVE_KEYS | {"public_url": "https://cutroom.example"}, "WEBHOOK_SECRETS"),
        (
            LIVE_KEYS
            | {"public_url": "https://cutroom.example", "razorpay_webhook_secrets": " , "},
            "WEBHOOK_SECRETS",
        ),
    ],
)
def test_half_a_configuration_names_what_is_missing(chosen: dict[str, Any], name: str) -> None:
    with pytest.raises(BadSettings) as bad:
        Settings.read(**chosen)
    assert bad.value.name == f"CUTROOM_RAZORPAY_{name}"


@pytest.mark.rule("payments-S8")
@pytest.mark.parametrize("public_url", ["", "http://cutroom.example"])
def test_live_keys_need_https(public_url: str) -> None:
    with pytest.raises(BadSettings) as bad:
        Settings.read(**LIVE_KEYS, razorpay_webhook_secrets="w", public_url=public_url)
    assert bad.value.name == "CUTROOM_PUBLIC_URL"


@pytest.mark.rule("payments-S8")
def test_the_keys_choose_the_mode() -> None:
    assert Settings.read().payment_mode == "sandbox"
    test = Settings.read(**TEST_KEYS, razorpay_base_url="http://127.0.0.1:9")
    assert (test.payment_mode, test.razorpay_secrets) == ("test", ())
    live = Settings.read(
        **LIVE_KEYS, razorpay_webhook_secrets="new, old", public_url="https://cutroom.example"
    )
    assert (live.payment_mode, live.razorpay_secrets) == ("live", ("new", "old"))
    assert "s" not in repr(live.razorpay_key_secret)
