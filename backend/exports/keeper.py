"""What must happen without anybody asking: leases swept, ready tasks told, what is over forgotten [operations-W10].

Every process that serves or works has a keeper; the one with the lease row does it. A keeper to which the database
comes back waits for one whole lease before it sweeps: an outage throws no work in hand away.
"""

import asyncio
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.assets.tables import UploadRow
from backend.assets.uploads import Uploads
from backend.auth.tables import SessionRow
from backend.db.event_log import EventRow
from backend.db.idempotency import forget_keys
from backend.db.session import Database, DatabaseAway
from backend.exports.carrier import Carrier, CarrierAway
from backend.exports.meters import BoardMeters
from backend.exports.pump import Pump
from backend.exports.queue import LEASE_SECONDS, WORK_TOPIC, Seconds, database_seconds, sweep
from backend.exports.tables import KeeperRow, QuoteRow
from backend.exports.workers import forget_workers
from kit.background import Background
from kit.clock import Clock
from kit.event_bus import EventBus
from kit.metrics import Metrics

SWEEP_SECONDS: Final = 5.0
PUMP_SECONDS: Final = 1.0
CANARY_SECONDS: Final = 30.0
FORGET_SECONDS: Final = 3600.0
KEEPER_SECONDS: Final = 15.0
EVENTS_KEPT: Final = timedelta(days=7)


class Keeper:
    """One of perhaps many. `carrier` None: the workers are in this process and hear of work by themselves."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        carrier: Carrier | None = None,
        uploads: Uploads | None = None,
        seconds: Seconds = database_seconds,
        lease_seconds: float = LEASE_SECONDS,
        meters: BoardMeters | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._uploads = uploads
        self._seconds = seconds
        self._lease_seconds = lease_seconds
        self._meters = meters or BoardMeters(Metrics())
        self._pump = Pump(database, carrier, seconds) if carrier else None
        self._node = secrets.token_hex(8)
        self._away_until = float("-inf")
        self._log = structlog.stdlib.get_logger()

    def start(self, background: Background, bus: EventBus) -> None:
        """Beside a server, on its event loop."""
        background.repeat("keeper.sweep", self.sweep, every_seconds=SWEEP_SECONDS)
        background.repeat("keeper.forget", self.forget, every_seconds=FORGET_SECONDS)
        if self._pump is not None:
            background.repeat("keeper.pump", self.pump, every_seconds=PUMP_SECONDS)
            background.repeat("keeper.canary", self.send_canaries, every_seconds=CANARY_SECONDS)
            background.start("keeper.hints", self._pump_when_told(bus))

    async def _pump_when_told(self, bus: EventBus) -> None:
        async with bus.subscribe(WORK_TOPIC) as hints:
            while True:
                await hints.next()
                with suppress(DatabaseAway):  # the next beat of the pump tells of it
                    await asyncio.to_thread(self.pump)

    def sweep(self) -> int:
        """Give tasks of dead workers to others; answers how many."""
        try:
            with self._database.write_in_thread() as session:
                now = self._seconds(session)
                if not self._is_mine(session, now) or self._clock.monotonic() < self._away_until:
                    return 0
                forget_workers(session, now)
                swept = sweep(session, now)
        except DatabaseAway:
            self._away_until = self._clock.monotonic() + self._lease_seconds
            raise
        self._meters.leases_expired(swept)
        return swept

    def pump(self) -> int:
        """Tell the carrier what is ready; answers how many tasks."""
        if self._pump is None or not self._has_turn():
            return 0
        try:
            return self._pump.pump()
        except CarrierAway:
            self._log.warning("carrier.away")
            return 0

    def send_canaries(self) -> None:
        if self._pump is None or not self._has_turn():
            return
        try:
            self._pump.send_canaries()
        except CarrierAway:
            self._log.warning("carrier.away")

    def forget(self) -> None:
        """What is over: events after a week, sign-ins, quotes, answers, uploads nobody went on with."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            session.execute(delete(EventRow).where(EventRow.at < now - EVENTS_KEPT))
            session.execute(delete(SessionRow).where(SessionRow.expires_at < now))
            session.execute(delete(QuoteRow).where(QuoteRow.expires_at < now))
            forget_keys(session, now=now)
            given_up = session.scalars(
                delete(UploadRow).where(UploadRow.expires_at < now).returning(UploadRow.id)
            ).all()
        if self._uploads is not None:
            for upload_id in given_up:
                self._uploads.forget(upload_id)

    def _has_turn(self) -> bool:
        with self._database.write_in_thread() as session:
            return self._is_mine(session, self._seconds(session))

    def _is_mine(self, session: Session, now: float) -> bool:
        """Whether this node is the keeper now: it was, or the last one's lease is over."""
        taken = session.execute(
            update(KeeperRow)
            .where(
                KeeperRow.name == "work",
                (KeeperRow.node == self._node) | (KeeperRow.lease_until < now),
            )
            .values(node=self._node, lease_until=now + KEEPER_SECONDS)
            .returning(KeeperRow.name)
        ).all()
        return bool(taken)
