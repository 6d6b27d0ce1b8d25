"""A socket served by another node: the owner of its document. This node passes bytes, no more.

The owner gets the client's own request head, signed by us, admits it like any other and answers for
it: roles, limits, revocation, close codes. Frames are not read on the way in; on the way out only
their ends are, because a close frame of ours may stand nowhere else.
"""

import asyncio
from typing import Final, cast
from urllib.parse import urlsplit

from backend.collab.handshake import Handshake, relayed_head
from backend.collab.marks import RelayMarks
from backend.collab.socket import TRY_AGAIN, Connection, Successor
from backend.collab.wire import close_frame

CONNECT_SECONDS_MAX: Final = 2.0
HEAD_BYTES_MAX: Final = 16 * 1024
UNSENT_BYTES_MAX: Final = 1_048_576  # of each way; above it the other side is not read
UNSENT_BYTES_LOW: Final = 256 * 1024
CLOSING_SECONDS: Final = 1.0
CLOSE_OPCODE: Final = 8


class OwnerSilent(Exception):
    """The owner does not take the socket: it is gone, going, or not ready."""


class Relay:
    """Passes sockets on to other nodes."""

    def __init__(self, marks: RelayMarks) -> None:
        self._marks = marks

    def is_relayed(self, handshake: Handshake) -> bool:
        """Whether a node of ours sent this one here; it goes no further."""
        return bool(handshake.relay_mark) and self._marks.is_ours(
            handshake.relay_mark, handshake.project_id
        )

    async def carry(self, handshake: Handshake, connection: Connection, address: str) -> None:
        """Join the socket to the owner's; raises OwnerSilent, and it is still ours then."""
        owner = await self._asked(handshake, address)
        client = _ClientEnd(owner)
        transport = connection.hand_over(client)
        if transport is None:
            owner.transport.close()
            return
        client.begin(transport)

    async def _asked(self, handshake: Handshake, address: str) -> "_OwnerEnd":
        """A line to the owner on which it has agreed to speak our protocol."""
        place = urlsplit(address)
        head = relayed_head(handshake.head, self._marks.mark(handshake.project_id))
        owner = _OwnerEnd(head)
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await asyncio.get_running_loop().create_connection(
                    lambda: owner, place.hostname or "", place.port or 80
                )
                await owner.agreed
        except (OSError, TimeoutError) as error:
            owner.give_up()
            raise OwnerSilent(address) from error
        return owner


class _OwnerEnd(asyncio.Protocol):
    """Our line to the owner: first its answer to the head, then bytes for the client."""

    def __init__(self, head: bytes) -> None:
        self.transport: asyncio.Transport
        self.agreed: Final[asyncio.Future[None]] = asyncio.get_running_loop().create_future()
        self.early = b""
        self.client: _ClientEnd | None = None
        self._head = head
        self._is_made = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass of it
        self._is_made = True
        self.transport.set_write_buffer_limits(UNSENT_BYTES_MAX, UNSENT_BYTES_LOW)
        self.transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        if self.client is not None:
            self.client.pass_on(data)
            return
        self.early += data
        if not self.agreed.done() and (b"\r\n\r\n" in self.early or self._is_too_long):
            self._judge()

    @property
    def _is_too_long(self) -> bool:
        return len(self.early) > HEAD_BYTES_MAX

    def _judge(self) -> None:
        answer, _, self.early = self.early.partition(b"\r\n\r\n")
        if answer.startswith(b"HTTP/1.1 101 "):
            self.transport.pause_reading()  # until the client's side is ours
            self.agreed.set_result(None)
        else:
            self.agreed.set_exception(ConnectionRefusedError("the owner did not agree"))

    def pause_writing(self) -> None:
        if self.client is not None:
            self.client.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.client is not None:
            self.client.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.agreed.done():
            self.agreed.set_exception(exc or ConnectionResetError("the owner hung up"))
        if self.client is not None:
            self.client.owner_gone()

    def give_up(self) -> None:
        self.agreed.cancel()
        if self._is_made:
            self.transport.abort()


class _ClientEnd(Successor):
    """The client's transport, once its bytes are only passed on."""

    def __init__(self, owner: _OwnerEnd) -> None:
        super().__init__()
        self.transport: asyncio.Transport
        self._owner = owner
        self._frames = FrameEnds()

    def begin(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        transport.set_write_buffer_limits(UNSENT_BYTES_MAX, UNSENT_BYTES_LOW)
        self._owner.client = self
        if self._owner.transport.is_closing():
            self.owner_gone()
            return
        if self._owner.early:
            self.pass_on(self._owner.early)
            self._owner.early = b""
        self._owner.transport.resume_reading()
        transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if not self._owner.transport.is_closing():
            self._owner.transport.write(data)

    def pass_on(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self._frames.take(data)
            self.transport.write(data)

    def pause_writing(self) -> None:
        self._owner.transport.pause_reading()

    def resume_writing(self) -> None:
        self._owner.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.gone()
        self._owner.transport.close()

    def owner_gone(self) -> None:
        """The owner is no more: whoever it served tries again (1013), soon with a new owner."""
        self._close("the document moves")

    def shutdown(self) -> None:
        self._close("shutting down")

    def _close(self, reason: str) -> None:
        if self.transport.is_closing():
            return
        if self._frames.may_close:
            self.transport.write(close_frame(TRY_AGAIN, reason))
        self.transport.close()


class FrameEnds:
    """Follows frames through chunks of bytes, to know where one ends."""

    def __init__(self) -> None:
        self._head = b""
        self._rest = 0
        self._is_closing = False

    @property
    def may_close(self) -> bool:
        """Whether a close frame may come now: no frame is half sent, none was sent before."""
        return not (self._head or self._rest or self._is_closing)

    def take(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._rest:
                step = min(self._rest, len(data) - at)
                self._rest -= step
                at += step
                continue
            self._head += data[at : at + 1]
            at += 1
            self._read_head()

    def _read_head(self) -> None:
        """A server's frame: two bytes, then a length of none, two or eight; no mask."""
        head = self._head
        if len(head) < 2:
            return
        longer = {126: 2, 127: 8}.get(head[1] & 127, 0)
        if len(head) < 2 + longer:
            return
        self._is_closing = self._is_closing or head[0] & 15 == CLOSE_OPCODE
        self._rest = int.from_bytes(head[2:], "big") if longer else head[1] & 127
        self._head = b""
