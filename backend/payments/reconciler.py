"""Reconciliation: webhooks make it fast, asking by order id makes it true.

One at a time, at most five calls a second, by a ladder of times. It only records facts and settles,
so a second pass posts nothing.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from backend.credits.tables import WalletRow
from backend.db.session import Database
from backend.payments import repository
from backend.payments.facts import Dispute, Facts, Payment, Refund
from backend.payments.gateway import (
    Access,
    GatewayBusy,
    GatewayRefused,
    OutcomeUnknown,
)
from backend.payments.ladder import LAST, next_rung
from backend.payments.service import Payments
from backend.payments.settling import UNPAID, note, settle
from backend.payments.tables import (
    CreditOrderRow,
    PaymentRow,
    ReconcilerRow,
    RefundRow,
    WebhookEventRow,
)
from kit.clock import Clock

T = TypeVar("T")

CALLS_PER_SECOND: Final = 5
AT_ONCE: Final = 50
LEASE: Final = timedelta(minutes=2)
SWEEP_EVERY: Final = timedelta(days=1)
SWEEP_OVERLAP: Final = timedelta(days=3)
PUT_OFF: Final = timedelta(seconds=30)
SILENT: Final = timedelta(hours=6)
UNKNOWN_IN_A_ROW_MAX: Final = 3  # then the other side is away, and asking on helps nobody


@dataclass(slots=True)
class Pass:
    """What one pass did."""

    orders: int = 0
    refunds: int = 0
    swept: bool = False
    stopped: str = ""


class Stopped(Exception):
    """The other side is busy or away: the rest of this pass is for later."""


class Reconciler:
    """Asks for what may have been missed. `sleep` is given so that tests need not."""

    def __init__(
        self,
        database: Database,
        access: Access,
        payments: Payments,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._gateway = access.gateway
        self._payments = payments
        self._clock = clock
        self._hears: Final = bool(access.keys.webhook_secrets)
        self._mode: Final = access.keys.mode
        self._sleep = sleep
        self._called_at = float("-inf")
        self._unknown_in_a_row = 0
        self._log = structlog.stdlib.get_logger()

    def run_once(self) -> Pass:
        """What is due now, and the daily sweep."""
        return self._pass(everything=False)

    def run_fully(self) -> Pass:
        """Every order of the last week and every unpaid one, every open refund, and a sweep."""
        return self._pass(everything=True)

    def _pass(self, *, everything: bool) -> Pass:
        done = Pass()
        if not everything and not self._has_work():
            return done
        if not self._lease(force=everything):
            done.stopped = "another process reconciles"
            return done
        self._unknown_in_a_row = 0
        try:
            for refund_id in self._open_refunds(everything=everything):
                done.refunds += self._settled(lambda found=refund_id: self._poll_refund(found))
            for order_id in self._due_orders(everything=everything):
                done.orders += self._settled(lambda found=order_id: self._poll_order(found))
            done.swept = self._sweep_if_due(force=everything)
        except Stopped as stopped:
            done.stopped = str(stopped)
        finally:
            self._end_lease()
        return done

    def _settled(self, poll: Callable[[], None]) -> int:
        """One poll; a fault puts it off, three in a row or a busy server end the pass."""
        try:
            poll()
        except GatewayBusy as busy:
            self._put_off_all(timedelta(seconds=busy.retry_seconds * (1 + random.random())))  # noqa: S311 - jitter
            raise Stopped("Razorpay is busy") from busy
        except GatewayRefused as refused:
            self._log.error("reconciler.refused", why=str(refused))
            return 0
        except OutcomeUnknown as unknown:
            self._log.warning("reconciler.outcome_unknown", why=str(unknown))
            self._unknown_in_a_row += 1
            if self._unknown_in_a_row >= UNKNOWN_IN_A_ROW_MAX:
                self._put_off_all(PUT_OFF)
                raise Stopped("Razorpay does not answer") from unknown
            return 0
        self._unknown_in_a_row = 0
        return 1

    def _poll_order(self, order_id: str) -> None:
        """Ask for an order's payments by its id, and for their refunds when some are new."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            order = repository.lock_order(session, order_id)
            if order is None or (order.lease_until is not None and order.lease_until > now):
                return
            # Before asking, so that an order that cannot be asked for does not block the others.
            order.polled_at, order.next_poll_at = now, next_rung(order.created_at, now)
            rzp_order_id = order.rzp_order_id
        if rzp_order_id is None:
            rzp_order_id = self._found_order(order_id)
        if rzp_order_id is None:
            self._expire(order_id)
            return
        known = rzp_order_id
        payments = self._call(lambda: self._gateway.payments_of_order(known))
        refunds = [
            refund
            for payment in self._with_news(payments)
            for refund in self._refunds_of(payment.id)
        ]
        with self._database.write_in_thread() as session:
            facts = Facts(tuple(payments), tuple(refunds))
            settle(session, facts, order_id=order_id, now=self._clock.now())
        self._expire(order_id)

    def _found_order(self, order_id: str) -> str | None:
        """The remote order of a create whose answer was lost."""
        remote = self._call(lambda: self._gateway.find_order(order_id))
        if remote is None:
            return None
        with self._database.write_in_thread() as session:
            order = repository.lock_order(session, order_id)
            if order is None:
                return None
            if (remote.amount_minor, remote.currency) != (order.amount_minor, order.currency):
                detail: dict[str, str | int] = {"razorpay_order": remote.id}
                note(session, "amount_or_currency", order_id, detail, now=self._clock.now())
                return None
            order.rzp_order_id = order.rzp_order_id or remote.id
            return order.rzp_order_id

    def _with_news(self, payments: Iterable[Payment]) -> list[Payment]:
        """Payments of which more went back than we know of."""
        ids = [item.id for item in payments]
        with self._database.read_in_thread() as session:
            known: Counter[str] = Counter()
            for row in repository.refund_rows_of(session, ids):
                if row.state in {"pending", "processed"}:
                    known[row.rzp_payment_id] += row.amount_minor
        return [item for item in payments if item.refunded_minor != known[item.id]]

    def _poll_refund(self, refund_id: str) -> None:
        """A refund that is not finished: look what the payment has, then ask again with its key."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            row = session.get_one(RefundRow, refund_id, with_for_update=True)
            row.next_poll_at = next_rung(row.created_at, now)
            payment_id = row.rzp_payment_id
        found = self._refunds_of(payment_id)
        with self._database.write_in_thread() as session:
            settle(session, Facts(refunds=found), now=self._clock.now())
            state = session.get_one(RefundRow, refund_id).state
        if state == "requested":
            self._pace()
            self._payments.send_refund(refund_id)

    def _refunds_of(self, payment_id: str) -> tuple[Refund, ...]:
        return self._call(lambda: self._gateway.refunds_of_payment(payment_id))

    def _sweep_if_due(self, *, force: bool) -> bool:
        with self._database.read_in_thread() as session:
            state = session.get_one(ReconcilerRow, self._mode)
            swept_at = state.swept_at
        now = self._clock.now()
        if not force and swept_at is not None and now - swept_at < SWEEP_EVERY:
            return False
        since = (swept_at or datetime.fromtimestamp(0, tz=now.tzinfo)) - SWEEP_OVERLAP
        return bool(self._settled(lambda: self._sweep(max(0, int(since.timestamp())), now)))

    def _sweep(self, since: int, now: datetime) -> None:
        """Page through refunds and disputes: those of the dashboard come from nowhere else."""
        skip = 0
        while page := self._refund_page(since, skip):
            self._settle_back(refunds=page)
            skip += len(page)
        skip = 0
        while found := self._dispute_page(skip):
            self._settle_back(disputes=found)
            skip += len(found)
        with self._database.write_in_thread() as session:
            session.execute(
                update(ReconcilerRow).where(ReconcilerRow.mode == self._mode).values(swept_at=now)
            )
            self._note_silence(session, now)

    def _refund_page(self, since: int, skip: int) -> tuple[Refund, ...]:
        return self._call(lambda: self._gateway.list_refunds(since=since, skip=skip))

    def _dispute_page(self, skip: int) -> tuple[Dispute, ...]:
        return self._call(lambda: self._gateway.list_disputes(skip=skip))

    def _settle_back(
        self, refunds: tuple[Refund, ...] = (), disputes: tuple[Dispute, ...] = ()
    ) -> None:
        """Facts of money that went back; a payment that we have not heard of is fetched first."""
        wanted = {item.payment_id for item in (*refunds, *disputes)}
        with self._database.read_in_thread() as session:
            known = set(
                session.scalars(
                    select(PaymentRow.rzp_payment_id).where(PaymentRow.rzp_payment_id.in_(wanted))
                )
            )
        fetched = [
            self._call(lambda found=found: self._gateway.payment(found))
            for found in sorted(wanted - known)
        ]
        for told in _apart(fetched, refunds, disputes):
            with self._database.write_in_thread() as session:
                settle(session, told, now=self._clock.now())

    def _call(self, call: Callable[[], T]) -> T:
        """One call, not before its turn."""
        self._pace()
        return call()

    def _due_orders(self, *, everything: bool) -> list[str]:
        now = self._clock.now()
        asked = (
            select(CreditOrderRow.id)
            .join(WalletRow, WalletRow.id == CreditOrderRow.wallet_id)
            .where(WalletRow.mode == self._mode)
        )
        if everything:
            asked = asked.where(
                or_(
                    CreditOrderRow.next_poll_at.is_not(None),
                    CreditOrderRow.created_at > now - LAST,
                )
            ).order_by(CreditOrderRow.id)
        else:
            asked = (
                asked.where(CreditOrderRow.next_poll_at <= now)
                .order_by(CreditOrderRow.next_poll_at)
                .limit(AT_ONCE)
            )
        with self._database.read_in_thread() as session:
            return list(session.scalars(asked))

    def _open_refunds(self, *, everything: bool) -> list[str]:
        now = self._clock.now()
        asked = (
            select(RefundRow.id)
            .join(PaymentRow, PaymentRow.rzp_payment_id == RefundRow.rzp_payment_id)
            .join(CreditOrderRow, CreditOrderRow.rzp_order_id == PaymentRow.rzp_order_id)
            .join(WalletRow, WalletRow.id == CreditOrderRow.wallet_id)
            .where(
                WalletRow.mode == self._mode,
                RefundRow.state.in_(("requested", "pending")),
            )
            .order_by(RefundRow.id)
        )
        if not everything:
            asked = asked.where(RefundRow.next_poll_at <= now).limit(AT_ONCE)
        with self._database.read_in_thread() as session:
            return list(session.scalars(asked))

    def _expire(self, order_id: str) -> None:
        """Unpaid for a week: said so, and still paid if money comes."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            session.execute(
                update(CreditOrderRow)
                .where(
                    CreditOrderRow.id == order_id,
                    CreditOrderRow.state.in_(tuple(UNPAID)),
                    CreditOrderRow.created_at <= now - LAST,
                )
                .values(state="expired", next_poll_at=None)
            )

    def _has_work(self) -> bool:
        """A look without a lock, so that an idle server writes nothing."""
        now = self._clock.now()
        with self._database.read_in_thread() as session:
            state = session.get(ReconcilerRow, self._mode)
            if state is not None and state.not_before is not None and state.not_before > now:
                return False
            if state is None or state.swept_at is None or now - state.swept_at >= SWEEP_EVERY:
                return True
            due = (
                select(CreditOrderRow.id).where(CreditOrderRow.next_poll_at <= now),
                select(RefundRow.id).where(RefundRow.next_poll_at <= now),
            )
            return any(session.scalar(asked.limit(1)) is not None for asked in due)

    def _lease(self, *, force: bool) -> bool:
        """One at a time; an operator's pass waits for nobody's bad luck, only for another pass."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            repository.insert_or_nothing(session, ReconcilerRow, mode=self._mode)
            free = or_(ReconcilerRow.lease_until.is_(None), ReconcilerRow.lease_until <= now)
            ready = or_(ReconcilerRow.not_before.is_(None), ReconcilerRow.not_before <= now)
            taken = session.execute(
                update(ReconcilerRow)
                .where(ReconcilerRow.mode == self._mode, free, ready if not force else free)
                .values(lease_until=now + LEASE, not_before=None)
                .returning(ReconcilerRow.mode)
            )
            return taken.one_or_none() is not None

    def _end_lease(self) -> None:
        with self._database.write_in_thread() as session:
            session.execute(
                update(ReconcilerRow)
                .where(ReconcilerRow.mode == self._mode)
                .values(lease_until=None)
            )

    def _put_off_all(self, wait: timedelta) -> None:
        with self._database.write_in_thread() as session:
            session.execute(
                update(ReconcilerRow)
                .where(ReconcilerRow.mode == self._mode)
                .values(not_before=self._clock.now() + wait)
            )

    def _pace(self) -> None:
        wait = self._called_at + 1 / CALLS_PER_SECOND - self._clock.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._called_at = self._clock.monotonic()

    def _note_silence(self, session: Session, now: datetime) -> None:
        """Money came and no webhook told of it: the endpoint may have been disabled."""
        paid = session.scalar(
            select(func.count())
            .select_from(CreditOrderRow)
            .where(CreditOrderRow.paid_at > now - SILENT)
        )
        heard = session.scalar(
            select(func.count())
            .select_from(WebhookEventRow)
            .where(WebhookEventRow.received_at > now - SILENT)
        )
        if paid and not heard and self._hears:
            note(session, "webhooks_silent", f"{now:%Y-%m-%d}", {"orders_paid": paid}, now=now)


def _apart(
    payments: Iterable[Payment], refunds: Iterable[Refund], disputes: Iterable[Dispute]
) -> Iterable[Facts]:
    """Facts by payment, so that no transaction locks more than one order for long."""
    by_payment: dict[str, Facts] = {item.id: Facts((item,)) for item in payments}
    for refund in refunds:
        known = by_payment.get(refund.payment_id, Facts())
        by_payment[refund.payment_id] = Facts(
            known.payments, (*known.refunds, refund), known.disputes
        )
    for dispute in disputes:
        known = by_payment.get(dispute.payment_id, Facts())
        by_payment[dispute.payment_id] = Facts(
            known.payments, known.refunds, (*known.disputes, dispute)
        )
    return by_payment.values()
