"""Ids: a prefix that says what it is, then 100 bits. Rows get sortable ids, records random ones."""

import secrets
import time
from typing import Final

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case


def _encoded(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits = ALPHABET[digit] + digits
    return digits


def random_id(prefix: str) -> str:
    """`prefix_` + 100 random bits; for records of a document (`timeline.md`, W7)."""
    return f"{prefix}_{_encoded(secrets.randbits(100), 20)}"


def sortable_id(prefix: str) -> str:
    """`prefix_` + milliseconds + 80 random bits: rows sort by creation (as ULID does)."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{_encoded(milliseconds, 10)}{_encoded(secrets.randbits(80), 16)}"
