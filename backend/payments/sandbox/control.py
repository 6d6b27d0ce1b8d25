"""The control plane under `/_control`: a test plays customer, bank and weather."""

import hmac
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from backend.payments.sandbox import payments, refunds
from backend.payments.sandbox.account import Account
from backend.payments.sandbox.api import state_of
from backend.payments.sandbox.delivery import Deliveries
from backend.payments.sandbox.desk import PROFILES
from backend.payments.sandbox.errors import Refused
from backend.payments.sandbox.faults import checked_fault
from backend.payments.sandbox.store import Record
from backend.payments.sandbox.wire import Answer, Asked, json_answer

Action: TypeAlias = Callable[["ControlPlane", Record, str], Any]

PREFIX: Final = "/_control/"
HABITS: Final = frozenset(("unique_receipt", "list_lag_seconds"))


class ControlPlane:
    """What a bearer of the control token may do."""

    def __init__(self, account: Account, deliveries: Deliveries) -> None:
        self.account: Final = account
        self.deliveries: Final = deliveries

    def answer(self, request: Asked) -> Answer:
        try:
            self._admit(request)
            verb, _, rest = request.path.removeprefix(PREFIX).partition("/")
            action = ACTIONS.get((request.method, verb), ControlPlane.nothing)
            return json_answer(action(self, request.json(), rest))
        except Refused as refused:
            return json_answer(refused.body(), refused.status)

    def _admit(self, request: Asked) -> None:
        wanted = f"Bearer {self.account.config['control_token']}"
        sent = request.headers.get("authorization", "")
        if not hmac.compare_digest(sent.encode(), wanted.encode()):
            raise Refused("Authentication failed", status=401, reason="authentication_failed")

    def nothing(self, _body: Record, _rest: str) -> Any:
        raise Refused("The requested URL was not found on the server.", status=404)

    def pay(self, body: Record, _rest: str) -> Any:
        with self.account.desk() as desk:
            return payments.pay(
                desk,
                str(body.get("order_id")),
                str(body.get("method", "upi")),
                str(body.get("outcome", "captured")),
                late_seconds=float(body.get("late_seconds", payments.LATE_SECONDS)),
            )

    def capture(self, body: Record, _rest: str) -> Any:
        with self.account.desk() as desk:
            found = desk.get("payment", str(body.get("payment_id")))
            return payments.capture(desk, found["id"], {"amount": found["amount"]})

    def refund(self, body: Record, _rest: str) -> Any:
        """As from the dashboard: no key, no notes."""
        asked = {"amount": body["amount"]} if "amount" in body else {}
        with self.account.desk() as desk:
            return refunds.refund(desk, str(body.get("payment_id")), asked, None)

    def settle_refund(self, body: Record, refund_id: str) -> Any:
        with self.account.desk() as desk:
            return refunds.settle_refund(desk, refund_id, str(body.get("outcome")))

    def dispute(self, body: Record, dispute_id: str) -> Any:
        with self.account.desk() as desk:
            if dispute_id:
                return refunds.move_dispute(desk, dispute_id, str(body.get("outcome")))
            return refunds.open_dispute(desk, str(body.get("payment_id")), body.get("amount"))

    def deliver(self, body: Record, _rest: str) -> Any:
        """`profile`, `speed`, `held`, `url`, `enabled`; `flush` makes what waits due now."""
        if body.get("profile", "calm") not in PROFILES:
            raise Refused("No such profile", field="profile")
        chosen = {key: body[key] for key in ("profile", "speed", "held", "enabled") if key in body}
        if "url" in body:
            chosen["webhook_url"] = body["url"]
        self.account.change(**chosen)
        return {"flushed": self.deliveries.flush() if body.get("flush") else 0}

    def fault(self, body: Record, _rest: str) -> Any:
        with self.account.desk() as desk:
            known: list[Record] = [] if body.get("clear") else desk.config["faults"]
            added = [checked_fault(body)] if "kind" in body else []
            desk.save_config(faults=[*known, *added])
            return {"faults": desk.config["faults"]}

    def secrets(self, body: Record, _rest: str) -> Any:
        secret = body.get("webhook_secret")
        if not isinstance(secret, str) or not secret:
            raise Refused("A secret is needed", field="webhook_secret")
        self.account.change(webhook_secret=secret)
        return {}

    def clock(self, body: Record, _rest: str) -> Any:
        with self.account.desk() as desk:
            seconds = float(desk.config["clock_seconds"]) + float(body.get("advance_seconds", 0))
            desk.save_config(clock_seconds=seconds)
        self.account.run_timers()
        return {"clock_seconds": seconds}

    def habits(self, body: Record, _rest: str) -> Any:
        self.account.change(**{key: body[key] for key in HABITS & set(body)})
        return {}

    def reset(self, _body: Record, _rest: str) -> Any:
        self.account.reset()
        return {}

    def state(self, _body: Record, _rest: str) -> Any:
        with self.account.desk() as desk:
            return state_of(desk)


ACTIONS: Final[dict[tuple[str, str], Action]] = {
    ("POST", "pay"): ControlPlane.pay,
    ("POST", "capture"): ControlPlane.capture,
    ("POST", "refund"): ControlPlane.refund,
    ("POST", "refunds"): ControlPlane.settle_refund,
    ("POST", "disputes"): ControlPlane.dispute,
    ("POST", "deliveries"): ControlPlane.deliver,
    ("POST", "faults"): ControlPlane.fault,
    ("POST", "secrets"): ControlPlane.secrets,
    ("POST", "clock"): ControlPlane.clock,
    ("POST", "habits"): ControlPlane.habits,
    ("POST", "reset"): ControlPlane.reset,
    ("GET", "state"): ControlPlane.state,
}
