"""Buying, confirming, giving back. Each step: commit ours, ask Razorpay without a lock, settle.

Everything here blocks and runs in a few threads of its own, so that a slow bank slows nobody else.
"""

import asyncio
import contextvars
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, TypeVar

import structlog
from sqlalchemy.orm import Session

from backend.credits import repository as ledger
from backend.credits.errors import HoldRefused
from backend.credits.prices import CURRENCY, PACKS, PACKS_VERSION
from backend.credits.service import open_wallet
from backend.credits.tables import WalletRow
from backend.credits.wallet import Wallet, wallet_json
from backend.db.idempotency import Claim, Kept, claim, keep
from backend.db.session import Database, again_after_conflict
from backend.payments import repository, views
from backend.payments.errors import (
    NotRefundable,
    RazorpayRefused,
    RazorpayUnavailable,
    SignatureInvalid,
    StillRunning,
)
from backend.payments.facts import Facts, Payment, RemoteOrder, is_id
from backend.payments.fold import MINOR_MIN, net_minor, refund_minor
from backend.payments.gateway import (
    Access,
    GatewayBusy,
    GatewayError,
    GatewayRefused,
    OutcomeUnknown,
    RazorpayKeys,
)
from backend.payments.ladder import SOON, next_rung
from backend.payments.settling import UNPAID, fold_of, note, settle, terms_of
from backend.payments.signatures import is_signed, payment_message
from backend.payments.tables import CreditOrderRow, RefundRow
from kit.clock import Clock
from kit.ids import sortable_id
from kit.texts import storable
from timeline.model import Json

T = TypeVar("T")

