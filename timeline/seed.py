"""The document of a new project; only the server writes it, before the first client joins [timeline-W7]."""

from typing import Final

from timeline.model import Document, Json, NewId, Record
from timeline.order_keys import keys_between

TRACKS: Final = (("video", "V1"), ("video", "V2"), ("audio", "A1"), ("audio", "A2"))
"""Kind and name, in order: pictures bottom to top, then sound."""

CREATED_WITH: Final = "cutroom"


def seed_document(
    name: str, *, width: int, height: int, fps_num: int, fps_den: int, new_id: NewId
) -> Document:
    """One main sequence with two picture and two sound tracks; size in pixels.

    New ids: the sequence, then V1, V2, A1, A2.
    """
    sequence = new_id()
    shape: dict[str, Json] = {"name": "Main", "order": "a0", "width": width, "height": height}
    rate: dict[str, Json] = {"fps_num": fps_num, "fps_den": fps_den, "sample_rate": 48_000}
    tracks: dict[str, Record] = {}
    for (kind, label), order in zip(TRACKS, keys_between(None, None, len(TRACKS)), strict=True):
        tracks[new_id()] = {"sequence": sequence, "kind": kind, "name": label, "order": order}
    return Document(
        meta={
            "schema": 1,
            "min_reader": 1,
            "name": name,
            "created_with": CREATED_WITH,
            "main_sequence": sequence,
        },
        sequences={sequence: {**shape, **rate}},
        tracks=tracks,
    )
