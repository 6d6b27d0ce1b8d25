"""What a film would be made of and would cost: pure work on a snapshot, off the event loop."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from timeline.errors import ExportRefused
from timeline.media import AssetFacts, MediaFacts
from timeline.model import Document
from timeline.on_frames import on_frames
from timeline.planner import Wanted, plan_segments
from timeline.presets import find_preset, output_of
from timeline.quote import PRICES, Quote, quote
from timeline.resolve import resolve
from timeline.resolved import Diagnostic, Frames
from timeline.timing import Rate, TimeRange, frame


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document of one moment, with what was known of its assets then."""

    document: Document
    media: Mapping[str, MediaFacts]
    pending: Mapping[str, AssetFacts]

    @property
    def facts(self) -> dict[str, AssetFacts]:
        return {**self.pending, **{name: found.facts for name, found in self.media.items()}}


@dataclass(frozen=True, slots=True)
class Priced:
    quote: Quote
    frames: int
    per_frame: int
    diagnostics: tuple[Diagnostic, ...]


def asset_ids(document: Document) -> set[str]:
    """Every asset that a clip of the document names."""
    named: Iterable[object] = (clip.get("asset") for clip in document.clips.values())
    return {name for name in named if isinstance(name, str)}


def priced(snapshot: Snapshot, preset: str, span: TimeRange | None) -> Priced:
    """The plan of now, priced; ExportRefused where it cannot become a film.

    Nothing counts as paid for before there are wallets [export-X25], so nothing is priced as reused.
    """
    resolved = resolve(snapshot.document, snapshot.facts)
    fatal = resolved.fatal
    if fatal is not None:
        raise ExportRefused(fatal.code, fatal.detail or fatal.id or "timeline")
    output = output_of(find_preset(preset), resolved.sequences[resolved.sequence])
    frames = on_frames(resolved, output.fps_num, output.fps_den)
    first, count = _frame_range(frames, span)
    wanted = Wanted(output, engine="", first_frame=first, frames=count)
    plan = plan_segments(frames, snapshot.media, wanted)
    per_frame = PRICES.per_frame(output.width, output.height)
    diagnostics = {*resolved.diagnostics, *plan.diagnostics}
    ordered = tuple(sorted(diagnostics, key=lambda item: (item.code, item.id)))
    return Priced(quote(plan, frozenset()), plan.frames, per_frame, ordered)


def _frame_range(frames: Frames, span: TimeRange | None) -> tuple[int, int]:
    if span is None:
        if frames.duration_frames < 1:
            raise ExportRefused("empty_timeline", "there is no frame to export")
        return 0, frames.duration_frames
    rate = Rate(frames.fps_num, frames.fps_den)
    first, end = frame(span.start, rate), min(frame(span.end, rate), frames.duration_frames)
    if first >= end:
        raise ExportRefused("empty_range", "the range holds no frame of the timeline")
    return first, end - first
