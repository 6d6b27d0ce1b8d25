"""What can be wrong with an order of a film."""

from typing import Final


class ExportError(Exception):
    """Root of what this room raises."""


class QuoteStale(ExportError):
    """The quote is over or too low; `reason` is `expired` or `dearer`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the quote is {reason}; ask for a new one")
        self.reason: Final = reason


class AlreadyEnded(ExportError):
    """Too late to cancel."""

    def __init__(self, state: str) -> None:
        super().__init__(f"this export is {state}")
        self.state: Final = state


class TooManyWaiting(ExportError):
    """The workspace has as many waiting exports as it may have [operations-W9]."""


class NoFilm(ExportError):
    """The export is not done, so there is no film."""
