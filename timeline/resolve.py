"""Any document becomes a valid timeline plus diagnostics: resolve() never raises [timeline-R1].

    document -> records (reading) -> nesting -> places and spans (layout) -> cuts -> Resolved

Layout knows no frames; `on_frames` puts the result on a grid. Diagnostics of records speak of the
whole document, those of spans and cuts of the sequence resolved and of all that it reaches.
"""

from collections.abc import Iterator, Mapping

from timeline.cuts import Lane, transitions_at_cuts
from timeline.diagnostics import Findings
from timeline.gathered import Gathered, SequenceRecord, TrackRecord, gather
from timeline.layout import Placed, Visible, covers, placed, visible_parts
from timeline.media import AssetTable
from timeline.model import Document
from timeline.nesting import SPANS_MAX
from timeline.resolved import EffectUse, Resolved, SequenceView, Span, TrackView
from timeline.schema import SCHEMA_VERSION
from timeline.spans import clip_span, linked_apart, report_held_frames, report_media, report_tables


def resolve(document: Document, assets: AssetTable, sequence: str | None = None) -> Resolved:
    """The timeline of `sequence` (default: the main one) with every sequence that it reaches.

    `assets` holds the facts of assets that the workspace owns; others count as missing. Total and
    pure [timeline-R1, timeline-R2].
    """
    findings = Findings()
    gathered = gather(document, findings)
    entry = gathered.main if sequence is None else sequence
    if entry is None or entry not in gathered.sequences:
        findings.add("no_sequence", entry or "")
        return Resolved(
            SCHEMA_VERSION, "", 0, gathered.recovered, findings.diagnostics(), {}, assets
        )
    views = SequenceViews(gathered, assets, findings)
    whole = views.get(entry)
    report_film(whole, views.views, findings)
    return Resolved(
        SCHEMA_VERSION,
        entry,
        whole.duration,
        gathered.recovered,
        findings.diagnostics(),
        views.views,
        assets,
    )


def report_film(whole: SequenceView, views: Mapping[str, SequenceView], findings: Findings) -> None:
    """What is odd about the film that a sequence would become."""
    if whole.duration == 0:
        findings.add("empty_timeline", whole.id)
    elif not covers(_pictures(whole), whole.duration):
        findings.add("black", whole.id)
    if _span_uses(whole.id, views, {}) > SPANS_MAX:
        findings.add("too_complex", whole.id, f"more than {SPANS_MAX} spans")


def _pictures(view: SequenceView) -> list[tuple[int, int]]:
    return [
        (span.start, span.end)
        for track in view.tracks
        if track.kind == "video"
        for span in track.spans
        if span.active and span.kind != "adjustment"
    ]


def _span_uses(entry: str, views: Mapping[str, SequenceView], known: dict[str, int]) -> int:
    """Spans below a sequence, nested ones counted per use; stops counting past the limit."""
    if entry not in known:
        total = 0
        for track in views[entry].tracks:
            for span in track.spans:
                total += 1 + (_span_uses(span.sequence, views, known) if span.sequence else 0)
        known[entry] = min(total, SPANS_MAX + 1)
    return known[entry]


class SequenceViews:
    """Sequences laid out when asked for, with all that they reach; inner ones first."""

    def __init__(self, gathered: Gathered, assets: AssetTable, findings: Findings) -> None:
        self._gathered = gathered
        self._assets = assets
        self._findings = findings
        self.views: dict[str, SequenceView] = {}

    def get(self, sequence_id: str) -> SequenceView:
        # Recursion ends after 9 levels [timeline-R7].
        if sequence_id not in self.views:
            self.views[sequence_id] = self._laid_out(self._gathered.sequences[sequence_id])
        return self.views[sequence_id]

    def _laid_out(self, sequence: SequenceRecord) -> SequenceView:
        records = self._gathered.tracks_of(sequence.id)
        places = {track.id: self._places(track) for track in records}
        parts = {track_id: visible_parts(found) for track_id, found in places.items()}
        for track_id, found in places.items():
            self._report_overlaps(found, parts[track_id])
        tracks = tuple(self._track_view(track, parts[track.id], sequence) for track in records)
        lanes = [Lane(track.id, track.kind, track.spans) for track in tracks]
        transitions = transitions_at_cuts(
            self._gathered.transitions.get(sequence.id, ()), lanes, self._findings
        )
        report_held_frames(transitions, tracks, sequence.rate, self._assets, self._findings)
        for clip in linked_apart([(track.kind, places[track.id]) for track in records], sequence):
            self._findings.add("link_offset", clip)
        for uses in self._effects_in(sequence.id, tracks):
            report_tables(uses, self._assets, self._findings)
        ends = [track.spans[-1].end for track in tracks if track.spans and track.kind != "caption"]
        return SequenceView(
            id=sequence.id,
            name=sequence.name,
            width=sequence.width,
            height=sequence.height,
            fps_num=sequence.rate.num,
            fps_den=sequence.rate.den,
            sample_rate=sequence.sample_rate,
            duration=max(ends, default=0),
            props=sequence.props,
            effects=self._gathered.effects.get(("sequences", sequence.id), ()),
            markers=self._gathered.markers.get(("sequences", sequence.id), ()),
            tracks=tracks,
            transitions=transitions,
        )

    def _effects_in(
        self, sequence_id: str, tracks: tuple[TrackView, ...]
    ) -> Iterator[tuple[EffectUse, ...]]:
        """The effects of a sequence, of its active tracks, and of their clips that are shown."""
        yield self._gathered.effects.get(("sequences", sequence_id), ())
        for track in tracks:
            if track.active and track.kind != "audio":
                yield track.effects
                yield from (span.effects for span in track.spans if span.active)

    def _places(self, track: TrackRecord) -> list[Placed]:
        found: list[Placed] = []
        for clip in self._gathered.clips.get(track.id, ()):
            duration = None
            if clip.duration is None or clip.source_in is None:
                duration = self._source_duration(clip.asset, clip.sequence)
            place = placed(clip, duration)
            if place is None:
                self._findings.add("bad_time", clip.id, "leaves the range of ticks")
            else:
                found.append(place)
        return found

    def _source_duration(self, asset: str | None, sequence: str | None) -> int | None:
        if sequence is not None and sequence in self._gathered.sequences:
            return self.get(sequence).duration
        facts = self._assets.get(asset) if asset is not None else None
        return facts.duration if facts is not None else None

    def _report_overlaps(self, places: list[Placed], parts: list[Visible]) -> None:
        seen: dict[str, int] = {}
        for part in parts:
            clip_id = part.placed.clip.id
            seen[clip_id] = seen.get(clip_id, 0) + part.end - part.start
        for place in places:
            if seen.get(place.clip.id, 0) < place.duration:
                self._findings.add("overlap", place.clip.id, "covered by a later clip")

    def _track_view(
        self, track: TrackRecord, parts: list[Visible], sequence: SequenceRecord
    ) -> TrackView:
        spans: list[Span] = []
        for part in parts:
            span = clip_span(part, track, self._gathered, self._assets)
            if span.sequence is not None:
                self.get(span.sequence)
            report_media(span, track.kind, sequence.rate, self._assets, self._findings)
            spans.append(span)
        return TrackView(
            id=track.id,
            kind=track.kind,
            active=track.active,
            props=track.props,
            curves=track.curves,
            effects=self._gathered.effects.get(("tracks", track.id), ()),
            spans=tuple(spans),
        )
