"""Two processes on one ledger, on both databases: k credits start k jobs, a hold is settled once."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from backend.credits.audit import audited
from tests.backend.credits.ledgers import Ledger
from tests.backend.support import empty_database, migrated_database
from tests.postgres import new_database, own_postgres

ROOT = Path(__file__).resolve().parents[3]


class Worker:
    """`ledger_worker.py` in a process, ready and waiting for the word."""

    def __init__(self, ledger: Ledger, *words: str) -> None:
        url = ledger.database.url.render_as_string(hide_password=False)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.backend.credits.ledger_worker", url, *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.lines = self.process.stdout
        assert self.lines.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def take(self, count: int) -> list[str]:
        """So many acknowledged ids, or all there are."""
        found: list[str] = []
        while len(found) < count and (line := self.lines.readline()) and line != "over\n":
            found.append(line.strip())
        return found

    def rest(self) -> list[str]:
        return self.take(sys.maxsize)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def workers(ledger: Ledger, *commands: Sequence[str]) -> Generator[list[Worker]]:
    with ExitStack() as stack:
        started: list[Worker] = []
        for words in commands:
            started.append(Worker(ledger, *words))
            stack.callback(started[-1].close)
        yield started


def acknowledged(ledger: Ledger, *commands: Sequence[str]) -> list[str]:
    """All that processes with these commands, started at once, were told."""
    with workers(ledger, *commands) as started:
        for worker in started:
            worker.go()
        return [name for worker in started for name in worker.rest()]


def differences(ledger: Ledger) -> list[str]:
    with ledger.database.snapshot() as connection:
        return audited(connection).differences


@pytest.mark.rule("credits-R1")
def test_k_credits_start_k_jobs_from_two_processes(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=7)
    command = ("hold", wallet, "24")
    assert len(acknowledged(ledger, command, command)) == 7
    assert ledger.balances(wallet) == (0, 7, 0)
    assert len(ledger.journal(wallet)) == 8
    assert differences(ledger) == []


@pytest.mark.rule("credits-R1", "credits-L3")
def test_of_two_processes_who_settle_each_hold_one_wins(ledger: Ledger) -> None:
    wallet = ledger.wallet(bought=40)
    holds = [ledger.hold(wallet, 1) for _ in range(30)]
    settled = acknowledged(ledger, ("capture", *holds), ("release", *holds))
    assert sorted(settled) == sorted(holds)
    available, held, debt = ledger.balances(wallet)
    captures = sum(row[1] == "capture" for row in ledger.journal(wallet))
    assert (available, held, debt) == (40 - captures, 0, 0)
    assert differences(ledger) == []


def held(ledger: Ledger, wallet: str) -> int:
    return ledger.seen(wallet).held


def kill_writers(ledger: Ledger, holds: int, kills: int) -> None:
    """Writers are killed in the middle, again and again; what they acknowledged is there."""
    wallet = ledger.wallet(bought=holds * 4)
    known: set[str] = set()
    for _ in range(kills):
        with workers(ledger, ("hold", wallet, str(holds))) as (writer,):
            writer.go()
            known.update(writer.take(holds // kills))
            writer.process.send_signal(signal.SIGKILL)
            known.update(writer.rest())
    assert len(known) >= holds
    assert known <= ledger.hold_ids(wallet)
    assert held(ledger, wallet) == len(ledger.hold_ids(wallet))
    assert differences(ledger) == []


@pytest.mark.rule("credits-R2")
def test_a_thousand_holds_survive_the_kills_of_their_writers_on_sqlite(tmp_path: Path) -> None:
    database = migrated_database(tmp_path / "data")
    kill_writers(Ledger(database), 1000, 5)
    asyncio.run(database.close())


@pytest.mark.nightly
@pytest.mark.rule("credits-R2")
def test_a_thousand_holds_survive_kills_of_writers_and_of_the_database_on_postgres() -> None:
    with own_postgres() as server:
        database = empty_database(new_database(server.address))
        ledger = Ledger(database)
        kill_writers(ledger, 400, 2)
        wallet = ledger.wallet(bought=4000)
        known: set[str] = set()
        while len(known) < 600:
            with workers(ledger, ("hold", wallet, "600")) as (writer,):
                writer.go()
                known.update(writer.take(200))
                server.restart()
                known.update(writer.rest())
        asyncio.run(database.close())
        after = Ledger(empty_database(str(database.url.render_as_string(hide_password=False))))
        assert known <= after.hold_ids(wallet)
        assert held(after, wallet) == len(after.hold_ids(wallet))
        assert differences(after) == []
        asyncio.run(after.database.close())