THREADS: Final = 8
TWIN_SECONDS: Final = 10.0
TWIN_POLL_SECONDS: Final = 0.1
LEASE: Final = timedelta(seconds=30)  # longer than any call of the gateway
RETRY_SECONDS: Final = 5.0
EXTRA_KINDS: Final = frozenset(("paid_twice", "amount_or_currency", "unknown_order"))


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer that is replayed byte for byte."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The order that a key stands for; `is_new` to whoever made it, `answer` once there is one."""

    order_id: str
    is_new: bool
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the handler of checkout was given."""

    payment_id: str
    order_id: str
    signature: str


class Payments:
    """The steps of paying, for the routes and for operators."""

    def __init__(
        self,
        database: Database,
        access: Access | None,
        clock: Clock,
    ) -> None:
        self._database = database
        self._access = access
        self.keys: Final = access.keys if access else None
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS, "payments")

    async def run(self, work: Callable[[], T]) -> T:
        """Blocking work in one of our threads, with the context (trace id) of the caller."""
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: context.run(work))

    def stop(self) -> None:
        """Let no step begin, and wait for those in hand: a call of the gateway long, at most."""
        self._threads.shutdown(cancel_futures=True)

    async def buy(
        self, claimed: Claim, *, workspace_id: str, pack: str, buyer: dict[str, Json]
    ) -> Answer:
        """An order that Razorpay knows; the same key goes on with the same order."""

        def begin() -> Begun | None:
            return again_after_conflict(
                lambda: self._begin_order(claimed, workspace_id, pack, buyer)
            )

        waited = 0.0
        while (begun := await self.run(begin)) is None:
            if waited >= TWIN_SECONDS:
                raise StillRunning
            await asyncio.sleep(TWIN_POLL_SECONDS)
            waited += TWIN_POLL_SECONDS
        if begun.answer is not None:
            return begun.answer
        return await self.run(lambda: self._finish_order(claimed, begun))

    async def order(self, order_id: str) -> dict[str, Json]:
        """The order; reading an unpaid one brings its next poll forward."""
        return await self.run(lambda: self._read(order_id))

    async def confirm(self, order_id: str, sent: Confirmation) -> Answer:
        """Believe a signature that the pair was authorised, then ask what it is worth."""
        return await self.run(lambda: self._confirm(order_id, sent))

    async def refund(self, claimed: Claim, order_id: str, wanted: int | None) -> Answer:
        """Set the credits aside, answer, and ask Razorpay to send the money."""

        def begin() -> tuple[str | None, Answer]:
            return again_after_conflict(lambda: self._begin_refund(claimed, order_id, wanted))

        refund_id, answer = await self.run(begin)
        if refund_id is not None:
            await self.run(lambda: self.send_refund(refund_id))
        return answer

    def refund_extra(self, payment_id: str, *, actor: str) -> str:
        """Send back captured money that bought nothing; answers the refund's id, or NotRefundable."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            for order_id in repository.orders_of_payment(session, payment_id):
                repository.lock_order(session, order_id)
            open_kinds = {
                row.kind for row in repository.list_anomalies(session) if row.ref == payment_id
            }
            payment = repository.find_payment(session, payment_id)
            rows = repository.refund_rows_of(session, [payment_id])
            if payment is None or not open_kinds & EXTRA_KINDS:
                raise NotRefundable("state", "only a payment with an open anomaly is sent back so")
            left = net_minor(payment, [repository.refund_fact(row) for row in rows], [])
            if left < MINOR_MIN or any(row.state == "requested" for row in rows):
                raise NotRefundable("state", "nothing of this payment is left to send back")
            refund_id = sortable_id("rfd")
            repository.add_row(
                session,
                RefundRow,
                id=refund_id,
                rzp_payment_id=payment_id,
                amount_minor=left,
                credits=0,
                state="requested",
                requested_by=actor,
                next_poll_at=next_rung(now, now),
                created_at=now,
                updated_at=now,
            )
            for kind in open_kinds & EXTRA_KINDS:
                repository.resolve_anomalies(session, by=actor, kind=kind, refs=[payment_id])
        self.send_refund(refund_id)
        return refund_id

    def send_refund(self, refund_id: str) -> None:
        """Ask for a refund of ours under its own key; asking again is harmless."""
        with self._database.read_in_thread() as session:
            row = session.get_one(RefundRow, refund_id)
            payment_id, amount = row.rzp_payment_id, row.amount_minor
        try:
            told = self._required().gateway.refund(
                payment_id, amount_minor=amount, refund_id=refund_id
            )
        except GatewayRefused as refused:
            self._fail_refund(refund_id, payment_id, refused)
            return
        except (GatewayBusy, OutcomeUnknown) as unknown:
            structlog.stdlib.get_logger().warning(
                "refund.outcome_unknown", refund=refund_id, why=str(unknown)
            )
            return  # the hold stays; the reconciler looks, then asks again with the same key
        with self._database.write_in_thread() as session:
            settle(session, Facts(refunds=(told,)), now=self._clock.now())

    def _begin_order(
        self, claimed: Claim, workspace_id: str, pack: str, buyer: dict[str, Json]
    ) -> Begun | None:
        """Our row, committed before Razorpay hears of it; None while a twin works on it."""
        keys, now = self._required().keys, self._clock.now()
        chosen, new_id = PACKS[pack], sortable_id("cro")
        with self._database.write_in_thread() as session:
            kept = claim(session, claimed, ref_id=new_id, now=now)
            if kept is None:
                wallet = open_wallet(session, workspace_id, keys.mode, now=now)
                repository.add_row(
                    session,
                    CreditOrderRow,
                    id=new_id,
                    wallet_id=wallet.id,
                    created_by=claimed.caller,
                    pack=chosen.id,
                    price_version=PACKS_VERSION,
                    credits=chosen.credits,
                    amount_minor=chosen.amount_minor,
                    currency=CURRENCY,
                    buyer=buyer,
                    state="new",
                    disputed=False,
                    posted_credits=0,
                    rev=0,
                    next_poll_at=next_rung(now, now),
                    lease_until=now + LEASE,
                    created_at=now,
                )
                return Begun(new_id, is_new=True)
            begun = Begun(kept.ref_id or "", is_new=False, answer=_answer_of(kept))
            if begun.answer is not None:
                return begun
            order = repository.lock_order(session, begun.order_id)
            if order is None or (order.lease_until is not None and order.lease_until > now):
                return None
            order.lease_until = now + LEASE
        return begun

    def _finish_order(self, claimed: Claim, begun: Begun) -> Answer:
        try:
            remote = self._remote_order(begun)
        except GatewayError as error:
            self._give_back(begun.order_id)
            raise _as_ours(error) from error
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            order = repository.lock_order(session, begun.order_id)
            if order is None:
                raise LookupError(begun.order_id)
            order.lease_until = None
            order.rzp_order_id = order.rzp_order_id or remote.id
            session.flush()
            settle(session, order_id=order.id, now=now)
            text = json.dumps(views.order_json(session, order, self.keys, now=now))
            keep(session, claimed, status=HTTPStatus.CREATED, answer=text)
        return Answer(HTTPStatus.CREATED, text)

    def _remote_order(self, begun: Begun) -> RemoteOrder:
        with self._database.read_in_thread() as session:
            order = session.get_one(CreditOrderRow, begun.order_id)
            receipt, amount, currency = order.id, order.amount_minor, order.currency
        found = None if begun.is_new else self._required().gateway.find_order(receipt)
        remote = found or self._required().gateway.create_order(
            amount_minor=amount, currency=currency, receipt=receipt
        )
        if (remote.amount_minor, remote.currency, remote.receipt) != (amount, currency, receipt):
            raise OutcomeUnknown("an order of other terms than asked for")
        return remote

    def _give_back(self, order_id: str) -> None:
        with self._database.write_in_thread() as session:
            order = repository.lock_order(session, order_id)
            if order is not None:
                order.lease_until = None

    def _read(self, order_id: str) -> dict[str, Json]:
        now = self._clock.now()
        with self._database.read_in_thread() as session:
            order = session.get_one(CreditOrderRow, order_id)
            asked = order.polled_at is None or now - order.polled_at >= SOON
            due = order.next_poll_at is not None and order.next_poll_at <= now
            if order.state not in UNPAID or not asked or due or order.state == "new":
                return views.order_json(session, order, self.keys, now=now)
        with self._database.write_in_thread() as session:
            locked = repository.lock_order(session, order_id)
            if locked is None:
                raise LookupError(order_id)
            locked.next_poll_at = now
            return views.order_json(session, locked, self.keys, now=now)

    def _confirm(self, order_id: str, sent: Confirmation) -> Answer:
        keys, now = self._required().keys, self._clock.now()
        with self._database.read_in_thread() as session:
            ours = session.get_one(CreditOrderRow, order_id).rzp_order_id
        if not self._is_confirmed(keys, ours, sent):
            self._note("signature_invalid", order_id, {"payment": storable(sent.payment_id[:64])})
            raise SignatureInvalid
        try:
            payment = self._required().gateway.payment(sent.payment_id)
        except GatewayError:
            return self._answer(order_id, self._mark_attempted(order_id, now))
        if payment.order_id != ours:
            self._note("foreign_payment", payment.id, {"order": order_id})
            raise SignatureInvalid
        is_paid = again_after_conflict(lambda: self._settle_payment(order_id, payment, now))
        return self._answer(order_id, is_paid)

    def _is_confirmed(self, keys: RazorpayKeys, ours: str | None, sent: Confirmation) -> bool:
        if ours is None or sent.order_id != ours or not is_id(sent.payment_id, "pay"):
            return False
        message = payment_message(ours, sent.payment_id)
        return is_signed(message, sent.signature, (keys.key_secret,))

    def _mark_attempted(self, order_id: str, now: datetime) -> bool:
        """Somebody paid and we could not ask: the next poll comes soon."""
        with self._database.write_in_thread() as session:
            order = repository.lock_order(session, order_id)
            if order is not None and order.state in UNPAID:
                order.state, order.next_poll_at = "attempted", now
        return False

    def _settle_payment(self, order_id: str, payment: Payment, now: datetime) -> bool:
        with self._database.write_in_thread() as session:
            (order,) = settle(session, Facts((payment,)), order_id=order_id, now=now)
            if order.state in UNPAID:
                order.next_poll_at = now + SOON
            return order.state not in UNPAID

    def _answer(self, order_id: str, paid: bool) -> Answer:  # noqa: FBT001 - one private caller
        now = self._clock.now()
        with self._database.read_in_thread() as session:
            order = session.get_one(CreditOrderRow, order_id)
            body = views.order_json(session, order, self.keys, now=now)
            body["wallet"] = _wallet_json(session, order)
        return Answer(HTTPStatus.OK if paid else HTTPStatus.ACCEPTED, json.dumps(body))

    def _begin_refund(
        self, claimed: Claim, order_id: str, wanted: int | None
    ) -> tuple[str | None, Answer]:
        """One transaction: the order locked, the refund row, the hold of its credits, the answer."""
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            refund_id = sortable_id("rfd")
            kept = claim(session, claimed, ref_id=refund_id, now=now)
            if kept is not None and (answer := _answer_of(kept)) is not None:
                return None, answer
            order = repository.lock_order(session, order_id)
            if order is None:
                raise LookupError(order_id)
            row = _refund_row(session, order, refund_id, wanted, claimed.caller, now)
            text = json.dumps(views.refund_json(row, order))
            keep(session, claimed, status=HTTPStatus.ACCEPTED, answer=text)
        return row.id, Answer(HTTPStatus.ACCEPTED, text)

    def _fail_refund(self, refund_id: str, payment_id: str, refused: GatewayRefused) -> None:
        now = self._clock.now()
        with self._database.write_in_thread() as session:
            orders = repository.orders_of_payment(session, payment_id)
            for order_id in orders:
                repository.lock_order(session, order_id)
            row = session.get_one(RefundRow, refund_id, with_for_update=True)
            if row.rzp_refund_id is None:
                row.state, row.updated_at, row.next_poll_at = "failed", now, None
            session.flush()
            for order_id in orders:
                settle(session, order_id=order_id, now=now)
            note(
                session,
                "refund_refused",
                refund_id,
                {"payment": payment_id, "code": refused.code, "reason": refused.reason or ""},
                now=now,
            )

    def _note(self, kind: str, ref: str, detail: dict[str, str | int]) -> None:
        with self._database.write_in_thread() as session:
            note(session, kind, ref, detail, now=self._clock.now())

    def _required(self) -> Access:
        if self._access is None:
            raise RazorpayUnavailable(RETRY_SECONDS)
        return self._access


