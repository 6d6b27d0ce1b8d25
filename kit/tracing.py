"""Spans of OpenTelemetry, for those who asked for them; for all others no SDK is loaded and nothing is done.

Ambient like the log: a command that serves or works calls `start_tracing` once, everybody else opens spans. The trace
is the one that log lines, rows and answers name: a span binds its own traceparent for what is written inside it.
"""

import hashlib
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import structlog

from kit.logs import TRACEPARENT, bound_traceparent, trace_id_of

if TYPE_CHECKING:
    from opentelemetry import trace as otel
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

Kind: TypeAlias = Literal["internal", "server", "producer", "consumer"]
Value: TypeAlias = str | int | float | bool

NAME: Final = "cutroom"
STOP_SECONDS_MAX: Final = 1.5  # a collector that does not answer holds up no stop
TEXT_LENGTH_MAX: Final = 2000


class Span:
    """What is being done. This one is nobody's: it keeps nothing."""

    traceparent = ""

    def tell(self, **facts: Value) -> None:
        """Facts about it, under names of ours; never people's words, tokens or addresses."""

    def rename(self, name: str) -> None:
        """A better name, once it is known."""

    def failed(self, why: str) -> None:
        """It did not do what it was for."""


class _Tracing:
    """What `start_tracing` has set up, for the whole process."""

    def __init__(self) -> None:
        self.tracer: otel.Tracer | None = None
        self.provider: TracerProvider | None = None


_TRACING: Final = _Tracing()
_NEXT_SPAN_ID: Final[ContextVar[str]] = ContextVar("cutroom_next_span_id", default="")
_NOBODY: Final = Span()


def start_tracing(exporter: "SpanExporter", service: str, *, at_once: bool = False) -> None:
    """Send spans there from now on, in batches beside the work; `at_once` in tests.

    Sampler, resource and limits are those of the standard OTEL_ variables.
    """
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - only for those who ask
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import (  # noqa: PLC0415
        BatchSpanProcessor,
        SimpleSpanProcessor,
    )

    from kit.span_ids import ChosenIds  # noqa: PLC0415

    resource = Resource.create({"service.namespace": NAME, "service.name": service})
    provider = TracerProvider(
        resource=resource,
        id_generator=ChosenIds(_NEXT_SPAN_ID),
        shutdown_on_exit=False,
    )
    processor = SimpleSpanProcessor(exporter) if at_once else BatchSpanProcessor(exporter)
    provider.add_span_processor(processor)
    _TRACING.provider, _TRACING.tracer = provider, provider.get_tracer(NAME)


def stop_tracing() -> None:
    """Send what waits, for so long as a stop may take."""
    provider, _TRACING.provider, _TRACING.tracer = _TRACING.provider, None, None
    if provider is not None:
        sending = threading.Thread(target=provider.shutdown, name="tracing.stop", daemon=True)
        sending.start()
        sending.join(STOP_SECONDS_MAX)


def is_tracing() -> bool:
    return _TRACING.tracer is not None


def span(
    name: str,
    *,
    kind: Kind = "internal",
    parent: str = "",
    links: Sequence[str] = (),
    span_id: str = "",
    **facts: Value,
) -> AbstractContextManager[Span]:
    """A span for as long as the block runs; an error that leaves it is told by its class alone.

    `parent` is a traceparent from elsewhere; the span that is open here is nearer, where it is of the same trace.
    `links` are traceparents of spans that belong to the story; `span_id` is 16 hex digits, random where empty.
    """
    if _TRACING.tracer is None:
        return nullcontext(_NOBODY)
    return _open_span(_TRACING.tracer, name, kind, parent, links, span_id, facts)


