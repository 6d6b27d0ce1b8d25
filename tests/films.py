"""Short films for tests, written as people would draw them: one line a track, times in frames.

`film(V1="A[0,100) B[100,150)@20")`: clip A at frames 0 to 100, B from its source frame 20 on. After
`@` may stand `x2/1` for the speed. The asset of a clip is its lower-case letter.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from timeline.media import AssetFacts
from timeline.model import (
    RECORD_ROOTS,
    Document,
    Json,
    RecordRoot,
    Records,
    document_from_json,
)
from timeline.seen import Seen

FRAME = 23_520_000  # ticks at 30/1
CLIP = re.compile(r"(\w+)\[(\d+),(\d+)\)(?:@(-?\d+))?(?:x(-?\d+)/(\d+))?")


def film(*, more: Mapping[str, Mapping[str, Any]] | None = None, **tracks: str) -> Document:
    """A document with sequence `seq`; tracks named V.. show pictures, A.. sound, C.. captions.

    `more` adds records, or keys to those that are there: {"clips": {"A": {"link": "l"}}}.
    """
    whole: dict[str, Any] = {root: {} for root in RECORD_ROOTS}
    whole["meta"] = {"main_sequence": "seq"}
    whole["sequences"]["seq"] = {"name": "Main"}
    kinds = {"V": "video", "A": "audio", "C": "caption"}
    for number, (track, line) in enumerate(tracks.items()):
        whole["tracks"][track] = {
            "sequence": "seq",
            "kind": kinds[track[0]],
            "order": f"a{number}",
        }
        for name, start, end, source_in, num, den in CLIP.findall(line):
            whole["clips"][name] = {
                "track": track,
                "kind": "captions" if track[0] == "C" else "media",
                "start": int(start) * FRAME,
                "duration": (int(end) - int(start)) * FRAME,
                "source_in": int(source_in or 0) * FRAME,
            }
            if track[0] != "C":
                whole["clips"][name]["asset"] = name[0].lower()
            if num:
                whole["clips"][name] |= {"speed_num": int(num), "speed_den": int(den)}
    for root, records in (more or {}).items():
        for name, record in records.items():
            whole[root][name] = {**whole[root].get(name, {}), **record}
    return document_from_json(whole)


def assets(**frames: int | None) -> dict[str, AssetFacts]:
    """Facts of assets by length in frames; None is a still."""
    return {
        name: AssetFacts(duration=None if length is None else length * FRAME, has_audio=True)
        for name, length in frames.items()
    }


def shown(document: Document, facts: Mapping[str, AssetFacts] | None = None) -> dict[str, str]:
    """What each track shows, in the same notation; source frames always told, speed where not 1/1."""
    seen = seen_of(document, facts or {})
    found: dict[str, str] = {}
    for lane in seen.lanes(seen.main_sequence() or ""):
        parts: list[str] = []
        for piece in lane.pieces:
            of = piece.of
            speed = (
                "" if (of.speed_num, of.speed_den) == (1, 1) else f"x{of.speed_num}/{of.speed_den}"
            )
            start, end, inside = (
                _frames(at) for at in (piece.start, piece.end, of.local(piece.start))
            )
            parts.append(f"{piece.clip}[{start},{end})@{inside}{speed}")
        found[lane.track] = " ".join(parts)
    return found


def seen_of(document: Document, facts: Mapping[str, AssetFacts]) -> Seen:
    roots: dict[RecordRoot, Records] = {root: document.records(root) for root in RECORD_ROOTS}
    return Seen(document.meta, roots, facts)


def _frames(ticks: int) -> str:
    whole, rest = divmod(ticks, FRAME)
    return str(whole) if rest == 0 else f"{ticks / FRAME:.3f}"


class Ids:
    """n1, n2, ..."""

    def __init__(self, given: Sequence[str] | None = None) -> None:
        self._given = list(given) if given is not None else None
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return self._given[self.count - 1] if self._given is not None else f"n{self.count}"


def command(op: str, **arguments: Any) -> dict[str, Json]:
    """A command; times named at, by, start, ... stay ticks: use `* FRAME`."""
    return {"op": op, **arguments}
