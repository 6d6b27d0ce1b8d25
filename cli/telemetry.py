"""Tracing of a command that serves or works, where the OTEL_ variables ask for it [operations-O4]."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.settings import BadSettings, TraceSettings
from cli.errors import CommandFailed, ExitCode
from kit.tracing import start_tracing, stop_tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter


@contextmanager
def tracing(service: str) -> Generator[None]:
    """Spans go where the variables say while the block runs; what waits is sent at its end."""
    try:
        settings = TraceSettings.read()
    except BadSettings as bad:
        raise CommandFailed(bad.detail, bad.name, ExitCode.BAD_INPUT) from bad
    if not settings.is_on:
        yield
        return
    start_tracing(_exporter(settings), settings.service_name or service)
    try:
        yield
    finally:
        stop_tracing()


def _exporter(settings: TraceSettings) -> "SpanExporter":
    """Endpoint, headers, time limit and certificate are read by the exporter itself."""
    if settings.traces_exporter == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - only for those who ask
        OTLPSpanExporter,
    )

    return OTLPSpanExporter()