def _refund_row(
    session: Session,
    order: CreditOrderRow,
    refund_id: str,
    wanted: int | None,
    actor: str,
    now: datetime,
) -> RefundRow:
    """What goes back of a locked order, with its credits set aside; NotRefundable says why not."""
    found = fold_of(session, order)
    kept = {name: net for name, net in found.nets_minor.items() if net > 0}
    rows = repository.refund_rows_of(session, found.nets_minor)
    wallet = views.locked_wallet(session, order)
    if order.disputed or wallet.frozen:
        raise NotRefundable("disputed", "a payment of this workspace is in dispute")
    if len(kept) != 1 or any(row.state == "requested" for row in rows):
        raise NotRefundable(
            "state", f"nothing of this order can be given back: it is {order.state}"
        )
    if not views.is_within_window(order, now):
        raise NotRefundable("window", "credits go back within 7 days of their payment")
    credits_back = _credits_back(order, wallet, wanted)
    ((payment_id, net),) = kept.items()
    amount = refund_minor(
        terms_of(order), posted=order.posted_credits, back=credits_back, net_minor=net
    )
    if amount < MINOR_MIN:
        raise NotRefundable("state", "so little money cannot be sent back")
    try:
        held = ledger.hold(
            session,
            order.wallet_id,
            credits_back,
            kind="refund",
            ref_id=refund_id,
            actor=actor,
            at=now,
        )
    except HoldRefused as refused:
        raise NotRefundable("spent", str(refused)) from refused
    row = RefundRow(
        id=refund_id,
        rzp_payment_id=payment_id,
        amount_minor=amount,
        credits=credits_back,
        state="requested",
        hold_id=held.id,
        requested_by=actor,
        next_poll_at=next_rung(now, now),
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _credits_back(order: CreditOrderRow, wallet: Wallet, wanted: int | None) -> int:
    possible = views.possible_refund(order, wallet)
    if possible == 0 or (wanted is not None and wanted > possible):
        raise NotRefundable("spent", f"{possible} bought credits of this order are unspent")
    return possible if wanted is None else wanted


def _wallet_json(session: Session, order: CreditOrderRow) -> dict[str, Json]:
    row = session.get_one(WalletRow, order.wallet_id)
    mode: Final = row.mode
    found = ledger.find_wallet(session, row.workspace_id, mode)  # pyright: ignore[reportArgumentType] - a constraint keeps others out
    if found is None:
        raise LookupError(order.wallet_id)
    return wallet_json(found)


def _answer_of(kept: Kept) -> Answer | None:
    if kept.answer is None or kept.status is None:
        return None
    return Answer(kept.status, kept.answer)


def _as_ours(error: GatewayError) -> RazorpayUnavailable | RazorpayRefused:
    if isinstance(error, GatewayRefused):
        return RazorpayRefused()
    seconds = error.retry_seconds if isinstance(error, GatewayBusy) else RETRY_SECONDS
    return RazorpayUnavailable(seconds)
