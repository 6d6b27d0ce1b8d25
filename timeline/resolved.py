"""The resolved timeline: what preview, export, OpenTimelineIO and validation read.

Made by `resolve.py` in ticks, and by `on_frames.py` on output frames. JSON shapes are those of
`timeline.md` section 4 and are the same in TypeScript.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from timeline.media import AssetFacts, AssetTable
from timeline.model import Json
from timeline.timing import Rate

Level: TypeAlias = Literal["fatal", "warning", "info"]
MediaState: TypeAlias = Literal["ready", "pending", "failed", "missing"]
Key: TypeAlias = tuple[Json, ...]
"""A keyframe: (t, value, interp, x1, y1, x2, y2); the four numbers only for bezier."""
Curves: TypeAlias = Mapping[str, tuple[Key, ...]]
Props: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    code: str
    id: str
    level: Level
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EffectUse:
    """An active, supported effect with its valid parameters (defaults filled in)."""

    id: str
    kind: str
    kind_version: int
    params: Props
    curves: Curves


@dataclass(frozen=True, slots=True)
class CueSpan:
    """A cue, cut to its span; `start`, `duration` in sequence ticks, words [t from start, duration, text]."""

    id: str
    start: int
    duration: int
    text: str
    speaker: str
    words: tuple[tuple[int, int, str], ...]
    props: Props
    start_frame: int | None = None
    end_frame: int | None = None


@dataclass(frozen=True, slots=True)
class MarkerView:
    id: str
    t: int
    duration: int
    props: Props


@dataclass(frozen=True, slots=True)
class Span:
    """The visible stretch of one clip. `kind` is the clip's kind; `asset`, `sequence` or `generator`
    holds what it shows. `props` are the valid non-default properties. `speed` is reduced.
    """

    clip: str
    kind: str
    start: int
    duration: int
    local_in: int
    speed: tuple[int, int]
    clip_start: int
    clip_duration: int
    active: bool
    asset: str | None = None
    media: MediaState | None = None
    sequence: str | None = None
    generator: str | None = None
    props: Props = field(default_factory=dict[str, Json])
    curves: Curves = field(default_factory=dict[str, tuple[Key, ...]])
    effects: tuple[EffectUse, ...] = ()
    cues: tuple[CueSpan, ...] = ()
    markers: tuple[MarkerView, ...] = ()
    """Markers of the clip that fall into this span; `t` is local time."""
    start_frame: int | None = None
    end_frame: int | None = None

    @property
    def end(self) -> int:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class TransitionView:
    id: str
    track: str
    left: str | None
    right: str | None
    at: int
    in_offset: int
    out_offset: int
    kind: str
    params: Props
    start_frame: int | None = None
    end_frame: int | None = None


@dataclass(frozen=True, slots=True)
class TrackView:
    id: str
    kind: str
    active: bool
    props: Props
    curves: Curves
    effects: tuple[EffectUse, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SequenceView:
    id: str
    name: str
    width: int
    height: int
    fps_num: int
    fps_den: int
    sample_rate: int
    duration: int
    props: Props
    effects: tuple[EffectUse, ...]
    markers: tuple[MarkerView, ...]
    tracks: tuple[TrackView, ...]
    transitions: tuple[TransitionView, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """`sequences` holds the resolved one (`sequence`, "" when there is none) and all that it reaches."""

    schema: int
    sequence: str
    duration: int
    recovered: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    sequences: Mapping[str, SequenceView]
    assets: AssetTable = field(default_factory=dict[str, AssetFacts])
    """The facts it was resolved with; no part of its JSON."""

    @property
    def fatal(self) -> Diagnostic | None:
        """The first diagnostic that stops an export."""
        return next((item for item in self.diagnostics if item.level == "fatal"), None)


@dataclass(frozen=True, slots=True)
class Frames:
    """A resolved timeline whose boundaries also stand on output frames [timeline-R11].

    `duration_frames` is the length of the film at `fps_num/fps_den`.
    """

    resolved: Resolved
    fps_num: int
    fps_den: int
    duration_frames: int
    cuts: Mapping[str, tuple[TransitionView, ...]] = field(
        default_factory=dict[str, tuple[TransitionView, ...]]
    )
    """The transitions of each track in time order; no part of its JSON."""
    drawable: bool = True
    """False where one frame could hold more layers than anybody can draw: `too_complex`."""

    @property
    def rate(self) -> Rate:
        return Rate(self.fps_num, self.fps_den)


@dataclass(frozen=True, slots=True)
class TransitionUse:
    id: str
    kind: str
    side: Literal["left", "right"]
    progress: float
    params: Props


@dataclass(frozen=True, slots=True)
class EffectValue:
    kind: str
    kind_version: int
    params: Props


@dataclass(frozen=True, slots=True)
class Layer:
    """One picture of one output frame, bottom to top (`layers(frames, n)`).

    `props` holds every visual property of the clip's kind but opacity, evaluated, defaults included. `picture`
    is the source picture number of a media layer. `opacity` is opacity x fades. Nested sequences
    have `layers` and `size`; titles and cues have their text keys in `props` and kind `title` /
    `captions`. An `adjustment` layer filters what lies below it.
    """

    clip: str
    kind: str
    props: Props
    opacity: float
    effects: tuple[EffectValue, ...]
    asset: str | None = None
    media: MediaState | None = None
    generator: str | None = None
    picture: int | None = None
    layers: tuple["Layer", ...] | None = None
    size: tuple[int, int] | None = None
    background: str | None = None
    cue: str | None = None
    word: int | None = None
    transition: TransitionUse | None = None
    track_effects: tuple[EffectValue, ...] = ()
