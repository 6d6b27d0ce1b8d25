"""What people see on the tracks of one sequence: visible pieces of clips, lane by lane.

The edits work on this [timeline-E1]. It is the layout part of `resolve` alone (placement, winners
of overlaps), kept lane by lane so that one edit of a long timeline reads only what it needs; a
test proves that both agree on every document.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from timeline.media import AssetTable
from timeline.model import Json, Record, RecordRoot
from timeline.nesting import refused_nestings
from timeline.reading import fits_the_clock, reduced
from timeline.schema import (
    CLIP_DURATION_DEFAULT,
    CLIP_KINDS,
    PLACEMENT,
    SCHEMA,
    SPEED_TIMES_MAX,
    TRACK_KINDS,
    read_key,
)
from timeline.timing import TICK_MAX, Rate, local
from timeline.values import BAD, Bad, is_id

TIMED_KINDS: Final = frozenset({"media", "sequence"})  # only these have a speed

LiveRoots = Mapping[RecordRoot, Mapping[str, Record]]


@dataclass(frozen=True, slots=True)
class Placed:
    """The stored placement of a clip, defaults filled in; `end` is exclusive."""

    clip: str
    track: str
    kind: str
    start: int
    duration: int
    source_in: int
    speed_num: int = 1
    speed_den: int = 1

    @property
    def end(self) -> int:
        return self.start + self.duration

    def local(self, at: int) -> int:
        """Local time of the clip at sequence tick `at`."""
        return local(at, self.start, self.source_in, self.speed_num, self.speed_den)


@dataclass(frozen=True, slots=True)
class Piece:
    """A visible stretch of a clip."""

    of: Placed
    start: int
    end: int

    @property
    def clip(self) -> str:
        return self.of.clip

    @property
    def duration(self) -> int:
        return self.end - self.start

    @property
    def whole(self) -> bool:
        """Whether the clip is visible from its stored head to its stored tail."""
        return self.start == self.of.start and self.end == self.of.end


@dataclass(frozen=True, slots=True)
class Lane:
    """One live track: its placed clips by (start, id) and their visible pieces in time order."""

    track: str
    kind: str
    sequence: str
    rate: Rate
    order: str
    locked: bool
    sync_lock: bool
    placed: tuple[Placed, ...]
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> int:
        return self.pieces[-1].end if self.pieces else 0

    def within(self, start: int, end: int) -> tuple[Piece, ...]:
        """The pieces that have something inside [start, end)."""
        first = bisect_right(self.pieces, start, key=lambda piece: piece.end)
        last = bisect_left(self.pieces, end, key=lambda piece: piece.start)
        return self.pieces[first:last]

    def at(self, tick: int) -> Piece | None:
        """The piece shown at `tick`."""
        found = self.within(tick, tick + 1)
        return found[0] if found else None

    def ending_at(self, tick: int) -> Piece | None:
        """The piece whose visible tail stands at `tick`."""
        found = self.within(tick - 1, tick)
        return found[-1] if found and found[-1].end == tick else None

    def starting_at(self, tick: int) -> Piece | None:
        """The piece whose visible head stands at `tick`."""
        found = self.within(tick, tick + 1)
        return found[0] if found and found[0].start == tick else None

    def pieces_of(self, clip: str) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.clip == clip)


def integer(value: Json) -> int | None:
    """An integer, where a float with an integral value counts and a bool does not [timeline-R3]."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def text(value: Json, default: str = "") -> str:
    return value if isinstance(value, str) else default


def flag(value: Json, *, default: bool) -> bool:
    return value if isinstance(value, bool) else default


def live(record: Record | None) -> bool:
    return record is not None and record.get("removed") is not True


def integer_or(record: Record, key: str, default: int) -> int | None:
    """The key's integer, `default` where it is missing, None where it is wrong."""
    value = record.get(key)
    return default if value is None else integer(value)


def readable(root: RecordRoot, record: Record, key: str) -> Json:
    """The valid value of a key, its default where it is missing or wrong."""
    found = read_key(root, key, record.get(key))
    return SCHEMA[root][key].default if isinstance(found, Bad) else found


