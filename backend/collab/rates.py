"""Token buckets: how fast one person may send [collab-H8]. Time is an argument."""

from dataclasses import dataclass, field
from typing import Final

PAUSE_SECONDS_MAX: Final = 2.0


class TooFast(Exception):
    """Over the limit for longer than a pause can mend; 4429."""


@dataclass(slots=True)
class Bucket:
    """Fills with `rate` tokens a second up to `burst`; may be overdrawn by a pause's worth."""

    rate: float
    burst: float
    tokens: float = field(init=False)
    _at: float = field(init=False, default=0.0)
    _over_since: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def spend(self, cost: float, now: float) -> float:
        """Seconds to stop reading after this, 0 where all is well; raises TooFast.

        Raised when the sender has been over the limit, without a second's rest, for longer than
        PAUSE_SECONDS_MAX.
        """
        self.tokens = min(self.burst, self.tokens + (now - self._at) * self.rate)
        self._at = now
        if self.tokens >= min(self.rate, self.burst):
            self._over_since = None
        self.tokens -= cost
        if self.tokens >= 0:
            return 0.0
        if self._over_since is None:
            self._over_since = now
        pause = -self.tokens / self.rate
        if pause > PAUSE_SECONDS_MAX or now - self._over_since > PAUSE_SECONDS_MAX:
            raise TooFast
        return pause


@dataclass(slots=True)
class Rates:
    """The buckets of one person in one room."""

    updates: Bucket = field(default_factory=lambda: Bucket(rate=40, burst=200))
    bytes: Bucket = field(default_factory=lambda: Bucket(rate=8 * 2**20 / 60, burst=8 * 2**20))
    structs: Bucket = field(default_factory=lambda: Bucket(rate=20_000 / 60, burst=20_000))

    def spend(self, *, size: int, structs: int, now: float) -> float:
        """Count one update of `size` bytes; seconds to stop reading; raises TooFast."""
        return max(
            self.updates.spend(1, now),
            self.bytes.spend(size, now),
            self.structs.spend(structs, now),
        )


def frames_bucket() -> Bucket:
    """Frames of any kind, for each connection."""
    return Bucket(rate=300, burst=600)
