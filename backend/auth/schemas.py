"""Bodies of the API about people. `Body` is the root of all bodies that come in."""

import json
import re
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from backend.auth.passwords import COMMON, LENGTH_MAX, LENGTH_MIN
from backend.auth.roles import Role

NAME_LENGTH_MAX: Final = 100
EMAIL: Final = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)*")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


def _plain(text: str) -> str:
    plain = CONTROL.sub("", text).strip()
    if not plain:
        raise ValueError("must not be empty")
    return plain


def _email(text: str) -> str:
    email = text.strip().lower()
    if len(email) > 254 or not EMAIL.fullmatch(email):
        raise ValueError("is not an email address")
    return email


def _password(text: str) -> str:
    if text.lower() in COMMON or len(set(text)) <= 2:
        raise ValueError("is too common")
    return text


PlainName: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=NAME_LENGTH_MAX), AfterValidator(_plain)
]
Email: TypeAlias = Annotated[str, Field(max_length=254), AfterValidator(_email)]
NewPassword: TypeAlias = Annotated[
    str, Field(min_length=LENGTH_MIN, max_length=LENGTH_MAX), AfterValidator(_password)
]
Key: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]


class AccountRequest(Body):
    email: Email
    password: NewPassword
    name: PlainName


class SignInRequest(Body):
    """One of: email and password; invite; share (with a name); welcome."""

    email: Annotated[str, Field(max_length=254)] | None = None
    password: Annotated[str, Field(max_length=LENGTH_MAX)] | None = None
    invite: Key | None = None
    share: Key | None = None
    welcome: Key | None = None
    name: PlainName | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.email is not None and self.password is not None]
        ways += [key is not None for key in (self.invite, self.share, self.welcome)]
        if sum(ways) != 1:
            raise ValueError("send email and password, or one of invite, share, welcome")
        return self


class WorkspaceView(BaseModel):
    id: str
    name: str
    role: Role


class Me(BaseModel):
    """`project` is the only one that a guest of a share link may open."""

    id: str
    name: str
    email: str | None
    kind: Literal["account", "local", "guest"]
    workspaces: list[WorkspaceView]
    project: str | None = None


PREFERENCES_MAX: Final = 32  # names; the editor has half a dozen
PREFERENCES_BYTES_MAX: Final = 32_768  # all keys remapped are below 8 kB
PreferenceName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]


def _small(values: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if len(json.dumps(values).encode()) > PREFERENCES_BYTES_MAX:
        raise ValueError(f"is larger than {PREFERENCES_BYTES_MAX} bytes")
    return values


class PreferencesChange(Body):
    """Names to new values; null takes one away, what is not named stays."""

    values: Annotated[
        dict[PreferenceName, JsonValue],
        Field(max_length=PREFERENCES_MAX),
        AfterValidator(_small),
    ]


class PreferencesView(BaseModel):
    values: dict[str, JsonValue]


class WorkspaceRequest(Body):
    name: PlainName


class MemberRequest(Body):
    email: Email
    role: Role


class MemberChange(Body):
    role: Role


class MemberView(BaseModel):
    id: str
    name: str
    email: str | None
    role: Role
    created_at: str


class InviteRequest(Body):
    role: Role
    email: Email | None = None


class InviteView(BaseModel):
    """`url` and `key` only in the answer that made it: stored is a hash. `mailed`: a mail is on its way."""

    id: str
    role: Role
    email: str | None
    created_at: str
    expires_at: str
    url: str | None = None
    key: str | None = None
    mailed: bool = False


class ActView(BaseModel):
    """One act of the audit log; `via` is the session or token by which `actor` asked."""

    seq: int
    act: str
    actor: str
    via: str
    target: str
    detail: dict[str, str]
    address: str
    trace_id: str
    at: str
    hash: str


class ActList(BaseModel):
    items: list[ActView]
    next_cursor: str | None = None


class WorkspaceList(BaseModel):
    items: list[WorkspaceView]
    next_cursor: str | None = None


class MemberList(BaseModel):
    items: list[MemberView]
    next_cursor: str | None = None


class InviteList(BaseModel):
    items: list[InviteView]
    next_cursor: str | None = None
