"""Webhooks: believe the bytes, keep them, answer; what they mean is worked out afterwards.

A payload is a snapshot of the past: every entity in it is a fact, and facts merge by rank.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from backend.db.session import Database
from backend.payments import repository
from backend.payments.errors import WebhookRefused, WebhooksOff
from backend.payments.facts import BadEntity, Facts, dispute_of, payment_of, refund_of
from backend.payments.gateway import RazorpayKeys
from backend.payments.settling import note, settle
from backend.payments.signatures import is_signed
from backend.payments.tables import WebhookEventRow
from kit.clock import Clock
from kit.texts import storable

BODY_BYTES_MAX: Final = 256 << 10
EVENT_ID_LENGTH_MAX: Final = 128
TRIES_MAX: Final = 20
LEASE: Final = timedelta(seconds=30)
AT_ONCE: Final = 50
BACK_OFF_MAX: Final = timedelta(hours=1)
BODY_KEPT: Final = timedelta(days=30)
EVENTS: Final = frozenset(
    (
        *("payment.authorized", "payment.captured", "payment.failed", "order.paid"),
        *("refund.created", "refund.processed", "refund.failed"),
        *(
            f"payment.dispute.{step}"
            for step in ("created", "under_review", "won", "lost", "closed")
        ),
    )
)
PRIVATE: Final = frozenset(("email", "contact", "vpa", "card", "card_id", "upi", "bank"))
_PENDING: Final = (
    select(WebhookEventRow.event_id)
    .where(
        WebhookEventRow.state == "pending",
        WebhookEventRow.next_at <= bindparam("now"),
        WebhookEventRow.lease_until.is_(None) | (WebhookEventRow.lease_until <= bindparam("now")),
    )
    .order_by(WebhookEventRow.next_at)
)
_NEXT_DUE: Final = _PENDING.limit(1)  # made once: it is asked four times a second
_DUE: Final = _PENDING.limit(AT_ONCE).with_for_update(skip_locked=True)


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook as it came: the bytes, and two of its headers."""

    body: bytes
    signature: str | None
    event_id: str | None


async def receive(
    session: AsyncSession, keys: RazorpayKeys | None, received: Received, *, now: datetime
) -> None:
    """Keep a signed webhook once; WebhooksOff, WebhookRefused. Nothing else happens here."""
    if keys is None or not keys.webhook_secrets:
        raise WebhooksOff
    if not is_signed(received.body, received.signature, keys.webhook_secrets):
        structlog.stdlib.get_logger().warning("webhook.refused", size=len(received.body))
        raise WebhookRefused
    await session.run_sync(lambda inner: store(inner, received, now=now))


def store(session: Session, received: Received, *, now: datetime) -> bool:
    """Into the inbox, or nothing when its id is known; answers whether it is new."""
    digest = hashlib.sha256(received.body).hexdigest()
    event_id = (received.event_id or digest)[:EVENT_ID_LENGTH_MAX]
    is_new = repository.insert_or_nothing(
        session,
        WebhookEventRow,
        event_id=event_id,
        event="",
        body=received.body,
        body_sha256=digest,
        state="pending",
        attempts=0,
        next_at=now,
        received_at=now,
    )
    if is_new:
        return True
    known = session.scalar(
        select(WebhookEventRow.body_sha256).where(WebhookEventRow.event_id == event_id)
    )
    if known != digest:
        note(session, "event_id_reused", event_id, {"sha256": digest}, now=now)
    return False


async def inbox_metrics(database: Database, clock: Clock) -> list[Metric]:
    """How long the oldest event has waited to be worked on, and how many are in each state."""
    async with database.read() as session:
        oldest = await session.scalar(
            select(func.min(WebhookEventRow.received_at)).where(WebhookEventRow.state == "pending")
        )
        states = (
            await session.execute(
                select(WebhookEventRow.state, func.count()).group_by(WebhookEventRow.state)
            )
        ).all()
    lag = max(0.0, (clock.now() - oldest).total_seconds()) if oldest is not None else 0.0
    events = GaugeMetricFamily("cutroom_webhook_events", "Events of the inbox.", labels=("state",))
    for state, count in states:
        events.add_metric([state], count)
    waits = "How long the oldest event has waited to be worked on."
    return [GaugeMetricFamily("cutroom_webhook_lag_seconds", waits, lag), events]


