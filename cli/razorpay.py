"""Who takes the money: Razorpay when keys are set, else the sandbox, which this module starts.

The sandbox lives beside the database and listens on loopback only; its address and tokens are in
`DATA/razorpay-sandbox.json`, for its owner alone.
"""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from backend.main import Parts
from backend.payments.gateway import RazorpayKeys
from backend.payments.sandbox.account import Account
from backend.payments.sandbox.pages import SCRIPT, CheckoutPages
from backend.payments.sandbox.server import Sandbox
from backend.payments.sandbox.store import Store
from backend.settings import Settings
from cli.errors import CommandFailed
from kit.clock import SystemClock

DATABASE: Final = "razorpay-sandbox.db"
FILE: Final = "razorpay-sandbox.json"
WEBHOOK: Final = "/webhooks/razorpay"
SAID: Final = "Credits are bought with test money: the sandbox checkout, no real money moves."


@dataclass(frozen=True, slots=True)
class Till:
    """The keys to sell with; `pages` and `sandbox` only where no money is real."""

    keys: RazorpayKeys
    pages: ASGIApp | None = None
    sandbox: Sandbox | None = None

    def in_parts(self, parts: Parts) -> Parts:
        return replace(parts, razorpay=self.keys, sandbox_pages=self.pages)

    def tell(self, address: str) -> None:
        """The server listens at `address`: the sandbox may deliver there."""
        if self.sandbox is not None:
            self.sandbox.account.change(webhook_url=address + WEBHOOK)
            print(SAID, flush=True)


@contextmanager
def open_till(settings: Settings, *, delivers: bool = True) -> Generator[Till]:
    """The till of these settings; a sandbox runs until the block ends."""
    if settings.payment_mode != "sandbox":
        yield Till(
            RazorpayKeys(
                settings.payment_mode,
                settings.razorpay_key_id,
                settings.razorpay_key_secret.get_secret_value(),
                settings.razorpay_secrets,
                settings.razorpay_base_url,
            )
        )
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        sandbox = Sandbox(Account(Store(_address(settings)), SystemClock()))
    except SQLAlchemyError as error:
        raise CommandFailed("the sandbox's records cannot be used", DATABASE) from error
    sandbox.start(delivers=delivers)
    try:
        if delivers:
            _write_down(settings, sandbox)
        yield Till(_keys_of(sandbox), CheckoutPages(sandbox.account), sandbox)
    finally:
        sandbox.stop()


def _address(settings: Settings) -> str:
    """Beside SQLite, or a schema of its own on Postgres, where all processes share it."""
    url = settings.sqlalchemy_url
    if make_url(url).get_backend_name() != "sqlite":
        return url
    return f"sqlite:///{settings.data_dir.absolute() / DATABASE}"


def _keys_of(sandbox: Sandbox) -> RazorpayKeys:
    keys = sandbox.keys
    return RazorpayKeys(
        "sandbox",
        keys.key_id,
        keys.key_secret,
        (keys.webhook_secret,),
        sandbox.address,
        SCRIPT,
        sandbox.account.config["account_id"],
    )


def _write_down(settings: Settings, sandbox: Sandbox) -> None:
    body = {"address": sandbox.address, "token": sandbox.keys.control_token}
    target = settings.data_dir / FILE
    beside = target.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(body, stream)
    beside.replace(target)
