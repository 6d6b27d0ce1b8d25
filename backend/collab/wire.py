"""y-protocols over websocket frames: bytes <-> typed messages. No state, no pycrdt.

One protocol message stands in one websocket frame (that is what y-websocket reads); several frames
may share one write. Server frames carry no mask, so one run of bytes serves every client.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

SYNC: Final = 0
AWARENESS: Final = 1
AUTH: Final = 2
QUERY_AWARENESS: Final = 3
DURABLE: Final = 64

STEP_1: Final = 0
STEP_2: Final = 1
UPDATE: Final = 2

VARINT_MAX: Final = 2**53  # what a JavaScript number holds exactly
EMPTY_UPDATE: Final = b"\x00\x00"
EMPTY_STATE: Final = b"\x00"
CLOSE_REASON_BYTES_MAX: Final = 123

_UPDATE_HEAD: Final = bytes((SYNC, UPDATE))


class BadMessage(Exception):
    """Bytes that are no message of the protocol; the connection that sent them ends with 4400."""


@dataclass(frozen=True, slots=True)
class SyncStep1:
    """Asks for what the sender lacks; `state` is its state vector."""

    state: bytes


@dataclass(frozen=True, slots=True)
class SyncStep2:
    """Answers a step 1."""

    update: bytes


@dataclass(slots=True)  # not frozen: made for each frame, and that would triple what it costs
class Update:
    update: bytes


@dataclass(slots=True)
class Awareness:
    """One or more awareness entries; `entries` is their raw form."""

    entries: bytes


@dataclass(frozen=True, slots=True)
class QueryAwareness:
    pass


@dataclass(frozen=True, slots=True)
class Ignored:
    """A type that nobody here reads, as y-protocols allows."""

    type: int


Message: TypeAlias = SyncStep1 | SyncStep2 | Update | Awareness | QueryAwareness | Ignored


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned varint at `at`, and where it ends; raises BadMessage."""
    number = 0
    shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            if byte < 128:
                number |= byte << shift
                if number > VARINT_MAX:
                    raise BadMessage("a number is too large")
                return number, at
            number |= (byte & 127) << shift
            shift += 7
            if shift > 56:
                raise BadMessage("a number is too large")
    except IndexError:
        raise BadMessage("a number is cut off") from None


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Bytes with their length in front, and where they end; raises BadMessage."""
    length, at = read_varint(data, at)
    end = at + length
    if end > len(data):
        raise BadMessage("a length reaches past the end")
    return data[at:end], end


def varint(number: int) -> bytes:
    if number < 128:
        return bytes((number,))
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def with_length(data: bytes) -> bytes:
    return varint(len(data)) + data


def read_message(data: bytes) -> Message:
    """The message of one websocket frame; raises BadMessage."""
    if data.startswith(_UPDATE_HEAD):
        return Update(_rest(data, 2))
    kind, at = read_varint(data, 0)
    if kind == AWARENESS:
        return Awareness(_rest(data, at))
    if kind == SYNC:
        return _read_sync(data, at)
    if kind == QUERY_AWARENESS:
        return QueryAwareness()
    return Ignored(kind)


def _read_sync(data: bytes, at: int) -> Message:
    step, at = read_varint(data, at)
    if step == STEP_2:
        return SyncStep2(_rest(data, at))
    if step == STEP_1:
        return SyncStep1(_rest(data, at))
    if step == UPDATE:
        return Update(_rest(data, at))
    raise BadMessage(f"sync message {step} is unknown")


def _rest(data: bytes, at: int) -> bytes:
    """Bytes with their length in front, which end where the message does; raises BadMessage."""
    length, at = read_varint(data, at)
    if at + length < len(data):
        raise BadMessage("bytes after the end of a message")
    if at + length > len(data):
        raise BadMessage("a length reaches past the end")
    return data[at:]


def _check_end(data: bytes, at: int) -> None:
    if at != len(data):
        raise BadMessage("bytes after the end of a message")


def step_1(state: bytes) -> bytes:
    return bytes((SYNC, STEP_1)) + with_length(state)


def step_2(update: bytes) -> bytes:
    return bytes((SYNC, STEP_2)) + with_length(update)


def update_message(update: bytes) -> bytes:
    return bytes((SYNC, UPDATE)) + with_length(update)


def awareness_message(entries: bytes) -> bytes:
    return bytes((AWARENESS,)) + with_length(entries)


def durable_message(state: bytes) -> bytes:
    """Tells that the log holds everything up to `state` (a state vector)."""
    return bytes((DURABLE,)) + with_length(state)


EMPTY_AWARENESS: Final = awareness_message(b"\x00")


def read_state(state: bytes) -> dict[int, int]:
    """A state vector as client id -> clock; raises BadMessage."""
    count, at = read_varint(state, 0)
    if count > len(state):
        raise BadMessage("a state vector is cut off")
    clocks: dict[int, int] = {}
    for _ in range(count):
        client, at = read_varint(state, at)
        clocks[client], at = read_varint(state, at)
    _check_end(state, at)
    return clocks


# --- websocket frames, as RFC 6455 has them ----------------------------------------------------

BINARY: Final = 0x82
CLOSE: Final = 0x88
PING: Final = 0x89
PONG: Final = 0x8A


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """A whole, unmasked websocket frame, as a server sends it."""
    length = len(payload)
    if length < 126:
        return b"%c%c%b" % (opcode, length, payload)
    if length < 65536:
        return b"%c\x7e%b%b" % (opcode, length.to_bytes(2, "big"), payload)
    return b"%c\x7f%b%b" % (opcode, length.to_bytes(8, "big"), payload)


def pieces(payload: bytes, size: int) -> list[bytes]:
    """One message as fragments, so that a control frame may come between them."""
    starts = range(0, len(payload), size)
    return [
        frame(
            payload[start : start + size],
            (2 if start == 0 else 0) | (128 if start + size >= len(payload) else 0),
        )
        for start in starts
    ]


def close_frame(code: int, reason: str) -> bytes:
    text = reason.encode()[:CLOSE_REASON_BYTES_MAX].decode(errors="ignore").encode()
    return frame(code.to_bytes(2, "big") + text, CLOSE)
