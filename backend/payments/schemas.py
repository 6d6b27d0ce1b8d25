"""Bodies of the API about paying. Unknown fields that come in are refused: no client sends an amount."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.auth.schemas import Body

PackId = Literal["starter", "studio", "film"]


class Strict(Body):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BuyerRequest(Strict):
    """Whom the invoice is for."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    gstin: Annotated[str, Field(pattern=r"^[0-9A-Z]{15}$")] | None = None


class CreditOrderRequest(Strict):
    pack: PackId
    buyer: BuyerRequest | None = None


class ConfirmRequest(Strict):
    """What the handler of checkout was given; any text, so that a forged one is 400 and not 422."""

    razorpay_payment_id: Annotated[str, Field(max_length=1024)]
    razorpay_order_id: Annotated[str, Field(max_length=1024)]
    razorpay_signature: Annotated[str, Field(max_length=1024)]


class RefundRequest(Strict):
    """How many credits go back; all that can, when nothing is said."""

    credits: Annotated[int, Field(ge=1, le=10**9)] | None = None


class PackView(BaseModel):
    id: PackId
    credits: int
    amount_minor: int


class PackList(BaseModel):
    mode: Literal["sandbox", "test", "live"]
    currency: str
    price_version: int
    packs: list[PackView]


class RefundView(BaseModel):
    """`credits` is null for a refund that was not asked for here."""

    id: str
    state: Literal["requested", "pending", "processed", "failed"]
    credits: int | None
    amount_minor: int
    currency: str


class InvoiceView(BaseModel):
    kind: Literal["invoice", "credit_note"]
    number: str
    amount_minor: int
    issued_at: str


class CheckoutOptions(BaseModel):
    key: str
    order_id: str
    amount: int
    currency: str
    name: str
    description: str


class CheckoutView(BaseModel):
    """The script to load on the click that pays, and what to give it."""

    script: str
    options: CheckoutOptions


OrderStateView = Literal[
    "new", "created", "attempted", "paid", "partly_refunded", "refunded", "review", "expired"
]


class CreditOrderView(BaseModel):
    """`payment` is Razorpay's id of the captured payment, for the receipt."""

    id: str
    workspace: str
    state: OrderStateView
    pack: str
    credits: int
    amount_minor: int
    currency: str
    mode: Literal["sandbox", "test", "live"]
    credits_posted: int
    refundable_credits: int
    disputed: bool
    payment: str | None
    refunds: list[RefundView]
    invoices: list[InvoiceView]
    checkout: CheckoutView | None
    created_at: str
    paid_at: str | None


class PaidWalletView(BaseModel):
    workspace: str
    mode: Literal["sandbox", "test", "live"]
    available: int
    held: int
    debt: int
    frozen: bool
    seq: int


class ConfirmedView(CreditOrderView):
    wallet: PaidWalletView


class CreditOrderList(BaseModel):
    items: list[CreditOrderView]
    next_cursor: str | None
