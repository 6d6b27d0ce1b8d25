"""When to ask again about an order: soon after it was made, then ever more seldom, for a week."""

from datetime import datetime, timedelta
from typing import Final

RUNGS: Final = (
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60)),
    *(timedelta(hours=hours) for hours in range(2, 25)),
    *(timedelta(days=days) for days in range(2, 8)),
)
LAST: Final = RUNGS[-1]  # a late authorisation takes up to 5 days
SOON: Final = timedelta(seconds=15)


def next_rung(created_at: datetime, now: datetime) -> datetime | None:
    """The next time to ask; None when the ladder has ended."""
    return next((created_at + rung for rung in RUNGS if created_at + rung > now), None)
