"""Bodies of the API about exports. Unknown fields that come in are refused: a slip would cost credits."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.assets.schemas import ProblemView
from backend.auth.schemas import Body
from timeline.film_options import FilmOptions
from timeline.timing import TICK_MAX, TimeRange


class RangeRequest(Body):
    """Ticks of the main sequence: `start` and `end` (exclusive), or `start` and `duration`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    start: Annotated[int, Field(ge=0, le=TICK_MAX)]
    end: Annotated[int, Field(ge=1, le=TICK_MAX)] | None = None
    duration: Annotated[int, Field(ge=1, le=TICK_MAX)] | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.end is None) == (self.duration is None):
            raise ValueError("send end or duration")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end must be after start")
        return self

    @property
    def span(self) -> TimeRange:
        length = self.duration if self.end is None else self.end - self.start
        return TimeRange(self.start, length or 0)


class QuoteRequest(Body):
    """Which film: `loudness` in LUFS or as the timeline says, `poster` a tick of the main sequence."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    preset: Annotated[str, Field(min_length=1, max_length=60)] = "source"
    range: RangeRequest | None = None
    captions: Literal["burn", "soft", "none"] = "burn"
    on_missing: Literal["slate", "fail"] = "slate"
    fit: Literal["contain", "cover", "blur"] | None = None
    loudness: Literal["timeline", "off", -14, -16, -23] = "timeline"
    poster: Annotated[int, Field(ge=0, le=TICK_MAX)] | None = None

    @property
    def options(self) -> FilmOptions:
        loudness = self.loudness if isinstance(self.loudness, str) else float(self.loudness)
        return FilmOptions(self.captions, self.on_missing, self.fit, loudness, self.poster)


class ExportRequest(QuoteRequest):
    quote: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class ProgressView(BaseModel):
    """Frames to encode."""

    done: int
    total: int
    eta_seconds: float | None


class RangeView(BaseModel):
    """In ticks; `end` is `start + duration`."""

    start: int
    end: int
    duration: int


class PersonView(BaseModel):
    id: str
    name: str


class SegmentsView(BaseModel):
    total: int
    encoded: int
    copied: int
    reused: int


class FilmDiagnosticView(BaseModel):
    level: Literal["fatal", "warning", "info"]
    code: str
    id: str
    detail: str


class ReportView(BaseModel):
    output: str
    sha256: str
    frames: int
    frame_rate: str
    duration_seconds: float
    segments: SegmentsView
    frames_encoded: int
    frames_copied: int
    frames_reused: int
    wall_seconds: float
    size_bytes: int
    diagnostics: list[FilmDiagnosticView]


class OptionsView(BaseModel):
    """How the film was wanted beyond its preset."""

    captions: Literal["burn", "soft", "none"]
    on_missing: Literal["slate", "fail"]
    fit: Literal["contain", "cover", "blur"] | None
    loudness: Literal["timeline", "off", -14, -16, -23]
    poster: int | None


class ExportView(BaseModel):
    """`file`, `captions_file` and `poster_file` are paths on this server, once the film is there."""

    id: str
    project: str
    name: str
    state: Literal[
        "queued", "planning", "rendering", "stitching", "checking", "done", "failed", "cancelled"
    ]
    preset: str
    range: RangeView | None
    progress: ProgressView
    credits_held: int
    credits_captured: int | None
    created_at: str
    ended_at: str | None
    requested_by: PersonView
    problem: ProblemView | None
    report: ReportView | None
    file: str | None
    extension: str
    options: OptionsView
    captions_file: str | None
    poster_file: str | None


class CancelledView(ExportView):
    credits_released: int


class ExportList(BaseModel):
    items: list[ExportView]
    next_cursor: str | None = None


class PresetView(BaseModel):
    """`width` to `fps_den` are what it makes of the project that was asked for, null where none was.

    `reshapes`: the project has another shape, so `fit` matters. `still` is one frame.
    """

    name: str
    title: str
    use: Literal["watch", "social", "edit", "sound", "picture"]
    extension: str
    media_type: str
    has_picture: bool
    has_sound: bool
    still: bool
    seconds_max: int | None
    size: tuple[int, int] | None
    short_side: int | None
    scale: float
    width: int | None
    height: int | None
    fps_num: int | None
    fps_den: int | None
    reshapes: bool


class PresetList(BaseModel):
    version: int
    items: list[PresetView]
    next_cursor: str | None = None


class QuoteLineView(BaseModel):
    """A quote is an upper bound: what is not ready yet, and what was made before but is not known to be paid for,
    counts as encoded; so that line is the most and the others are the least.
    """

    bound: Literal["at_most", "at_least"]
    kind: Literal["encoded", "copied", "reused"]
    frames: int
    millicredits: int


class QuoteView(BaseModel):
    """`enough` says whether the wallet could pay it at this moment."""

    id: str
    credits: int
    available: int
    enough: bool
    price_version: int
    expires_at: str
    frames: int
    lines: list[QuoteLineView]
    diagnostics: list[FilmDiagnosticView]
