import copy
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import asset_tables, hostile_documents
from timeline.errors import BadTimeline
from timeline.fill import fill, shown_text
from timeline.lengths import fitted_speed
from timeline.media import AssetFacts
from timeline.model import Document, Json, document_from_json, document_json
from timeline.timing import TICKS


@pytest.mark.rule("timeline-V1")
@given(document=hostile_documents(), assets=asset_tables())
def test_filling_leaves_the_document_alone(
    document: Document, assets: Mapping[str, AssetFacts]
) -> None:
    before = copy.deepcopy(document_json(document))
    with suppress(BadTimeline):
        fill(document, {"": "x", "title": 5}, assets)
    assert str(document_json(document)) == str(before)


@pytest.mark.rule("timeline-V1")
@given(value=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_numbers_in_texts_are_plain_and_exact(value: float) -> None:
    shown = shown_text(value)
    assert float(shown) == value
    assert set(shown) <= set("0123456789.-")


@pytest.mark.rule("timeline-V2")
def test_each_row_is_refused_by_the_name_of_its_variable() -> None:
    document = document_from_json({"variables": {"v": {"name": "price", "type": "number"}}})
    wrong_values: list[Json] = ["12", True, [1], float("nan")]
    for wrong in wrong_values:
        with pytest.raises(BadTimeline) as refusal:
            fill(document, {"price": wrong}, {})
        assert refusal.value.field == "row/price"


@pytest.mark.rule("timeline-V3")
@given(source=st.integers(1, 1 << 44), duration=st.integers(1, 1 << 44))
def test_a_fitted_speed_uses_the_source_to_within_a_thousandth(source: int, duration: int) -> None:
    num, den = fitted_speed(source, duration)
    assert 1 <= num <= 100_000
    assert 1 <= den <= 100_000
    assert num <= 100 * den
    if 1 / 100 <= source / duration <= 100:
        assert abs(num / den - source / duration) <= source / duration / 1_000


@pytest.mark.rule("timeline-V3")
def test_a_speed_that_small_terms_can_say_is_exact() -> None:
    assert fitted_speed(3 * TICKS, 2 * TICKS) == (3, 2)
    assert fitted_speed(1001 * TICKS, 1000 * TICKS) == (1001, 1000)
