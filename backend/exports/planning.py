"""What a film would be made of and would cost: pure work on a snapshot, off the event loop."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from timeline.film_options import FilmOptions, film_media, ordered_film
from timeline.media import AssetFacts, MediaFacts
from timeline.model import Document
from timeline.plan import Plan
from timeline.planner import Wanted, plan_segments
from timeline.quote import PRICES, PriceTable, Quote, quote
from timeline.resolve import resolve
from timeline.resolved import Diagnostic
from timeline.sound_planner import sound_of_film
from timeline.timing import TimeRange


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
class Planned:
    """The plan of now, good for a price."""

    plan: Plan
    diagnostics: tuple[Diagnostic, ...]

    @property
    def drawn_keys(self) -> frozenset[str]:
        return frozenset(segment.key for segment in self.plan.drawn)


@dataclass(frozen=True, slots=True)
class Priced:
    quote: Quote
    frames: int
    per_frame: int
    diagnostics: tuple[Diagnostic, ...]


def asset_ids(document: Document) -> set[str]:
    """Every asset that a clip or an effect of the document names."""
    named: Iterable[object] = (
        *(clip.get("asset") for clip in document.clips.values()),
        *(effect.get("p:asset") for effect in document.effects.values()),
    )
    return {name for name in named if isinstance(name, str)}


def planned(
    snapshot: Snapshot, preset: str, span: TimeRange | None, options: FilmOptions, engine: str
) -> Planned:
    """The plan of now; ExportRefused where it cannot become a film.

    `engine` is the build that will render it, part of every key. Drawn texts are not known here, so
    segments that show some have other keys than the film's, and are priced as new: an upper bound.
    """
    resolved = resolve(snapshot.document, snapshot.facts)
    ranged = None if span is None else (span.start, span.duration)
    film = ordered_film(resolved, snapshot.media, preset, ranged, options)
    plan = Plan(film.frame_count, film.output, ())
    if film.preset.file.has_picture:
        wanted = Wanted(film.output, engine, film.first_frame, film.frame_count)
        plan = plan_segments(film.frames, film_media(film.preset, snapshot.media), wanted)
    else:
        sound_of_film(film, snapshot.media, options.loudness)
    diagnostics = {*resolved.diagnostics, *plan.diagnostics}
    return Planned(plan, tuple(sorted(diagnostics, key=lambda item: (item.code, item.id))))


def priced(found: Planned, reusable: AbstractSet[str], prices: PriceTable = PRICES) -> Priced:
    """That plan in credits; `reusable` is what is in the cache and paid for [export-X25]."""
    plan = found.plan
    per_frame = prices.per_frame(plan.output.width, plan.output.height)
    return Priced(quote(plan, reusable, prices), plan.frames, per_frame, found.diagnostics)
