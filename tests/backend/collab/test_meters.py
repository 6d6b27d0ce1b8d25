"""What a room counts: acknowledgements, rejections, readers that were given up."""

import pytest

from backend.collab.socket import UNSENT_BYTES_MAX
from backend.collab.wire import update_message
from tests.backend.collab.fakes import Stage
from tests.backend.collab.updates import Writer
from tests.numbers import numbers

REJECTED = "cutroom_edits_rejected_total"


@pytest.mark.rule("collab-M1")
def test_an_edit_counts_from_its_arrival_until_it_is_acknowledged() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann", ack=True)
    ann.receive(update_message(Writer(7).clip("c1", start=0)))
    stage.timers.advance(0.2)
    assert numbers(stage.metrics)["cutroom_edit_ack_seconds_count"] == 0
    stage.settle()
    told = numbers(stage.metrics)
    assert told["cutroom_edit_ack_seconds_count"] == 1
    assert told["cutroom_edit_ack_seconds_sum"] == pytest.approx(0.2, abs=0.03)


@pytest.mark.rule("collab-M1")
def test_what_is_rejected_is_counted_by_why() -> None:
    stage = Stage()
    viewer, _ = stage.enter("vic", "viewer")
    ann, _ = stage.enter("ann")
    mallory, _ = stage.enter("mal")
    writer = Writer(7)
    first, second = writer.clip("c1", start=0), writer.clip("c2", start=5)
    viewer.receive(update_message(first))
    ann.receive(update_message(second))
    mallory.receive(update_message(b"\xff\xff\xff\xff"))
    told = numbers(stage.metrics)
    for why in ("read_only", "gap", "malformed"):
        assert told[f'{REJECTED}{{why="{why}"}}'] == 1, why


@pytest.mark.rule("collab-M1")
def test_a_reader_that_is_given_up_is_counted_once() -> None:
    stage = Stage()
    ann, _ = stage.enter("ann")
    _, slow = stage.enter("sly")
    slow.held_bytes = UNSENT_BYTES_MAX + 1
    ann.receive(update_message(Writer(7).clip("c1", start=0)))
    stage.settle()
    assert slow.close_code() == 1013
    assert numbers(stage.metrics)["cutroom_slow_readers_total"] == 1
