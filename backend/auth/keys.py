"""Secrets that people and programs carry: made here, stored as hashes only."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import zlib
from collections.abc import Sequence
from typing import Any, Final

from kit.ids import ALPHABET

TOKEN_PREFIX: Final = "cut_"  # noqa: S105 - what a token begins with, so that scanners of leaks know it
TOKEN_BITS: Final = 160
CHECKSUM_DIGITS: Final = 7  # 32 bits in base 32
SIGNED_LENGTH_MAX: Final = 4096  # a browser keeps no larger cookie


def new_session_key() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def new_link_key() -> str:
    """128 random bits for the fragment of an address."""
    return secrets.token_urlsafe(16)


def new_api_token() -> str:
    """`cut_` + 160 random bits + a checksum, so that a mistyped one is known without a look-up."""
    body = _digits(secrets.randbits(TOKEN_BITS), TOKEN_BITS // 5)
    return f"{TOKEN_PREFIX}{body}{_checksum(body)}"


def looks_like_token(text: str) -> bool:
    body, checksum = text.removeprefix(TOKEN_PREFIX)[:-CHECKSUM_DIGITS], text[-CHECKSUM_DIGITS:]
    return text.startswith(TOKEN_PREFIX) and hmac.compare_digest(
        _checksum(body).encode(), checksum.encode()
    )


def hashed(key: str) -> str:
    """What is stored of a random key. These have 128 bits and more: a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def derived_key(secret: bytes, purpose: str) -> bytes:
    """Each purpose has its own key [auth-A12]."""
    return hmac.digest(secret, b"cutroom " + purpose.encode(), "sha256")


def signed(keys: Sequence[bytes], purpose: str, values: Sequence[str | int]) -> str:
    """Values that somebody else keeps for us; the first key signs, good for one purpose only."""
    body = _encoded(json.dumps(values, separators=(",", ":")).encode())
    return f"{body}.{_encoded(_signature(keys[0], purpose, body))}"


def verified(keys: Sequence[bytes], purpose: str, text: str) -> list[Any] | None:
    """The values that we signed for that purpose with any of the keys, else None."""
    body, _, signature = text.partition(".")
    if len(text) > SIGNED_LENGTH_MAX or not any(
        hmac.compare_digest(
            _encoded(_signature(key, purpose, body)).encode(), signature.encode("utf-8", "replace")
        )
        for key in keys
    ):
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error):
        return None


def _signature(key: bytes, purpose: str, body: str) -> bytes:
    return hmac.digest(derived_key(key, purpose), body.encode(), "sha256")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _checksum(body: str) -> str:
    return _digits(zlib.crc32(body.encode()), CHECKSUM_DIGITS)


def _digits(number: int, length: int) -> str:
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))
