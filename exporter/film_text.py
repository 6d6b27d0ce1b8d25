"""The words of a plan as tracks of a file: captions that follow each other, chapters, title."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import cast

from exporter.film_parts import Labels, TextTrack
from timeline.film_words import Line, lines_from_json
from timeline.plan import Plan


def caption_track(plan: Plan) -> TextTrack | None:
    """The soft captions as texts without a gap: nothing is a text too, and what overlaps stands together."""
    lines = lines_from_json(plan.captions.get("cues"))
    if plan.captions.get("mode") != "soft" or not lines:
        return None
    stretches = list(_stretches(lines, plan.frames))
    return TextTrack(tuple(text for text, _ in stretches), tuple(frames for _, frames in stretches))


def _stretches(lines: Sequence[Line], frames: int) -> Iterator[tuple[str, int]]:
    edges = sorted({0, frames, *(line.start for line in lines), *(line.end for line in lines)})
    shown: list[Line] = []
    coming = sorted(lines, key=lambda line: line.start)
    for start, end in pairwise(edges):
        shown = [line for line in shown if line.end > start]
        while coming and coming[0].start <= start:
            shown.append(coming.pop(0))
        yield "\n".join(line.text for line in shown), end - start


def chapter_track(plan: Plan) -> TextTrack | None:
    found = chapters_of(plan)
    if not found:
        return None
    starts = [*(start for start, _ in found), plan.frames]
    lengths = tuple(end - start for start, end in pairwise(starts))
    return TextTrack(tuple(name for _, name in found), lengths, is_chapters=True)


def chapters_of(plan: Plan) -> tuple[tuple[int, str], ...]:
    """First frame and name of each."""
    rows = cast("list[tuple[int, str]]", plan.labels.get("chapters", []))
    return tuple((int(start), str(name)) for start, name in rows)


def labels_of(plan: Plan, cover: bytes = b"") -> Labels:
    return Labels(str(plan.labels.get("title", "")), cover, chapters_of(plan))
