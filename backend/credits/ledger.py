"""What an entry posts, decided by pure functions; the repository locks, asks here, writes [credits-L2].

A posting is one signed line, an entry the lines that sum to zero. `available`, `held` and `debt`
are a wallet's own accounts; the account `debt` is minus the column, so that paying it is positive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from backend.credits.errors import Unbalanced

Account: TypeAlias = Literal[
    "available", "held", "debt", "purchased", "granted", "spent", "adjusted"
]
EntryKind: TypeAlias = Literal[
    "grant", "purchase", "clawback", "hold", "capture", "release", "adjust"
]
Mode: TypeAlias = Literal["sandbox", "test", "live"]
HoldKind: TypeAlias = Literal["export", "refund"]
Source: TypeAlias = Literal["purchased", "granted", "adjusted"]

ACCOUNTS: Final[tuple[str, ...]] = get_args(Account)
CREDITS_MAX: Final = 10**12  # of one entry: far below BIGINT, far above any film


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` credits onto an account; negative takes away, zero says nothing and is refused."""

    account: Account
    amount: int

    def __post_init__(self) -> None:
        if self.amount == 0:
            raise Unbalanced(f"a posting of nothing on {self.account}")


@dataclass(frozen=True, slots=True)
class Balances:
    """A wallet at one moment. Nothing is negative, debt excludes available [credits-L1].

    `granted_left` is how much of `available` and `held` came without money: granted credits are
    spent first, and only what is left besides them can be paid back.
    """

    available: int = 0
    held: int = 0
    debt: int = 0
    granted_left: int = 0

    def __post_init__(self) -> None:
        if min(self.available, self.held, self.debt, self.granted_left) < 0:
            raise Unbalanced(f"negative: {self}")
        if self.debt and self.available:
            raise Unbalanced(f"debt beside available credits: {self}")
        if self.granted_left > self.available + self.held:
            raise Unbalanced(f"more granted than there is: {self}")


def inflow_postings(source: Source, amount: int, *, debt: int) -> tuple[Posting, ...]:
    """A purchase, a grant, an adjustment upwards: what flows in pays debt first [credits-L5]."""
    _require_positive(amount)
    repaid = min(amount, debt)
    return _postings({source: -amount, "debt": repaid, "available": amount - repaid})


def outflow_postings(source: Source, amount: int, *, available: int) -> tuple[Posting, ...]:
    """A clawback, an adjustment downwards: what is not available becomes debt [credits-L6].

    It never touches what is held: work in progress finishes.
    """
    _require_positive(amount)
    taken = min(amount, available)
    return _postings({"available": -taken, "debt": taken - amount, source: amount})


def hold_postings(amount: int) -> tuple[Posting, ...]:
    """Credits are set aside."""
    _require_positive(amount)
    return _postings({"available": -amount, "held": amount})


def capture_postings(held: int, used: int, *, debt: int) -> tuple[Posting, ...]:
    """What was used is spent, the rest goes back in the same entry [credits-L7]."""
    _require_positive(used)
    # What costs more than was held is our loss; what flows back pays debt first [credits-L5].
    spent = min(used, held)
    repaid = min(held - spent, debt)
    return _postings(
        {"held": -held, "spent": spent, "debt": repaid, "available": held - spent - repaid}
    )


def release_postings(held: int, *, debt: int) -> tuple[Posting, ...]:
    """All of a hold goes back, debt first [credits-L5]."""
    _require_positive(held)
    repaid = min(held, debt)
    return _postings({"held": -held, "debt": repaid, "available": held - repaid})


def applied(before: Balances, postings: Iterable[Posting]) -> Balances:
    """The wallet after an entry; Unbalanced where the entry must not be [credits-L1].

    `granted_left` follows from the postings alone, so that the journal replays to every column.
    """
    sums: dict[Account, int] = {}
    for posting in postings:
        if posting.account in sums:
            raise Unbalanced(f"two postings on {posting.account}")
        sums[posting.account] = posting.amount
    if not sums or sum(sums.values()) != 0:
        raise Unbalanced(f"does not sum to zero: {sums}")
    available = before.available + sums.get("available", 0)
    held = before.held + sums.get("held", 0)
    granted = before.granted_left - sums.get("granted", 0) - sums.get("spent", 0)
    return Balances(
        available=available,
        held=held,
        debt=before.debt - sums.get("debt", 0),
        granted_left=min(max(0, granted), available + held),
    )


def _postings(amounts: Mapping[Account, int]) -> tuple[Posting, ...]:
    return tuple(Posting(account, amount) for account, amount in amounts.items() if amount)


def _require_positive(amount: int) -> None:
    if not 0 < amount <= CREDITS_MAX:
        raise Unbalanced(f"not a number of credits to move: {amount}")
