"""Bodies of the API about projects and their share links."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, Field

from backend.auth.roles import Role
from backend.auth.schemas import Body, PlainName
from timeline.timing import Rate

SIDE_MAX: Final = 8192
FPS_MAX: Final = 240
NTSC: Final = {
    Fraction("23.976"): Rate(24000, 1001),
    Fraction("23.98"): Rate(24000, 1001),
    Fraction("29.97"): Rate(30000, 1001),
    Fraction("59.94"): Rate(60000, 1001),
    Fraction("119.88"): Rate(120000, 1001),
}


def rate_of(fps: float | str) -> Rate:
    """`30`, `29.97`, `"30000/1001"`; ValueError for what is no rate of 1 to 240 a second."""
    try:
        value = Fraction(fps) if isinstance(fps, str) else Fraction(Decimal(str(fps)))
    except (ArithmeticError, ValueError) as error:
        raise ValueError("is not a frame rate") from error
    if not 1 <= value <= FPS_MAX or value.denominator > 1001:
        raise ValueError(f"must be 1 to {FPS_MAX} frames a second")
    return NTSC.get(value, Rate(value.numerator, value.denominator))


def _checked(fps: float | str) -> float | str:
    rate_of(fps)
    return fps


Side: TypeAlias = Annotated[int, Field(ge=16, le=SIDE_MAX, multiple_of=2)]
Fps: TypeAlias = Annotated[int | float | str, AfterValidator(_checked)]


class DeletionRequest(Body):
    """`password` is the present one, where the account has one."""

    password: Annotated[str, Field(max_length=256)] | None = None


class ProjectRequest(Body):
    name: PlainName
    workspace: str | None = None
    width: Side = 1920
    height: Side = 1080
    fps: Fps = 30


class ProjectChange(Body):
    name: PlainName


class ProjectView(BaseModel):
    id: str
    name: str
    workspace: str
    role: Role
    created_at: str
    updated_at: str


class ProjectList(BaseModel):
    items: list[ProjectView]
    next_cursor: str | None = None


class ShareLinkRequest(Body):
    role: Literal["editor", "commenter", "viewer"]


class ShareLinkView(BaseModel):
    """`url` and `key` only in the answer that made it: stored is a hash."""

    id: str
    role: Role
    created_at: str
    expires_at: str
    url: str | None = None
    key: str | None = None


class ShareLinkList(BaseModel):
    items: list[ShareLinkView]
    next_cursor: str | None = None
