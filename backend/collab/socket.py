"""One connection: what comes in, in order and at a bounded rate; what goes out, never piled up.

A connection knows no network: a Carrier moves its bytes, Timers its time. The room it is in hears
its messages. It ends with a close frame and a code of the contract.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from backend.auth.roles import Role, may
from backend.collab.rates import TooFast, frames_bucket
from backend.collab.wire import (
    BadMessage,
    Message,
    close_frame,
    frame,
    pieces,
    read_message,
)

MALFORMED: Final = 4400
NOT_SIGNED_IN: Final = 4401
NO_ACCESS: Final = 4403
NO_PROJECT: Final = 4404
TOO_LARGE: Final = 4413
TOO_FAST: Final = 4429
TRY_AGAIN: Final = 1013
NORMAL: Final = 1000

AWARENESS_UNSENT_MAX: Final = 256 * 1024  # above it presence waits: it is worthless when late
TABLE_UNSENT_MAX: Final = 64 * 1024
UNSENT_BYTES_MAX: Final = 1_048_576  # a reader this far behind reloads faster than it catches up
PIECE_BYTES: Final = 256 * 1024
PIECES_UNSENT_MAX: Final = 512 * 1024  # two pieces: the next is there when the first has left
STALLED_SECONDS: Final = 10.0
JOIN_SECONDS_MAX: Final = 60.0
CLOSING_SECONDS: Final = 1.0
FRAMES_AT_ONCE: Final = 20


class Timer(Protocol):
    def cancel(self) -> None: ...


class Timers(Protocol):
    """The event loop's clock; tests have their own."""

    def time(self) -> float: ...
    def call_soon(self, callback: Callable[[], object]) -> Timer: ...
    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer: ...


class Successor(asyncio.Protocol):
    """Serves a socket in our place; `gone` is to be called when its line is lost."""

    def __init__(self) -> None:
        self.gone: Callable[[], object] = lambda: None

    def shutdown(self) -> None:
        """The server stops, and asks each of its connections to end."""


class Carrier(Protocol):
    """Moves bytes of one websocket, after the handshake."""

    def write(self, data: bytes) -> None: ...
    def unsent_bytes(self) -> int: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...

    def close(self) -> None:
        """End once everything written has left."""
        ...

    def abort(self) -> None: ...

    def hand_over(self, protocol: Successor) -> asyncio.Transport | None:
        """Give the bytes of both ways to another protocol; None where the line is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is behind a socket and what they may; `ends_in` seconds, None where it does not end.

    `names` is what a hint about something that is over may name: (kind, id).
    """

    person_id: str
    project_id: str
    role: Role
    ends_in: float | None = None
    names: frozenset[tuple[str, str]] = frozenset()

    @property
    def may_write(self) -> bool:
        return may(self.role, "edit")


class Hearer(Protocol):
    """The room a connection is in."""

    def hear(self, connection: "Connection", message: Message) -> None: ...
    def leave(self, connection: "Connection") -> None: ...


