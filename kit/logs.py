"""Logs are events with keys; the trace id is bound once at the door and travels along.

Never logged: people's words, tokens, keys, signed addresses, query strings, email addresses.
"""

import logging
import re
import secrets
import sys
from typing import Final, Literal, TypeAlias

import structlog

LogFormat: TypeAlias = Literal["console", "json"]

TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def configure_logs(form: LogFormat, *, verbose: bool = False) -> None:
    """Send structlog's and the standard library's events to stderr in one form."""
    level = logging.INFO if verbose else logging.WARNING
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # others show locals, and tokens in them
        )
    )
    if form == "json":
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered],
        )
    )
    root = logging.getLogger()
    root.handlers = [to_stderr]
    root.setLevel(level)


def traceparent_of(header: str | None) -> str:
    """The caller's W3C traceparent where it is well formed, else a new one."""
    found = TRACEPARENT.fullmatch(header or "")
    if found and found[1].strip("0") and found[2].strip("0"):
        return found[0]
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def bind_trace(traceparent: str) -> None:
    """What this thread or task logs and writes from now on belongs to that trace."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        traceparent=traceparent, trace_id=trace_id_of(traceparent)
    )


def bound_traceparent() -> str:
    """The trace that this thread or task works for; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("traceparent", ""))


def trace_id_of(traceparent: str) -> str:
    """The 32 hex digits that one search finds everywhere."""
    found = TRACEPARENT.fullmatch(traceparent)
    return found[1] if found else ""
