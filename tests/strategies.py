"""Hypothesis strategies: sound timelines, and documents that no client of ours would write."""

from typing import Any, Final

from hypothesis import strategies as st

from timeline.media import AssetFacts
from timeline.model import ROOTS, Document, Json, Root, document_from_json, document_json
from timeline.schema import SCHEMA
from timeline.timing import TICKS, Rate

RATES: Final = [
    Rate(24_000, 1001),
    Rate(24),
    Rate(25),
    Rate(30_000, 1001),
    Rate(30),
    Rate(60_000, 1001),
    Rate(60),
    Rate(120),
]
ASSET_IDS: Final = ["as_1", "as_2", "still", "gone"]
CLIP_IDS: Final = [f"c{number}" for number in range(8)]
TRACK_IDS: Final = ["v1", "v2", "a1", "cc"]
TRACKS: Final[dict[str, Json]] = {
    "v1": {"sequence": "s", "kind": "video", "order": "a0"},
    "v2": {"sequence": "s", "kind": "video", "order": "a1"},
    "a1": {"sequence": "s", "kind": "audio", "order": "a2"},
    "cc": {"sequence": "s", "kind": "caption", "order": "a3"},
    "nv": {"sequence": "n", "kind": "video", "order": "a0"},
}


def rates() -> st.SearchStrategy[Rate]:
    return st.sampled_from(RATES)


def positions(high: int = 12 * TICKS) -> st.SearchStrategy[int]:
    """Ticks that often meet: whole quarters of a second, and some that lie on no grid."""
    quarters = st.integers(0, 4 * high // TICKS).map(lambda quarter: quarter * TICKS // 4)
    return st.one_of(quarters, quarters, st.integers(0, high))


@st.composite
def asset_tables(draw: st.DrawFn) -> dict[str, AssetFacts]:
    facts = st.builds(
        AssetFacts,
        state=st.sampled_from(["ready", "ready", "ready", "pending", "failed"]),
        duration=st.one_of(st.none(), positions(20 * TICKS)),
        fps_num=st.sampled_from([24, 25, 30]),
        has_video=st.booleans(),
        has_audio=st.booleans(),
    )
    return {asset_id: draw(facts) for asset_id in ASSET_IDS[:3]}


@st.composite
def clip_records(draw: st.DrawFn) -> dict[str, Json]:
    record: dict[str, Json] = {
        "track": draw(st.sampled_from(["v1", "v1", "v2", "a1", "nv"])),
        "asset": draw(st.sampled_from(ASSET_IDS)),
        "start": draw(positions()),
        "duration": draw(positions().map(lambda ticks: ticks + 1)),
        "source_in": draw(positions()),
    }
    if draw(st.booleans()):
        record["speed_num"] = draw(st.integers(-9, 9))
        record["speed_den"] = draw(st.integers(1, 9))
    if draw(st.integers(0, 4)) == 0:
        record |= {"kind": "sequence", "sequence": "n", "track": "v2"}
    if draw(st.booleans()):
        record |= {"fade_in": draw(positions()), "fade_out": draw(positions())}
    if draw(st.booleans()):
        record["kf:x:k1"] = [draw(positions()), 0.25]
        record["kf:x:k2"] = [draw(positions()), 1, "bezier", 0.42, 0, 0.58, 1]
    if draw(st.integers(0, 5)) == 0:
        record["removed"] = True
    return record


@st.composite
def transition_records(draw: st.DrawFn) -> dict[str, Json]:
    sides = st.one_of(st.none(), st.sampled_from(CLIP_IDS))
    return {
        "left": draw(sides),
        "right": draw(sides),
        "in_offset": draw(positions(2 * TICKS)),
        "out_offset": draw(positions(2 * TICKS)),
    }


@st.composite
def timelines(draw: st.DrawFn) -> Document:
    """A document as our writers leave it: valid values, clips that overlap, meet and leave gaps."""
    rate = draw(rates())
    clips = draw(st.dictionaries(st.sampled_from(CLIP_IDS), clip_records(), max_size=8))
    transitions = st.dictionaries(st.sampled_from(["t1", "t2", "t3"]), transition_records())
    return document_from_json(
        {
            "meta": {"main_sequence": "s"},
            "sequences": {
                "s": {"order": "a0", "fps_num": rate.num, "fps_den": rate.den},
                "n": {"order": "a1"},
            },
            "tracks": TRACKS,
            "clips": dict[str, Json](clips),
            "transitions": dict[str, Json](draw(transitions)),
        }
    )


SCALARS: Final[st.SearchStrategy[Any]] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([-1, 0, 1, 1 << 50, (1 << 50) + 1, 1 << 70, 1e300, "s", "n", "v1", "c0", "a0"]),
)


HOSTILE_VALUES: Final[st.SearchStrategy[Any]] = st.one_of(
    SCALARS,
    SCALARS,
    st.lists(SCALARS, max_size=7),
    st.lists(st.tuples(SCALARS, SCALARS, SCALARS).map(list), max_size=2),
    st.dictionaries(st.text(max_size=4), SCALARS, max_size=2),
)
LINKS: Final[dict[str, list[str]]] = {
    "track": TRACK_IDS,
    "sequence": ["s", "n"],
    "owner": [*CLIP_IDS, "s", "v1"],
    "clip": CLIP_IDS,
    "left": CLIP_IDS,
    "right": CLIP_IDS,
    "kind": ["media", "sequence", "title", "captions", "generator", "blur", "dip", "audio"],
    "generator": ["solid", "tone"],
}
FREE_KEYS: Final = [
    "removed",
    "kf:x:k1",
    "kf:time:k1",
    "bind:text",
    "p:color",
    "p:sigma_h",
    "x:acme:note",
    "mystery",
]


@st.composite
def corruptions(draw: st.DrawFn) -> tuple[Root, str, str, Any]:
    """One wrong or misplaced write: root, record, key, value."""
    root = draw(st.sampled_from(ROOTS))
    record_id = draw(
        st.sampled_from(["s", "n", *TRACK_IDS, *CLIP_IDS, "t1", "e1", "e2", "q1", "m1", "", "b d"])
    )
    key = draw(st.sampled_from([*SCHEMA[root], *FREE_KEYS]))
    if key in LINKS and draw(st.booleans()):
        return root, record_id, key, draw(st.sampled_from(LINKS[key]))
    return root, record_id, key, draw(HOSTILE_VALUES)


@st.composite
def hostile_documents(draw: st.DrawFn) -> Document:
    """A sound timeline after writes that no client of ours would make."""
    whole: dict[str, Any] = document_json(draw(timelines()))
    for root, record_id, key, value in draw(st.lists(corruptions(), max_size=24)):
        record = whole[root] if root == "meta" else whole[root].setdefault(record_id, {})
        record[key] = value
    return document_from_json(whole)
