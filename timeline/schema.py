"""What each key of the document means: its type, range and default, for each root map.

Read once here, used by resolve, records, edits and OpenTimelineIO; the types are in `values.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from timeline.model import Json, Root
from timeline.timing import TICK_MAX, TICKS
from timeline.values import (
    FONT_PATTERN,
    ID_PATTERN,
    ORDER_PATTERN,
    Prop,
    Read,
    animated,
    boolean,
    color,
    integer,
    matching,
    number,
    one_of,
    read_any,
    read_bands,
    read_bool,
    read_channels,
    read_points,
    read_words,
    text,
    ticks,
)

SCHEMA_VERSION: Final = 1
READER_VERSION: Final = 1  # `min_reader` above this is `too_new`

# Records per root, removed ones included [timeline-H7].
QUOTAS: Final[Mapping[str, int]] = {
    "sequences": 200,
    "tracks": 500,
    "clips": 20_000,
    "transitions": 20_000,
    "effects": 20_000,
    "markers": 10_000,
    "cues": 50_000,
    "variables": 500,
}

CLIP_DURATION_DEFAULT: Final = 5 * TICKS  # where the source has nothing left or is unknown
CUE_DURATION_DEFAULT: Final = 2 * TICKS
TRANSITION_OFFSET_DEFAULT: Final = TICKS // 4
SPEED_TIMES_MAX: Final = 100
ID: Final = Prop(matching(ID_PATTERN))
ORDER: Final = Prop(
    lambda raw: raw if raw == "" and type(raw) is str else matching(ORDER_PATTERN)(raw), ""
)
KIND: Final = text(64)  # an unknown kind is no wrong value: it is kept and skipped

META: Final[Mapping[str, Prop]] = {
    "schema": integer(1, 1, 1 << 31),
    "min_reader": integer(1, 1, 1 << 31),
    "name": text(200, "Untitled"),
    "created_with": text(200),
    "main_sequence": ID,
}

SEQUENCES: Final[Mapping[str, Prop]] = {
    "name": text(200, "Sequence"),
    "order": ORDER,
    "width": integer(1920, 16, 8192),
    "height": integer(1080, 16, 8192),
    "fps_num": integer(30, 1, 240_000),
    "fps_den": integer(1, 1, 1001),
    "sample_rate": one_of(44_100, 48_000, 96_000, default=48_000),
    "channel_layout": one_of("mono", "stereo", "5.1", default="stereo"),
    "background": color("#000000"),
    "color_space": one_of("bt709", default="bt709"),
    "start_tc": ticks(),
    "drop_frame": boolean(default=False),
    "loudness_lufs": number(None, -40, 0),
}

GAIN_DB: Final = animated(0, -96, 24)
PAN: Final = animated(0, -1, 1)

TRACKS: Final[Mapping[str, Prop]] = {
    "sequence": ID,
    "kind": Prop(KIND.read, "video"),
    "name": text(200),
    "color": text(32),
    "order": ORDER,
    "enabled": boolean(default=True),
    "muted": boolean(default=False),
    "solo": boolean(default=False),
    "locked": boolean(default=False),
    "sync_lock": boolean(default=True),
    "gain_db": GAIN_DB,
    "pan": PAN,
}

LENGTH: Final = number(0, -1, 10)  # in canvas heights
FADE_CURVE: Final = one_of("linear", "equal_power", "ease", default="linear")

TEXT_STYLE: Final[Mapping[str, Prop]] = {
    "font": Prop(matching(FONT_PATTERN), "builtin:sans"),
    "font_weight": integer(400, 100, 900),
    "italic": boolean(default=False),
    "font_size": animated(0.08, -1, 10),
    "line_height": number(1.2, -1, 10),
    "letter_spacing": LENGTH,
    "padding": LENGTH,
    "outline_width": LENGTH,
    "shadow_x": LENGTH,
    "shadow_y": LENGTH,
    "shadow_blur": LENGTH,
    "align": one_of("left", "center", "right", default="center"),
    "valign": one_of("top", "middle", "bottom", default="middle"),
    "box_width": number(0.9, 0, 2),
    "color_fg": color("#ffffff"),
    "color_bg": color("#00000000"),
    "outline_color": color("#000000"),
    "shadow_color": color("#00000080"),
}

TRANSFORM: Final[Mapping[str, Prop]] = {
    "x": animated(0, -100, 100),
    "y": animated(0, -100, 100),
    "scale_x": animated(1, 0, 100),
    "scale_y": animated(1, 0, 100),
    "rotation": animated(0, -1_000_000, 1_000_000),
    "anchor_x": animated(0.5, -10, 10),
    "anchor_y": animated(0.5, -10, 10),
    "crop_l": animated(0, 0, 1),
    "crop_t": animated(0, 0, 1),
    "crop_r": animated(0, 0, 1),
    "crop_b": animated(0, 0, 1),
    "flip_h": boolean(default=False),
    "flip_v": boolean(default=False),
    "fit": one_of("contain", "cover", "fill", "none", default="contain"),
    "blend": one_of(
        "normal",
        "multiply",
        "screen",
        "overlay",
        "darken",
        "lighten",
        "add",
        "difference",
        default="normal",
    ),
}

PLACEMENT: Final = ("track", "start", "duration", "source_in", "speed_num", "speed_den")

CLIPS: Final[Mapping[str, Prop]] = {
    "track": ID,
    "kind": Prop(KIND.read, "media"),
    "asset": ID,
    "sequence": ID,
    "generator": KIND,
    "start": ticks(0, 0),
    "duration": ticks(None, 1),
    "source_in": ticks(None),
    "speed_num": integer(1, -100_000, 100_000),
    "speed_den": integer(1, 1, 100_000),
    "pitch_lock": boolean(default=True),
    "enabled": boolean(default=True),
    "link": text(64),
    "group": text(64),
    "name": text(200),
    "color": text(32),
    "run": text(200),
    "scene": text(200),
    "role": one_of("picture", "sound", "narration", default=""),
    **TRANSFORM,
    "opacity": animated(1, 0, 1),
    "gain_db": GAIN_DB,
    "pan": PAN,
    "source_channels": Prop(read_channels),
    "fade_in": ticks(0, 0),
    "fade_out": ticks(0, 0),
    "fade_in_curve": FADE_CURVE,
    "fade_out_curve": FADE_CURVE,
    "text": text(10_000),
    **TEXT_STYLE,
    "on_length": one_of("keep", "fit", "ripple", default="keep"),
}

TIME_REMAP: Final = Prop(ticks().read, 0, -TICK_MAX, TICK_MAX, animated=True)  # `kf:time` of media

TRANSITIONS: Final[Mapping[str, Prop]] = {
    "left": ID,
    "right": ID,
    "kind": KIND,
    "in_offset": ticks(TRANSITION_OFFSET_DEFAULT, 0),
    "out_offset": ticks(TRANSITION_OFFSET_DEFAULT, 0),
}

EFFECTS: Final[Mapping[str, Prop]] = {
    "owner": ID,
    "kind": KIND,
    "kind_version": integer(1, 1, 1 << 31),
    "order": ORDER,
    "enabled": boolean(default=True),
}

MARKERS: Final[Mapping[str, Prop]] = {
    "owner": ID,
    "t": ticks(),
    "duration": ticks(0, 0),
    "kind": one_of("marker", "chapter", "todo", "comment", default="marker"),
    "name": text(200),
    "color": text(32),
    "note": text(10_000),
    "author": text(64),
    "resolved": boolean(default=False),
}

CUES: Final[Mapping[str, Prop]] = {
    "clip": ID,
    "t": ticks(),
    "duration": ticks(CUE_DURATION_DEFAULT, 1),
    "text": text(10_000),
    "speaker": text(200),
    "words": Prop(read_words, []),
    **TEXT_STYLE,
}

VARIABLES: Final[Mapping[str, Prop]] = {
    "name": text(64),
    "type": one_of("text", "number", "color", "asset", "bool", default="text"),
    "label": text(200),
    "default": Prop(read_any),
    "required": boolean(default=False),
}

SCHEMA: Final[Mapping[Root, Mapping[str, Prop]]] = {
    "meta": META,
    "sequences": SEQUENCES,
    "tracks": TRACKS,
    "clips": CLIPS,
    "transitions": TRANSITIONS,
    "effects": EFFECTS,
    "markers": MARKERS,
    "cues": CUES,
    "variables": VARIABLES,
}

TRACK_KINDS: Final = ("video", "audio", "caption")
CLIP_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "video": ("media", "sequence", "generator", "title", "adjustment"),
    "audio": ("media", "sequence", "generator"),
    "caption": ("captions",),
}
ALL_CLIP_KINDS: Final = frozenset(kind for kinds in CLIP_KINDS.values() for kind in kinds)

ANGLE: Final = number(0, -1_000_000, 1_000_000)

GENERATORS: Final[Mapping[str, Mapping[str, Prop]]] = {
    "solid": {"color": color("#000000")},
    "gradient": {"color": color("#000000"), "color_2": color("#ffffff"), "angle_deg": ANGLE},
    "bars": {},
    "tone": {"frequency_hz": number(1000, 1, 24_000), "level_db": number(-20, -96, 0)},
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of effect or transition: its parameters, the tracks it fits, whether it is drawn yet."""

    params: Mapping[str, Prop]
    tracks: tuple[str, ...] = TRACK_KINDS


