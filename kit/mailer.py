"""Mail beside the requests: given to a server of our operator's, again and again while that one is away.

A mail may carry a key that is stored as a hash only, so what waits is kept in this process and never written down. Log
lines say what kind of mail it was, never to whom.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final, Literal, Self, TypeAlias
from urllib.parse import unquote, urlsplit

import structlog

from kit.background import Background

ANSWER_SECONDS: Final = 20.0
WAITING_MAX: Final = 500  # then the server has been away for so long that more is no help
AT_ONCE_MAX: Final = 2
PAUSES_SECONDS: Final = (
    2.0,
    10.0,
    30.0,
    60.0,
    120.0,
    240.0,
    300.0,
)  # a quarter of an hour, all in all
PERMANENT: Final = 500  # RFC 5321: such a reply stays the same

Security: TypeAlias = Literal["tls", "starttls", "plain"]
SCHEMES: Final[dict[str, tuple[Security, int]]] = {
    "smtps": ("tls", 465),
    "smtp": ("starttls", 587),
    "smtp+plain": ("plain", 25),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. A password never goes over a line that others can read."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, url: str) -> Self:
        """`smtps://`, `smtp://` (STARTTLS) or `smtp+plain://`; raises ValueError with what is wrong."""
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError("must be smtps://, smtp:// or smtp+plain://, with a host")
        security, port = SCHEMES[parts.scheme]
        if security == "plain" and parts.username:
            raise ValueError("a password needs smtps:// or smtp://")
        return cls(
            parts.hostname,
            parts.port or port,
            security,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """`kind` is what the log calls it; `seconds` how long it is worth sending."""

    kind: str
    to: str
    subject: str
    text: str
    html: str
    seconds: float


class Mailer:
    """Takes mail and answers at once."""

    def __init__(
        self,
        server: MailServer,
        *,
        sender: str,
        background: Background,
        pauses: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self._server = server
        self._sender = sender
        self._background = background
        self._pauses = pauses
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._waiting = 0
        self._log = structlog.stdlib.get_logger()

    def send(self, mail: Mail) -> None:
        """Begin to send; what fails for good is told in the log."""
        if self._waiting >= WAITING_MAX:
            self._log.error("mail.given_up", kind=mail.kind, error="too many are waiting")
            return
        self._waiting += 1
        self._background.start("mail.send", self._sent(mail))

    async def _sent(self, mail: Mail) -> None:
        try:
            spent = 0.0
            for pause in (*self._pauses, None):
                error = await self._tried(mail)
                if error is None:
                    self._log.info("mail.sent", kind=mail.kind)
                    return
                if pause is None or _is_permanent(error) or spent + pause > mail.seconds:
                    self._log.error("mail.given_up", kind=mail.kind, error=_named(error))
                    return
                self._log.warning("mail.postponed", kind=mail.kind, error=_named(error))
                await asyncio.sleep(pause)
                spent += pause
        except asyncio.CancelledError:
            self._log.warning("mail.given_up", kind=mail.kind, error="stopped")
            raise
        finally:
            self._waiting -= 1

    async def _tried(self, mail: Mail) -> Exception | None:
        async with self._turns:
            try:
                await asyncio.to_thread(hand_in, self._server, _message(mail, self._sender))
            except (OSError, smtplib.SMTPException) as error:  # ssl's errors are OSErrors
                return error
        return None


def hand_in(server: MailServer, message: EmailMessage) -> None:
    """One mail to the server; raises OSError or SMTPException."""
    with ExitStack() as stack:
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host,
                server.port,
                timeout=ANSWER_SECONDS,
                context=ssl.create_default_context(),
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
        stack.enter_context(smtp)
        if server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        smtp.send_message(message)


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or None)
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday answers it
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return True
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT


def _named(error: Exception) -> str:
    """What went wrong without the words of the server, which may hold the address."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
