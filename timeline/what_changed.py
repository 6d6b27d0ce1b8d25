"""What is different between two moments of a timeline, as changes and in words.

Nothing here knows who did it or when. The words are for people who were not there: what clips went,
came or moved, told once where many did the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from timeline.model import (
    RECORD_ROOTS,
    Change,
    Document,
    Json,
    Record,
    RecordRoot,
    Root,
)
from timeline.timing import TICKS
from timeline.undo import equal

DifferenceKind: TypeAlias = Literal["added", "removed", "moved", "trimmed", "changed"]
KINDS: Final[tuple[DifferenceKind, ...]] = ("added", "removed", "moved", "trimmed", "changed")
NAMED_MAX: Final = 3  # more are counted instead of named
NAME_LENGTH_MAX: Final = 40
NOTHING: Final[Mapping[str, Json]] = {}

WORDS: Final[Mapping[RecordRoot, tuple[str, str]]] = {
    "sequences": ("sequence", "sequences"),
    "tracks": ("track", "tracks"),
    "clips": ("clip", "clips"),
    "transitions": ("transition", "transitions"),
    "effects": ("effect", "effects"),
    "markers": ("marker", "markers"),
    "cues": ("caption", "captions"),
    "variables": ("variable", "variables"),
}
PLACES: Final = frozenset({"track", "start"})
EXTENTS: Final = frozenset({"duration", "source_in"})
# Keys that people know under another word; what is not here is told by its own name.
KEY_WORDS: Final[Mapping[str, str]] = {
    "gain_db": "volume",
    "pan": "pan",
    "speed_num": "speed",
    "speed_den": "speed",
    "fps_num": "frame rate",
    "fps_den": "frame rate",
    "asset": "media",
    "source_in": "what it shows",
    "fade_in": "fade in",
    "fade_out": "fade out",
    "muted": "mute",
    "enabled": "whether it is on",
    "locked": "lock",
    "order": "order",
    "start": "place",
    "track": "track",
    "duration": "length",
    "t": "place",
    "at": "place",
    "in_offset": "length",
    "out_offset": "length",
}
UNTOLD: Final = frozenset({"removed", "link", "group", "run", "scene", "role"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is different, in words; `ids` are the records of `map` that it is about."""

    kind: DifferenceKind
    map: Root
    ids: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _One:
    """What became of one record: `how` is equal for records that are told together."""

    kind: DifferenceKind
    map: RecordRoot
    id: str
    name: str
    how: str


def changes_between(before: Document, after: Document) -> tuple[Change, ...]:
    """The changes that make `before` show what `after` shows."""
    found: list[Change] = [
        Change("meta", "", key, was, now) for key, was, now in _written(before.meta, after.meta)
    ]
    for root in RECORD_ROOTS:
        old, new = before.records(root), after.records(root)
        for name, record in new.items():
            if name not in old:
                found.append(Change(root, name, None, None, dict(record)))
                continue
            if old[name] is record:
                continue
            found += (Change(root, name, *item) for item in _written(old[name], record))
        found += (
            Change(root, name, "removed", record.get("removed"), after=True)
            for name, record in old.items()
            if name not in new and record.get("removed") is not True
        )
    return tuple(found)


def what_changed(
    before: Document, after: Document, assets: Mapping[str, str] = {}
) -> tuple[Difference, ...]:
    """Every difference in words; `assets` names media by id where a clip has no name of its own."""
    told = _about_meta(before, after)
    for root in RECORD_ROOTS:
        told += _gathered(_about(root, before, after, assets))
    return tuple(told)


def _written(before: Record, after: Record) -> Iterator[tuple[str, Json, Json]]:
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        if not equal(was, now):
            yield key, was, now


# --- one record ---


def _about_meta(before: Document, after: Document) -> list[Difference]:
    told: list[Difference] = []
    for key, was, now in _written(before.meta, after.meta):
        if key == "name":
            text = f"Renamed the project from {_quoted(was)} to {_quoted(now)}"
        elif key == "main_sequence":
            text = "Made another sequence the main one"
        else:
            continue
        told.append(Difference("changed", "meta", (), text))
    return told


def _about(
    root: RecordRoot, before: Document, after: Document, assets: Mapping[str, str]
) -> Iterator[_One]:
    old, new = before.records(root), after.records(root)
    touched = {name for name in {*old, *new} if old.get(name) is not new.get(name)}
    # Records have no order of their own: they are told as they stand in the film.
    for name in sorted(touched, key=lambda name: (_place(new.get(name, old.get(name, {}))), name)):
        one = _one(root, name, _live(name, old), _live(name, new), after, assets)
        if one is not None:
            yield one


def _place(record: Record) -> int:
    return _ticks(record, "start") or _ticks(record, "t")


