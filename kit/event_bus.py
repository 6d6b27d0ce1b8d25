"""The event bus port: "something new" under a topic. A hint may be lost; the truth is elsewhere.

Adapter here: in-process; `redis_bus.py` joins many. A publisher may be any thread; a
subscriber lives on its event loop.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Protocol, Self

HINTS_WAITING_MAX: Final = 256  # a subscriber this far behind reads the truth afresh anyway


@dataclass(frozen=True, slots=True)
class Hint:
    """What is published: a topic such as `events.ws_1`, and a few short strings."""

    topic: str
    body: Mapping[str, str] = field(default_factory=dict[str, str])


class Subscription(Protocol):
    """Hints of the topics asked for; leave the `async with` block to stop."""

    async def next(self, timeout_seconds: float | None = None) -> Hint | None:
        """The next hint in order, or None when none came in time."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class EventBus(Protocol):
    @property
    def is_up(self) -> bool:
        """Whether hints of other processes arrive, where there are others."""
        ...

    def publish(self, topic: str, body: Mapping[str, str] | None = None) -> None:
        """Tell all subscribers of `topic`; never blocks, safe from any thread."""
        ...

    def subscribe(self, *topics: str) -> Subscription:
        """From now on gather hints of these topics; a topic that ends in `*` is a prefix."""
        ...


class LocalBus:
    """The bus of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: set[LocalSubscription] = set()

    @property
    def is_up(self) -> bool:
        return True

    def publish(self, topic: str, body: Mapping[str, str] | None = None) -> None:
        hint = Hint(topic, body or {})
        with self._lock:
            waiting = [item for item in self._subscriptions if item.wants(topic)]
        for subscription in waiting:
            subscription.offer(hint)

    def subscribe(self, *topics: str) -> "LocalSubscription":
        subscription = LocalSubscription(self, topics)
        with self._lock:
            self._subscriptions.add(subscription)
        return subscription

    def leave(self, subscription: "LocalSubscription") -> None:
        with self._lock:
            self._subscriptions.discard(subscription)


class LocalSubscription:
    """Hints gathered for one reader; of too many waiting ones the oldest are dropped."""

    def __init__(self, bus: LocalBus, topics: tuple[str, ...]) -> None:
        self._bus = bus
        self._names = frozenset(topic for topic in topics if not topic.endswith("*"))
        self._prefixes = tuple(topic[:-1] for topic in topics if topic.endswith("*"))
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Hint] = deque(maxlen=HINTS_WAITING_MAX)
        self._arrived = asyncio.Event()

    def wants(self, topic: str) -> bool:
        return topic in self._names or topic.startswith(self._prefixes or ("\0",))

    def offer(self, hint: Hint) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, hint)

    def _take(self, hint: Hint) -> None:
        self._waiting.append(hint)
        self._arrived.set()

    async def next(self, timeout_seconds: float | None = None) -> Hint | None:
        try:
            async with asyncio.timeout(timeout_seconds):
                while not self._waiting:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return None
        return self._waiting.popleft()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bus.leave(self)