class Connection:
    def __init__(self, carrier: Carrier, timers: Timers, *, wants_ack: bool = False) -> None:
        self._carrier = carrier
        self._unsent_bytes = carrier.unsent_bytes
        self._timers = timers
        self._time = timers.time
        self.wants_ack: Final = wants_ack
        self.admission: Admission | None = None
        self.person_id = ""
        self.may_write = False
        self.room: Hearer | None = None
        self.is_closed = False
        self.close_code: int | None = None
        self.last_heard = self.last_sent = timers.time()
        self.new_ids: set[int] = set()
        self.gaps = 0
        self.asked_at: float | None = None  # when a step 1 went out that has no answer yet
        self.has_synced = False
        self.ack_due = False
        self.dropped = 0
        self.fell_behind = False
        self._frames = frames_bucket()
        self._frames_paid = 0
        self._pauses: set[str] = set()
        self._inbox: deque[Message] = deque()
        self._outbox: deque[bytes] = deque()
        self._late_bytes = 0
        self._outbox_since = self._progress_at = 0.0
        self._table_due = False
        self._expiry: Timer | None = None

    # --- who it is ---

    def admit(self, admission: Admission) -> None:
        """Set or replace who this is; at the end of the credential it closes with 4401."""
        self.admission = admission
        self.person_id = admission.person_id
        self.may_write = admission.may_write
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if admission.ends_in is not None and not self.is_closed:
            self._expiry = self._timers.call_later(max(0.0, admission.ends_in), self._expired)

    def _expired(self) -> None:
        self.close(NOT_SIGNED_IN, "the token or sign-in has ended")

    # --- coming in ---

    def receive(self, data: bytes) -> None:
        """One whole binary message from the peer."""
        if self.is_closed:
            return
        if not data:
            self.close(MALFORMED, "an empty frame")
            return
        self.last_heard = self._time()
        self._frames_paid -= 1
        if self._frames_paid < 0 and not self._pay_frames():
            return
        try:
            message = read_message(data)
        except BadMessage as error:
            self.close(MALFORMED, str(error))
            return
        if self._inbox or self.room is None or "busy" in self._pauses:
            self._inbox.append(message)
        else:
            self.room.hear(self, message)

    def count_frame(self) -> bool:
        """Frames of any kind cost; False when the connection was closed for it."""
        self.last_heard = self._time()
        self._frames_paid -= 1
        return self._frames_paid >= 0 or self._pay_frames()

    def _pay_frames(self) -> bool:
        """Several at once: to ask the bucket for each frame would cost as much as to read it."""
        try:
            self.pause_for(self._frames.spend(FRAMES_AT_ONCE, self.last_heard))
        except TooFast:
            self.close(TOO_FAST, "too many messages")
            return False
        self._frames_paid = FRAMES_AT_ONCE - 1
        return True

    def work(self) -> None:
        """Hand waiting messages to the room, in order, unless it is still busy with one."""
        while self._inbox and self.room is not None and "busy" not in self._pauses:
            self.room.hear(self, self._inbox.popleft())

    def pause(self, reason: str) -> None:
        """Read no more until `resume` with the same reason; several may hold at once."""
        if not self._pauses and not self.is_closed:
            self._carrier.pause_reading()
        self._pauses.add(reason)

    def resume(self, reason: str) -> None:
        if reason not in self._pauses:
            return
        self._pauses.discard(reason)
        if not self._pauses and not self.is_closed:
            self._carrier.resume_reading()
        self.work()

    def pause_for(self, seconds: float) -> None:
        if seconds <= 0 or "rate" in self._pauses:
            return
        self.pause("rate")
        self._timers.call_later(seconds, lambda: self.resume("rate"))

    # --- going out ---

    def send(self, message: bytes) -> None:
        """One protocol message, behind all that was sent before."""
        self._write(
            pieces(message, PIECE_BYTES) if len(message) > PIECE_BYTES else [frame(message)]
        )

    def send_frames(self, frames: Sequence[bytes]) -> None:
        """A message that many get, as frames already built."""
        self._write(frames)

    def send_flush(
        self, updates: Sequence[bytes], awareness: bytes, ack: bytes, now: float
    ) -> bool:
        """Frames of one flush, already built; True when the room must send the table again.

        A document update is never left out; presence is, for a reader that is behind.
        """
        if self.is_closed:
            return False
        unsent = self._unsent_bytes()
        if not (unsent or self._outbox or self._table_due) and len(updates) <= 1:
            self.last_sent = now
            self._carrier.write((updates[0] + awareness if updates else awareness) + ack)
            return False
        return self._send_behind(updates, awareness, ack, unsent)

    def _send_behind(
        self, updates: Sequence[bytes], awareness: bytes, ack: bytes, unsent: int
    ) -> bool:
        """To a reader that has not yet taken all, or much at once."""
        if unsent + self._late_bytes > UNSENT_BYTES_MAX:
            self.give_up("too far behind")
            return False
        behind = bool(self._outbox) or unsent > AWARENESS_UNSENT_MAX
        self._table_due = self._table_due or (behind and bool(awareness))
        tail = ack if behind else awareness + ack
        if len(updates) > 1:
            self._write([*updates, tail] if tail else updates)
        elif updates or tail:
            self._write([updates[0] + tail if updates else tail])
        return self._table_due and not behind and unsent < TABLE_UNSENT_MAX

    def table_sent(self) -> None:
        self._table_due = False

    def _write(self, frames: Sequence[bytes]) -> None:
        if self.is_closed:
            return
        now = self.last_sent = self._timers.time()
        if not self._outbox and len(frames) == 1 and len(frames[0]) <= PIECE_BYTES:
            self._carrier.write(frames[0])
            return
        if self._outbox:
            self._late_bytes += sum(map(len, frames))
        else:
            self._outbox_since = self._progress_at = now
        self._outbox.extend(frames)
        self.drain()

    def drain(self) -> None:
        """Write on where the peer has taken what it was sent."""
        while self._outbox and not self.is_closed:
            if self._carrier.unsent_bytes() >= PIECES_UNSENT_MAX:
                return
            self._carrier.write(self._outbox.popleft())
            self._progress_at = self._timers.time()
        self._late_bytes = 0

    @property
    def is_stalled(self) -> bool:
        """Whether a long answer makes no progress, or takes too long in all."""
        now = self._timers.time()
        return bool(self._outbox) and (
            now - self._progress_at > STALLED_SECONDS or now - self._outbox_since > JOIN_SECONDS_MAX
        )

    def ping(self) -> None:
        if not self.is_closed:
            self._carrier.write(frame(b"", 0x89))

    def answer_ping(self, payload: bytes) -> None:
        if not self.is_closed and self.count_frame():
            self._carrier.write(frame(payload, 0x8A))

    # --- the end ---

    def close(self, code: int, reason: str) -> None:
        """Say why, with a close frame; the peer has CLOSING_SECONDS to answer."""
        if self.is_closed:
            return
        self._leave(code)
        if self._pauses:
            self._carrier.resume_reading()  # bytes left unread would turn the end into a reset
        self._carrier.write(close_frame(code, reason))
        self._timers.call_later(CLOSING_SECONDS, self.end)

    def give_up(self, reason: str) -> None:
        """Close on a reader that does not keep up; it comes back and reads afresh."""
        self.fell_behind = not self.is_closed
        self.close(TRY_AGAIN, reason)

    def peer_closed(self, code: int) -> None:
        """The peer's close frame: answer it, or take it as the answer to ours."""
        if not self.is_closed:
            self._leave(code)
            self._carrier.write(
                close_frame(code if code >= NORMAL and code != 1005 else NORMAL, "")
            )
        self._carrier.close()

    def end(self) -> None:
        if self._carrier.unsent_bytes():
            self._carrier.abort()
        else:
            self._carrier.close()

    def hand_over(self, protocol: Successor) -> asyncio.Transport | None:
        """Somebody else serves this socket from now on; here it is over, reading stays paused."""
        transport = None if self.is_closed else self._carrier.hand_over(protocol)
        self.lost()
        return transport

    def lost(self) -> None:
        """The network has let go."""
        if not self.is_closed:
            self._leave(1006)

    def abort(self) -> None:
        self.lost()
        self._carrier.abort()

    def _leave(self, code: int) -> None:
        self.is_closed = True
        self.close_code = code
        self._inbox.clear()
        self._outbox.clear()
        if self._expiry is not None:
            self._expiry.cancel()
        if self.room is not None:
            self.room.leave(self)
