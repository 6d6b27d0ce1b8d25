"""Any story of a wallet: both databases write the journal that the model writes [credits-L2].

The model below is written without the ledger's code, so that a mistake there is not made twice.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from backend.credits import repository
from backend.credits.errors import (
    HoldSettled,
    InsufficientCredits,
    WalletFrozen,
    WalletInDebt,
)
from tests.backend.credits.ledgers import NOW, Ledger, cause

amounts = st.integers(1, 60)
places = st.integers(0, 30)


@dataclass
class Model:
    """A wallet in plain numbers, and the journal it should have."""

    available: int = 0
    held: int = 0
    debt: int = 0
    granted_left: int = 0
    frozen: bool = False
    holds: list[int] = field(default_factory=list[int])
    settled: set[int] = field(default_factory=set[int])
    journal: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    def flow_in(self, kind: str, source: str, amount: int) -> None:
        repaid = min(self.debt, amount)
        self.debt -= repaid
        self.available += amount - repaid
        if source == "granted":
            self.granted_left += amount
        self.write(kind, {source: -amount, "debt": repaid, "available": amount - repaid})

    def flow_out(self, kind: str, source: str, amount: int) -> None:
        taken = min(self.available, amount)
        self.available -= taken
        self.debt += amount - taken
        self.write(kind, {source: amount, "available": -taken, "debt": taken - amount})

    def hold(self, amount: int) -> None:
        self.available -= amount
        self.held += amount
        self.holds.append(amount)
        self.write("hold", {"available": -amount, "held": amount})

    def settle(self, place: int, used: int) -> None:
        amount = self.holds[place]
        spent, back = min(used, amount), amount - min(used, amount)
        repaid = min(self.debt, back)
        self.settled.add(place)
        self.held -= amount
        self.debt -= repaid
        self.available += back - repaid
        self.granted_left = max(0, self.granted_left - spent)
        lines = {"held": -amount, "spent": spent, "debt": repaid, "available": back - repaid}
        self.write("capture" if used else "release", lines)

    def write(self, kind: str, lines: dict[str, int]) -> None:
        self.granted_left = min(self.granted_left, self.available + self.held)
        told = {account: amount for account, amount in lines.items() if amount}
        number = len(self.journal) + 1
        self.journal.append((number, kind, self.available, self.held, self.debt, told))


class Wallets(RuleBasedStateMachine):
    """The same story on every ledger and on the model."""

    ledgers: tuple[Ledger, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.wallets = [ledger.wallet() for ledger in self.ledgers]
        self.held: list[list[str]] = [[] for _ in self.ledgers]

    @rule(amount=amounts)
    def purchase(self, amount: int) -> None:
        self.model.flow_in("purchase", "purchased", amount)
        for ledger, wallet in self.both():
            with ledger.writing() as session:
                repository.purchase(session, wallet, amount, cause())

    @rule(amount=amounts)
    def grant(self, amount: int) -> None:
        self.model.flow_in("grant", "granted", amount)
        for ledger, wallet in self.both():
            with ledger.writing() as session:
                repository.grant(session, wallet, amount, cause())

    @rule(amount=amounts)
    def claw_back(self, amount: int) -> None:
        self.model.flow_out("clawback", "purchased", amount)
        for ledger, wallet in self.both():
            with ledger.writing() as session:
                repository.claw_back(session, wallet, amount, cause())

    @rule(amount=amounts, down=st.booleans())
    def adjust(self, amount: int, *, down: bool) -> None:
        flow = self.model.flow_out if down else self.model.flow_in
        flow("adjust", "adjusted", amount)
        for ledger, wallet in self.both():
            with ledger.writing() as session:
                repository.adjust(session, wallet, -amount if down else amount, cause())

    @rule(frozen=st.booleans())
    def freeze(self, *, frozen: bool) -> None:
        self.model.frozen = frozen
        for ledger, wallet in self.both():
            with ledger.writing() as session:
                repository.set_frozen(session, wallet, frozen=frozen, at=NOW)

    @rule(amount=amounts)
    def hold(self, amount: int) -> None:
        refusal: type[Exception] | None = None
        if self.model.frozen:
            refusal = WalletFrozen
        elif self.model.debt:
            refusal = WalletInDebt
        elif self.model.available < amount:
            refusal = InsufficientCredits
        else:
            self.model.hold(amount)
        for index, (ledger, wallet) in enumerate(self.both()):
            if refusal is not None:
                with pytest.raises(refusal):
                    ledger.hold(wallet, amount)
            else:
                self.held[index].append(ledger.hold(wallet, amount))

    @precondition(lambda self: bool(self.model.holds))
    @rule(place=places, used=st.integers(0, 80))
    def settle(self, place: int, used: int) -> None:
        place %= len(self.model.holds)
        settled = place in self.model.settled
        if not settled:
            self.model.settle(place, used)
        for index, ledger in enumerate(self.ledgers):
            hold_id = self.held[index][place]
            if settled:
                with pytest.raises(HoldSettled):
                    ledger.release(hold_id)
            elif used:
                ledger.capture(hold_id, used)
            else:
                ledger.release(hold_id)

    def teardown(self) -> None:
        for ledger, wallet in self.both():
            seen = ledger.seen(wallet)
            assert list(ledger.journal(wallet)) == self.model.journal
            assert (seen.available, seen.held, seen.debt, seen.granted_left) == (
                self.model.available,
                self.model.held,
                self.model.debt,
                self.model.granted_left,
            )
            assert (seen.frozen, seen.seq) == (self.model.frozen, len(self.model.journal))
            assert ledger.active_holds(wallet) == seen.held

    def both(self) -> list[tuple[Ledger, str]]:
        return [*zip(self.ledgers, self.wallets, strict=True)]


@pytest.mark.rule("credits-L2", "credits-L1", "credits-L3", "credits-L4", "credits-L14")
def test_both_databases_write_the_journal_of_the_model(
    sqlite_ledger: Ledger, postgres_ledger: Ledger
) -> None:
    run(sqlite_ledger, postgres_ledger, examples=12, steps=25)


@pytest.mark.nightly
@pytest.mark.rule("credits-L2")
def test_both_databases_write_the_journal_of_the_model_at_length(
    sqlite_ledger: Ledger, postgres_ledger: Ledger
) -> None:
    run(sqlite_ledger, postgres_ledger, examples=1000, steps=60)


def run(*ledgers: Ledger, examples: int, steps: int) -> None:
    class Story(Wallets):
        pass

    Story.ledgers = ledgers
    run_state_machine_as_test(
        Story, settings=settings(max_examples=examples, stateful_step_count=steps)
    )
