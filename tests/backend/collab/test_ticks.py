"""Ticks: once for each, though loops call early."""

import pytest

from backend.collab.ticks import EARLY_SECONDS_MAX, seconds_to_tick

TICK = 0.016
NOON = 1000 * TICK


@pytest.mark.rule("collab-S4")
@pytest.mark.parametrize("early", [0.0, 0.0003, EARLY_SECONDS_MAX / 2])
def test_a_tick_that_was_served_early_is_not_served_again(early: float) -> None:
    started = NOON - early
    for now in (started, NOON - early / 2, NOON, NOON + TICK / 2):
        wait = seconds_to_tick(now, TICK, served=started)
        assert now + wait == pytest.approx(NOON + TICK)


@pytest.mark.rule("collab-S4")
def test_after_a_tick_without_work_the_next_change_is_late_already() -> None:
    assert seconds_to_tick(NOON + 1.5 * TICK, TICK, served=NOON) < 0
