"""Facts about assets, as values. The document says where things are; this says what they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from timeline.timing import Rate

CUBE_SIDE: Final = 33  # colours along each side of a look-up table
AssetState: TypeAlias = Literal["ready", "pending", "failed"]


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What resolve and the edits need to know of an asset (`timeline.md`, section 2).

    `duration` is in ticks from the first displayed picture, None for stills and where unknown;
    `start_tc` is the embedded timecode in ticks.
    """

    state: AssetState = "ready"
    duration: int | None = None
    fps_num: int = 30
    fps_den: int = 1
    has_video: bool = True
    has_audio: bool = False
    start_tc: int = 0

    @property
    def rate(self) -> Rate:
        return Rate(self.fps_num, self.fps_den)


@dataclass(frozen=True, slots=True)
class PictureRendition:
    """The file that exports read pictures from: house mezzanine or adopted original [export-X20, X21].

    `hash` is the sha256 of its bytes in hex, `key` its place in the object store. Pictures are
    numbered by presentation order, constant rate, square pixels, upright. `sync` holds the display
    ranks of the sync pictures (IDR), ascending. `fingerprint` names what must be equal for packets
    to be copied into one film (codec, profile, size, colour, SPS and PPS bytes; export-X10), "" where nothing may be
    copied. `ranks` holds the display rank of each sample in decode order, () where both orders are the same.
    `first_pts` is the presentation time of picture 0 in the file, a fraction of seconds.
    """

    hash: str
    key: str
    width: int
    height: int
    rate: Rate
    pictures: int
    sync: tuple[int, ...] = ()
    fingerprint: str = ""
    codec: str = "h264"
    format: str = "mov"
    adopted: bool = False
    ranks: tuple[int, ...] = ()
    first_pts: tuple[int, int] = (0, 1)


@dataclass(frozen=True, slots=True)
class StillRendition:
    """Upright sRGB PNG, 8 bit, straight alpha."""

    hash: str
    key: str
    width: int
    height: int
    has_alpha: bool = False


@dataclass(frozen=True, slots=True)
class SoundRendition:
    """FLAC at 48 kHz; sample 0 is the instant of the first displayed picture [export-X22]."""

    hash: str
    key: str
    sample_rate: int
    channels: int
    samples: int


@dataclass(frozen=True, slots=True)
class CubeRendition:
    """A look-up table of colours: 33 x 33 x 33 colours of three little-endian 16-bit numbers, red changing fastest."""

    hash: str
    key: str


@dataclass(frozen=True, slots=True)
class MediaDiagnostic:
    """What ingest had to change or could not keep; codes as in `export.md` section 12."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """An asset with its renditions for export.

    A video has `picture`, a photo `still`, sound `sound`, a look-up table `cube`. `original` is the place
    in the object store of what they were made of, "" where nobody knows.
    """

    facts: AssetFacts
    name: str = ""
    picture: PictureRendition | None = None
    still: StillRendition | None = None
    sound: SoundRendition | None = None
    cube: CubeRendition | None = None
    diagnostics: tuple[MediaDiagnostic, ...] = ()
    original: str = ""


@dataclass(frozen=True, slots=True)
class TextBitmap:
    """A text as drawn: what the planner must know to place it [editor section 6].

    `hash` is the sha256 of the PNG, `key` its place in the object store. All lengths are pixels of
    the bitmap; `raster_scale` of them make one pixel of the sequence. `x`, `y` is the bitmap's top
    left within the text box of `box_width` x `box_height`; the box is what `x`, `y` and the anchor of the clip move.
    """

    hash: str
    key: str
    width: int
    height: int
    x: int
    y: int
    box_width: int
    box_height: int
    raster_scale: int = 1
    font_size: float = 0.0
    """The size it was drawn with, in canvas heights, where the size is animated; 0 where it is not."""


TextTable: TypeAlias = Mapping[str, TextBitmap]
"""Drawn texts by the key of their spec (`text_spec.py`)."""
AssetTable: TypeAlias = Mapping[str, AssetFacts]
MediaTable: TypeAlias = Mapping[str, MediaFacts]


@dataclass(frozen=True, slots=True)
class AssetEntry:
    """An entry of the `assets` table of a `.cutroom.json`: a path relative to the file."""

    path: str | None = None
    name: str = ""
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
