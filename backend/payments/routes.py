"""Packs, orders, confirmations, refunds; and the door for webhooks, outside of the API."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller, CallerDep
from backend.auth.errors import NotVisible
from backend.auth.repository import require_workspace, workspace_role
from backend.auth.roles import Right
from backend.credits.prices import CURRENCY, PACKS_VERSION
from backend.credits.tables import WalletRow
from backend.db.idempotency import Claim, checked_key
from backend.db.paging import PAGE_DEFAULT, Cursor, Limit, cursor_keys, cursor_text
from backend.db.session import ClockDep, DatabaseDep, SessionDep
from backend.payments import views, webhooks
from backend.payments.errors import BodyTooLong
from backend.payments.schemas import (
    ConfirmedView,
    ConfirmRequest,
    CreditOrderList,
    CreditOrderRequest,
    CreditOrderView,
    PackList,
    RefundRequest,
    RefundView,
)
from backend.payments.service import Answer, Confirmation, Payments
from backend.payments.tables import CreditOrderRow
from backend.payments.webhooks import BODY_BYTES_MAX, Received
from backend.settings import SettingsDep
from timeline.model import Json

router = APIRouter(tags=["credits"])
webhook_router = APIRouter(include_in_schema=False)

JsonBody = dict[str, Json]
BUY: Final[Right] = "buy credits"
GIVE_BACK: Final[Right] = "administer the workspace"


def read_payments(request: Request) -> Payments:
    return request.app.state.payments


PaymentsDep = Annotated[Payments, Depends(read_payments)]
KeyHeader = Annotated[str | None, Header()]


@router.get("/credit-packs", response_model=PackList)
async def list_packs(_caller: CallerDep, settings: SettingsDep) -> JsonBody:
    return views.packs_json(settings.payment_mode, CURRENCY, PACKS_VERSION)


@router.get("/workspaces/{workspace_id}/credit-orders", response_model=CreditOrderList)
async def list_orders(
    workspace_id: str,
    session: SessionDep,
    caller: CallerDep,
    payments: PaymentsDep,
    settings: SettingsDep,
    clock: ClockDep,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> JsonBody:
    """Newest first."""
    await require_workspace(session, caller, workspace_id, BUY)
    asked = (
        select(CreditOrderRow)
        .join(WalletRow, WalletRow.id == CreditOrderRow.wallet_id)
        .where(WalletRow.workspace_id == workspace_id, WalletRow.mode == settings.payment_mode)
        .order_by(CreditOrderRow.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        asked = asked.where(CreditOrderRow.id < cursor_keys(cursor, 1)[0])
    rows = (await session.scalars(asked)).all()
    now = clock.now()
    items = await session.run_sync(
        lambda inner: [views.order_json(inner, row, payments.keys, now=now) for row in rows[:limit]]
    )
    return {
        "items": list(items),
        "next_cursor": cursor_text(rows[limit - 1].id) if len(rows) > limit else None,
    }


@router.post(
    "/workspaces/{workspace_id}/credit-orders", status_code=201, response_model=CreditOrderView
)
async def add_order(
    workspace_id: str,
    body: CreditOrderRequest,
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    payments: PaymentsDep,
    idempotency_key: KeyHeader = None,
) -> Response:
    claimed = await _claimed(request, caller, idempotency_key)
    async with database.read() as session:
        await require_workspace(session, caller, workspace_id, BUY)
    buyer = body.buyer.model_dump(exclude_none=True) if body.buyer else {}
    return _replayed(
        await payments.buy(claimed, workspace_id=workspace_id, pack=body.pack, buyer=buyer)
    )


@router.get("/credit-orders/{order_id}", response_model=CreditOrderView)
async def get_order(
    order_id: str, caller: CallerDep, database: DatabaseDep, payments: PaymentsDep
) -> JsonBody:
    async with database.read() as session:
        await _require_order(session, caller, order_id, BUY)
    return await payments.order(order_id)


@router.post(
    "/credit-orders/{order_id}/confirm",
    response_model=ConfirmedView,
    responses={202: {"model": ConfirmedView}},
)
async def confirm_order(
    order_id: str,
    body: ConfirmRequest,
    caller: CallerDep,
    database: DatabaseDep,
    payments: PaymentsDep,
) -> Response:
    async with database.read() as session:
        await _require_order(session, caller, order_id, BUY)
    sent = Confirmation(body.razorpay_payment_id, body.razorpay_order_id, body.razorpay_signature)
    return _replayed(await payments.confirm(order_id, sent))


@router.post("/credit-orders/{order_id}/refunds", status_code=202, response_model=RefundView)
async def add_refund(
    order_id: str,
    body: RefundRequest,
    request: Request,
    caller: CallerDep,
    database: DatabaseDep,
    payments: PaymentsDep,
    idempotency_key: KeyHeader = None,
) -> Response:
    claimed = await _claimed(request, caller, idempotency_key)
    async with database.read() as session:
        await _require_order(session, caller, order_id, GIVE_BACK)
    return _replayed(await payments.refund(claimed, order_id, body.credits))


@webhook_router.post("/webhooks/razorpay")
async def receive_webhook(
    request: Request, database: DatabaseDep, payments: PaymentsDep, clock: ClockDep
) -> Response:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise BodyTooLong(BODY_BYTES_MAX)
    received = Received(
        bytes(body),
        request.headers.get("x-razorpay-signature"),
        request.headers.get("x-razorpay-event-id"),
    )
    async with database.write() as session:
        await webhooks.receive(session, payments.keys, received, now=clock.now())
    return Response(status_code=HTTPStatus.OK)


async def _claimed(request: Request, caller: Caller, key: str | None) -> Claim:
    return Claim(caller.user_id, request.url.path, checked_key(key), await request.body())


async def _require_order(
    session: AsyncSession, caller: Caller, order_id: str, right: Right
) -> None:
    """The order of a workspace that the caller may act for; to others it does not exist."""
    workspace_id = await session.scalar(
        select(WalletRow.workspace_id)
        .join(CreditOrderRow, CreditOrderRow.wallet_id == WalletRow.id)
        .where(CreditOrderRow.id == order_id)
    )
    if workspace_id is None or await workspace_role(session, caller, workspace_id) is None:
        raise NotVisible("credit order", order_id)
    await require_workspace(session, caller, workspace_id, right)


def _replayed(answer: Answer) -> Response:
    return Response(answer.text, status_code=answer.status, media_type="application/json")
