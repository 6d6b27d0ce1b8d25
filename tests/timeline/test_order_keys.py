import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import BadTimeline
from timeline.order_keys import is_order_key, key_between, keys_between


@pytest.mark.rule("timeline-W13")
@given(places=st.lists(st.integers(0, 1_000), max_size=60))
def test_keys_keep_the_order_of_any_insertions(places: list[int]) -> None:
    keys: list[str] = []
    for place in places:
        at = place % (len(keys) + 1)
        left = keys[at - 1] if at > 0 else None
        right = keys[at] if at < len(keys) else None
        keys.insert(at, key_between(left, right))
        assert is_order_key(keys[at])
    assert keys == sorted(set(keys))


@pytest.mark.rule("timeline-W13")
@given(
    count=st.integers(0, 80),
    bounds=st.sampled_from([(None, None), ("a0", None), (None, "a0"), ("a0", "a1")]),
)
def test_many_keys_lie_in_order_between_their_bounds(
    count: int, bounds: tuple[str | None, str | None]
) -> None:
    keys = keys_between(*bounds, count)
    whole = [key for key in (bounds[0], *keys, bounds[1]) if key is not None]
    assert len(keys) == count
    assert whole == sorted(set(whole))


@pytest.mark.rule("timeline-W13")
@given(left=st.text(max_size=6), right=st.text(max_size=6))
def test_foreign_keys_are_refused_or_ordered(left: str, right: str) -> None:
    try:
        between = key_between(left, right)
    except BadTimeline:
        return
    assert left < between < right
