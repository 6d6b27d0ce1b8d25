"""A wallet, a hold and a cause as values, and the wallet as the API and the events tell it."""

from dataclasses import dataclass
from datetime import datetime

from backend.credits.ledger import Balances, Mode
from timeline.model import Json


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet as of one statement; only a locked one stays so until the transaction ends."""

    id: str
    workspace_id: str
    mode: Mode
    balances: Balances
    seq: int
    frozen: bool

    @property
    def available(self) -> int:
        return self.balances.available

    @property
    def held(self) -> int:
        return self.balances.held

    @property
    def debt(self) -> int:
        return self.balances.debt

    @property
    def granted_left(self) -> int:
        return self.balances.granted_left


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an entry is written. `effect_key` names the effect, which happens once [credits-L3]."""

    effect_key: str
    ref_kind: str
    ref_id: str
    actor: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Credits set aside; `amount` never changes."""

    id: str
    wallet_id: str
    amount: int


def wallet_json(wallet: Wallet) -> dict[str, Json]:
    """The body of `GET .../wallet` and of the `wallet` event."""
    return {
        "workspace": wallet.workspace_id,
        "mode": wallet.mode,
        "available": wallet.available,
        "held": wallet.held,
        "debt": wallet.debt,
        "frozen": wallet.frozen,
        "seq": wallet.seq,
    }