def clip_kind(record: Record, track_kind: str) -> str:
    found = record.get("kind")
    valid = None if found is None else read_key("clips", "kind", found)
    return valid if isinstance(valid, str) else "captions" if track_kind == "caption" else "media"


def left_of_source(source_end: int | None, source_in: int, speed: tuple[int, int]) -> int:
    """How long a clip without a length lasts: what is left of the source at this speed."""
    num, den = speed
    if source_end is None or num == 0:
        return CLIP_DURATION_DEFAULT
    left = (source_end - source_in) if num > 0 else source_in
    return left * den // abs(num) if left * den >= abs(num) else CLIP_DURATION_DEFAULT


def visible(placed: Iterable[Placed]) -> Iterator[Piece]:
    """The visible pieces in time order; of those at one instant the greatest (start, id) wins [timeline-R4]."""
    stack: list[Placed] = []
    now = 0
    for clip in (*sorted(placed, key=lambda item: (item.start, item.clip)), None):
        limit = TICK_MAX if clip is None else clip.start
        while stack and now < limit:
            top = stack[-1]
            if top.end <= now:
                stack.pop()
                continue
            end = min(top.end, limit)
            yield Piece(top, now, end)
            now = end
        now = max(now, limit)
        if clip is not None:
            stack.append(clip)


