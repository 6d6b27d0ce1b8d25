"""Drawn texts in the object store: the bitmap and where it lies in its text box, drawn by whoever comes first."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.object_store import ObjectConflict, ObjectMissing, ObjectStore


@dataclass(frozen=True, slots=True)
class StoredText:
    """A drawn text in the store: `key` of the PNG, `hash` the sha256 of its bytes; lengths as in `TextImage`."""

    key: str
    hash: str
    width: int
    height: int
    x: int
    y: int
    box_width: int
    box_height: int
    missing_glyphs: str


def stored_text(store: ObjectStore, name: str, spec: Mapping[str, Any]) -> StoredText:
    """The drawn text of `spec`; `name` is the sha256 of its canonical JSON. TextUnavailable, StoreError."""
    found = find_stored_text(store, name)
    if found is not None:
        return found
    from kit.text_image import draw_text  # noqa: PLC0415 - numpy and skia load with the first text

    image = draw_text(spec)
    made = StoredText(
        key=f"text/{name}.png",
        hash=hashlib.sha256(image.png).hexdigest(),
        width=image.width,
        height=image.height,
        x=image.x,
        y=image.y,
        box_width=image.box_width,
        box_height=image.box_height,
        missing_glyphs=image.missing_glyphs,
    )
    body = {field: getattr(made, field) for field in StoredText.__slots__}
    try:
        store.put(made.key, image.png)
        store.put(_index(name), json.dumps(body, sort_keys=True).encode())
    except ObjectConflict:
        # Another machine drew it first, with other last bits: theirs counts, so that all show the same.
        other = find_stored_text(store, name)
        return made if other is None else other
    return made


def find_stored_text(store: ObjectStore, name: str) -> StoredText | None:
    """What was drawn before under that name, if anything."""
    try:
        with store.open(_index(name)) as file:
            return StoredText(**json.loads(file.read()))
    except ObjectMissing:
        return None


def _index(name: str) -> str:
    return f"text/{name}.json"
