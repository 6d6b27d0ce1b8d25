"""The plan of a film, as values: what to copy, what to draw, under which content keys.

`planner.py` makes it of a resolved timeline, the exporter carries it out, `quote.py` prices it.
Times are whole frames at the output rate, sound is whole samples. Every number of a drawing is
here already: who carries a plan out interprets no curve. `plan_json.py` writes and reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from timeline.model import Json
from timeline.resolved import Diagnostic

PLAN_VERSION: Final = 1

SegmentKind: TypeAlias = Literal["COPY", "EDGE", "BODY", "MIX", "GAP"]
PictureRun: TypeAlias = tuple[int, int, int]
"""(first picture number, count, step); step may be negative or 0."""
Numbers: TypeAlias = float | tuple[float, ...]
"""A value that does not change is one number; one that does has exactly one number per frame."""
Box: TypeAlias = tuple[int, int, int, int]
Quad: TypeAlias = tuple[float, float, float, float, float, float, float, float]
"""Corners in output pixels: x, y of top left, top right, bottom left, bottom right."""
Flip: TypeAlias = Literal["", "h", "v", "hv"]


VideoCodec: TypeAlias = Literal["h264", "hevc", "av1", "prores", "png", "jpeg", "none"]
AudioCodec: TypeAlias = Literal["aac", "pcm", "vorbis", "none"]
Fit: TypeAlias = Literal["contain", "cover", "blur"]
"""Another shape: all of it on the background, cut to fill, all of it on a blurred copy of itself."""


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """`x264_preset` is the encoder's own word for its speed, `crf` for its quality; intra codecs heed neither."""

    codec: VideoCodec = "h264"
    x264_preset: str = "veryfast"
    crf: int = 18
    keyint: int = 60
    copy: bool = True


@dataclass(frozen=True, slots=True)
class AudioSettings:
    codec: AudioCodec = "aac"
    bit_rate: int = 192_000


@dataclass(frozen=True, slots=True)
class Output:
    """A preset made concrete. Sizes in pixels (even), `background` as `#rrggbb`, `container` as in `containers.py`."""

    width: int
    height: int
    fps_num: int
    fps_den: int
    background: str = "#000000"
    sample_rate: int = 48_000
    channels: int = 2
    video: VideoSettings = VideoSettings()
    audio: AudioSettings = AudioSettings()
    container: str = "mp4"
    fit: Fit = "contain"


@dataclass(frozen=True, slots=True)
class RenditionSource:
    """Pictures of a mezzanine or adopted original; `hash` is the sha256 of its bytes."""

    hash: str


@dataclass(frozen=True, slots=True)
class ImageSource:
    """One bitmap: a still, a drawn text, a slate; `hash` is the sha256 of the PNG."""

    hash: str


@dataclass(frozen=True, slots=True)
class FillSource:
    """One colour, `#rrggbbaa`."""

    color: str


@dataclass(frozen=True, slots=True)
class GeneratorSource:
    """A drawn generator: `gradient` or `bars`, with numbers and colours only."""

    generator: str
    params: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class GroupSource:
    """Layers on a transparent canvas of `size`: a nested sequence, an isolated group, a filtered composite.

    `cross`: two layers whose alphas sum to 1 are added instead of laid over each other.
    """

    layers: tuple["PlannedLayer", ...]
    size: tuple[int, int]
    cross: bool = False


Source: TypeAlias = RenditionSource | ImageSource | FillSource | GeneratorSource | GroupSource


@dataclass(frozen=True, slots=True)
class Mask:
    """A wipe: what the soft edge travelling along `angle_deg` has passed is shown; `progress` 0..1."""

    angle_deg: float
    softness: float
    progress: Numbers


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a picture that is shown where its crop moves, 0..1 of what `crop` and `flip` leave."""

    left: Numbers
    top: Numbers
    right: Numbers
    bottom: Numbers


@dataclass(frozen=True, slots=True)
class PlannedEffect:
    """An effect with its numbers; a parameter that changes is a list with one number per frame."""

    kind: str
    kind_version: int
    params: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """One picture of a segment, drawn bottom to top: pictures, crop, flip, size, effects, alpha, mask, place.

    `crop` is left, top, width, height in source pixels, None for all. Exactly one of `box` (still,
    whole output pixels) and `quads` (one per frame) is set.
    """

    source: Source
    pictures: tuple[PictureRun, ...] = ()
    box: Box | None = None
    quads: tuple[Quad, ...] | None = None
    crop: Box | None = None
    flip: Flip = ""
    alpha: Numbers = 1.0
    blend: str = "normal"
    mask: Mask | None = None
    window: Window | None = None
    effects: tuple[PlannedEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class CopySegment:
    """COPY: `samples` packets of a rendition in decode order from `first_sample`, byte for byte."""

    start: int
    frames: int
    key: str
    rendition: str
    first_sample: int
    samples: int

    @property
    def kind(self) -> SegmentKind:
        return "COPY"


@dataclass(frozen=True, slots=True)
class DrawnSegment:
    """EDGE, BODY, MIX or GAP: frames to be encoded, or found in the cache under `key`."""

    kind: Literal["EDGE", "BODY", "MIX", "GAP"]
    start: int
    frames: int
    key: str
    layers: tuple[PlannedLayer, ...] = ()


Segment: TypeAlias = CopySegment | DrawnSegment


@dataclass(frozen=True, slots=True)
class InputFile:
    """Where a hash of the plan lies in the object store, and how it is to be opened.

    `fps_num/fps_den`, `sync` (display ranks of sync pictures) and `first_pts` (presentation time of
    picture 0 in the file, as a fraction of seconds) matter for renditions only.
    """

    hash: str
    key: str
    format: str
    codec: str
    width: int
    height: int
    fps_num: int = 1
    fps_den: int = 1
    pictures: int = 1
    sync: tuple[int, ...] = ()
    first_pts: tuple[int, int] = (0, 1)
    has_alpha: bool = False


@dataclass(frozen=True, slots=True)
class Poster:
    """One frame of the film as a picture of its own, beside the film and in its label."""

    segment: DrawnSegment
    output: Output


@dataclass(frozen=True, slots=True)
class Plan:
    """Segments tile `[0, frames)`; there are none where the file has no picture.

    `sound`, `captions` and `labels` are the JSON of their own plans: `captions` has `mode` and `cues`
    [first frame, frame after, text, speaker], `labels` a `title` and `chapters` [frame, name].
    """

    frames: int
    output: Output
    segments: tuple[Segment, ...]
    inputs: Mapping[str, InputFile] = field(default_factory=dict[str, InputFile])
    sound: Mapping[str, Json] = field(default_factory=dict[str, Json])
    captions: Mapping[str, Json] = field(default_factory=dict[str, Json])
    labels: Mapping[str, Json] = field(default_factory=dict[str, Json])
    poster: Poster | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    version: int = PLAN_VERSION

    @property
    def drawn(self) -> tuple[DrawnSegment, ...]:
        return tuple(segment for segment in self.segments if isinstance(segment, DrawnSegment))

    @property
    def frames_copied(self) -> int:
        return sum(item.frames for item in self.segments if isinstance(item, CopySegment))


def picture_numbers(runs: Sequence[PictureRun]) -> list[int]:
    """The source picture of each frame, written out."""
    return [first + step * index for first, count, step in runs for index in range(count)]
