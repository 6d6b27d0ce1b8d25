# pyright: basic
"""One port for the web and for rooms: what uvicorn upgrades below `/collab/` goes to picows.

picows' protocol class is not public interface (pinned exactly) and has no types for subclasses,
hence the basic checks. uvicorn makes one `PortBridge` for each upgrade request, feeds it the head
and sets it as the transport's protocol; the bridge then puts picows in its place.
"""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import picows
from picows.picows import WSProtocol  # pyright: ignore[reportAttributeAccessIssue]

from backend.collab.handshake import Handshake, plain_upgrade, read_handshake
from backend.collab.socket import MALFORMED, TOO_LARGE, TRY_AGAIN, Connection, Successor

MESSAGE_BYTES_MAX: Final = 4 * 2**20
FRAME_HEAD_BYTES_MAX: Final = 14
READ_BUFFER_BYTES: Final = 4096  # of each connection; half of what an idle one weighs
HANDSHAKE_SECONDS: Final = 5.0
UNLIMITED: Final = 2**62
WRITE_HIGH_BYTES: Final = 384 * 1024  # between these a long answer goes on, before it runs dry
WRITE_LOW_BYTES: Final = 256 * 1024

_BINARY: Final = picows.WSMsgType.BINARY
_CONTINUATION: Final = picows.WSMsgType.CONTINUATION

_take_bytes = WSProtocol.buffer_updated

_quiet = logging.getLogger("cutroom.picows")
_quiet.setLevel(logging.CRITICAL)  # what peers do wrong is counted in the room, not logged here


class Door:
    """What the bridge needs of the service, which is made after uvicorn has read its settings."""

    def __init__(self) -> None:
        self.refusal: Callable[[Handshake], HTTPStatus | None] = lambda _: (
            HTTPStatus.SERVICE_UNAVAILABLE
        )
        self.enter: Callable[[Handshake, Connection], None] = lambda _, connection: (
            connection.close(TRY_AGAIN, "starting")
        )


def port_bridge(door: Door) -> type[asyncio.Protocol]:
    """The class for uvicorn's `ws=`."""

    class PortBridge(_PortBridge):
        _door = door

    return PortBridge


class _PortBridge(asyncio.Protocol):
    _door: Door

    def __init__(self, *, server_state: Any, **_: Any) -> None:
        self._connections: set[Any] = server_state.connections
        self._transport: Any = None
        self._inner: _RoomProtocol | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """The head of the request, as uvicorn builds it again; later bytes go through."""
        if self._inner is not None:
            self._inner.feed(data)
            return
        handshake = read_handshake(data, is_secure=self._is_secure())
        refusal = HTTPStatus.NOT_FOUND if handshake is None else self._door.refusal(handshake)
        if handshake is None or refusal is not None:
            self._refuse(refusal or HTTPStatus.NOT_FOUND)
            return
        listener = _Listener(self._door, handshake)
        self._inner = _RoomProtocol(listener, self._connections)
        self._inner.connection_made(self._transport)
        self._inner.feed(plain_upgrade(data))
        asyncio.get_running_loop().call_soon(self._hand_over)

    def _is_secure(self) -> bool:
        return self._transport.get_extra_info("ssl_object") is not None

    def _hand_over(self) -> None:
        """After uvicorn's own set_protocol, hence one turn of the loop later."""
        if not self._transport.is_closing():
            self._transport.set_protocol(self._inner)

    def _refuse(self, status: HTTPStatus) -> None:
        body = status.phrase.encode()
        self._transport.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
            + body
        )
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    def shutdown(self) -> None:
        """The server may stop before the bridge is out of the way."""
        if self._inner is not None:
            self._inner.shutdown()


