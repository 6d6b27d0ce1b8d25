"""A sign-in at an OpenID provider that has begun: what our browser must bring back when it returns.

It is a signed cookie and no row, so that whoever only clicks writes nothing. From its one secret come the state
(the answer belongs to this browser), the nonce (the token to this attempt) and the PKCE verifier (the code to us).
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from backend.auth.keys import hashed, new_session_key, signed, verified

PURPOSE: Final = "openid attempt"
AGE_MAX: Final = timedelta(minutes=10)  # for a password, a second factor and a mislaid telephone
PATH_LENGTH_MAX: Final = 1000
OWN_PATH: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def is_own_path(text: str) -> bool:
    """Whether a browser that is sent there stays on this site: a path, no host in any disguise."""
    return len(text) <= PATH_LENGTH_MAX and OWN_PATH.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Attempt:
    """`next_path` is where people wanted to go; `invite` the key they came with, or empty."""

    secret: str
    next_path: str
    invite: str
    expires_at: datetime

    @classmethod
    def begun(cls, *, next_path: str, invite: str, now: datetime) -> Self:
        return cls(new_session_key(), next_path, invite, now + AGE_MAX)

    @property
    def state(self) -> str:
        return hashed(f"state {self.secret}")

    @property
    def nonce(self) -> str:
        return hashed(f"nonce {self.secret}")

    @property
    def verifier(self) -> str:
        return hashed(f"verifier {self.secret}")

    def is_answered_by(self, state: str) -> bool:
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "replace"))

    def cookie(self, keys: Sequence[bytes]) -> str:
        ends = int(self.expires_at.timestamp())
        return signed(keys, PURPOSE, [self.secret, self.next_path, self.invite, ends])


def attempt_of(keys: Sequence[bytes], cookie: str, *, now: datetime) -> Attempt | None:
    """The attempt in a cookie of ours that is not over."""
    values = verified(keys, PURPOSE, cookie)
    if values is None:
        return None
    secret, next_path, invite, ends = values
    attempt = Attempt(secret, next_path, invite, datetime.fromtimestamp(ends, UTC))
    return attempt if now < attempt.expires_at and is_own_path(next_path) else None
