"""OpenTimelineIO as a timeline: the structure of any writer, the rest of it where we wrote it.

Unknown schemas are skipped and reported; what makes no sense is refused with its field
[timeline-O5]. Ids of our own objects are kept, others are counted: `c1`, `v1`, `as_1`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final
from urllib.parse import unquote

from timeline.errors import BadTimeline
from timeline.media import AssetEntry
from timeline.model import RECORD_ROOTS, Document, Json, Record, RecordRoot, document_json
from timeline.order_keys import keys_between
from timeline.otio_values import (
    DEPTH_MAX,
    Object,
    cutroom,
    exact_ratio,
    media_reference,
    number,
    objects,
    range_ticks,
    rate_of,
    schema_name,
    ticks,
)
from timeline.seen import integer, live
from timeline.timing import TICK_MAX, Rate
from timeline.values import is_id

KINDS: Final = {"Video": "video", "Audio": "audio"}
DISSOLVE: Final = "SMPTE_Dissolve"
GENERATED: Final = frozenset({"title", "adjustment", "captions"})
ITEMS: Final = frozenset({"Clip", "Gap", "Stack", "Track"})
SPEED_MAX: Final = 100
SPEED_TERM_MAX: Final = 100_000


@dataclass
class Reader:
    """Reads the structure of one timeline into records; `base` is the document we once stored in it."""

    base: Document
    entries: dict[str, AssetEntry]
    losses: dict[str, None] = field(default_factory=dict[str, None])
    roots: dict[RecordRoot, dict[str, dict[str, Json]]] = field(
        default_factory=lambda: {root: {} for root in RECORD_ROOTS}
    )
    counts: dict[str, int] = field(default_factory=dict[str, int])
    assets_by_url: dict[str, str] = field(default_factory=dict[str, str])

    def lost(self, detail: str) -> None:
        self.losses[detail] = None

    def document(self, timeline: Object) -> Document:
        """The whole document of a timeline object."""
        for name, entry in self.entries.items():
            if entry.path is not None:
                self.assets_by_url.setdefault(entry.path, name)
        stack = timeline.get("tracks")
        if not isinstance(stack, dict) or schema_name(stack) != "Stack":
            raise BadTimeline("tracks", "a Stack is expected")
        start_tc = timeline.get("global_start_time")
        rate = rate_of(start_tc) or first_rate(stack, "Video") or first_rate(stack, "Audio")
        main = self.sequence(stack, rate or Rate(30), cutroom(stack), 0)
        if start_tc is not None:
            self.roots["sequences"][main]["start_tc"] = ticks(start_tc, "global_start_time")
        name = timeline.get("name")
        meta: dict[str, Json] = {**self.base.meta, "main_sequence": main}
        if isinstance(name, str) and name:
            meta["name"] = name[:200]
        self._keep_unseen()
        return Document(meta=meta, **self.roots)

    def identity(self, root: RecordRoot, ours: Object, prefix: str) -> tuple[str, dict[str, Json]]:
        """The id and the known keys of an object: ours where it has one that is not taken yet."""
        found, record = ours.get("id"), ours.get("record")
        known: Record = record if isinstance(record, dict) else {}
        if isinstance(found, str) and is_id(found):
            known = self.base.records(root).get(found, known)
            if found not in self.roots[root]:
                return found, {key: value for key, value in known.items() if key != "removed"}
        while True:
            self.counts[prefix] = self.counts.get(prefix, 0) + 1
            fresh = f"{prefix}{self.counts[prefix]}"
            if fresh not in self.roots[root] and fresh not in self.base.records(root):
                return fresh, {key: value for key, value in known.items() if key != "removed"}

    def sequence(self, stack: Object, rate: Rate, ours: Object, depth: int) -> str:
        """A stack as a sequence; answers its id."""
        if depth > DEPTH_MAX:
            raise BadTimeline("children", f"nested deeper than {DEPTH_MAX} levels")
        name, record = self.identity("sequences", ours, "seq_")
        if not ours:
            record |= {"fps_num": rate.num, "fps_den": rate.den, "name": _name(stack) or "Main"}
        self.roots["sequences"][name] = record
        self.tracks(stack, name, rate, depth)
        self.markers(stack, name, 0)
        return name

    def tracks(self, stack: Object, sequence: str, rate: Rate, depth: int) -> None:
        """The tracks of a stack; a lone item in it gets a track of its own."""
        names: list[str] = []
        for item in objects(stack.get("children")):
            kind = schema_name(item)
            child: Object = item if kind == "Track" else {"kind": "Video", "children": [item]}
            if kind not in ITEMS:
                self.lost(f"{kind or 'an object'}: unknown in a stack, skipped")
                continue
            ours_kind = KINDS.get(str(child.get("kind")))
            if ours_kind is None:
                self.lost(f"a track of kind {str(child.get('kind'))[:64]!r}, skipped")
                continue
            name, record = self.identity("tracks", cutroom(child), ours_kind[0])
            record |= {"sequence": sequence, "kind": ours_kind}
            if not cutroom(child) and _name(child):
                record["name"] = _name(child)
            if child.get("enabled") is False and not cutroom(child):
                record |= {"enabled": False} if ours_kind == "video" else {"muted": True}
            self.roots["tracks"][name] = record
            names.append(name)
            self.items(child, name, rate, depth)
            if not cutroom(stack):
                self.markers(child, sequence, 0)
        self._in_order(names)

    def _in_order(self, names: list[str]) -> None:
        """Fresh order keys where the stored ones do not say the order of the file."""
        tracks = self.roots["tracks"]
        keys = [str(tracks[name].get("order") or "") for name in names]
        if keys != sorted(set(keys)) or "" in keys:
            for name, key in zip(names, keys_between(None, None, len(names)), strict=True):
                tracks[name]["order"] = key

    def items(self, track: Object, name: str, rate: Rate, depth: int) -> None:
        """The clips of a track, one after the other; its `source_range` is a window on them."""
        window = range_ticks(track.get("source_range"), f"{name}/source_range")
        if window is not None and not self._touches(window, track, name):
            self.lost(f"{name}: a source_range beside all that the track holds, left out")
            window = None
        now = -window[0] if window else 0
        limit = window[1] if window else TICK_MAX
        last: str | None = None
        blend: Object | None = None
        for place, child in enumerate(objects(track.get("children"))):
            kind, where = schema_name(child), f"{name}/{place}"
            if kind == "Transition":
                blend = child
                continue
            if kind not in ITEMS:
                self.lost(f"{where}: {kind or 'an object without a schema'}, skipped")
                continue
            duration = self.duration(child, where)
            clip = None
            start, end = max(now, 0), min(now + duration, limit)
            if kind != "Gap" and end > start:
                clip = self.clip(child, name, (start, end, start - now), duration, rate, depth)
            if blend is not None:
                self.transition(blend, last, clip, where)
            last, blend = clip, None
            now += duration
        if blend is not None:
            self.transition(blend, last, None, f"{name}/end")

    def _touches(self, window: tuple[int, int], track: Object, name: str) -> bool:
        bare: Object = {**track, "source_range": None}
        return window[0] < self.duration(bare, name) and window[0] + window[1] > 0

    def duration(self, item: Object, where: str) -> int:
        """How long an item of a track is, in ticks."""
        stretch = range_ticks(item.get("source_range"), f"{where}/source_range")
        if stretch is not None:
            return stretch[1]
        if schema_name(item) == "Clip":
            available = range_ticks(
                media_reference(item).get("available_range"), f"{where}/available_range"
            )
            if available is None:
                raise BadTimeline(
                    f"{where}/source_range", "neither it nor available_range is there"
                )
            return available[1]
        lengths = [
            self.duration(child, f"{where}/{place}")
            for place, child in enumerate(objects(item.get("children")))
            if schema_name(child) in ITEMS
        ]
        return (sum if schema_name(item) == "Track" else max)(lengths or [0])

    def clip(
        self,
        item: Object,
        track: str,
        visible: tuple[int, int, int],
        duration: int,
        rate: Rate,
        depth: int,
    ) -> str:
        """One item as a clip; `visible` is its start, its end, and what its head lost to a window."""
        ours = cutroom(item)
        name, record = self.identity("clips", ours, "c")
        where = f"clips/{name}"
        start, end, hidden = visible
        reference = media_reference(item)
        stretch = range_ticks(item.get("source_range"), f"{where}/source_range")
        available = range_ticks(reference.get("available_range"), f"{where}/available_range")
        origin = available[0] if available is not None else 0
        low = (stretch[0] - origin) if stretch is not None else 0
        speed = self.speed(item, record, where)
        source_in = low
        if speed < 0:  # what is used lies below `source_in`
            source_in = low - duration * speed.numerator // speed.denominator
        source_in += hidden * speed.numerator // speed.denominator
        self.roots["clips"][name] = record
        record |= {"track": track, "start": start, "duration": end - start, "source_in": source_in}
        for key, value in (("speed_num", speed.numerator), ("speed_den", speed.denominator)):
            if value != 1 or key in record:
                record[key] = value
        if not ours and _name(item):
            record["name"] = _name(item)
        if item.get("enabled") is False:
            record["enabled"] = False
        elif record.get("enabled") is False:
            record.pop("enabled")
        self.content(item, record, reference, rate, depth)
        self.markers(item, name, origin)
        return name

    def content(
        self, item: Object, record: dict[str, Json], reference: Object, rate: Rate, depth: int
    ) -> None:
        """What a clip shows: media, a nested sequence, something generated, or a slate."""
        kind = schema_name(item)
        if kind in ("Stack", "Track"):
            nested: Object = item if kind == "Stack" else {"children": [item]}
            inner = cutroom(item).get("sequence")
            ours = inner if isinstance(inner, dict) else {}
            known = ours.get("id")
            record["kind"] = "sequence"
            if isinstance(known, str) and known in self.roots["sequences"]:
                # Its pictures came with another use of it; here come the tracks that it lacks.
                record["sequence"] = known
                self._missing_tracks(nested, known, rate, depth)
                return
            bare = {key: value for key, value in nested.items() if key != "source_range"}
            record["sequence"] = self.sequence({**bare, "markers": []}, rate, ours, depth + 1)
            return
        schema = schema_name(reference)
        if schema == "ExternalReference":
            record["kind"] = "media"
            record["asset"] = self.asset(reference)
        elif schema == "GeneratorReference":
            self.generated(record, str(reference.get("generator_kind") or ""))
        else:
            if schema not in ("MissingReference", ""):
                self.lost(f"{schema}: its media is missing here")
            record.setdefault("kind", "media")
            ours_asset = cutroom(reference).get("asset")
            if isinstance(ours_asset, str):
                record["asset"] = ours_asset

    def _missing_tracks(self, stack: Object, sequence: str, rate: Rate, depth: int) -> None:
        have = self.roots["tracks"]
        children = [
            child
            for child in objects(stack.get("children"))
            if cutroom(child).get("id") not in have
        ]
        if children:
            self.tracks({"children": list(children)}, sequence, rate, depth + 1)

    def generated(self, record: dict[str, Json], generator: str) -> None:
        name = generator.removeprefix("cutroom.")
        if name in GENERATED:
            record["kind"] = name
            return
        if "kind" in record and generator.startswith("cutroom."):
            return
        bars = "bars" in generator.lower()
        record |= {"kind": "generator", "generator": "bars" if bars else "solid"}
        self.lost(f"generator {generator[:64]!r}: shown as {'bars' if bars else 'a solid'}")

    def asset(self, reference: Object) -> str:
        """The id of an asset, one for each `target_url`."""
        url = reference.get("target_url")
        path = _path(url) if isinstance(url, str) else ""
        if path not in self.assets_by_url:
            known = cutroom(reference).get("asset")
            name = known if isinstance(known, str) and is_id(known) else ""
            while not name or name in self.entries:
                self.counts["as_"] = self.counts.get("as_", 0) + 1
                name = f"as_{self.counts['as_']}"
            label = _name(reference) or path.rpartition("/")[2]
            self.entries[name] = AssetEntry(path or None, label)
            self.assets_by_url[path] = name
        return self.assets_by_url[path]

    def speed(self, item: Object, record: Record, where: str) -> Fraction:
        """The product of all time warps; a stored speed where it is the same one [timeline-O2]."""
        scalar = 1.0
        for effect in objects(item.get("effects")):
            name = schema_name(effect)
            if "time_scalar" in effect:
                scalar *= number(effect["time_scalar"], f"{where}/time_scalar")
            elif name == "FreezeFrame":
                scalar = 0.0
            elif name != "Effect" or "id" not in cutroom(effect):
                self.lost(f"{where}: effect {str(effect.get('effect_name') or name)[:64]!r}")
        num, den = integer(record.get("speed_num", 1)), integer(record.get("speed_den", 1))
        if num is not None and den and abs(num / den - scalar) < 1e-9:
            return Fraction(num, den)
        found = exact_ratio(scalar)
        if abs(found) > SPEED_MAX or abs(found.numerator) > SPEED_TERM_MAX:
            raise BadTimeline(f"{where}/time_scalar", "faster than 100 times")
        return found

    def transition(self, item: Object, left: str | None, right: str | None, where: str) -> None:
        """A transition between two clips, or at one where a gap is on its other side."""
        if left is None and right is None:
            self.lost(f"{where}: a transition without a clip, skipped")
            return
        offsets: dict[str, Json] = {}
        for key in ("in_offset", "out_offset"):
            value = item.get(key)
            offsets[key] = max(0, ticks(value, f"{where}/{key}")) if value is not None else 0
        name, record = self.identity("transitions", cutroom(item), "t")
        record |= offsets
        record.pop("left", None)
        record.pop("right", None)
        for side, clip in (("left", left), ("right", right)):
            if clip is not None:
                record[side] = clip
        self.roots["transitions"][name] = record
        kind = str(item.get("transition_type") or DISSOLVE)
        if kind != DISSOLVE and "kind" not in record:
            self.lost(f"{where}: transition {kind[:64]!r}, shown as a dissolve")

    def markers(self, item: Object, owner: str, origin: int) -> None:
        """Markers of a stack, a track or a clip, for the sequence or clip that they become part of."""
        for place, marker in enumerate(objects(item.get("markers"))):
            stretch = range_ticks(marker.get("marked_range"), f"{owner}/markers/{place}")
            if stretch is None:
                self.lost(f"{owner}: a marker without a range, skipped")
                continue
            name, record = self.identity("markers", cutroom(marker), "m")
            record |= {"owner": owner, "t": stretch[0] - origin, "duration": stretch[1]}
            if not cutroom(marker):
                label, note = _name(marker), marker.get("comment")
                record |= {"name": label} if label else {}
                record |= {"note": note[:10_000]} if isinstance(note, str) and note else {}
            self.roots["markers"][name] = record

    def _keep_unseen(self) -> None:
        """What no structure shows: captions, effects, cues, variables, and clips that nobody saw."""
        tracks, clips = self.base.tracks, self.roots["clips"]
        for name, record in tracks.items():
            if live(record) and record.get("kind") == "caption":
                self.roots["tracks"].setdefault(name, dict(record))
        for name, record in self.base.clips.items():
            track = tracks.get(str(record.get("track")), {})
            if live(record) and name not in clips and track.get("kind") == "caption":
                clips[name] = dict(record)
        for root in ("effects", "cues", "variables"):
            key = {"effects": "owner", "cues": "clip"}.get(root)
            for name, record in self.base.records(root).items():
                owner = str(record.get(key)) if key else ""
                there = any(owner in self.roots[each] for each in ("clips", "tracks", "sequences"))
                if live(record) and (key is None or there):
                    self.roots[root][name] = dict(record)


def first_rate(item: Object, kind: str, depth: int = 0) -> Rate | None:
    """The rate of the first clip on tracks of this kind."""
    if depth > DEPTH_MAX:
        return None
    for child in objects(item.get("children")):
        if schema_name(child) == "Track" and child.get("kind") != kind:
            continue
        if schema_name(child) == "Clip":
            stretch = child.get("source_range") or media_reference(child).get("available_range")
            start = stretch.get("start_time") if isinstance(stretch, dict) else None
            rate = rate_of(start)
            if rate is not None and Fraction(rate.num, rate.den) <= 240 and rate.num >= rate.den:
                return rate
        found = first_rate(child, kind, depth + 1)
        if found is not None:
            return found
    return None


def _name(item: Object) -> str:
    name = item.get("name")
    return name[:200] if isinstance(name, str) else ""


def _path(url: str) -> str:
    """A `target_url` as a path: `file:` taken off, percent signs read; other schemes as they are."""
    if url.startswith("file://"):
        rest = url.removeprefix("file://").removeprefix("localhost")
        return unquote(rest)
    return url if "://" in url else unquote(url)


def whole_json(document: Document, entries: Mapping[str, Json]) -> dict[str, Json]:
    """The content of a `.cutroom.json`."""
    return {"schema": 1, **document_json(document), "assets": dict(entries)}
