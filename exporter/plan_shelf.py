"""Plans in the object store, by the sha256 of their text; the last few stay parsed."""

import hashlib
import json
import threading
from collections import OrderedDict
from typing import Final

from kit.object_store import ObjectStore
from timeline.plan import Plan
from timeline.plan_json import plan_from_json, plan_json

PARSED_MAX: Final = 4  # exports under way in one process; each task of them asks for its plan


class PlanShelf:
    """Safe from any thread."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._parsed: OrderedDict[str, Plan] = OrderedDict()

    def put(self, plan: Plan) -> str:
        """Keep a plan; answers its key."""
        content = json.dumps(plan_json(plan), sort_keys=True, separators=(",", ":")).encode()
        key = f"plans/{hashlib.sha256(content).hexdigest()}.json"
        self._store.put(key, content)
        self._remember(key, plan)
        return key

    def get(self, key: str) -> Plan:
        """The plan under that key; ObjectMissing, BadTimeline."""
        with self._lock:
            known = self._parsed.get(key)
            if known is not None:
                self._parsed.move_to_end(key)
                return known
        with self._store.open(key) as stream:
            plan = plan_from_json(json.load(stream))
        self._remember(key, plan)
        return plan

    def _remember(self, key: str, plan: Plan) -> None:
        with self._lock:
            self._parsed[key] = plan
            while len(self._parsed) > PARSED_MAX:
                self._parsed.popitem(last=False)