@contextmanager
def _open_span(
    tracer: "otel.Tracer",
    name: str,
    kind: Kind,
    parent: str,
    links: Sequence[str],
    span_id: str,
    facts: dict[str, Value],
) -> Generator[Span]:
    from opentelemetry import trace as otel  # noqa: PLC0415

    before = bound_traceparent()
    _NEXT_SPAN_ID.set(span_id)
    opened = tracer.start_span(
        name,
        _context_of(parent),
        kind=otel.SpanKind[kind.upper()],
        attributes=_named(facts),
        links=_links(links),
    )
    _NEXT_SPAN_ID.set("")
    told = _OpenSpan(opened)
    with otel.use_span(
        opened, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        _bind(told.traceparent)
        try:
            yield told
        except BaseException as error:
            told.failed(type(error).__name__)
            raise
        finally:
            _bind(before)


def record(name: str, seconds: float, *, links: Sequence[str] = (), **facts: Value) -> None:
    """A span that began `seconds` ago and ends now, inside of the one that is open here."""
    if _TRACING.tracer is None:
        return
    now = time.time_ns()
    began = now - int(seconds * 1e9)
    done = _TRACING.tracer.start_span(
        name, attributes=_named(facts), links=_links(links), start_time=began
    )
    done.end(now)


def is_inside() -> bool:
    """Whether a span is open here, so that smaller ones have something to belong to."""
    if _TRACING.tracer is None:
        return False
    from opentelemetry import trace as otel  # noqa: PLC0415

    return otel.get_current_span().is_recording()


def named_span_id(*words: str) -> str:
    """The id of a span that others can name without asking: 16 hex digits, the same for the same words."""
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:16]


def with_span_id(traceparent: str, span_id: str) -> str:
    """The traceparent of another span of the same trace; empty where there is none."""
    found = TRACEPARENT.fullmatch(traceparent)
    return f"00-{found[1]}-{span_id}-{found[3]}" if found else ""


class _OpenSpan(Span):
    """One of OpenTelemetry's."""

    def __init__(self, opened: "otel.Span") -> None:
        self._opened = opened
        context = opened.get_span_context()
        self.traceparent = (
            f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
        )

    def tell(self, **facts: Value) -> None:
        self._opened.set_attributes(_named(facts))

    def rename(self, name: str) -> None:
        self._opened.update_name(name)

    def failed(self, why: str) -> None:
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415

        self._opened.set_status(Status(StatusCode.ERROR, why))


def _context_of(parent: str) -> Any:
    """Where a span from elsewhere is to hang; None for whatever is open here."""
    from opentelemetry import trace as otel  # noqa: PLC0415

    found = _remote(parent)
    here = otel.get_current_span().get_span_context()
    if found is None or (here.is_valid and here.trace_id == found.trace_id):
        return None
    return otel.set_span_in_context(otel.NonRecordingSpan(found))


def _remote(traceparent: str) -> "otel.SpanContext | None":
    from opentelemetry import trace as otel  # noqa: PLC0415

    found = TRACEPARENT.fullmatch(traceparent)
    if found is None or not (found[1].strip("0") and found[2].strip("0")):
        return None
    flags = otel.TraceFlags(int(found[3], 16))
    return otel.SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=flags)


def _links(traceparents: Sequence[str]) -> "list[otel.Link]":
    from opentelemetry import trace as otel  # noqa: PLC0415

    contexts = [_remote(traceparent) for traceparent in traceparents]
    return [otel.Link(context) for context in contexts if context is not None]


def _named(facts: dict[str, Value]) -> dict[str, Value]:
    """Names with a dot are those of the conventions; all others stand below our own."""
    return {
        name if "." in name else f"{NAME}.{name}": (
            value[:TEXT_LENGTH_MAX] if isinstance(value, str) else value
        )
        for name, value in facts.items()
    }


def _bind(traceparent: str) -> None:
    if not traceparent:
        structlog.contextvars.unbind_contextvars("traceparent", "trace_id")
        return
    structlog.contextvars.bind_contextvars(
        traceparent=traceparent, trace_id=trace_id_of(traceparent)
    )
