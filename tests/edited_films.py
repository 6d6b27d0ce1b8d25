"""Hypothesis strategies for edits: films with neighbours, gaps, covers, links, and commands on them."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.films import FRAME
from timeline.media import AssetFacts
from timeline.model import Document, document_from_json

ASSETS = ["a", "b", "still"]
FACTS = {
    "a": AssetFacts(duration=120 * FRAME, has_audio=True),
    "b": AssetFacts(duration=75 * FRAME + 5, has_audio=True),
    "still": AssetFacts(),
}
TRACKS: dict[str, Any] = {
    "v1": {"sequence": "s", "kind": "video", "order": "a0"},
    "v2": {"sequence": "s", "kind": "video", "order": "a1"},
    "a1": {"sequence": "s", "kind": "audio", "order": "a2"},
    "nv": {"sequence": "n", "kind": "video", "order": "a0"},
}


@st.composite
def films(draw: st.DrawFn) -> Document:
    """Three tracks of clips that meet, leave gaps or cover each other; links, transitions, effects."""
    clips: dict[str, Any] = {}
    for track in ("v1", "v2", "a1", "nv"):
        now = draw(st.integers(0, 10)) * FRAME
        for number in range(draw(st.integers(1 if track != "nv" else 0, 4))):
            clip = draw(_clip(track, now))
            clips[f"{track}-{number}"] = clip
            now = clip["start"] + clip["duration"]
    ids = sorted(clips)
    for name in draw(st.lists(st.sampled_from(ids), max_size=4, unique=True)):
        clips[name]["link"] = draw(st.sampled_from(["l1", "l2"]))
    tracks = {name: dict(record) for name, record in TRACKS.items()}
    if draw(st.booleans()):
        tracks[draw(st.sampled_from(["v1", "v2", "a1"]))]["sync_lock"] = False
    if draw(st.integers(0, 9)) == 0:
        tracks["v2"]["locked"] = True
    pairs = [(one, other) for one, other in pairwise(ids) if one[:2] == other[:2]]
    transitions = {
        f"t{number}": {"left": left, "right": right} for number, (left, right) in enumerate(pairs)
    }
    whole: dict[str, Any] = {
        "meta": {"main_sequence": "s"},
        "sequences": {"s": {"order": "a0"}, "n": {"order": "a1"}},
        "tracks": tracks,
        "clips": clips,
        "transitions": transitions if draw(st.booleans()) else {},
        "effects": {"e1": {"owner": ids[0], "kind": "blur", "p:sigma_h": 0.01}},
        "markers": {"m1": {"owner": ids[0], "t": 20 * FRAME}},
    }
    return document_from_json(whole)


@st.composite
def _clip(draw: st.DrawFn, track: str, now: int) -> dict[str, Any]:
    gap = draw(st.sampled_from([0, 0, 0, 8 * FRAME, -6 * FRAME]))
    record: dict[str, Any] = {
        "track": track,
        "kind": "media",
        "asset": draw(st.sampled_from(ASSETS)),
        "start": max(0, now + gap),
        "duration": draw(st.integers(2, 60)) * FRAME + draw(st.sampled_from([0, 0, 0, 777])),
        "source_in": draw(st.integers(0, 60)) * FRAME,
    }
    if track == "v2" and draw(st.integers(0, 3)) == 0:
        record |= {"kind": "sequence", "sequence": "n", "source_in": 0}
    elif draw(st.integers(0, 3)) == 0:
        record |= {"speed_num": draw(st.sampled_from([-1, 2, -3, 0])), "speed_den": 2}
    if draw(st.integers(0, 3)) == 0:
        record |= {"fade_in": 3 * FRAME, "fade_out": 4 * FRAME}
    return record


def commands(operation: str, document: Document) -> st.SearchStrategy[dict[str, Any]]:
    """Commands of one operation on the clips of this film."""
    return st.fixed_dictionaries(
        {"op": st.just(operation), **arguments(sorted(document.clips))[operation]}
    )


OFFSETS = st.integers(-40, 40).map(lambda frames: frames * FRAME) | st.integers(-(2**30), 2**30)
TIMES = st.integers(0, 200).map(lambda frames: frames * FRAME)
LENGTHS = st.integers(1, 90).map(lambda frames: frames * FRAME)


def arguments(ids: list[str]) -> dict[str, dict[str, st.SearchStrategy[Any]]]:
    """How to draw the arguments of each operation."""
    clip = st.sampled_from(ids)
    several = st.lists(clip, min_size=1, max_size=3, unique=True)
    two = st.lists(clip, min_size=min(2, len(ids)), max_size=2, unique=True)
    edge = st.sampled_from(["head", "tail"])
    track = st.sampled_from(["v1", "v2", "a1"])
    tracks = st.lists(track, min_size=1, max_size=2, unique=True)
    stretch = st.fixed_dictionaries({"start": TIMES, "duration": LENGTHS})
    mode = st.sampled_from(["overwrite", "insert"])
    speed = st.sampled_from([[1, 1], [2, 1], [1, 2], [-1, 1], [3, 7], [-5, 3]])
    yes = st.booleans()
    asset = st.sampled_from(ASSETS)
    scenes: list[Any] = [{"key": "s1", "asset": "a", "narration": "b"}, {"key": "s2", "asset": "b"}]
    return {
        "trim": {"clip": clip, "edge": edge, "by": OFFSETS, "linked": yes},
        "ripple": {"clip": clip, "edge": edge, "by": OFFSETS, "linked": yes},
        "roll": {"clip": clip, "edge": edge, "by": OFFSETS},
        "slip": {"clip": clip, "by": OFFSETS},
        "slide": {"clip": clip, "by": OFFSETS},
        "rate_stretch": {"clip": clip, "duration": LENGTHS, "edge": edge},
        "extend": {"clip": clip, "at": TIMES},
        "split": {"at": TIMES},
        "join": {"clips": two},
        "lift": {"clips": several},
        "ripple_delete": {"clips": several},
        "close_gap": {"track": track, "at": TIMES},
        "extract": {"tracks": tracks, "range": stretch},
        "remove_range": {"range": stretch},
        "overwrite": {"tracks": tracks, "asset": asset, "at": TIMES, "duration": LENGTHS},
        "insert": {"tracks": tracks, "asset": asset, "at": TIMES},
        "append": {"tracks": tracks, "asset": asset},
        "place_on_top": {"track": track, "asset": asset, "at": TIMES},
        "replace": {"clip": clip, "asset": asset},
        "move": {"clips": several, "by": OFFSETS, "mode": mode},
        "swap": {"clips": two},
        "duplicate": {"clips": several},
        "paste": {"clips": several, "at": TIMES, "mode": mode},
        "paste_attributes": {"source": clip, "clips": several},
        "nest": {"clips": several},
        "un_nest": {"clip": clip},
        "add_transition": {"clip": clip, "edge": edge, "make_handles": yes},
        "set_speed": {"clip": clip, "speed": speed, "ripple": yes},
        "reverse": {"clip": clip},
        "freeze": {"clip": clip, "at": TIMES, "duration": LENGTHS},
        "remove_track": {"track": track},
        "land_scenes": {
            "run": st.just("r"),
            "scenes": st.just(scenes),
            "at": st.just("end") | TIMES,
        },
    }


OPERATIONS = sorted(arguments(["x"]))
