"""What the API takes in a body; everything else is refused with the name of the field."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from backend.payments.sandbox.errors import Refused

AMOUNT_MIN: Final = 100
AMOUNT_MAX: Final = 50_000_000_00
RECEIPT_LENGTH_MAX: Final = 40
NOTES_MAX: Final = 15
NOTE_LENGTH_MAX: Final = 256
COUNT_MAX: Final = 100
REFUND_KEY: Final = re.compile(r"[A-Za-z0-9_-]{10,}")


def only(body: Mapping[str, Any], *allowed: str) -> None:
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise Refused(f"{', '.join(unknown)} is/are not required and should not be sent")


def amount(value: object, *, least: int = AMOUNT_MIN) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("The amount must be an integer.", field="amount")
    if value < least:
        raise Refused(f"The amount must be atleast INR {least / 100:.2f}", field="amount")
    if value > AMOUNT_MAX:
        raise Refused("Amount exceeds maximum amount allowed.", field="amount")
    return value


def currency(value: object) -> str:
    if value != "INR":
        raise Refused("Currency is not supported", field="currency")
    return "INR"


def receipt(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > RECEIPT_LENGTH_MAX:
        raise Refused("The receipt may not be greater than 40 characters.", field="receipt")
    return value


def notes(value: object) -> dict[str, Any] | list[Any]:
    """Notes, or `[]` where there are none: that is what comes back, too."""
    if value in (None, [], {}):
        return []
    if not isinstance(value, dict):
        raise Refused("The notes must be an array.", field="notes")
    pairs = cast("dict[str, Any]", value)
    if len(pairs) > NOTES_MAX or any(len(str(text)) > NOTE_LENGTH_MAX for text in pairs.values()):
        raise Refused("Notes: too many or too long", field="notes")
    return pairs


def whole(text: str | None, default: int, *, name: str, most: int = 2**53) -> int:
    """A number of the query string."""
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise Refused(f"The {name} may not be greater than {most}.", field=name)
    return int(text)
