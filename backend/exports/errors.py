"""What can be wrong with an order of a film."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from backend.exports.planning import Priced
from timeline.model import Json


class ExportError(Exception):
    """Root of what this room raises."""


StaleReason: TypeAlias = Literal["expired", "dearer"]
STALE: Final[Mapping[StaleReason, str]] = {
    "expired": "the quote has expired",
    "dearer": "the export would cost more than was quoted",
}


class QuoteOver(ExportError):
    """The order may not be held to its quote; `price` is what it costs now. The door makes a new quote."""

    def __init__(self, reason: StaleReason, price: Priced) -> None:
        super().__init__(STALE[reason])
        self.reason: Final[StaleReason] = reason
        self.price: Final = price


class QuoteStale(ExportError):
    """The quote is over or too low; `quote` is a new one, as the API tells quotes."""

    def __init__(self, reason: StaleReason, quote: Mapping[str, Json]) -> None:
        super().__init__(f"{STALE[reason]}; here is a new one")
        self.reason: Final = reason
        self.quote: Final = quote


class AlreadyEnded(ExportError):
    """Too late to cancel."""

    def __init__(self, state: str) -> None:
        super().__init__(f"this export is {state}")
        self.state: Final = state


class TooManyWaiting(ExportError):
    """The workspace has as many waiting exports as it may have [operations-W9]."""


class NoFilm(ExportError):
    """The export is not done, so there is no film."""
