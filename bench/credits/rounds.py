"""The ledger beside two peers on the same Postgres, in turn, in one run; and alone on SQLite.

Peers do the same work, written here from their public descriptions: *read + FOR UPDATE* locks the
row, checks in Python and writes hold, entry, postings and event as we do; *pgledger-like* moves
between two accounts in one server-side function that locks both and keeps balances with every line.
Rates are medians of the rounds, ratios medians of the rounds' ratios, p99 is over all rounds. One
operation of each thread comes before: what it takes to open the connections is told by itself. All
threads share one process and its two cores with the database, so the ratios say more than the rates.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import URL

from backend.credits import repository
from backend.credits.audit import audited
from backend.credits.wallet import Cause
from backend.db.migrations import migrate
from backend.db.session import Database
from bench.credits.inbox import inbox_figures
from bench.credits.peers import FOR_UPDATE_TABLES, PGLEDGER_TABLES, for_update_hold, pgledger_hold
from bench.credits.story import ENTRIES, write_story
from kit.event_bus import LocalBus
from kit.ids import sortable_id
from tests.postgres import new_database, postgres_server

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
AT_ONCE: Final = 16
WALLETS: Final = 64
ROUNDS: Final = 3
OPERATIONS: Final = 400  # of each round and each contender
RICH: Final = 10**9

Figures = dict[str, object]
Operation = Callable[[int], object]


@dataclass(slots=True)
class Measured:
    """What the rounds of one contender took: operations a second, and the seconds of each."""

    rates: list[float] = field(default_factory=list[float])
    seconds: list[float] = field(default_factory=list[float])

    def told(self, what: str) -> Figures:
        slowest = sorted(self.seconds)[int(len(self.seconds) * 0.99)]
        return {f"{what}, /s": round(median(self.rates)), f"{what}, p99 ms": round(slowest * 1000)}


def measured(keep: Callable[[Figures], None]) -> Figures:
    """All parts, one after another; `keep` is told what there is after each."""
    found: Figures = {}
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server(durable=True))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cutroom-bench-")))
        parts: dict[str, Callable[[], Figures]] = {
            "beside peers": lambda: _beside_peers(server),
            "sqlite": lambda: _on_sqlite(folder),
            "audits": lambda: _audits(server, folder),
        }
        for name, part in parts.items():
            load = round(os.getloadavg()[0], 1)
            found |= part()
            found[f"load before and after, {name}"] = [load, round(os.getloadavg()[0], 1)]
            keep(found)
    return found


def _beside_peers(server: URL) -> Figures:
    address = new_database(server)
    migrate(address)
    database = Database(address, LocalBus())
    _make_peers(database)
    ours = _wallets(database)
    spread: dict[str, Operation] = {
        "ours": lambda n: _hold(database, ours[n % WALLETS]),
        "read + FOR UPDATE": lambda n: for_update_hold(database, f"w{n % WALLETS}", NOW),
        "pgledger-like": lambda n: pgledger_hold(database, f"w{n % WALLETS}", NOW),
    }
    hot: dict[str, Operation] = {
        "ours": lambda _: _hold(database, ours[0]),
        "read + FOR UPDATE": lambda _: for_update_hold(database, "w0", NOW),
        "pgledger-like": lambda _: pgledger_hold(database, "w0", NOW),
    }
    pairs: dict[str, Operation] = {"ours": lambda n: _pair(database, ours[n % WALLETS])}
    found = {
        **_durability(database),
        **_in_turn("postgres, hold, 16 at once", spread),
        **_in_turn("postgres, hold, one hot wallet", hot),
        **_in_turn("postgres, hold + capture", pairs),
        **asyncio.run(inbox_figures(database, "postgres")),
    }
    asyncio.run(database.close())
    return found


def _on_sqlite(folder: Path) -> Figures:
    address = f"sqlite:///{folder / 'ledger.db'}"
    migrate(address)
    database = Database(address, LocalBus())
    ours = _wallets(database)
    found = {
        **_in_turn(
            "sqlite, hold, 16 at once", {"ours": lambda n: _hold(database, ours[n % WALLETS])}
        ),
        **_in_turn(
            "sqlite, hold + capture", {"ours": lambda n: _pair(database, ours[n % WALLETS])}
        ),
        **asyncio.run(inbox_figures(database, "sqlite")),
    }
    asyncio.run(database.close())
    return found


def _audits(server: URL, folder: Path) -> Figures:
    found: Figures = {"audit, entries": ENTRIES}
    for name, address in (
        ("postgres", new_database(server)),
        ("sqlite", f"sqlite:///{folder / 'audit.db'}"),
    ):
        migrate(address)
        database = Database(address, LocalBus())
        write_story(database)
        began, cpu = time.monotonic(), time.process_time()
        with database.snapshot() as connection:
            audit = audited(connection)
        assert (audit.entries, audit.differences) == (ENTRIES, [])
        found[f"audit on {name}, s"] = round(time.monotonic() - began, 1)
        found[f"audit on {name}, CPU s of our process"] = round(time.process_time() - cpu, 1)
        asyncio.run(database.close())
    return found


def _durability(database: Database) -> Figures:
    """Figures of commits mean something only where a commit waits for the disk."""
    with database.read_in_thread() as session:
        told = {
            f"postgres, {name}": session.scalar(text(f"show {name}"))
            for name in ("server_version", "fsync", "synchronous_commit")
        }
    assert told["postgres, fsync"] == told["postgres, synchronous_commit"] == "on"
    return {**told}


def _in_turn(what: str, contenders: Mapping[str, Operation]) -> Figures:
    """Each contender once a round, so that all of them meet the same weather."""
    results = {name: Measured() for name in contenders}
    first = Measured()
    for operation in contenders.values():
        _run(operation, first, AT_ONCE)
    for _ in range(ROUNDS):
        for name, operation in contenders.items():
            _run(operation, results[name], OPERATIONS)
    found: Figures = {f"{what}, first of each thread, slowest ms": round(max(first.seconds) * 1000)}
    for name, result in results.items():
        found |= result.told(what if len(results) == 1 else f"{what}, {name}")
        if name != "ours":
            found[f"{what}, ours / {name}"] = round(_ratio(results["ours"], result), 2)
    return found


def _ratio(ours: Measured, peer: Measured) -> float:
    return median(mine / theirs for mine, theirs in zip(ours.rates, peer.rates, strict=True))


def _run(operation: Operation, into: Measured, count: int) -> None:
    def timed(number: int) -> float:
        began = time.monotonic()
        operation(number)
        return time.monotonic() - began

    with ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.monotonic()
        seconds: Sequence[float] = list(pool.map(timed, range(count)))
        into.rates.append(count / (time.monotonic() - began))
    into.seconds.extend(seconds)


def _make_peers(database: Database) -> None:
    with database.write_in_thread() as session:
        for words in (*FOR_UPDATE_TABLES, *PGLEDGER_TABLES):
            session.execute(text(words))
        for number in range(WALLETS):
            session.execute(
                text("insert into peer_wallets values (:id, :rich, 0, 0)"),
                {"id": f"w{number}", "rich": RICH},
            )
            for account in ("available", "held"):
                session.execute(
                    text("insert into peer_accounts values (:id, :rich, 0)"),
                    {"id": f"w{number}:{account}", "rich": RICH},
                )


def _wallets(database: Database) -> list[str]:
    made: list[str] = []
    with database.write_in_thread() as session:
        for number in range(WALLETS):
            repository.add_wallet(session, f"ws_{number}", "sandbox", now=NOW)
            wallet = repository.find_wallet(session, f"ws_{number}", "sandbox")
            assert wallet is not None
            cause = Cause(f"order:{number}", "order", "o", "usr_1", NOW)
            repository.purchase(session, wallet.id, RICH, cause)
            made.append(wallet.id)
    return made


def _hold(database: Database, wallet_id: str) -> str:
    with database.write_in_thread() as session:
        return repository.hold(
            session,
            wallet_id,
            1,
            kind="export",
            ref_id=sortable_id("exp"),
            actor="usr_1",
            at=NOW,
        ).id


def _pair(database: Database, wallet_id: str) -> None:
    hold_id = _hold(database, wallet_id)
    with database.write_in_thread() as session:
        held = repository.lock_hold(session, hold_id)
        repository.capture_hold(session, held, 1, actor="usr_1", at=NOW)