def _live(name: str, records: Mapping[str, Record]) -> Record | None:
    record = records.get(name)
    return None if record is None or record.get("removed") is True else record


def _one(
    root: RecordRoot,
    record_id: str,
    was: Record | None,
    now: Record | None,
    after: Document,
    assets: Mapping[str, str],
) -> _One | None:
    named = _name(root, now or was or NOTHING, assets)
    if was is None or now is None:
        if was is now:
            return None
        kind: DifferenceKind = "added" if was is None else "removed"
        return _One(kind, root, record_id, named, "")
    keys = {key for key, _, _ in _written(was, now)} - UNTOLD
    if not keys:
        return None
    if root == "clips" and keys & (PLACES | EXTENTS) and keys <= PLACES | EXTENTS:
        return _placed(record_id, named, was, now, keys, after)
    return _One("changed", root, record_id, named, _key_words(keys))


def _placed(
    clip_id: str, name: str, was: Record, now: Record, keys: set[str], after: Document
) -> _One:
    """A clip that lies elsewhere, or shows more, less or something else of its source."""
    by = _ticks(now, "start") - _ticks(was, "start")
    longer = _ticks(now, "duration") - _ticks(was, "duration")
    if keys <= PLACES:
        way = f" {_signed(by)}" if by else ""
        if "track" in keys:
            way += f" to {_track_name(after, now.get('track'))}"
        return _One("moved", "clips", clip_id, name, way)
    if keys == {"source_in"}:
        return _One("trimmed", "clips", clip_id, name, " to show another part of its media")
    edge = "its head" if by and not longer + by else "its end" if not by else "both ends"
    return _One("trimmed", "clips", clip_id, name, f" at {edge} {_signed(longer)}")


# --- told together ---


def _gathered(ones: Iterable[_One]) -> list[Difference]:
    """Records to which the same happened are told in one sentence."""
    alike: dict[tuple[DifferenceKind, RecordRoot, str], list[_One]] = {}
    for one in ones:
        alike.setdefault((one.kind, one.map, one.how), []).append(one)
    told = [_told(group) for group in alike.values()]
    return sorted(told, key=lambda difference: KINDS.index(difference.kind))


def _told(group: Sequence[_One]) -> Difference:
    first = group[0]
    who = _listed(first.map, [one.name for one in group])
    match first.kind:
        case "added":
            text = f"Added {who}"
        case "removed":
            text = f"Removed {who}"
        case "moved":
            text = f"Moved {who}{first.how}"
        case "trimmed":
            text = f"Trimmed {who}{first.how}"
        case "changed":
            text = f"Changed {first.how} of {who}"
    return Difference(first.kind, first.map, tuple(one.id for one in group), text)


def _listed(root: RecordRoot, names: Sequence[str]) -> str:
    one, many = WORDS[root]
    known = [name for name in names if name]
    if len(names) == 1:
        return f"{one} {_quoted(known[0])}" if known else f"a {one}"
    if len(names) > NAMED_MAX or len(known) < len(names):
        return f"{len(names)} {many}"
    return f"{many} {', '.join(map(_quoted, known[:-1]))} and {_quoted(known[-1])}"


def _name(root: RecordRoot, record: Record, assets: Mapping[str, str]) -> str:
    for key in ("name", "text"):
        found = record.get(key)
        if isinstance(found, str) and found.strip():
            return " ".join(found.split())
    asset = record.get("asset")
    if root == "clips" and isinstance(asset, str):
        return assets.get(asset, "")
    kind = record.get("kind")
    return kind if root in {"effects", "transitions"} and isinstance(kind, str) else ""


def _track_name(document: Document, track: Json) -> str:
    record = document.tracks.get(track) if isinstance(track, str) else None
    name = record.get("name") if record is not None else None
    return f"track {_quoted(name)}" if isinstance(name, str) and name else "another track"


def _key_words(keys: set[str]) -> str:
    words = sorted({_key_word(key) for key in keys})
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _key_word(key: str) -> str:
    if key.startswith("kf:"):
        return f"the keyframes of {_key_word(key.split(':')[1])}"
    return KEY_WORDS.get(key, key.removeprefix("p:").replace("_", " "))


def _quoted(value: Json) -> str:
    text = value if isinstance(value, str) else "nothing"
    short = text if len(text) <= NAME_LENGTH_MAX else text[: NAME_LENGTH_MAX - 1] + "…"
    return f"“{short}”"


def _ticks(record: Record, key: str) -> int:
    value = record.get(key)
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if whole and abs(value) < 2**60 else 0  # pyright: ignore[reportOperatorIssue, reportArgumentType]


def _signed(ticks: int) -> str:
    """Seconds with two places, exact to the nearest: `by +1.50 s`."""
    hundredths = round(Fraction(ticks * 100, TICKS))
    sign = "-" if hundredths < 0 else "+"
    return f"by {sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02} s"
