"""Progress lines: they never go back, and no step is left out."""

import io
import json

import pytest

from cli.progress import Bar, JsonLines
from exporter.memory_board import Standing
from timeline.jobs import ExportReport, ExportState, SegmentCounts

REPORT = ExportReport("o.mp4", "00", 60, "30/1", 2.0, SegmentCounts(2, 2, 0, 0), 60, 0, 0, 1.0)


def standing(state: ExportState, done: int, total: int | None) -> Standing:
    return Standing(state, done, total, None, {}, None)


@pytest.mark.rule("export-X26")
def test_steps_that_were_over_at_once_are_told_all_the_same() -> None:
    out = io.StringIO()
    lines = JsonLines(out)
    lines.standing(standing("planning", 0, None))
    lines.standing(standing("rendering", 0, 60))
    lines.standing(standing("rendering", 40, 60))
    lines.standing(standing("rendering", 30, 60))
    lines.standing(standing("rendering", 60, 60))
    lines.done(REPORT)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in told] == [
        "planned",
        "segment",
        "segment",
        "stitching",
        "checking",
        "done",
    ]
    assert [line["done"] for line in told] == [0, 40, 60, 60, 60, 60]
    assert told[-1]["sha256"] == "00"


@pytest.mark.rule("export-X26")
def test_nothing_to_encode_is_zero_of_zero() -> None:
    out = io.StringIO()
    lines = JsonLines(out)
    lines.standing(standing("checking", 0, 0))
    lines.done(REPORT)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert {(line["done"], line["total"]) for line in told} == {(0, 0)}


@pytest.mark.rule("export-X26")
def test_a_bar_without_a_terminal_says_only_the_last_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bar = Bar(io.StringIO())
    bar.media(0, 3)
    bar.standing(standing("rendering", 10, 60))
    bar.done(REPORT)
    assert capsys.readouterr().out.startswith("o.mp4: 60 frames, 2.0 s; 2 segments encoded")
