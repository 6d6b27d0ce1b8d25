"""What can be wrong with credits.

CreditsError
├── HoldRefused                 the credits cannot be set aside; required, available, debt
│   ├── InsufficientCredits
│   ├── WalletInDebt
│   └── WalletFrozen
├── HoldSettled                 captured or released before, or there is no such hold
└── Unbalanced                  postings that must not be written; a mistake of ours
"""

from typing import Final


class CreditsError(Exception):
    """Root of what this room raises."""


class HoldRefused(CreditsError):
    """Credits cannot be set aside; the wallet is as it was."""

    def __init__(self, detail: str, *, required: int, available: int, debt: int) -> None:
        super().__init__(detail)
        self.required: Final = required
        self.available: Final = available
        self.debt: Final = debt


class InsufficientCredits(HoldRefused):
    """Fewer credits are available than needed."""


class WalletInDebt(HoldRefused):
    """Debt stops spending, never editing."""


class WalletFrozen(HoldRefused):
    """A payment of this wallet is in dispute."""


class HoldSettled(CreditsError):
    """The hold was captured or released before, or never was."""

    def __init__(self, hold_id: str) -> None:
        super().__init__(f"hold {hold_id} is not active")
        self.hold_id: Final = hold_id


class Unbalanced(CreditsError):
    """Postings that do not sum to zero, or would leave a wallet that cannot be."""
