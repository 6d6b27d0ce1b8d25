"""Bodies of the API about the document. Arguments of commands are checked by the core."""

import base64
import binascii
import math
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, Field, JsonValue

from backend.auth.roles import Role
from backend.auth.schemas import Body, PlainName

DEPTH_MAX: Final = 64
INTEGER_MAX: Final = 2**53
TTL_SECONDS_MAX: Final = 3600
SCENES_MAX: Final = 1000
ID: Final = r"^[A-Za-z0-9_-]{1,64}$"


def _plain_json(value: JsonValue) -> JsonValue:
    """Strict JSON: finite numbers, integers that browsers hold exactly, not too deep."""
    waiting: list[tuple[JsonValue, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > DEPTH_MAX:
            raise ValueError(f"is deeper than {DEPTH_MAX}")
        if isinstance(item, float) and not math.isfinite(item):
            raise ValueError("holds a number that is not finite")
        if isinstance(item, int) and abs(item) > INTEGER_MAX:
            raise ValueError("holds an integer over 2^53")
        if isinstance(item, dict):
            waiting += [(member, depth + 1) for member in item.values()]
        elif isinstance(item, list):
            waiting += [(member, depth + 1) for member in item]
    return value


def _state(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    return text


PlainJson = Annotated[dict[str, JsonValue], AfterValidator(_plain_json)]


class RoomTokenRequest(Body):
    role: Role | None = None
    ttl: Annotated[int, Field(ge=1, le=TTL_SECONDS_MAX)] | None = None


class RoomTokenView(BaseModel):
    url: str
    token: str
    expires_at: str
    role: Role


class CommandsRequest(Body):
    """`after`: a state vector, base64, to wait for; `expect`: `{"clips/c1/start": 0}`."""

    commands: Annotated[list[PlainJson], Field(min_length=1, max_length=200)]
    after: Annotated[str, Field(max_length=65_536), AfterValidator(_state)] | None = None
    expect: Annotated[PlainJson, Field(default_factory=dict)]

    @property
    def after_state(self) -> bytes | None:
        return None if self.after is None else base64.b64decode(self.after)


class SceneBody(Body):
    key: Annotated[str, Field(pattern=ID)]
    asset: Annotated[str, Field(pattern=ID)]
    name: Annotated[str, Field(max_length=200)] | None = None
    duration: Annotated[int, Field(ge=1, le=2**50)] | None = None
    narration: Annotated[str, Field(pattern=ID)] | None = None


class ScenesRequest(Body):
    run: Annotated[str, Field(pattern=ID)]
    scenes: Annotated[list[SceneBody], Field(min_length=1, max_length=SCENES_MAX)]
    sequence: Annotated[str, Field(pattern=ID)] | None = None
    track: Annotated[str, Field(pattern=ID)] | None = None
    at: Annotated[int, Field(ge=0, le=2**50)] | Literal["end"] = "end"


class ChangeView(BaseModel):
    """A created record has `key` null."""

    map: str
    id: str
    key: str | None
    before: JsonValue
    after: JsonValue


class EditView(BaseModel):
    """What an edit wrote; `created` names records by what they are to the command."""

    id: str
    changes: list[ChangeView]
    clamped: list[str]
    created: dict[str, str]
    diagnostics: list[dict[str, JsonValue]]


class ImportView(EditView):
    """`losses`: what of the file this program cannot hold."""

    losses: list[str]


class VersionRequest(Body):
    name: PlainName


class PersonView(BaseModel):
    id: str
    name: str


class VersionView(BaseModel):
    id: str
    name: str
    kind: Literal["named", "automatic"]
    author: PersonView
    created_at: str


class VersionList(BaseModel):
    items: list[VersionView]
    next_cursor: str | None = None


class DifferenceView(BaseModel):
    """One thing that changed; `ids` are the records of `map` that it is about."""

    kind: Literal["added", "removed", "moved", "trimmed", "changed"]
    map: str
    ids: list[str]
    text: str


class VersionChanges(BaseModel):
    """`more` counts what is left out of `changes`."""

    people: list[PersonView]
    changes: list[DifferenceView]
    more: int


class ActivityPart(VersionChanges):
    pass


class ActivityItem(BaseModel):
    """A stretch of work without a pause."""

    id: str
    begun_at: str
    ended_at: str
    parts: list[ActivityPart]


class ActivityList(BaseModel):
    items: list[ActivityItem]
    next_cursor: str | None = None