class _RoomProtocol(WSProtocol):
    """picows' parser, with a limit on messages that ends in our close code, not in 1009."""

    def __init__(self, listener: "_Listener", connections: set[Any]) -> None:
        super().__init__(
            None,
            None,
            False,  # noqa: FBT003 - an extension type that takes no names
            lambda _request: listener,
            _quiet,
            True,  # noqa: FBT003
            HANDSHAKE_SECONDS,
            False,  # noqa: FBT003
            None,
            None,
            picows.WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # noqa: FBT003
            UNLIMITED,
            None,
            READ_BUFFER_BYTES,
        )
        self._room_listener = listener
        self._connections = connections
        listener.protocol = self
        self.unframed_bytes = 0
        self.is_drowned = False

    def connection_made(self, transport: Any) -> None:
        transport.set_write_buffer_limits(WRITE_HIGH_BYTES, WRITE_LOW_BYTES)
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(exc)

    def feed(self, data: bytes) -> None:
        while data:
            buffer = self.get_buffer(-1)
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            self.buffer_updated(size)
            data = data[size:]

    def buffer_updated(self, nbytes: int) -> None:
        if self.is_drowned:
            return  # leave it where it is: the next bytes are written over it
        self.unframed_bytes += nbytes
        _take_bytes(self, nbytes)  # each whole frame sets the count to what is behind it
        if self.unframed_bytes > MESSAGE_BYTES_MAX + FRAME_HEAD_BYTES_MAX:
            self.is_drowned = True
            self._room_listener.drown()

    def give_way(self, successor: Successor) -> None:
        """Another has the transport now, and hears of the stop in our place."""
        self._connections.discard(self)
        self._connections.add(successor)
        successor.gone = lambda: self._connections.discard(successor)

    def shutdown(self) -> None:
        self._room_listener.shut_down()


class _Listener(picows.WSListener):
    """Frames -> whole messages -> the connection; also the connection's Carrier."""

    def __init__(self, door: Door, handshake: Handshake) -> None:
        self._door = door
        self._handshake = handshake
        self._transport: Any = None
        self._parts: list[bytes] = []
        self._parts_bytes = 0
        self._connection: Any = None
        self.protocol: _RoomProtocol | None = None

    def on_ws_connected(self, transport: Any) -> None:
        self._transport = transport.underlying_transport
        self.unsent_bytes = self._transport.get_write_buffer_size
        self._is_closing = self._transport.is_closing
        self._put = self._transport.write
        loop = asyncio.get_running_loop()
        self._connection = Connection(self, loop, wants_ack=self._handshake.wants_ack)
        self._connection.pause("admission")
        self._door.enter(self._handshake, self._connection)

    def on_ws_disconnected(self, transport: Any) -> None:  # noqa: ARG002
        self._connection.lost()
        self.protocol = None

    def on_ws_frame(self, transport: Any, frame: Any) -> None:  # noqa: ARG002
        if self.protocol is not None:
            self.protocol.unframed_bytes = frame.tail_size
        connection = self._connection
        kind = frame.msg_type
        if kind == _BINARY:
            if frame.fin and not self._parts and frame.payload_size <= MESSAGE_BYTES_MAX:
                connection.receive(frame.get_payload_as_bytes())
            elif not connection.is_closed:
                self._data(connection, frame, is_first=True)
        elif kind == _CONTINUATION:
            if not connection.is_closed:
                self._data(connection, frame, is_first=False)
        elif kind == picows.WSMsgType.PING:
            connection.answer_ping(frame.get_payload_as_bytes())
        elif kind == picows.WSMsgType.PONG:
            if not connection.is_closed:
                connection.count_frame()
        elif kind == picows.WSMsgType.CLOSE:
            connection.peer_closed(int(frame.get_close_code()))
        else:
            connection.close(MALFORMED, "a text frame")

    def _data(self, connection: Connection, frame: Any, *, is_first: bool) -> None:
        if is_first == bool(self._parts):
            connection.close(MALFORMED, "fragments out of order")
            return
        size = self._parts_bytes + frame.payload_size
        if size > MESSAGE_BYTES_MAX:
            connection.close(TOO_LARGE, f"a message over {MESSAGE_BYTES_MAX} bytes")
            return
        if frame.fin and not self._parts:
            connection.receive(frame.get_payload_as_bytes())
            return
        if not frame.fin and not connection.count_frame():
            return
        self._parts.append(frame.get_payload_as_bytes())
        self._parts_bytes = size
        if frame.fin:
            message = b"".join(self._parts)
            self._parts, self._parts_bytes = [], 0
            connection.receive(message)

    def drown(self) -> None:
        """More bytes than a message may have, and no end of the frame: read on, look at nothing."""
        self._connection.close(TOO_LARGE, f"a message over {MESSAGE_BYTES_MAX} bytes")

    def shut_down(self) -> None:
        if self._connection is not None:
            self._connection.close(TRY_AGAIN, "shutting down")

    def pause_writing(self) -> None:
        pass  # every write looks at the buffer itself

    def resume_writing(self) -> None:
        self._connection.drain()

    # --- Carrier ---

    def write(self, data: bytes) -> None:
        if not self._is_closing():
            self._put(data)

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def hand_over(self, protocol: Successor) -> asyncio.Transport | None:
        inner = self.protocol
        if inner is None or self._transport.is_closing():
            return None
        inner.give_way(protocol)
        self._transport.set_protocol(protocol)
        return self._transport
