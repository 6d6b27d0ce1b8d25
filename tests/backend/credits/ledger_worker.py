"""A process of its own that moves credits, for races and kills: `python -m tests.backend.credits.ledger_worker`.

Arguments: address of the database, a verb, its values. It says `ready`, waits for a line on stdin,
works with several threads, and prints each id the moment it is acknowledged.
"""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy.exc import DBAPIError

from backend.credits.errors import HoldRefused, HoldSettled
from backend.db.session import Database, DatabaseAway
from kit.event_bus import LocalBus
from kit.ids import sortable_id
from tests.backend.credits.ledgers import Ledger

THREADS: Final = 4
PRINTING: Final = threading.Lock()


def told(name: str) -> None:
    """One line, whole and at once: what was read of it was acknowledged."""
    with PRINTING:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()


def hold(ledger: Ledger, wallet_id: str) -> None:
    """Set one credit aside."""
    try:
        told(ledger.hold(wallet_id, 1, sortable_id("exp")))
    except HoldRefused:
        return


def settle(ledger: Ledger, hold_id: str, *, capture: bool) -> None:
    try:
        if capture:
            ledger.capture(hold_id, 1)
        else:
            ledger.release(hold_id)
    except HoldSettled:
        return
    told(hold_id)


def main(url: str, verb: str, *values: str) -> None:
    ledger = Ledger(Database(url, LocalBus()))
    work: list[Callable[[], None]] = []
    if verb == "hold":
        wallet_id, times = values
        work = [lambda: hold(ledger, wallet_id)] * int(times)
    else:
        work = [
            lambda name=name: settle(ledger, name, capture=verb == "capture") for name in values
        ]
    told("ready")
    sys.stdin.readline()
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(step) for step in work]:
            try:
                done.result()
            except (DatabaseAway, DBAPIError):  # killed under us: unknown, so never acknowledged
                continue
    told("over")


if __name__ == "__main__":
    main(*sys.argv[1:])
