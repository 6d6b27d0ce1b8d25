"""What happens to a clip whose bound asset has another length: `on_length` [timeline-V3].

keep     | A | B |   ->   | A | B |      (beyond the source the last picture is held)
fit      | A | B |   ->   | A | B |      (A plays slower or faster)
ripple   | A | B |   ->   | A    | B |   (A takes its length, what follows moves along)
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from timeline.media import AssetTable
from timeline.model import Change, Document, Record, applied
from timeline.schema import SPEED_TIMES_MAX, read_key
from timeline.values import BAD

SPEED_TERM_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Bound:
    """A live clip of a sequence with its place and what is left of its asset."""

    id: str
    sequence: str
    link: str
    start: int
    duration: int
    left: int
    speed: tuple[int, int]
    on_length: str

    @property
    def end(self) -> int:
        return self.start + self.duration


def refit_bound_clips(document: Document, clip_ids: frozenset[str], assets: AssetTable) -> Document:
    """The document after `on_length` of the clips whose `asset` was just bound."""
    bound = [
        one
        for clip_id in sorted(clip_ids)
        if (one := _bound_clip(document, clip_id, assets)) is not None
    ]
    document = applied(
        document, _fitted(document, (one for one in bound if one.on_length == "fit"))
    )
    return applied(
        document, _rippled(document, [one for one in bound if one.on_length == "ripple"])
    )


def fitted_speed(source: int, duration: int) -> tuple[int, int]:
    """The speed at which `source` ticks last `duration`; exact where terms of 100 000 can say it."""
    shared = math.gcd(source, duration)
    num, den = source // shared, duration // shared
    if max(num, den) > SPEED_TERM_MAX:
        longest = max(num, den)
        num = max(1, _rounded(SPEED_TERM_MAX * num, longest))
        den = max(1, _rounded(SPEED_TERM_MAX * den, longest))
    if num > SPEED_TIMES_MAX * den:
        return SPEED_TIMES_MAX, 1
    shared = math.gcd(num, den)
    return num // shared, den // shared


def _rounded(num: int, den: int) -> int:
    return (2 * num + den) // (2 * den)


def _bound_clip(document: Document, clip_id: str, assets: AssetTable) -> _Bound | None:
    record = document.clips[clip_id]
    facts = assets.get(cast("str", record.get("asset")))
    track = document.tracks.get(_text(record, "track"))
    start, duration = _whole(record, "start"), _whole(record, "duration")
    source_in = _whole(record, "source_in") or 0
    speed = (_whole(record, "speed_num") or 0, _whole(record, "speed_den") or 1)
    if facts is None or facts.duration is None or track is None or record.get("removed") is True:
        return None
    if start is None or duration is None or facts.duration <= source_in or speed[0] <= 0:
        return None
    return _Bound(
        id=clip_id,
        sequence=_sequence(document, track),
        link=_text(record, "link") or clip_id,
        start=start,
        duration=duration,
        left=facts.duration - source_in,
        speed=speed,
        on_length=_text(record, "on_length"),
    )


def _fitted(document: Document, bound: Iterable[_Bound]) -> list[Change]:
    changes: list[Change] = []
    for one in bound:
        record = document.clips[one.id]
        num, den = fitted_speed(one.left, one.duration)
        changes += (
            Change("clips", one.id, "speed_num", record.get("speed_num"), num),
            Change("clips", one.id, "speed_den", record.get("speed_den"), den),
        )
    return changes


def _rippled(document: Document, bound: list[_Bound]) -> list[Change]:
    changes = [
        Change("clips", one.id, "duration", one.duration, _new_duration(one)) for one in bound
    ]
    # Picture and sound of one link set end together and move what follows once.
    shifts = {(one.sequence, one.link, one.end): _new_duration(one) - one.duration for one in bound}
    by_sequence: dict[str, list[tuple[int, int]]] = {}
    for (sequence, _, end), by in shifts.items():
        by_sequence.setdefault(sequence, []).append((end, by))
    for clip_id, record in sorted(document.clips.items()):
        start = _whole(record, "start")
        track = document.tracks.get(_text(record, "track"))
        if start is None or track is None:
            continue
        moves = by_sequence.get(_sequence(document, track), [])
        by = sum(by for end, by in moves if end <= start)
        if by:
            changes.append(Change("clips", clip_id, "start", record.get("start"), start + by))
    return changes


def _new_duration(one: _Bound) -> int:
    return max(1, one.left * one.speed[1] // one.speed[0])


def _sequence(document: Document, track: Record) -> str:
    """The sequence of a track; tracks without one stand in the main sequence."""
    return _text(track, "sequence") or str(document.meta.get("main_sequence", ""))


def _whole(record: Record, key: str) -> int | None:
    value = read_key("clips", key, record.get(key))
    return None if value is BAD else cast("int | None", value)


def _text(record: Record, key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""
