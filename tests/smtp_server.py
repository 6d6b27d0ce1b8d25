"""An SMTP server on loopback that keeps what it is given, or refuses it as tests say."""

import asyncio
import queue
import re
import socket
from collections.abc import Generator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

WAIT_SECONDS = 20.0


class Postbox:
    """`replies` answer the next mails in turn ("250 OK" afterwards); `seen` counts all of them."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.replies: list[str] = []
        self.seen = 0
        self._came: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.seen += 1
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            assert envelope.rcpt_tos == [message["To"]]
            self._came.put(message)
        return reply

    async def next(self) -> EmailMessage:
        return await asyncio.to_thread(self._came.get, timeout=WAIT_SECONDS)

    @property
    def is_empty(self) -> bool:
        return self._came.empty()

    @property
    def url(self) -> str:
        return f"smtp+plain://127.0.0.1:{self.port}"


def link_in(message: EmailMessage) -> str:
    """The one address in the plain text, which is the one in the page too."""
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    (url,) = re.findall(r"http\S+", plain.get_content())
    assert f'href="{url}"' in page.get_content()
    return url


@contextmanager
def smtp_server(box: Postbox) -> Generator[None]:
    """Listens on the port of the box while the block runs."""
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