DIRECTION: Final[Mapping[str, Prop]] = {"angle_deg": ANGLE, "softness": number(0, 0, 1)}

TRANSITION_KINDS: Final[Mapping[str, Kind]] = {
    "dissolve": Kind({}, ("video",)),
    "dip": Kind({"color": color("#000000")}, ("video",)),
    "wipe": Kind(DIRECTION, ("video",)),
    "slide": Kind(DIRECTION, ("video",)),
    "push": Kind(DIRECTION, ("video",)),
    "crossfade": Kind(
        {"curve": one_of("equal_power", "linear", default="equal_power")}, ("audio",)
    ),
}

EFFECT_KINDS: Final[Mapping[str, Kind]] = {
    "color": Kind(
        {
            "exposure_stops": animated(0, -10, 10),
            "contrast": animated(1, 0, 4),
            "saturation": animated(1, 0, 4),
            "temperature_k": animated(6500, 1000, 40_000),
            "tint": animated(0, -1, 1),
        }
    ),
    "lut": Kind({"asset": ID, "mix": animated(1, 0, 1)}),
    "blur": Kind({"sigma_h": animated(0, 0, 1)}),
    "sharpen": Kind({"amount": animated(0, 0, 10), "sigma_h": animated(0.002, 0, 1)}),
    "mosaic": Kind({"size_h": animated(0, 0, 1)}),
    "mask": Kind(
        {
            "shape": one_of("rectangle", "ellipse", "polygon", default="rectangle"),
            "points": Prop(read_points, [[0.25, 0.25], [0.75, 0.75]]),
            "feather_h": animated(0, 0, 1),
            "invert": boolean(default=False),
        }
    ),
    "chroma_key": Kind(
        {
            "color": color("#00ff00"),
            "tolerance": animated(0.2, 0, 1),
            "softness": animated(0.1, 0, 1),
            "spill": animated(0.5, 0, 1),
        }
    ),
    "eq": Kind({"bands": Prop(read_bands, [])}),
    "compressor": Kind(
        {
            "threshold_db": animated(-18, -96, 0),
            "ratio": animated(2, 1, 100),
            "attack_ms": animated(10, 0, 10_000),
            "release_ms": animated(120, 0, 10_000),
            "makeup_db": animated(0, 0, 60),
        }
    ),
    "limiter": Kind({"ceiling_dbtp": animated(-1, -60, 0)}),
    "ducking": Kind(
        {
            "by": ID,
            "amount_db": animated(-12, -96, 0),
            "threshold_db": animated(-30, -96, 0),
            "attack_ms": animated(50, 0, 10_000),
            "release_ms": animated(400, 0, 10_000),
        }
    ),
}

