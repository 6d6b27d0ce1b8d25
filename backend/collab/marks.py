"""Marks by which nodes know what a node of theirs has passed on: signed, good for a minute.

Whoever holds no key of ours makes none, so a client cannot pass itself off as passed on.
"""

import hmac
from collections.abc import Sequence
from typing import Final

from backend.auth.keys import derived_key
from kit.clock import Clock

PURPOSE: Final = "relay between nodes"
GOOD_SECONDS: Final = 60  # clocks of nodes may differ by as much


class RelayMarks:
    def __init__(self, keys: Sequence[bytes], clock: Clock) -> None:
        self._keys = [derived_key(key, PURPOSE) for key in keys]
        self._clock = clock

    def mark(self, subject: str) -> str:
        """For something to be passed on now: a project's socket, or one request."""
        at = int(self._clock.now().timestamp())
        return f"{at}.{_signature(self._keys[0], subject, at)}"

    def is_ours(self, mark: str, subject: str) -> bool:
        at, _, signature = mark.partition(".")
        if not at.isdecimal() or len(at) > len("9999999999"):
            return False
        if abs(self._clock.now().timestamp() - int(at)) > GOOD_SECONDS:
            return False
        return any(
            hmac.compare_digest(_signature(key, subject, int(at)).encode(), signature.encode())
            for key in self._keys
        )


def _signature(key: bytes, subject: str, at: int) -> str:
    return hmac.digest(key, f"{at} {subject}".encode(), "sha256").hex()
