"""Webhooks as the door takes them: verified and committed to the inbox, many at once."""

import asyncio
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Final

from backend.db.session import Database
from backend.payments.gateway import RazorpayKeys
from backend.payments.webhooks import Received, receive
from kit.ids import sortable_id

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
SECRET: Final = "of the benchmark"  # noqa: S105 - it guards nothing
KEYS: Final = RazorpayKeys("test", "rzp_test_bench", "unused", (SECRET,))
EVENTS: Final = 1_000
AT_ONCE: Final = 16
BURST: Final = 500


async def inbox_figures(database: Database, where: str) -> dict[str, object]:
    steady, rate = await _delivered(database, EVENTS, at_once=AT_ONCE)
    burst, _ = await _delivered(database, BURST, at_once=BURST)
    return {
        f"{where}, webhook, 16 at once, /s": round(rate),
        f"{where}, webhook, 16 at once, p99 ms": round(steady[int(EVENTS * 0.99)] * 1000),
        f"{where}, webhook, 500 at once, slowest ms": round(burst[-1] * 1000),
    }


async def _delivered(database: Database, count: int, *, at_once: int) -> tuple[list[float], float]:
    """The seconds that each took, in order of size, and how many a second there were."""
    turns = asyncio.Semaphore(at_once)

    async def one(received: Received) -> float:
        async with turns:
            began = time.monotonic()
            async with database.write() as session:
                await receive(session, KEYS, received, now=NOW)
            return time.monotonic() - began

    events = [_event(number) for number in range(count)]
    began = time.monotonic()
    seconds = await asyncio.gather(*(one(event) for event in events))
    return sorted(seconds), count / (time.monotonic() - began)


def _event(number: int) -> Received:
    entity = {"id": f"pay_{number}", "order_id": f"order_{number}", "notes": {"pad": "x" * 1_500}}
    body = json.dumps({"event": "payment.captured", "payload": {"payment": {"entity": entity}}})
    signature = hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
    return Received(body.encode(), signature, sortable_id("evt"))
