"""Ticks of the clock, on which rooms flush and commits start: together, and once for each."""

from typing import Final

EARLY_SECONDS_MAX: Final = 0.002  # loops call so much too early, and a tick would be served twice


def seconds_to_tick(now: float, tick_seconds: float, *, served: float) -> float:
    """Seconds from `now` to the first tick after the one served at `served`; below 0 if it is past."""
    return ((served + EARLY_SECONDS_MAX) // tick_seconds + 1) * tick_seconds - now
