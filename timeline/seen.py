"""What people see on the tracks of one sequence: visible pieces of clips, lane by lane.

The edits work on this [timeline-E1]. It is the layout part of `resolve` alone (placement, winners
of overlaps), kept lane by lane so that one edit of a long timeline reads only what it needs; a
test proves that both agree on every document.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from timeline.media import AssetTable
from timeline.model import Json, Record, RecordRoot
from timeline.timing import TICK_MAX, TICKS, Rate, local

DURATION_UNKNOWN: Final = 5 * TICKS  # what a clip lasts where neither it nor its source says so
SPEED_TERM_MAX: Final = 100_000
SPEED_MAX: Final = 100
KINDS_ON: Final[Mapping[str, frozenset[str]]] = {
    "video": frozenset({"media", "sequence", "generator", "title", "adjustment"}),
    "audio": frozenset({"media", "sequence", "generator"}),
    "caption": frozenset({"captions"}),
}
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


def clip_kind(record: Record, track_kind: str) -> str:
    return text(record.get("kind"), "captions" if track_kind == "caption" else "media")


def speed_of(record: Record) -> tuple[int, int] | None:
    """Speed as stored; None where it is wrong."""
    num, den = integer_or(record, "speed_num", 1), integer_or(record, "speed_den", 1)
    if num is None or den is None or not 1 <= den <= SPEED_TERM_MAX:
        return None
    if abs(num) > SPEED_TERM_MAX or abs(num) > SPEED_MAX * den:
        return None
    return num, den


def integer_or(record: Record, key: str, default: int) -> int | None:
    """The key's integer, `default` where it is missing, None where it is wrong."""
    value = record.get(key)
    return default if value is None else integer(value)


def placement(clip: str, record: Record, track_kind: str, assets: AssetTable) -> Placed | None:
    """Where a clip stands, or None where its placement keys are wrong [timeline-R6]."""
    kind = clip_kind(record, track_kind)
    start, speed = integer_or(record, "start", 0), speed_of(record)
    if start is None or speed is None or start < 0 or kind not in KINDS_ON.get(track_kind, ()):
        return None
    num, den = speed if kind in TIMED_KINDS else (1, 1)
    facts = assets.get(text(record.get("asset"))) if kind == "media" else None
    source_end = facts.duration if facts is not None else None
    source_in = integer_or(record, "source_in", source_end or 0 if num < 0 else 0)
    if source_in is None or abs(source_in) > TICK_MAX:
        return None
    duration = integer_or(record, "duration", left_of_source(source_end, source_in, num, den))
    if duration is None or duration < 1 or start + duration > TICK_MAX:
        return None
    return Placed(clip, text(record.get("track")), kind, start, duration, source_in, num, den)


def left_of_source(source_end: int | None, source_in: int, num: int, den: int) -> int:
    """How long a clip without a length lasts: what is left of the source at this speed."""
    if source_end is None or num == 0:
        return DURATION_UNKNOWN
    left = (source_end - source_in) * den // num if num > 0 else source_in * den // -num
    return left if left >= 1 else DURATION_UNKNOWN


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

    def forget(self, track: str) -> None:
        """Something on `track` was written."""
        self._lanes.pop(track, None)

    def forget_all(self) -> None:
        """A track or sequence was written."""
        self._lanes.clear()

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
        named = text(self._meta.get("main_sequence"))
        if live(sequences.get(named)):
            return named
        found = [key for key, record in sequences.items() if live(record)]
        return min(found, key=lambda key: (text(sequences[key].get("order")), key), default=None)

    def sequence_of(self, track: str) -> str | None:
        """The live sequence that a live track belongs to."""
        record = self._roots["tracks"].get(track)
        if record is None or not live(record):
            return None
        named = record.get("sequence")
        sequence = text(named) if named is not None else self.main_sequence()
        return sequence if sequence and live(self._roots["sequences"].get(sequence)) else None

    def rate(self, sequence: str) -> Rate:
        """The frame rate of a sequence; 30/1 where it is missing or wrong."""
        record = self._roots["sequences"].get(sequence, {})
        num, den = integer_or(record, "fps_num", 30), integer_or(record, "fps_den", 1)
        num = num if num is not None and 1 <= num <= 240_000 else 30
        den = den if den is not None and 1 <= den <= 1001 else 1
        return Rate(num, den) if den <= num <= 240 * den else Rate(30, 1)

    def lanes(self, sequence: str) -> list[Lane]:
        """The live tracks of a sequence, bottom to top."""
        tracks = [key for key in self._roots["tracks"] if self.sequence_of(key) == sequence]
        found = [lane for key in tracks if (lane := self.lane(key)) is not None]
        return sorted(found, key=lambda lane: (lane.order, lane.track))

    def lane(self, track: str) -> Lane | None:
        """A live track of a live sequence with what it holds; None where there is no such track."""
        if track not in self._lanes:
            sequence = self.sequence_of(track)
            if sequence is None:
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
        kind = text(record.get("kind"), "video")
        kind = kind if kind in KINDS_ON else "video"
        found = [
            where
            for clip in self._index().get(track, ())
            if live(clips[clip])
            and (where := placement(clip, clips[clip], kind, self._assets)) is not None
        ]
        placed = sorted(found, key=lambda item: (item.start, item.clip))
        return Lane(
            track=track,
            kind=kind,
            sequence=sequence,
            rate=self.rate(sequence),
            order=text(record.get("order")),
            locked=flag(record.get("locked"), default=False),
            sync_lock=flag(record.get("sync_lock"), default=True),
            placed=tuple(placed),
            pieces=tuple(visible(placed)),
        )