class WebhookWorker:
    """Turns what is in the inbox into facts; each event in one transaction with what it posts."""

    def __init__(self, database: Database, account_id: str | None, clock: Clock) -> None:
        self._database = database
        self._account_id = account_id
        self._clock = clock
        self._log = structlog.stdlib.get_logger()

    def run_once(self) -> int:
        """Work on what is due now; answers how many events that were."""
        claimed = self._claimed()
        for event_id in claimed:
            try:
                self._work(event_id)
            except Exception as error:  # noqa: BLE001 - the outermost loop: put off, report, go on
                self._log.error("webhook.failed", event_id=event_id, exc_info=error)
                self._put_off(event_id, type(error).__name__)
        return len(claimed)

    def forget_bodies(self) -> None:
        """Drop what was in old events; their hashes stay."""
        with self._database.write_in_thread() as session:
            session.execute(
                update(WebhookEventRow)
                .where(
                    WebhookEventRow.received_at < self._clock.now() - BODY_KEPT,
                    WebhookEventRow.body.is_not(None),
                    WebhookEventRow.state != "pending",
                )
                .values(body=None)
            )

    def _claimed(self) -> list[str]:
        now = self._clock.now()
        with self._database.connection_in_thread() as connection:
            if connection.scalar(_NEXT_DUE, {"now": now}) is None:
                return []
        with self._database.write_in_thread() as session:
            found = list(session.scalars(_DUE, {"now": now}))
            session.execute(
                update(WebhookEventRow)
                .where(WebhookEventRow.event_id.in_(found))
                .values(lease_until=now + LEASE, attempts=WebhookEventRow.attempts + 1)
            )
        return found

    def _work(self, event_id: str) -> None:
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            row = session.get_one(WebhookEventRow, event_id, with_for_update=True)
            if row.state != "pending" or row.body is None:
                return
            told = _parsed(row.body)
            row.lease_until = None
            if told is None:
                row.state, row.error = "dead", "not an event"
                note(session, "webhook_unreadable", event_id, {"sha256": row.body_sha256}, now=now)
                return
            row.event = storable(str(told.get("event"))[:64])
            row.body = json.dumps(_without_people(told)).encode()
            if self._account_id is not None and told.get("account_id") != self._account_id:
                note(session, "other_account", event_id, {"event": row.event}, now=now)
                row.state = "ignored"
                return
            if row.event not in EVENTS:
                row.state = "ignored"
                return
            row.state = "done"
            session.flush()
            try:
                facts = facts_of(told)
            except BadEntity as bad:
                row.state, row.error = "dead", bad.field
                note(session, "webhook_unreadable", event_id, {"field": bad.field}, now=now)
                return
            settle(session, facts, now=now)

    def _put_off(self, event_id: str, error: str) -> None:
        with self._database.write_in_thread() as session:
            row = session.get_one(WebhookEventRow, event_id, with_for_update=True)
            row.lease_until, row.error = None, error
            row.next_at = self._clock.now() + min(BACK_OFF_MAX, timedelta(seconds=2**row.attempts))
            if row.attempts >= TRIES_MAX:
                row.state = "dead"
                note(
                    session,
                    "webhook_dead",
                    event_id,
                    {"error": error},
                    now=self._clock.now(),
                )


def facts_of(told: Mapping[str, Any]) -> Facts:
    """Every entity in the payload; BadEntity when one is none, or when there is none at all."""
    payload = _mapping(told.get("payload"))
    payment, refund, dispute = (
        _mapping(_mapping(payload.get(name)).get("entity"))
        for name in ("payment", "refund", "dispute")
    )
    if not (payment or refund or dispute):
        raise BadEntity("payload")
    return Facts(
        (payment_of(payment),) if payment else (),
        (refund_of(refund),) if refund else (),
        (dispute_of(dispute),) if dispute else (),
    )


def replay(session: Session, *, event_id: str | None, now: datetime) -> int:
    """Work on an event again, or on all dead ones; answers how many."""
    which = WebhookEventRow.event_id == event_id if event_id else WebhookEventRow.state == "dead"
    done = session.execute(
        update(WebhookEventRow)
        .where(which, WebhookEventRow.body.is_not(None))
        .values(state="pending", attempts=0, next_at=now, lease_until=None)
        .returning(WebhookEventRow.event_id)
    )
    return len(done.all())


def _parsed(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _without_people(value: Any) -> Any:
    """The same without what says who paid, from what account."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value)
        return {key: _without_people(item) for key, item in pairs.items() if key not in PRIVATE}
    if isinstance(value, list):
        return [_without_people(item) for item in cast("list[Any]", value)]
    return value
