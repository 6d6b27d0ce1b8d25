"""All live records of a document, read once and put where they belong: on tracks, under owners.

What belongs nowhere is skipped and reported: clips without a live track are recovered, effects,
cues and markers without an owner are orphans [timeline-R6].
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, TypeAlias, cast

from timeline.diagnostics import Findings
from timeline.model import Document, Json, RecordRoot
from timeline.nesting import refused_nestings
from timeline.reading import (
    ClipRecord,
    ReadRecord,
    animated_curves,
    changed_props,
    live_records,
    read_clip,
    read_params,
    read_record,
    report_bad_values,
)
from timeline.resolved import Curves, EffectUse, MarkerView, Props
from timeline.schema import (
    CLIP_KINDS,
    CUES,
    EFFECT_KINDS,
    EFFECTS,
    MARKERS,
    META,
    READER_VERSION,
    SCHEMA,
    SEQUENCES,
    TRACK_KINDS,
    TRACKS,
    TRANSITIONS,
)
from timeline.timing import Rate

FPS_MAX: Final = 240
EFFECT_VERSION_MAX: Final = 1

Owner: TypeAlias = tuple[RecordRoot, str]

_SEQUENCE_FIELDS: Final = frozenset(
    {"name", "order", "width", "height", "fps_num", "fps_den", "sample_rate"}
)
_TRACK_FIELDS: Final = frozenset({"sequence", "kind", "order", "enabled", "muted", "solo"})
_MARKER_FIELDS: Final = frozenset({"owner", "t", "duration"})


@dataclass(frozen=True, slots=True)
class SequenceRecord:
    id: str
    order: str
    name: str
    width: int
    height: int
    rate: Rate
    sample_rate: int
    props: Props


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """A live track of a live sequence; `active` folds enabled, muted and solo."""

    id: str
    sequence: str
    order: str
    kind: str
    active: bool
    props: Props
    curves: Curves


@dataclass(frozen=True, slots=True)
class CueRecord:
    id: str
    t: int
    duration: int
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class CueList:
    """The cues of one clip by (t, id); `reach[i]` is how far the first i + 1 of them last."""

    cues: tuple[CueRecord, ...]
    reach: tuple[int, ...]

    def between(self, start: int, end: int) -> tuple[CueRecord, ...]:
        """Those that may be on screen in local time [start, end); some before it may have ended."""
        first = bisect_right(self.reach, start)
        last = bisect_left(self.cues, end, key=_cue_time)
        return self.cues[first:last]


def _cue_time(cue: CueRecord) -> int:
    return cue.t


@dataclass(frozen=True, slots=True)
class Gathered:
    """Records by where they belong. `clips` are by track, `transitions` by sequence."""

    main: str | None
    sequences: Mapping[str, SequenceRecord]
    tracks: Mapping[str, TrackRecord]
    clips: Mapping[str, list[ClipRecord]]
    recovered: tuple[str, ...]
    transitions: Mapping[str, list[ReadRecord]]
    effects: Mapping[Owner, tuple[EffectUse, ...]]
    markers: Mapping[Owner, tuple[MarkerView, ...]]
    cues: Mapping[str, CueList]

    def tracks_of(self, sequence_id: str) -> list[TrackRecord]:
        """Bottom to top [timeline-R9]."""
        found = [track for track in self.tracks.values() if track.sequence == sequence_id]
        return sorted(found, key=lambda track: (track.order, track.id))


def gather(document: Document, findings: Findings) -> Gathered:
    return _Gatherer(document, findings).gather()


class _Gatherer:
    def __init__(self, document: Document, findings: Findings) -> None:
        self._document = document
        self._findings = findings
        self._variables: frozenset[str] = frozenset()
        self._variables = frozenset(record_id for record_id, _ in self._reads("variables"))

    def gather(self) -> Gathered:
        sequences = {
            record_id: self._sequence(read) for record_id, read in self._reads("sequences")
        }
        main = self._main(sequences)
        tracks = self._tracks(sequences, main)
        clips, live, recovered = self._clips(tracks)
        self._refuse_nestings(clips, tracks, sequences)
        owners: dict[str, Owner] = {
            **{one: ("sequences", one) for one in sequences},
            **{one: ("tracks", one) for one in tracks},
            **{one: ("clips", one) for one in live},
        }
        return Gathered(
            main=main,
            sequences=sequences,
            tracks=tracks,
            clips=clips,
            recovered=recovered,
            transitions=self._transitions(clips, tracks),
            effects=self._effects(owners),
            markers=self._markers(owners, main),
            cues=self._cues(live),
        )

    def _reads(self, root: RecordRoot) -> list[tuple[str, ReadRecord]]:
        return [
            (record_id, self._read(root, record_id, record))
            for record_id, record in live_records(self._document, root, self._findings)
        ]

    def _read(self, root: RecordRoot, record_id: str, record: Mapping[str, Json]) -> ReadRecord:
        read = read_record(record_id, record, SCHEMA[root])
        if read.bad and root != "clips":  # wrong placement of a clip is more than a bad value
            report_bad_values(read, self._findings)
        for prop, variable in read.bindings.items():
            if not isinstance(variable, str) or variable not in self._variables:
                self._findings.add("variable_missing", record_id, f"bind:{prop}")
        return read

    def _main(self, sequences: Mapping[str, SequenceRecord]) -> str | None:
        read = read_record("meta", self._document.meta, META)
        report_bad_values(read, self._findings)
        if cast("int", read.get("min_reader", META)) > READER_VERSION:
            self._findings.add("too_new", "meta", "min_reader")
        wanted = read.values.get("main_sequence")
        if isinstance(wanted, str) and wanted in sequences:
            return wanted
        if wanted is not None:
            self._findings.add("bad_value", "meta", "main_sequence")
        ordered = sorted(sequences.values(), key=lambda one: (one.order, one.id))
        return ordered[0].id if ordered else None

    def _sequence(self, read: ReadRecord) -> SequenceRecord:
        num = cast("int", read.get("fps_num", SEQUENCES))
        den = cast("int", read.get("fps_den", SEQUENCES))
        if not den <= num <= FPS_MAX * den:
            self._findings.add("bad_value", read.id, "fps_num, fps_den")
            num, den = 30, 1
        return SequenceRecord(
            id=read.id,
            order=cast("str", read.get("order", SEQUENCES)),
            name=cast("str", read.get("name", SEQUENCES)),
            width=cast("int", read.get("width", SEQUENCES)),
            height=cast("int", read.get("height", SEQUENCES)),
            rate=Rate(num, den),
            sample_rate=cast("int", read.get("sample_rate", SEQUENCES)),
            props=changed_props(read.values, SEQUENCES, _SEQUENCE_FIELDS),
        )

    def _tracks(
        self, sequences: Mapping[str, SequenceRecord], main: str | None
    ) -> dict[str, TrackRecord]:
        reads: list[tuple[ReadRecord, str, str]] = []
        soloed: set[str] = set()
        for record_id, read in self._reads("tracks"):
            sequence = cast("str | None", read.values.get("sequence", main))
            kind = cast("str", read.get("kind", TRACKS))
            if kind not in TRACK_KINDS:
                self._findings.add("unknown_kind", record_id, "kind")
                continue
            if sequence is None or sequence not in sequences:
                continue
            reads.append((read, sequence, kind))
            if kind == "audio" and read.values.get("solo") is True:
                soloed.add(sequence)
        return {
            read.id: TrackRecord(
                id=read.id,
                sequence=sequence,
                order=cast("str", read.get("order", TRACKS)),
                kind=kind,
                active=_is_active(read, kind, solo=sequence in soloed),
                props=changed_props(read.values, TRACKS, _TRACK_FIELDS),
                curves=animated_curves(read.curves, TRACKS),
            )
            for read, sequence, kind in reads
        }

    def _clips(
        self, tracks: Mapping[str, TrackRecord]
    ) -> tuple[dict[str, list[ClipRecord]], set[str], tuple[str, ...]]:
        """Placed clips by track, the ids of all live clips, and of those without a live track."""
        by_track: dict[str, list[ClipRecord]] = {}
        live: set[str] = set()
        recovered: list[str] = []
        for record_id, read in self._reads("clips"):
            live.add(record_id)
            track = tracks.get(cast("str", read.values.get("track", "")))
            clip = read_clip(read, track.kind if track is not None else "video", self._findings)
            if clip is None:
                continue
            if track is None:
                self._findings.add("orphan_clip", record_id, clip.track)
                recovered.append(record_id)
            elif clip.kind not in CLIP_KINDS[track.kind]:
                self._findings.add("wrong_track_kind", record_id, f"{clip.kind} on {track.kind}")
            else:
                by_track.setdefault(track.id, []).append(clip)
        return by_track, live, tuple(sorted(recovered))

    def _refuse_nestings(
        self,
        clips: dict[str, list[ClipRecord]],
        tracks: Mapping[str, TrackRecord],
        sequences: Mapping[str, SequenceRecord],
    ) -> None:
        """Take the clips out that nest too deep or in a circle [timeline-R7]."""
        refused = refused_nestings(
            (clip.id, tracks[track_id].sequence, clip.sequence)
            for track_id, found in clips.items()
            for clip in found
            if clip.sequence is not None and clip.sequence in sequences
        )
        for clip_id, code in refused.items():
            self._findings.add(code, clip_id)
        if refused:
            for track_id, found in clips.items():
                clips[track_id] = [clip for clip in found if clip.id not in refused]

    def _transitions(
        self, clips: Mapping[str, list[ClipRecord]], tracks: Mapping[str, TrackRecord]
    ) -> dict[str, list[ReadRecord]]:
        sequence_of = {
            clip.id: tracks[track_id].sequence
            for track_id, found in clips.items()
            for clip in found
        }
        by_sequence: dict[str, list[ReadRecord]] = {}
        for record_id, read in self._reads("transitions"):
            sides = (read.get("left", TRANSITIONS), read.get("right", TRANSITIONS))
            found = [sequence_of[side] for side in sides if side in sequence_of]
            if found:
                by_sequence.setdefault(found[0], []).append(read)
            else:
                self._findings.add("transition_not_at_cut", record_id, "no such clips")
        return by_sequence

    def _effects(self, owners: Mapping[str, Owner]) -> dict[Owner, tuple[EffectUse, ...]]:
        by_owner: dict[Owner, list[tuple[str, EffectUse]]] = {}
        for record_id, read in self._reads("effects"):
            owner = owners.get(cast("str", read.get("owner", EFFECTS) or ""))
            if owner is None:
                self._findings.add("orphan_record", record_id, "effect")
                continue
            effect = self._effect(read)
            if effect is not None:
                order = cast("str", read.get("order", EFFECTS))
                by_owner.setdefault(owner, []).append((order, effect))
        return {
            owner: tuple(effect for _, effect in sorted(found, key=lambda one: (one[0], one[1].id)))
            for owner, found in by_owner.items()
        }

    def _effect(self, read: ReadRecord) -> EffectUse | None:
        """The effect as it is drawn; None where it is off, unknown or newer than we are."""
        name = cast("str", read.get("kind", EFFECTS))
        kind = EFFECT_KINDS.get(name)
        version = cast("int", read.get("kind_version", EFFECTS))
        if kind is None:
            self._findings.add("unknown_kind", read.id, "kind")
            return None
        if version > EFFECT_VERSION_MAX:
            self._findings.add("effect_unsupported", read.id, f"{name} {version}")
            return None
        if read.values.get("enabled") is False:
            return None
        return EffectUse(
            id=read.id,
            kind=name,
            kind_version=version,
            params=read_params(
                read.params, kind.params, record_id=read.id, findings=self._findings
            ),
            curves=animated_curves(read.curves, kind.params),
        )

    def _markers(
        self, owners: Mapping[str, Owner], main: str | None
    ) -> dict[Owner, tuple[MarkerView, ...]]:
        by_owner: dict[Owner, list[MarkerView]] = {}
        for record_id, read in self._reads("markers"):
            owner = owners.get(cast("str", read.values.get("owner", main) or ""))
            if owner is None or owner[0] == "tracks":
                self._findings.add("orphan_record", record_id, "marker")
                continue
            marker = MarkerView(
                record_id,
                cast("int", read.get("t", MARKERS)),
                cast("int", read.get("duration", MARKERS)),
                changed_props(read.values, MARKERS, _MARKER_FIELDS),
            )
            by_owner.setdefault(owner, []).append(marker)
        return {
            owner: tuple(sorted(found, key=lambda one: (one.t, one.id)))
            for owner, found in by_owner.items()
        }

    def _cues(self, live_clips: set[str]) -> dict[str, CueList]:
        by_clip: dict[str, list[CueRecord]] = {}
        for record_id, read in self._reads("cues"):
            clip = cast("str | None", read.get("clip", CUES))
            if clip is None or clip not in live_clips:
                self._findings.add("orphan_record", record_id, "cue")
                continue
            at, duration = cast("int", read.get("t", CUES)), cast("int", read.get("duration", CUES))
            by_clip.setdefault(clip, []).append(CueRecord(record_id, at, duration, read.values))
        return {clip: _cue_list(found) for clip, found in by_clip.items()}


def _cue_list(cues: list[CueRecord]) -> CueList:
    ordered = sorted(cues, key=lambda cue: (cue.t, cue.id))
    reach = accumulate((cue.t + cue.duration for cue in ordered), max)
    return CueList(tuple(ordered), tuple(reach))


def _is_active(read: ReadRecord, kind: str, *, solo: bool) -> bool:
    if kind != "audio":
        return read.values.get("enabled") is not False
    if read.values.get("muted") is True:
        return False
    return not solo or read.values.get("solo") is True
