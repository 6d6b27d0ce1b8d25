"""Conversions of time against exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import rates
from timeline.timing import (
    TICK_MAX,
    TICKS,
    Rate,
    frame,
    frame_containing,
    local,
    middle,
    sample,
    tick,
    timecode,
)

ticks = st.integers(-TICK_MAX, TICK_MAX)
frames = st.integers(-(1 << 30), 1 << 30)


@pytest.mark.rule("timeline-T1", "timeline-T5")
@given(number=frames, rate=rates())
def test_a_frame_begins_at_the_nearest_tick(number: int, rate: Rate) -> None:
    exact = number * TICKS / rate.fraction
    assert abs(tick(number, rate) - exact) <= Fraction(1, 2)
    assert frame_containing(tick(number, rate) + 1, rate) == number


@pytest.mark.rule("timeline-T2", "timeline-T3")
@given(at=ticks, rate=rates())
def test_a_boundary_falls_on_the_first_frame_whose_middle_is_not_before_it(
    at: int, rate: Rate
) -> None:
    number = frame(at, rate)
    assert middle(number - 1, rate) < at <= middle(number, rate)


@pytest.mark.rule("timeline-T4")
@given(at=ticks, sample_rate=st.sampled_from([44_100, 48_000, 96_000]))
def test_samples_are_frames_of_the_sample_rate(at: int, sample_rate: int) -> None:
    assert sample(at, sample_rate) == frame(at, Rate(sample_rate))


@pytest.mark.rule("timeline-T6")
@given(at=ticks, start=ticks, source_in=ticks, num=st.integers(-100, 100), den=st.integers(1, 100))
def test_local_time_is_floored_towards_minus_infinity(
    at: int, start: int, source_in: int, num: int, den: int
) -> None:
    exact = source_in + Fraction((at - start) * num, den)
    assert 0 <= exact - local(at, start, source_in, num, den) < 1


@pytest.mark.rule("timeline-T7")
@given(number=st.integers(0, 2_589_407))
def test_no_two_frames_of_a_day_share_a_drop_frame_label(number: int) -> None:
    rate = Rate(30_000, 1001)
    label, following = (
        timecode(tick(n, rate) + 1, rate, drop_frame=True) for n in (number, number + 1)
    )
    assert label < following
    assert not (label[6:] in {"00;00", "00;01"} and label[4] != "0")
