# pyright: reportUnknownMemberType=false
"""The event bus of many processes: hints over one Redis channel, and at once within the process.

Redis holds nothing that matters. While it is away hints reach this process alone, what is published
meanwhile is not sent later, and subscribers elsewhere find out by polling [operations-B3].
"""

import json
import queue
import secrets
import threading
from collections.abc import Mapping
from typing import Any, Final, cast

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from kit.event_bus import Hint, LocalBus, LocalSubscription

CHANNEL: Final = "cutroom.hints"
UNSENT_MAX: Final = 1000  # hints waiting for Redis; more are dropped, they are only hints
CONNECT_SECONDS_MAX: Final = 2.0
ANSWER_SECONDS_MAX: Final = 5.0
ASK_HEALTH_SECONDS: Final = 10
RETRY_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 0.25
HINT_BYTES_MAX: Final = 4096


class RedisBus:
    """The bus of this process and of all others on the same Redis; `start` before, `close` after."""

    def __init__(self, url: str) -> None:
        self._local: Final = LocalBus()
        self._node: Final = secrets.token_hex(8)
        self._client: Final = Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_SECONDS_MAX,
            socket_timeout=ANSWER_SECONDS_MAX,
            socket_keepalive=True,
            health_check_interval=ASK_HEALTH_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._unsent: Final[queue.Queue[Hint | None]] = queue.Queue(UNSENT_MAX)
        self._listening = threading.Event()
        self._stopping = threading.Event()
        self._threads: Final = [
            threading.Thread(target=work, name=f"bus.{name}", daemon=True)
            for name, work in (("listen", self._listen), ("send", self._send))
        ]
        self._events = structlog.stdlib.get_logger()

    @property
    def is_up(self) -> bool:
        """Whether hints of other processes arrive here now."""
        return self._listening.is_set()

    def start(self, *, wait_seconds: float = CONNECT_SECONDS_MAX) -> bool:
        """Begin to send and to listen; whether Redis answered in time. It is tried on either way."""
        for thread in self._threads:
            thread.start()
        return self._listening.wait(wait_seconds)

    def close(self) -> None:
        """Stop both ways; what is published from now on stays in the process."""
        self._stopping.set()
        self._offer(None)
        for thread in self._threads:
            thread.join(ANSWER_SECONDS_MAX)
        self._client.close()

    # --- the port ---

    def publish(self, topic: str, body: Mapping[str, str] | None = None) -> None:
        hint = Hint(topic, body or {})
        self._local.publish(hint.topic, hint.body)
        if not self._stopping.is_set():
            self._offer(hint)

    def subscribe(self, *topics: str) -> LocalSubscription:
        return self._local.subscribe(*topics)

    # --- the two threads ---

    def _offer(self, hint: Hint | None) -> None:
        """Behind what waits; of too many the oldest gives way."""
        while True:
            try:
                self._unsent.put_nowait(hint)
            except queue.Full:
                self._drop_oldest()
            else:
                return

    def _drop_oldest(self) -> None:
        try:
            self._unsent.get_nowait()
        except queue.Empty:
            return

    def _send(self) -> None:
        while (hint := self._unsent.get()) is not None:
            message = json.dumps([self._node, hint.topic, dict(hint.body)])
            try:
                self._client.publish(CHANNEL, message)
            except RedisError as error:
                self._events.warning("bus.hint_unsent", topic=hint.topic, error=str(error))

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except RedisError as error:
                self._events.warning("bus.away", error=str(error))
            self._listening.clear()
            self._stopping.wait(RETRY_SECONDS)

    def _follow(self) -> None:
        """Hand on what others publish, until stopped; raises RedisError when the line breaks."""
        with self._client.pubsub() as channel:
            channel.subscribe(CHANNEL)
            while not self._stopping.is_set():
                message = cast("dict[str, Any] | None", channel.get_message(timeout=LOOK_SECONDS))
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._listening.set()
                elif message["type"] == "message":
                    self._take(message["data"])

    def _take(self, raw: bytes) -> None:
        """Somebody else's hint; what is none of ours is skipped."""
        found = _hint_of(raw)
        if found is not None and found[0] != self._node:
            self._local.publish(found[1].topic, found[1].body)


def _hint_of(raw: bytes) -> tuple[str, Hint] | None:
    """Who sent it, and what it says; None for what is no hint."""
    if len(raw) > HINT_BYTES_MAX:
        return None
    try:
        node, topic, body = json.loads(raw)
    except (ValueError, TypeError):
        return None
    if not (isinstance(node, str) and isinstance(topic, str) and isinstance(body, dict)):
        return None
    entries = cast("dict[str, object]", body)
    return node, Hint(topic, {key: str(value) for key, value in entries.items()})
