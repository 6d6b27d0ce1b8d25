"""What can be drawn and is not in `everything()`: with it, a film of every kind there is."""

from tests.exporter.films import Cut, frames_at
from tests.exporter.test_features import Record, clip, everything
from timeline.model import Json
from timeline.schema import CLIP_KINDS, CLIPS, GENERATORS, PICTURE_EFFECTS, TRANSITION_KINDS

SPEEDS = {"double": (2, 1), "half": (1, 2), "back": (-1, 1), "still": (0, 1), "odd": (13, 10)}
BLENDS = ("darken", "lighten", "add", "difference", "screen")


def keyed(name: str, first: float, last: float, count: int) -> Record:
    """A parameter that goes from one value to another over that many frames."""
    return {
        f"kf:{name}:k0": [0, first, "linear"],
        f"kf:{name}:k1": [frames_at(count), last, "linear"],
    }


def the_rest() -> Cut:
    """Speeds below; on them one stretch for each effect that clears or reworks, each blend, titles and captions."""
    clips: dict[str, Record] = {}
    for index, (name, (num, den)) in enumerate(SPEEDS.items()):
        clips[name] = clip("ab"[index % 2], 10 * index, 10, 60, speed_num=num, speed_den=den)
    ramp: Record = {
        "kf:time:k0": [0, frames_at(20), "linear"],
        "kf:time:k1": [frames_at(6), frames_at(40), "linear"],
        "kf:time:k2": [frames_at(12), frames_at(15), "linear"],
    }
    clips["ramp"] = clip("small", 50, 14) | ramp
    upper: dict[str, Record] = {
        "sharp": clip("small", 0, 6, scale_x=0.5),
        "blocks": clip("small", 6, 6, scale_y=0.6),
        "masked": clip("b", 12, 6, 20),
        "keyed": clip("", 18, 6, kind="generator", generator="bars"),
        "words": clip("", 24, 6, kind="title", text="Ag", font_size=0.3, outline_width=0.01),
        "fading": clip("", 30, 6, kind="title", text="moving", fade_in=frames_at(4))
        | keyed("x", -0.3, 0.3, 6)
        | keyed("font_size", 0.1, 0.3, 6),
        "photo": clip("logo", 36, 6, rotation=12) | keyed("scale_x", 0.5, 2, 6),
    }
    for index, blend in enumerate(BLENDS):
        upper[blend] = clip("small", 42 + 3 * index, 3, blend=blend, scale_x=0.7)
    graded = {
        "part": clip("", 2, 8, kind="adjustment"),
        "greens": clip("", 44, 8, kind="adjustment", opacity=0.6),
    }
    effects: dict[str, Record] = {
        "e0": {"owner": "sharp", "kind": "sharpen", "p:sigma_h": 0.01, **keyed("amount", 0, 3, 6)},
        "e1": {"owner": "blocks", "kind": "mosaic", **keyed("size_h", 0.02, 0.2, 6)},
        "e2": {
            "owner": "masked",
            "kind": "mask",
            "p:shape": "ellipse",
            **keyed("feather_h", 0, 0.2, 6),
        },
        "e3": {
            "owner": "keyed",
            "kind": "chroma_key",
            "p:color": "#00bf00",
            **keyed("tolerance", 0, 0.5, 6),
        },
        "e4": {"owner": "part", "kind": "blur", "p:sigma_h": 0.02},
        "e5": {
            "owner": "part",
            "kind": "mask",
            "p:shape": "polygon",
            "p:points": [[0.1, 0.1], [0.9, 0.2], [0.5, 0.9]],
            "p:invert": True,
            "order": "b",
        },
        "e6": {"owner": "greens", "kind": "mosaic", "p:size_h": 0.1},
        "e7": {"owner": "greens", "kind": "chroma_key", "p:color": "#508050", "order": "b"},
    }
    transitions: dict[str, Record] = {
        "push": {"left": "double", "right": "half", "kind": "push", "p:angle_deg": 180},
        "soft": {"left": "half", "right": "back", "kind": "wipe", "p:softness": 0.5},
    }
    for transition in transitions.values():
        transition |= {"in_offset": frames_at(3), "out_offset": frames_at(3)}
    cues: dict[str, Record] = {
        "q": {
            "clip": "said",
            "t": 0,
            "duration": frames_at(8),
            "text": "one two",
            "words": [[0, frames_at(4), "one"], [frames_at(4), frames_at(4), "two"]],
        }
    }
    said: Record = {"track": "cc", "kind": "captions", "start": frames_at(26)}
    tracks: dict[str, Record] = {
        "v1": {"order": "a0"},
        "v2": {"order": "a1"},
        "v3": {"order": "a2"},
        "cc": {"order": "a3", "kind": "caption"},
    }
    records = {
        **clips,
        **{name: record | {"track": "v2"} for name, record in upper.items()},
        **{name: record | {"track": "v3"} for name, record in graded.items()},
        "said": said | {"duration": frames_at(8)},
    }
    more = {"effects": effects, "cues": cues}
    return Cut(records, tracks, transitions, width=320, height=180, more=more)


def kinds_in(*cuts: Cut) -> set[tuple[str, Json]]:
    """Effects, transitions, generators, clips and blends that these films have."""
    found: set[tuple[str, Json]] = set()
    for cut in cuts:
        found |= {("effect", one["kind"]) for one in cut.more["effects"].values()}
        found |= {("transition", one["kind"]) for one in cut.transitions.values()}
        for record in cut.clips.values():
            found.add(("clip", record.get("kind", "media")))
            found.add(("generator", record.get("generator", "solid")))
            found.add(("blend", record.get("blend", "normal")))
    return found


def all_kinds() -> set[tuple[str, Json]]:
    """Everything that the document's schema knows and that is drawn."""
    pictures = {kind for kind, what in TRANSITION_KINDS.items() if "video" in what.tracks}
    found: set[tuple[str, Json]] = {("effect", kind) for kind in PICTURE_EFFECTS}
    found |= {("transition", kind) for kind in pictures}
    found |= {("generator", kind) for kind in GENERATORS if kind != "tone"}
    found |= {("clip", kind) for kind in (*CLIP_KINDS["video"], *CLIP_KINDS["caption"])}
    blends = ("normal", "multiply", "screen", "overlay", "darken", "lighten", "add", "difference")
    found |= {("blend", blend) for blend in blends if CLIPS["blend"].read(blend) == blend}
    return found


FILMS = {"everything": everything, "the rest": the_rest}
