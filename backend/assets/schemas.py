"""How the API tells assets; `views.py` makes them as plain JSON, and so do the events."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

IDS_MAX: Final = 500


class ProblemView(BaseModel):
    """Why something failed, for people."""

    type: str
    code: str
    title: str
    status: int
    detail: str


class FactsView(BaseModel):
    """`duration` and `start_tc` in ticks (705 600 000 a second)."""

    duration: int | None
    fps_num: int
    fps_den: int
    width: int | None
    height: int | None
    has_video: bool
    has_audio: bool
    start_tc: int
    channels: int | None
    sample_rate: int | None


class UrlsView(BaseModel):
    """Paths on this server; null until they are there."""

    content: str | None
    proxy: str | None
    peaks: str | None
    thumbnails: str | None


class DiagnosticView(BaseModel):
    code: str
    detail: str


class AssetView(BaseModel):
    """`state` is about what exports need, `proxy` about what the editor shows."""

    id: str
    workspace: str
    project: str | None
    name: str
    kind: Literal["video", "audio", "image", "lut"]
    media_type: str
    size_bytes: int
    state: Literal["pending", "ready", "failed"]
    progress: float
    problem: ProblemView | None
    facts: FactsView | None
    proxy: Literal["pending", "ready", "none"]
    urls: UrlsView
    diagnostics: list[DiagnosticView]
    created_at: str


class UseAssetsRequest(BaseModel):
    """Media of the workspace that a project will use."""

    assets: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]],
        Field(min_length=1, max_length=IDS_MAX),
    ]


class AssetList(BaseModel):
    items: list[AssetView]
    next_cursor: str | None = None
