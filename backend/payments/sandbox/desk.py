"""One transaction at the other side: its records, its clock, its dice, and what it tells by webhook."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from backend.payments.sandbox.entities import Entity, new_id
from backend.payments.sandbox.errors import Refused
from backend.payments.sandbox.store import Record, Records

CONFIG: Final = "config"
LOST_SHARE: Final = 0.1  # of the events of the profile `rough`
COPIES_MAX: Final = 5
ROUGH_DELAY_SECONDS: Final = 20.0
CALM_GAP_SECONDS: Final = 0.02
PROFILES: Final = ("calm", "rough", "silent")


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that happens here happens in one transaction; `now` is in Unix seconds."""

    records: Records
    config: Record
    now: float
    random: Random

    def new_id(self, prefix: str) -> str:
        return new_id(prefix, self.random)

    def get(self, kind: str, record_id: str) -> Entity:
        """The entity; Refused as the API words an id that it does not know."""
        found = self.records.find(kind, record_id)
        if found is None:
            raise Refused("The id provided does not exist", field="id")
        return found

    def put(self, entity: Entity) -> None:
        """Keep an entity below what it belongs to: an order's payments, a payment's refunds."""
        parent = entity.get("payment_id") or entity.get("order_id") or ""
        self.records.put(entity["entity"], entity["id"], entity, parent=parent)

    def save_config(self, **changed: Any) -> None:
        self.config.update(changed)
        self.records.put(CONFIG, CONFIG, self.config)

    def later(self, action: str, record_id: str, *, seconds: float) -> None:
        """Do `action` to a record once `seconds` are over (`timers.py`)."""
        due = self.now + seconds
        name = f"{action}:{record_id}"
        self.records.put("timer", name, {"id": name, "action": action, "on": record_id}, due=due)

    def tell(self, event: str, *entities: Entity) -> None:
        """Queue a webhook of what these entities are now, as the profile delivers it."""
        config = self.config
        if not config["webhook_url"] or not config["enabled"] or config["profile"] == "silent":
            return
        body = event_body(event, entities, account_id=config["account_id"], at=int(self.now))
        event_id = self.new_id("evt")[4:]
        for copy, due in enumerate(self._delivery_times()):
            delivery_id = f"{event_id}.{copy}"
            delivery: Record = {
                "id": delivery_id,
                "event_id": event_id,
                "event": event,
                "body": body,
                # The secret of this moment: a retry after a rotation still carries the old one.
                "signature": signature(config["webhook_secret"], body.encode()),
                "attempts": 0,
            }
            self.records.put("delivery", delivery_id, delivery, due=due)

    def _delivery_times(self) -> list[float]:
        if self.config["profile"] == "calm":
            due = max(self.now, float(self.config["last_due"])) + CALM_GAP_SECONDS
            due = due if due < self.now + 1 else self.now  # after a jump of the clock
            self.save_config(last_due=due)
            return [due]
        if self.random.random() < LOST_SHARE:
            return []
        longest = ROUGH_DELAY_SECONDS / float(self.config["speed"])
        return [
            self.now + self.random.choice((0.0, self.random.uniform(0, longest)))
            for _ in range(self.random.randint(1, COPIES_MAX))
        ]


def event_body(event: str, entities: tuple[Entity, ...], *, account_id: str, at: int) -> str:
    """The envelope, escaped as PHP does: whoever serialises it again gets other bytes."""
    envelope = {
        "entity": "event",
        "account_id": account_id,
        "event": event,
        "contains": [entity["entity"] for entity in entities],
        "payload": {entity["entity"]: {"entity": _told(entity)} for entity in entities},
        "created_at": at,
    }
    return json.dumps(envelope, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/")


def signature(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _told(entity: Entity) -> Entity:
    """Webhooks of payments are snapshots that carry no `card` or `upi` details."""
    return {key: value for key, value in entity.items() if key not in {"card", "upi"}}