PICTURE_EFFECTS: Final = frozenset(
    ("color", "lut", "blur", "sharpen", "mosaic", "mask", "chroma_key")
)
"""Effects that change what is seen; the others change what is heard."""
CLEARING_EFFECTS: Final = frozenset(("mask", "chroma_key"))
"""Effects that make parts of a picture clear."""


def default_transition_kind(track_kind: str) -> str:
    return "crossfade" if track_kind == "audio" else "dissolve"


_CLIP_DEFAULTS: Final[Mapping[str, Json]] = {key: prop.default for key, prop in CLIPS.items()}
_CAPTION_DEFAULTS: Final[Mapping[str, Json]] = {**_CLIP_DEFAULTS, "valign": "bottom"}
_SOUND_DEFAULTS: Final[Mapping[str, Json]] = {
    **_CLIP_DEFAULTS,
    "fade_in_curve": "equal_power",
    "fade_out_curve": "equal_power",
}


def clip_defaults(kind: str, track_kind: str) -> Mapping[str, Json]:
    """The defaults of a clip's keys; captions stand at the bottom, sound fades with equal power."""
    if track_kind == "audio":
        return _SOUND_DEFAULTS
    return _CAPTION_DEFAULTS if kind == "captions" else _CLIP_DEFAULTS


def read_key(root: Root, key: str, raw: Json) -> Read:
    """The normal form of one key's value, its default for `null`, `BAD` where it is wrong.

    Keys that no schema names (`p:`, `kf:`, `x:`, unknown ones) are answered as they came.
    """
    if key == "removed":
        return False if raw is None else read_bool(raw)
    prop = SCHEMA[root].get(key)
    if prop is None:
        return raw
    return prop.default if raw is None else prop.read(raw)
