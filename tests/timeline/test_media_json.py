import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import BadTimeline
from timeline.media import (
    AssetFacts,
    MediaDiagnostic,
    MediaFacts,
    PictureRendition,
    SoundRendition,
    StillRendition,
)
from timeline.media_json import media_from_json, media_json, order_json
from timeline.model import Json
from timeline.timing import Rate

GOP_15 = (0, 4, 2, 1, 3, 8, 6, 5, 7, 12, 10, 9, 11, 14, 13)


@st.composite
def orders(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Display ranks in decode order, and the sync pictures, of closed GOPs."""
    ranks: list[int] = []
    sync: list[int] = []
    for length in draw(st.lists(st.integers(1, 12), min_size=1, max_size=8)):
        start = len(ranks)
        sync.append(start)
        tail = draw(st.permutations(range(1, length)))
        ranks.extend([start, *(start + rank for rank in tail)])
    return tuple(ranks), tuple(sync)


@given(order=orders(), duration=st.none() | st.integers(1, 2**50), detail=st.text(max_size=20))
def test_media_facts_come_back_from_json_as_they_were(
    order: tuple[tuple[int, ...], tuple[int, ...]], duration: int | None, detail: str
) -> None:
    ranks, sync = order
    media = MediaFacts(
        facts=AssetFacts(
            duration=duration, fps_num=30000, fps_den=1001, has_audio=True, start_tc=7
        ),
        name="scene 1.mp4",
        picture=PictureRendition(
            "a1", "mz/a1.mp4", 1920, 1080, Rate(30000, 1001), len(ranks), sync, "f", ranks=ranks
        ),
        still=StillRendition("b2", "img/b2.png", 3, 4, has_alpha=True),
        sound=SoundRendition("c3", "snd/c3.flac", 48000, 2, 1234),
        diagnostics=(MediaDiagnostic("scaled_down", detail),),
    )
    assert media_from_json(json.loads(json.dumps(media_json(media)))) == media


def test_the_order_of_pictures_costs_one_pattern_for_equal_gops() -> None:
    ranks = tuple(start + rank for start in range(0, 1500, 15) for rank in GOP_15)
    assert order_json(ranks, tuple(range(0, 1500, 15))) == {
        "patterns": [list(GOP_15)],
        "gops": [0] * 100,
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("facts", "state"), "gone"),
        (("facts", "fps_num"), 0),
        (("picture", "pictures"), "3"),
        (("picture", "sync"), [0, True]),
        (("picture", "order", "gops"), [4]),
        (("version",), 2),
        (("sound",), 5),
    ],
)
def test_a_wrong_value_is_named_by_its_path(path: tuple[str, ...], value: Json) -> None:
    picture = PictureRendition("a", "mz/a.mp4", 16, 16, Rate(30), 3, (0,), ranks=(0, 2, 1))
    whole = media_json(MediaFacts(AssetFacts(), picture=picture))
    part = whole
    for name in path[:-1]:
        inner = part[name]
        assert isinstance(inner, dict)
        part = inner
    part[path[-1]] = value
    with pytest.raises(BadTimeline) as refused:
        media_from_json(whole)
    assert refused.value.field.startswith("media/" + "/".join(path))
