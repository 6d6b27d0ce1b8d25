"""Titles, cues and slates, drawn once before a film is planned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kit.object_store import ObjectStore
from timeline.media import TextBitmap
from timeline.plan import Output
from timeline.resolved import Diagnostic, Frames


@dataclass(frozen=True, slots=True)
class DrawnTexts:
    """`texts` by the planner's `text_name`, `slates` by clip."""

    texts: Mapping[str, TextBitmap] = field(default_factory=dict[str, TextBitmap])
    slates: Mapping[str, TextBitmap] = field(default_factory=dict[str, TextBitmap])
    diagnostics: tuple[Diagnostic, ...] = ()


def drawn_texts(
    frames: Frames, output: Output, store: ObjectStore, *, cancelled: Callable[[], bool]
) -> DrawnTexts:
    return DrawnTexts()
