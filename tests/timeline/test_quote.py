"""What an export costs."""

from dataclasses import replace

import pytest

from timeline.plan import CopySegment, DrawnSegment, Output, Plan
from timeline.quote import PRICES, quote

OUTPUT = Output(1920, 1080, 30, 1)


def plan(*segments: CopySegment | DrawnSegment, output: Output = OUTPUT) -> Plan:
    return Plan(sum(segment.frames for segment in segments), output, segments)


def encoded(key: str, frames: int) -> DrawnSegment:
    return DrawnSegment("BODY", 0, frames, key)


def copied(frames: int) -> CopySegment:
    return CopySegment(0, frames, "c", "r", 0, frames)


@pytest.mark.rule("export-X25")
def test_the_example_of_the_price_list() -> None:
    film = plan(encoded("new", 405), copied(1620), encoded("old", 1950))
    told = quote(film, {"old"})
    assert told.credits == 18
    assert (told.frames_encoded, told.frames_copied, told.frames_reused) == (405, 1620, 1950)


@pytest.mark.rule("export-X25")
def test_a_film_costs_at_least_one_credit_and_parts_are_rounded_up() -> None:
    assert quote(plan(encoded("old", 900)), {"old"}).credits == 1
    assert quote(plan(encoded("new", 25)), frozenset()).credits == 1
    assert quote(plan(encoded("new", 26)), frozenset()).credits == 2


@pytest.mark.rule("export-X25")
@pytest.mark.parametrize(
    ("width", "height", "price"),
    [
        (1280, 720, 20),
        (1920, 1080, 40),
        (2560, 1440, 80),
        (3840, 2160, 160),
        (4096, 2304, 320),
        (7680, 4320, 640),
    ],
)
def test_frames_cost_by_their_size(width: int, height: int, price: int) -> None:
    assert PRICES.per_frame(width, height) == price
    film = plan(encoded("new", 1000), output=replace(OUTPUT, width=width, height=height))
    assert quote(film, frozenset()).credits == price
