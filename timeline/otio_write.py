"""A timeline as OpenTimelineIO: stock schemas for what others can read, metadata for all the rest.

What people see is written as structure, the whole document as metadata of the timeline, so that our
own reader loses nothing [timeline-O1]. What other tools will not see is listed [timeline-O5].
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from timeline.media import AssetEntry, AssetTable
from timeline.model import Document, Json, document_json
from timeline.otio_values import cutroom, rational_time, structure_hash, time_range
from timeline.records import asset_entry_json
from timeline.resolve import resolve
from timeline.resolved import Resolved, SequenceView, Span, TrackView, TransitionView
from timeline.seen import integer_or, live
from timeline.timing import TICK_MAX, Rate, local

TRACK_KINDS: Final = {"video": "Video", "audio": "Audio"}
DISSOLVES: Final = frozenset({"dissolve", "crossfade"})
SEEN_PROPS: Final = frozenset(
    {"name", "link", "group", "color", "run", "scene", "role", "pitch_lock"}
)
"""Properties whose loss elsewhere changes no picture and no sound."""


@dataclass
class _Writer:
    document: Document
    assets: AssetTable
    entries: Mapping[str, AssetEntry]
    resolved: Resolved
    losses: dict[str, None] = field(default_factory=dict[str, None])

    def lost(self, detail: str) -> None:
        self.losses[detail] = None

    def timeline(self) -> dict[str, Json]:
        view = self.resolved.sequences.get(self.resolved.sequence)
        written: dict[str, Json] = {
            "OTIO_SCHEMA": "Timeline.1",
            "name": str(self.document.meta.get("name") or "Untitled"),
            "metadata": {},
            "global_start_time": None,
            "tracks": self.stack(view, None) if view is not None else _item("Stack.1", "tracks"),
        }
        if view is not None:
            start_tc = view.props.get("start_tc")
            rate = Rate(view.fps_num, view.fps_den)
            if isinstance(start_tc, int) and start_tc:
                written["global_start_time"] = rational_time(start_tc, rate)
        whole: dict[str, Json] = {
            "schema": 1,
            "document": document_json(self.document),
            "assets": {key: asset_entry_json(entry) for key, entry in self.entries.items()},
            "structure": structure_hash(written),
        }
        written["metadata"] = {"cutroom": whole}
        return written

    def stack(self, view: SequenceView, kind: str | None) -> dict[str, Json]:
        """A sequence; inside of a track only its tracks of that kind."""
        rate = Rate(view.fps_num, view.fps_den)
        written = _item("Stack.1", view.name)
        written["metadata"] = self.metadata("sequences", view.id)
        if view.effects:
            self.lost(f"{view.id}: effects of a sequence")
        written["effects"] = [self.effect(use.id, use.kind) for use in view.effects]
        written["markers"] = [
            self.marker(
                marker.id, rational_time(marker.t, rate), rational_time(marker.duration, rate)
            )
            for marker in view.markers
        ]
        children: list[Json] = []
        for track in view.tracks:
            if track.kind == "caption":
                if track.spans:
                    self.lost(f"{track.id}: captions")
            elif kind in (None, track.kind):
                children.append(self.track(track, view, rate))
        written["children"] = children
        return written

    def track(self, track: TrackView, view: SequenceView, rate: Rate) -> dict[str, Json]:
        written = _item("Track.1", str(self.document.tracks[track.id].get("name") or track.id))
        written["kind"] = TRACK_KINDS[track.kind]
        written["metadata"] = self.metadata("tracks", track.id)
        written["effects"] = [self.effect(use.id, use.kind) for use in track.effects]
        if not track.active:
            written["enabled"] = False
        if track.props or track.effects:
            self.lost(f"{track.id}: properties and effects of a track")
        at_cut = {item.at: item for item in view.transitions if item.track == track.id}
        children: list[Json] = []
        now = 0
        for span in track.spans:
            if span.start > now:
                self._blend(children, at_cut.pop(now, None), rate)
                children.append(_gap(span.start - now, rate))
            self._blend(children, at_cut.pop(span.start, None), rate)
            children.append(self.span(span, track, rate))
            now = span.end
        self._blend(children, at_cut.pop(now, None), rate)
        written["children"] = children
        return written

    def _blend(self, children: list[Json], view: TransitionView | None, rate: Rate) -> None:
        if view is None:
            return
        if view.kind not in DISSOLVES:
            self.lost(f"{view.id}: a transition of kind {view.kind}")
        children.append(
            {
                "OTIO_SCHEMA": "Transition.1",
                "name": view.kind,
                "metadata": self.metadata("transitions", view.id),
                "transition_type": "SMPTE_Dissolve" if view.kind in DISSOLVES else view.kind,
                "in_offset": rational_time(view.in_offset, rate),
                "out_offset": rational_time(view.out_offset, rate),
            }
        )

    def span(self, span: Span, track: TrackView, rate: Rate) -> dict[str, Json]:
        nested = self.resolved.sequences.get(span.sequence or "")
        if span.kind == "sequence" and nested is not None:
            written = self.stack(nested, track.kind)
            written["metadata"] = {
                "cutroom": {
                    **self._identity("clips", span.clip),
                    "sequence": self._identity("sequences", nested.id),
                }
            }
            source, start_tc = Rate(nested.fps_num, nested.fps_den), 0
        else:
            facts = self.assets.get(span.asset or "")
            source = facts.rate if facts is not None else rate
            start_tc = facts.start_tc if facts is not None else 0
            written = _item("Clip.2", str(self.document.clips[span.clip].get("name") or span.clip))
            written["metadata"] = self.metadata("clips", span.clip)
            written["active_media_reference_key"] = "DEFAULT_MEDIA"
            written["media_references"] = {"DEFAULT_MEDIA": self.reference(span, source)}
        low, high = used(span)
        start = rational_time(start_tc + low, source)
        written["source_range"] = time_range(start, rational_time(span.duration, rate))
        written["metadata"] = {"cutroom": {**cutroom(written), "extent": [low, high]}}
        written["effects"] = [
            *self.warps(span),
            *(self.effect(use.id, use.kind) for use in span.effects),
        ]
        written["markers"] = [
            *(written["markers"] if isinstance(written["markers"], list) else []),
            *self.clip_markers(span, source, start_tc),
        ]
        if not self.document.clips[span.clip].get("enabled", True):
            written["enabled"] = False
        self._lost_of_clip(span)
        return written

    def _lost_of_clip(self, span: Span) -> None:
        if span.curves:
            self.lost(f"{span.clip}: keyframes")
        if set(span.props) - SEEN_PROPS:
            self.lost(f"{span.clip}: {', '.join(sorted(set(span.props) - SEEN_PROPS))}")
        if span.effects:
            self.lost(f"{span.clip}: effects")
        if span.kind not in ("media", "sequence"):
            self.lost(f"{span.clip}: a clip of kind {span.kind}")

    def reference(self, span: Span, source: Rate) -> dict[str, Json]:
        base: dict[str, Json] = {"name": "", "metadata": {}, "available_image_bounds": None}
        entry = self.entries.get(span.asset or "")
        if span.kind != "media":
            kind = span.generator or span.kind
            return {
                "OTIO_SCHEMA": "GeneratorReference.1",
                **base,
                "available_range": None,
                "generator_kind": f"cutroom.{kind}",
                "parameters": {},
            }
        base["metadata"] = {"cutroom": {"asset": span.asset}}
        if entry is None or entry.path is None:
            if span.asset is not None:
                self.lost(f"{span.asset}: no path of this asset is known")
            return {"OTIO_SCHEMA": "MissingReference.1", **base, "available_range": None}
        facts = self.assets.get(span.asset or "")
        start_tc = facts.start_tc if facts is not None else 0
        known = facts.duration if facts is not None else None
        length = known if known is not None else max(used(span)[1], 0)
        return {
            "OTIO_SCHEMA": "ExternalReference.1",
            **base,
            "name": entry.name,
            "target_url": _url(entry.path),
            "available_range": time_range(
                rational_time(start_tc, source), rational_time(length, source)
            ),
        }

    def warps(self, span: Span) -> list[Json]:
        num, den = span.speed
        if (num, den) == (1, 1) or span.kind not in ("media", "sequence"):
            return []
        name = "FreezeFrame" if num == 0 else "LinearTimeWarp"
        return [
            {
                "OTIO_SCHEMA": f"{name}.1",
                "name": "",
                "metadata": {"cutroom": {"speed": [num, den]}},
                "effect_name": name,
                "time_scalar": num / den,
                "enabled": True,
            }
        ]

    def effect(self, effect_id: str, kind: str) -> Json:
        return {
            "OTIO_SCHEMA": "Effect.1",
            "name": kind,
            "metadata": self.metadata("effects", effect_id),
            "effect_name": kind,
            "enabled": True,
        }

    def clip_markers(self, span: Span, source: Rate, start_tc: int) -> list[Json]:
        found: list[Json] = []
        for name, record in sorted(self.document.markers.items()):
            at, duration = integer_or(record, "t", 0), integer_or(record, "duration", 0)
            if record.get("owner") != span.clip or not live(record):
                continue
            if at is not None and duration is not None and abs(at) <= TICK_MAX and duration >= 0:
                start = rational_time(at + start_tc, source)
                found.append(self.marker(name, start, rational_time(duration, source)))
        return found

    def marker(self, name: str, start: dict[str, Json], duration: dict[str, Json]) -> Json:
        record = self.document.markers[name]
        return {
            "OTIO_SCHEMA": "Marker.2",
            "name": str(record.get("name") or ""),
            "color": str(record.get("color") or "GREEN"),
            "comment": str(record.get("note") or ""),
            "marked_range": time_range(start, duration),
            "metadata": self.metadata("markers", name),
        }

    def metadata(self, root: str, name: str) -> dict[str, Json]:
        return {"cutroom": self._identity(root, name)}

    def _identity(self, root: str, name: str) -> dict[str, Json]:
        records: Mapping[str, Mapping[str, Json]] = getattr(self.document, root)
        return {"id": name, "record": dict(records.get(name, {}))}


def used(span: Span) -> tuple[int, int]:
    """The lowest source tick that a span uses and the end of what it uses."""
    num, den = span.speed
    end = local(span.duration, 0, span.local_in, num, den)
    return min(span.local_in, end), max(span.local_in, end)


def timeline_to_otio(
    document: Document, assets: AssetTable, entries: Mapping[str, AssetEntry]
) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The timeline as OpenTimelineIO JSON, and what other tools will not find in it [timeline-O5].

    `entries` holds the paths of assets, relative ones as they are.
    """
    writer = _Writer(document, assets, entries, resolve(document, assets))
    written = writer.timeline()
    return written, tuple(writer.losses)


def otio_text(written: Mapping[str, Json]) -> str:
    """The text of a file, the same for the same timeline."""
    return json.dumps(written, indent=4, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _item(schema: str, name: str) -> dict[str, Json]:
    return {
        "OTIO_SCHEMA": schema,
        "name": name,
        "metadata": {},
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        **({} if schema == "Clip.2" else {"children": []}),
    }


def _gap(duration: int, rate: Rate) -> dict[str, Json]:
    gap = _item("Clip.2", "")
    gap["OTIO_SCHEMA"] = "Gap.1"
    gap["source_range"] = time_range(rational_time(0, rate), rational_time(duration, rate))
    return gap


def _url(path: str) -> str:
    return path if "://" in path else quote(path)
