"""Titles and captions drawn once, and the fonts that draw them (`editor.md`, section 6).

The browser sends the spec that `timeline/text_spec.py` builds; preview and export place the same bitmap.
"""

import asyncio
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.assets.bytes import Shown, bytes_answer
from backend.assets.errors import NotThereYet
from backend.assets.routes import StoreDep
from backend.auth.caller import CallerDep
from backend.auth.schemas import Body
from kit.fonts import builtin_fonts, builtin_hashes
from kit.object_store import ObjectStore
from kit.text_store import StoredText, find_stored_text, stored_text
from timeline.model import Json
from timeline.text_spec import MILLION, RASTERISER, SPEC_VERSION, TEXT_MAX, text_key

router = APIRouter(tags=["texts"])

IMAGES_MAX: Final = 100
SIDE_MAX: Final = 8192
LENGTH_MAX: Final = 10 * MILLION
KEY: Final = r"^[0-9a-f]{64}$"

Length = Annotated[int, Field(ge=-LENGTH_MAX, le=LENGTH_MAX)]
Color = Annotated[str, Field(pattern=r"^#[0-9a-f]{8}$")]


class TextSpec(Body):
    """What is drawn; lengths are millionths of the canvas height (`box_width`: of its width)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    version: Literal[1]
    rasteriser: str
    text: Annotated[str, Field(max_length=TEXT_MAX)]
    width: Annotated[int, Field(ge=1, le=SIDE_MAX)]
    height: Annotated[int, Field(ge=1, le=SIDE_MAX)]
    raster_scale: Literal[1, 2, 4]
    fonts: Annotated[list[str], Field(max_length=64)]
    highlight: Annotated[list[int], Field(min_length=2, max_length=2)] | None
    font: Annotated[str, Field(max_length=100)]
    font_weight: Annotated[int, Field(ge=100, le=900)]
    italic: bool
    align: Literal["left", "center", "right"]
    color_fg: Color
    color_bg: Color
    outline_color: Color
    shadow_color: Color
    font_size: Length
    line_height: Length
    letter_spacing: Length
    padding: Length
    outline_width: Length
    shadow_x: Length
    shadow_y: Length
    shadow_blur: Length
    box_width: Length

    @model_validator(mode="after")
    def _ours(self) -> Self:
        if self.version != SPEC_VERSION or self.rasteriser != RASTERISER:
            raise ValueError(f"this server draws with {RASTERISER}; reload the editor")
        if self.fonts != sorted(builtin_hashes()):
            raise ValueError("names fonts that are not here; see GET /fonts")
        return self


class TextImagesRequest(Body):
    images: Annotated[list[TextSpec], Field(min_length=1, max_length=IMAGES_MAX)]


class TextImageView(BaseModel):
    """`x`, `y` place the bitmap in its text box; all lengths in pixels of the bitmap."""

    id: str
    width: int
    height: int
    x: int
    y: int
    box_width: int
    box_height: int
    raster_scale: int
    missing_glyphs: str


class TextImagesView(BaseModel):
    images: list[TextImageView]


class FontView(BaseModel):
    font: str
    weight: int
    italic: bool
    hash: str
    url: str


class FontList(BaseModel):
    items: list[FontView]
    next_cursor: str | None = None


@router.post("/text-images")
async def draw_texts(
    body: TextImagesRequest, _caller: CallerDep, store: StoreDep
) -> TextImagesView:
    return TextImagesView(images=await asyncio.to_thread(_drawn, store, body.images))


@router.head("/text-images/{text_id}", include_in_schema=False, response_class=Response)
@router.get("/text-images/{text_id}", response_class=Response)
async def get_text(
    text_id: Annotated[str, Path(pattern=KEY)],
    request: Request,
    _caller: CallerDep,
    store: StoreDep,
) -> Response:
    found = await asyncio.to_thread(find_stored_text, store, text_id)
    if found is None:
        raise NotThereYet("this text was not drawn here")
    return await bytes_answer(request, store, Shown(found.key, found.hash, "image/png"))


@router.get("/fonts")
async def list_fonts(_caller: CallerDep) -> FontList:
    return FontList(
        items=[
            FontView(
                font=file.font,
                weight=file.weight,
                italic=file.italic,
                hash=file.hash,
                url=f"/api/v1/fonts/{file.hash}",
            )
            for file in builtin_fonts()
        ]
    )


@router.get("/fonts/{font_hash}", response_class=Response)
async def get_font(font_hash: Annotated[str, Path(pattern=KEY)]) -> Response:
    """A shipped font; anybody may have it."""
    found = next((file for file in builtin_fonts() if file.hash == font_hash), None)
    if found is None:
        raise NotThereYet("no such font")
    content = await asyncio.to_thread(found.path.read_bytes)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{font_hash}"'}
    return Response(content, headers=headers, media_type="font/ttf")


def _drawn(store: ObjectStore, specs: list[TextSpec]) -> list[TextImageView]:
    return [_view(spec, store) for spec in specs]


def _view(spec: TextSpec, store: ObjectStore) -> TextImageView:
    plain: dict[str, Json] = spec.model_dump(mode="json")
    key = text_key(plain)
    image: StoredText = stored_text(store, key, plain)
    return TextImageView(
        id=key,
        width=image.width,
        height=image.height,
        x=image.x,
        y=image.y,
        box_width=image.box_width,
        box_height=image.box_height,
        raster_scale=spec.raster_scale,
        missing_glyphs=image.missing_glyphs,
    )
