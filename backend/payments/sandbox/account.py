"""The account at the other side: its keys, its clock, its timers, and every transaction on it."""

import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from random import Random
from typing import Any, Final

from backend.payments.sandbox import payments, refunds
from backend.payments.sandbox.desk import CONFIG, Desk
from backend.payments.sandbox.entities import ALPHABET, ID_LENGTH
from backend.payments.sandbox.errors import Refused
from backend.payments.sandbox.store import Record, Store
from kit.clock import Clock

TIMERS_AT_ONCE: Final = 100
ACTIONS: Final[dict[str, Callable[[Desk, str], object]]] = {
    payments.LATE_CAPTURE: payments.capture_late,
    payments.AUTO_REFUND: refunds.refund_uncaptured,
    refunds.SETTLE_REFUND: refunds.settle_refund,
}


class Account:
    """Opens desks. `seed` makes ids and dice repeatable; keys are random and kept in the store."""

    def __init__(self, store: Store, clock: Clock, *, seed: int | None = None) -> None:
        self._store = store
        self._clock = clock
        self._random = Random(seed)  # noqa: S311 - dice of a game; secrets come from `secrets`
        with self._store.transaction() as records:
            self._made_config(records.find(CONFIG, CONFIG), records.put)

    @contextmanager
    def desk(self) -> Generator[Desk]:
        """One transaction: kept when the block ends well."""
        with self._store.transaction() as records:
            config = records.find(CONFIG, CONFIG)
            if config is None:
                raise Refused("The account is gone", status=500, code="SERVER_ERROR")
            now = self._clock.now().timestamp() + float(config["clock_seconds"])
            yield Desk(records, config, now, self._random)

    @property
    def config(self) -> Record:
        with self.desk() as desk:
            return desk.config

    def change(self, **changed: Any) -> None:
        """Set what the account is told: webhook address, profile, speed, clock, odd habits."""
        with self.desk() as desk:
            desk.save_config(**changed)

    def run_timers(self) -> int:
        """Do what is due by now; answers how much that was."""
        with self.desk() as desk:
            due = desk.records.list_due("timer", desk.now, most=TIMERS_AT_ONCE)
            for timer in due:
                desk.records.remove("timer", timer["id"])
                ACTIONS[timer["action"]](desk, timer["on"])
        return len(due)

    def reset(self) -> None:
        """Forget every order and payment; keys and settings stay."""
        with self.desk() as desk:
            desk.records.clear(keep=CONFIG)

    def close(self) -> None:
        self._store.close()

    def _made_config(self, known: Record | None, put: Callable[..., None]) -> None:
        fresh: Record = {
            "key_id": "rzp_test_" + _word(ID_LENGTH),
            "key_secret": _word(24),
            "account_id": "acc_" + _word(ID_LENGTH),
            "webhook_secret": _word(32),
            "control_token": secrets.token_urlsafe(24),
            "webhook_url": "",
            "enabled": True,
            "held": False,
            "profile": "calm",
            "speed": 1.0,
            "last_due": 0.0,
            "clock_seconds": 0.0,
            "list_lag_seconds": 0.0,
            "unique_receipt": "honoured",
            "faults": [],
        }
        put(CONFIG, CONFIG, fresh | (known or {}))


def _word(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
