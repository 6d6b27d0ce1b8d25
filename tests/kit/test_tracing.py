"""Spans: nothing where nobody asked, one story where somebody did."""

import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from backend.settings import TraceSettings
from exporter.memory_board import MemoryBoard
from exporter.task_spans import lease_span
from kit.logs import bound_traceparent, trace_id_of
from kit.tracing import is_tracing, record, span, start_tracing, stop_tracing, with_span_id
from timeline.jobs import ExportJob, Failure

SDK = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "google.protobuf")
ROOT = Path(__file__).resolve().parents[2]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ASKED = f"00-{TRACE}-00f067aa0ba902b7-01"
OTHER = "00-" + "b" * 32 + "-" + "c" * 16 + "-01"


@pytest.fixture
def spans() -> Generator[InMemorySpanExporter]:
    """What was sent."""
    kept = InMemorySpanExporter()
    start_tracing(kept, "test", at_once=True)
    yield kept
    stop_tracing()


def traceparent(one: ReadableSpan) -> str:
    context = one.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


@pytest.mark.rule("operations-O4")
@pytest.mark.parametrize(
    ("modules", "prefix"),
    [
        ("backend.main, cli.commands.serve, cli.commands.work, cli.commands.up", SDK),
        ("cli.commands.export, exporter.pipeline, exporter.worker", "opentelemetry"),
    ],
)
def test_nothing_is_loaded_where_nobody_asked(modules: str, prefix: str | tuple[str, ...]) -> None:
    """FastAPI and redis load what they use of it by themselves; exports on files load nothing at all."""
    words = (
        f"import sys, {modules}\n"
        "from kit.tracing import record, span\n"
        "with span('x', parent='nonsense') as told: told.tell(a=1); told.failed('why')\n"
        "record('y', 1.0)\n"
        f"print(repr(told.traceparent), *(name for name in sys.modules if name.startswith({prefix!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "''\n"


@pytest.mark.rule("operations-O4")
@pytest.mark.parametrize(
    ("variables", "is_on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
        ({"OTEL_SERVICE_NAME": "films"}, False),
    ],
)
def test_spans_are_wanted_where_an_exporter_or_a_place_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, is_on: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert TraceSettings.read().is_on is is_on


@pytest.mark.rule("operations-O4")
def test_a_collector_that_does_not_answer_holds_up_no_stop() -> None:
    stuck = _Stuck()
    start_tracing(stuck, "test")
    with span("one"):
        pass
    stop_tracing()
    assert not stuck.let_go.is_set()
    assert not is_tracing()
    stuck.let_go.set()


class _Stuck(SpanExporter):
    def __init__(self) -> None:
        self.let_go = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.let_go.wait()
        return SpanExportResult.SUCCESS if spans else SpanExportResult.FAILURE


@pytest.mark.rule("operations-O5")
def test_a_span_goes_on_with_the_trace_it_is_given_and_binds_it_for_what_is_written_inside(
    spans: InMemorySpanExporter,
) -> None:
    with span("outer", kind="server", parent=ASKED) as outer:
        assert bound_traceparent() == outer.traceparent
        with span("inner", parent=ASKED) as inner:
            assert bound_traceparent() == inner.traceparent
        record("statement", 0.5, **{"db.query.text": "select 1"})
        assert bound_traceparent() == outer.traceparent
        with span("foreign", parent=OTHER):
            pass
    assert bound_traceparent() == ""
    made = {one.name: one for one in spans.get_finished_spans()}
    assert trace_id_of(outer.traceparent) == TRACE
    parents = {name: one.parent and f"{one.parent.span_id:016x}" for name, one in made.items()}
    here = outer.traceparent.split("-")[2]
    assert parents == {
        "outer": "00f067aa0ba902b7",
        "inner": here,
        "statement": here,
        "foreign": "c" * 16,
    }
    statement = made["statement"]
    assert statement.start_time is not None
    assert statement.end_time is not None
    assert statement.end_time - statement.start_time == 500_000_000
    assert dict(statement.attributes or {}) == {"db.query.text": "select 1"}


@pytest.mark.rule("operations-O5")
def test_an_error_is_told_by_its_class_and_nothing_of_its_words(
    spans: InMemorySpanExporter,
) -> None:
    with pytest.raises(ValueError, match="asha"), span("one"):
        raise ValueError("asha@example.com")
    (one,) = spans.get_finished_spans()
    assert (one.status.description, one.events) == ("ValueError", ())


@pytest.mark.rule("operations-O5")
@pytest.mark.parametrize("parent", ["", "nonsense", f"00-{'0' * 32}-{'0' * 16}-01"])
def test_without_a_trace_that_is_one_a_new_one_begins(
    spans: InMemorySpanExporter, parent: str
) -> None:
    with span("one", parent=parent, links=[parent]):
        pass
    (one,) = spans.get_finished_spans()
    assert one.parent is None
    assert one.links == ()


@pytest.mark.rule("operations-O5")
def test_a_later_attempt_is_linked_to_the_first(spans: InMemorySpanExporter) -> None:
    board = MemoryBoard(chance=lambda: 0.0)
    board.enqueue(ExportJob("x", {}, {}, traceparent=ASKED))
    for _ in range(3):
        lease = board.claim("w")
        assert lease is not None
        with lease_span(lease):
            board.fail(lease, Failure("transient", "storage", "away"))
    first, second, third = spans.get_finished_spans()
    assert first.links == ()
    for later in (second, third):
        (link,) = later.links
        assert with_span_id(ASKED, f"{link.context.span_id:016x}") == traceparent(first)
        assert later.parent is not None
        assert f"{later.parent.span_id:016x}" == "00f067aa0ba902b7"
        assert trace_id_of(traceparent(later)) == TRACE
