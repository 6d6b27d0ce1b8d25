"""What the API tells about credits."""

from typing import Literal

from pydantic import BaseModel


class WalletView(BaseModel):
    workspace: str
    mode: Literal["sandbox", "test", "live"]
    available: int
    held: int
    debt: int
    frozen: bool
    seq: int


class RefView(BaseModel):
    """What an entry is about: an export, an order, an account."""

    kind: str
    id: str


class PostingView(BaseModel):
    account: Literal["available", "held", "debt", "purchased", "granted", "spent", "adjusted"]
    amount: int


class AfterView(BaseModel):
    available: int
    held: int
    debt: int


class EntryView(BaseModel):
    id: str
    seq: int
    kind: Literal["grant", "purchase", "clawback", "hold", "capture", "release", "adjust"]
    ref: RefView
    actor: str
    reason: str | None
    postings: list[PostingView]
    after: AfterView
    created_at: str


class JournalList(BaseModel):
    items: list[EntryView]
    next_cursor: str | None = None
