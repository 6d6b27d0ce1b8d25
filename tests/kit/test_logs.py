"""Logs: one form, a trace id, and nothing that should not be told."""

import io
import json
import logging

import pytest
import structlog

from kit.logs import configure_logs, trace_id_of, traceparent_of

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.rule("door-D1")
@pytest.mark.parametrize(
    "header",
    [None, "", "nonsense", GOOD.upper(), GOOD + "-x", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"],
)
def test_a_wrong_traceparent_is_replaced(header: str | None) -> None:
    made = traceparent_of(header)
    assert made != header
    assert len(trace_id_of(made)) == 32


@pytest.mark.rule("door-D1")
def test_a_good_traceparent_is_kept() -> None:
    assert trace_id_of(traceparent_of(GOOD)) == "4bf92f3577b34da6a3ce929d0e0e4736"


def broken(token: str) -> None:
    raise ZeroDivisionError(len(token))


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_values(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr("sys.stderr", told)
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        configure_logs("json" if form == "json" else "console")
        try:
            broken("secret-" + "token")
        except ZeroDivisionError:
            structlog.stdlib.get_logger().exception("work.failed", export_id="exp_1")
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()
    text = told.getvalue()
    assert "work.failed" in text
    assert "exp_1" in text
    assert "ZeroDivisionError" in text
    assert "secret-token" not in text
    if form == "json":
        assert json.loads(text)["event"] == "work.failed"