class Seen:
    """The lanes of a document, made when first asked for; `forget` what has been written since."""

    def __init__(self, meta: Record, roots: LiveRoots, assets: AssetTable) -> None:
        self._meta = meta
        self._roots = roots
        self._assets = assets
        self._lanes: dict[str, Lane] = {}
        self._clips_on: dict[str, dict[str, None]] | None = None
        self._refused: frozenset[str] | None = None

    def forget(self, track: str) -> None:
        """Something on `track` was written."""
        self._lanes.pop(track, None)
        self._refused = None

    def forget_all(self) -> None:
        """A track or sequence was written."""
        self._lanes.clear()
        self._refused = None

    def moved(self, clip: str, before: str, after: str) -> None:
        """A clip is created on, or goes to, another track."""
        clips_on = self._index()
        clips_on.get(before, {}).pop(clip, None)
        clips_on.setdefault(after, {})[clip] = None
        self.forget(before)
        self.forget(after)

    def main_sequence(self) -> str | None:
        """The main sequence: the one `meta` names, else the first live one by (order, id)."""
        sequences = self._roots["sequences"]
        named = self._meta.get("main_sequence")
        if isinstance(named, str) and self._is_sequence(named):
            return named
        found = [key for key in sequences if self._is_sequence(key)]
        return min(
            found,
            key=lambda key: (readable("sequences", sequences[key], "order"), key),
            default=None,
        )

    def _is_sequence(self, name: str) -> bool:
        return is_id(name) and live(self._roots["sequences"].get(name))

    def sequence_of(self, track: str) -> str | None:
        """The live sequence that a live track belongs to."""
        record = self._roots["tracks"].get(track)
        if record is None or not live(record) or not is_id(track):
            return None
        named = readable("tracks", record, "sequence")
        sequence = named if isinstance(named, str) else self.main_sequence()
        return sequence if sequence is not None and self._is_sequence(sequence) else None

    def rate(self, sequence: str) -> Rate:
        """The frame rate of a sequence; 30/1 where it is missing or wrong."""
        record = self._roots["sequences"].get(sequence, {})
        num = cast("int", readable("sequences", record, "fps_num"))
        den = cast("int", readable("sequences", record, "fps_den"))
        return Rate(num, den) if den <= num <= 240 * den else Rate(30, 1)

    def placement(self, clip: str, track_kind: str) -> Placed | None:
        """Where a clip stands, or None where its kind or its placement keys are wrong [timeline-R6]."""
        record = self._roots["clips"][clip]
        kind = clip_kind(record, track_kind)
        values = {key: read_key("clips", key, record.get(key)) for key in PLACEMENT}
        if BAD in values.values() or kind not in CLIP_KINDS.get(track_kind, ()):
            return None
        given = cast("dict[str, int | None]", values)
        speed = reduced(given["speed_num"] or 0, given["speed_den"] or 1)
        if abs(speed[0]) > SPEED_TIMES_MAX * speed[1]:
            return None
        speed = speed if kind in TIMED_KINDS else (1, 1)
        source_in, duration = given["source_in"], given["duration"]
        if source_in is None or duration is None:
            source_end = self._source_end(record, kind)
            if source_in is None:
                source_in = (source_end or 0) if speed[0] < 0 else 0
            if duration is None:
                duration = left_of_source(source_end, source_in, speed)
        start = given["start"] or 0
        if not fits_the_clock(start, duration, source_in, speed):
            return None
        return Placed(clip, str(record.get("track")), kind, start, duration, source_in, *speed)

    def _source_end(self, record: Record, kind: str) -> int | None:
        """How long the asset or nested sequence of a clip is, where known."""
        if kind == "media":
            facts = self._assets.get(text(readable("clips", record, "asset")))
            return facts.duration if facts is not None else None
        nested = readable("clips", record, "sequence") if kind == "sequence" else None
        if not isinstance(nested, str) or not self._is_sequence(nested):
            return None
        lanes = self.lanes(nested)
        return max((lane.end for lane in lanes if lane.kind != "caption"), default=0)

    def lanes(self, sequence: str) -> list[Lane]:
        """The live tracks of a sequence, bottom to top."""
        tracks = [key for key in self._roots["tracks"] if self.sequence_of(key) == sequence]
        found = [lane for key in tracks if (lane := self.lane(key)) is not None]
        return sorted(found, key=lambda lane: (lane.order, lane.track))

    def lane(self, track: str) -> Lane | None:
        """A live track of a live sequence with what it holds; None where there is no such track."""
        if track not in self._lanes:
            sequence = self.sequence_of(track)
            kind = readable("tracks", self._roots["tracks"].get(track, {}), "kind")
            if sequence is None or kind not in TRACK_KINDS:
                return None
            self._lanes[track] = self._read(track, sequence)
        return self._lanes[track]

    def _index(self) -> dict[str, dict[str, None]]:
        if self._clips_on is None:
            self._clips_on = {}
            for key, record in self._roots["clips"].items():
                self._clips_on.setdefault(text(record.get("track")), {})[key] = None
        return self._clips_on

    def _read(self, track: str, sequence: str) -> Lane:
        record, clips = self._roots["tracks"][track], self._roots["clips"]
        kind = text(readable("tracks", record, "kind"))
        names = [clip for clip in self._index().get(track, ()) if live(clips[clip]) and is_id(clip)]
        if any(clips[clip].get("kind") == "sequence" for clip in names):
            refused = self._refused_nestings()
            names = [clip for clip in names if clip not in refused]
        found = [where for clip in names if (where := self.placement(clip, kind)) is not None]
        placed = sorted(found, key=lambda item: (item.start, item.clip))
        return Lane(
            track=track,
            kind=kind,
            sequence=sequence,
            rate=self.rate(sequence),
            order=text(readable("tracks", record, "order")),
            locked=flag(record.get("locked"), default=False),
            sync_lock=flag(record.get("sync_lock"), default=True),
            placed=tuple(placed),
            pieces=tuple(visible(placed)),
        )

    def _refused_nestings(self) -> frozenset[str]:
        """Sequence clips that nest in a circle or too deep: nobody sees them [timeline-R7]."""
        if self._refused is None:
            uses = [
                (name, where, target)
                for name, record in self._roots["clips"].items()
                if record.get("kind") == "sequence" and live(record)
                if (where := self.sequence_of(text(record.get("track")))) is not None
                if self._is_sequence(target := text(record.get("sequence")))
            ]
            self._refused = frozenset(refused_nestings(uses))
        return self._refused
