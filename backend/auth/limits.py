"""Failed sign-ins and sign-ups, counted per account and address [auth-A10]."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from backend.auth.errors import TooMany
from kit.clock import Clock

KEYS_MAX: Final = 20_000  # the least recently used are forgotten


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_seconds: float


class TokenBuckets:
    """`burst` at once, then `per_second`; one bucket per key."""

    def __init__(self, clock: Clock, *, burst: float, per_second: float) -> None:
        self._clock = clock
        self._burst = burst
        self._per_second = per_second
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_seconds(self, key: str, *, cost: float = 1.0) -> float:
        """Take `cost` if it is there and answer 0, else the seconds until it would be."""
        bucket = self._filled(key)
        if bucket.tokens >= cost:
            bucket.tokens -= cost
            return 0.0
        return (cost - bucket.tokens) / self._per_second

    def empty_seconds(self, key: str) -> float:
        """Seconds until one is there again; takes nothing."""
        bucket = self._filled(key)
        return 0.0 if bucket.tokens >= 1 else (1 - bucket.tokens) / self._per_second

    def _filled(self, key: str) -> _Bucket:
        now = self._clock.monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(self._burst, now)
            if len(self._buckets) > KEYS_MAX:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        gained = (now - bucket.at_seconds) * self._per_second
        bucket.tokens = min(self._burst, bucket.tokens + gained)
        bucket.at_seconds = now
        return bucket


class SignInLimits:
    """10 failures per 15 minutes for an account from an address; 60 sign-ups, 5 archives an hour.

    Mail: 3 reset links an hour for an email, 10 per 15 minutes from an address; 20 invitations an hour by one person.
    """

    def __init__(self, clock: Clock) -> None:
        self._failures = TokenBuckets(clock, burst=10, per_second=10 / 900)
        self._signups = TokenBuckets(clock, burst=60, per_second=60 / 3600)
        self._resets_of = TokenBuckets(clock, burst=3, per_second=3 / 3600)
        self._resets_from = TokenBuckets(clock, burst=10, per_second=10 / 900)
        self._mails_by = TokenBuckets(clock, burst=20, per_second=20 / 3600)
        self._archives = TokenBuckets(clock, burst=5, per_second=5 / 3600)

    def check_sign_in(self, email: str, address: str) -> None:
        wait = self._failures.empty_seconds(f"{email} {address}")
        if wait:
            raise TooMany("too many failed sign-ins", retry_seconds=wait)

    def count_failure(self, email: str, address: str) -> None:
        self._failures.wait_seconds(f"{email} {address}")

    def count_signup(self, address: str) -> None:
        wait = self._signups.wait_seconds(address)
        if wait:
            raise TooMany("too many sign-ups from this address", retry_seconds=wait)

    def count_archive(self, user_id: str) -> None:
        wait = self._archives.wait_seconds(user_id)
        if wait:
            raise TooMany("too many archives of one's data", retry_seconds=wait)

    def count_reset(self, email: str, address: str) -> None:
        """Whether anybody has that email or not: who is limited learns nothing from it."""
        wait = self._resets_from.wait_seconds(address) or self._resets_of.wait_seconds(email)
        if wait:
            raise TooMany("too many links for a new password", retry_seconds=wait)

    def count_mail(self, user_id: str) -> None:
        """Mail to somebody else; those who can sign up must not make a post office of us."""
        wait = self._mails_by.wait_seconds(user_id)
        if wait:
            raise TooMany("too many invitations by mail", retry_seconds=wait)
