"""Bodies of comments. Times are ticks; drawings are strokes in pixels of the sequence."""

import re
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, Field

from backend.auth.schemas import Body
from timeline.timing import TICK_MAX

TEXT_LENGTH_MAX: Final = 5_000
MENTIONS_MAX: Final = 50
STROKES_MAX: Final = 64
POINTS_MAX: Final = 512  # a hand gives about 60 a second
PIXEL_MAX: Final = 8_192  # the largest picture there is
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Tick: TypeAlias = Annotated[int, Field(ge=0, le=TICK_MAX)]
RecordId: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
UserId: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]
Pixel: TypeAlias = Annotated[float, Field(ge=-PIXEL_MAX, le=2 * PIXEL_MAX, allow_inf_nan=False)]
Point: TypeAlias = Annotated[list[Pixel], Field(min_length=2, max_length=2)]


def _plain(text: str) -> str:
    plain = CONTROL.sub("", text).strip()
    if not plain:
        raise ValueError("must not be empty")
    return plain


Words: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=TEXT_LENGTH_MAX), AfterValidator(_plain)
]
Mentions: TypeAlias = Annotated[list[UserId], Field(max_length=MENTIONS_MAX)]


class Stroke(Body):
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    width: Annotated[float, Field(gt=0, le=200, allow_inf_nan=False)]
    points: Annotated[list[Point], Field(min_length=1, max_length=POINTS_MAX)]


class ThreadRequest(Body):
    """`t` is a time of the sequence; with `clip`, of the clip's own clock."""

    text: Words
    t: Tick
    duration: Tick = 0
    sequence: RecordId | None = None
    clip: RecordId | None = None
    mentions: Mentions = Field(default_factory=list[UserId])
    drawing: Annotated[list[Stroke], Field(max_length=STROKES_MAX)] = Field(
        default_factory=list[Stroke]
    )


class ReplyRequest(Body):
    text: Words
    mentions: Mentions = Field(default_factory=list[UserId])


class ThreadChange(Body):
    resolved: bool


class Author(BaseModel):
    id: str
    name: str


class CommentView(BaseModel):
    id: str
    author: Author
    text: str
    mentions: list[str]
    created_at: str
    edited_at: str | None


class ThreadView(BaseModel):
    id: str
    project: str
    sequence: str | None
    clip: str | None
    t: int
    duration: int
    drawing: list[Stroke]
    resolved_at: str | None
    resolved_by: str | None
    created_at: str
    updated_at: str
    comments: list[CommentView]


class ThreadList(BaseModel):
    items: list[ThreadView]
    next_cursor: str | None = None


class PersonView(BaseModel):
    id: str
    name: str
    role: Literal["member", "guest"]


class PeopleList(BaseModel):
    items: list[PersonView]
    next_cursor: str | None = None
