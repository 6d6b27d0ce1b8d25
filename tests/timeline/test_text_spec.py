"""Specs of drawn texts: the golden cases that the editor reads too, and the sizes they are drawn at."""

import pytest

from tests.golden_cases import GoldenCase, golden_cases
from timeline.text_spec import raster_scale, text_key, text_spec, word_range


@pytest.mark.parametrize("case", golden_cases("text_spec"))
def test_a_spec_and_its_key_are_the_same_in_both_languages(
    case: GoldenCase, pytestconfig: pytest.Config
) -> None:
    given = case.given
    spec = text_spec(
        given["text"],
        given["style"],
        width=given["width"],
        height=given["height"],
        raster_scale=given["raster_scale"],
        fonts=given["fonts"],
        highlight=tuple(given["highlight"]) if given["highlight"] else None,
    )
    update = bool(pytestconfig.getoption("--update-golden", default=False))
    case.check({"spec": spec, "key": text_key(spec)}, update=update)


@pytest.mark.rule("operations-T1")
def test_only_what_is_drawn_changes_the_key() -> None:
    def key(**style: object) -> str:
        plain = {
            name: value
            for name, value in style.items()
            if isinstance(value, int | float | str | bool)
        }
        return text_key(
            text_spec("Title", plain, width=1920, height=1080, raster_scale=1, fonts=["aa"])
        )

    assert key(x=0.3, opacity=0.2, valign="top", rotation=4) == key()
    keys = {
        key(font_size=0.09),
        key(color_fg="#ff0000"),
        key(italic=True),
        key(align="left"),
        key(),
    }
    assert len(keys) == 5


@pytest.mark.rule("operations-T2")
def test_the_raster_scale_is_the_smallest_that_needs_no_enlarging() -> None:
    assert raster_scale(1.0, 1080, 1080) == 1
    assert raster_scale(1.01, 1080, 1080) == 2
    assert raster_scale(1.0, 2160, 1080) == 2
    assert raster_scale(9.0, 1080, 1080) == 4
    assert raster_scale(0.2, 540, 1080) == 1


@pytest.mark.rule("operations-T4")
def test_words_are_found_one_after_the_other() -> None:
    words = ["the", "cat", "the", "dog"]
    text = "the cat, the dog"
    found = [word_range(text, words, index) for index in range(4)]
    assert [text[start:end] for start, end in filter(None, found)] == words
    assert found[2] == (9, 12)
    assert word_range(text, ["bird"], 0) is None
