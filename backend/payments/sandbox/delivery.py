"""The delivery engine: signed bytes to one address, again and again until it says 2xx, then no more."""

from collections.abc import Callable
from typing import Final, TypeAlias

import httpx

from backend.payments.sandbox.account import Account
from backend.payments.sandbox.store import Record

LIMIT_SECONDS: Final = 5.0
LAST_GAP_SECONDS: Final = 40_964.0
GAPS_SECONDS: Final = (
    *(0.2, 5.8, 13.0, 20.0, 43.0, 82.0, 162.0),
    *(LAST_GAP_SECONDS / 2**power for power in range(7, -1, -1)),
)
AT_ONCE: Final = 50

Send: TypeAlias = Callable[[str, dict[str, str], bytes], int]
"""Posts a body to an address; answers the status, 0 when there was none in time."""


class Deliveries:
    """Sends what is due; one at a time and in order, so that `calm` is calm."""

    def __init__(self, account: Account, send: Send) -> None:
        self._account = account
        self._send = send

    def deliver_due(self) -> int:
        """Try each delivery that is due once; answers how many there were."""
        with self._account.desk() as desk:
            config = desk.config
            if config["held"] or not config["enabled"] or not config["webhook_url"]:
                return 0
            due = desk.records.list_due("delivery", desk.now, most=AT_ONCE)
        for delivery in due:
            status = self._send(
                str(config["webhook_url"]), headers_of(delivery), delivery["body"].encode()
            )
            self._note(delivery, delivered=200 <= status < 300)
        return len(due)

    def flush(self) -> int:
        """Make everything that waits due now."""
        with self._account.desk() as desk:
            waiting = desk.records.list_of("delivery")
            for delivery in waiting:
                desk.records.put("delivery", delivery["id"], delivery, due=desk.now)
        return len(waiting)

    def _note(self, delivery: Record, *, delivered: bool) -> None:
        with self._account.desk() as desk:
            if delivered or desk.records.find("delivery", delivery["id"]) is None:
                desk.records.remove("delivery", delivery["id"])
                return
            attempts = int(delivery["attempts"]) + 1
            if attempts > len(GAPS_SECONDS):
                desk.records.remove("delivery", delivery["id"])
                desk.save_config(enabled=False)  # who never answers is not asked any more
                return
            gap = GAPS_SECONDS[attempts - 1] / float(desk.config["speed"])
            later = delivery | {"attempts": attempts}
            desk.records.put("delivery", delivery["id"], later, due=desk.now + gap)


def headers_of(delivery: Record) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "Razorpay-Webhook/v1",
        "X-Razorpay-Signature": str(delivery["signature"]),
        "X-Razorpay-Event-Id": str(delivery["event_id"]),
    }


def send_over_http(url: str, headers: dict[str, str], body: bytes) -> int:
    """The real way: loopback HTTP, no proxies, no redirects."""
    try:
        with httpx.Client(trust_env=False, timeout=LIMIT_SECONDS) as client:
            return client.post(url, headers=headers, content=body).status_code
    except httpx.HTTPError:
        return 0
