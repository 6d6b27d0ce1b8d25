"""The document: nine root maps of flat records, exactly as the CRDT holds them.

Records stay plain JSON (`Record`), because a document always merges and may hold anything;
`schema.py` says what each key means and `resolve.py` turns any of it into a valid timeline.
Nothing here is ever changed in place: an edit answers with `Change`s, `applied` makes a new
document of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Record: TypeAlias = Mapping[str, Json]
Records: TypeAlias = Mapping[str, Record]
RecordRoot: TypeAlias = Literal[
    "sequences", "tracks", "clips", "transitions", "effects", "markers", "cues", "variables"
]
Root: TypeAlias = Literal["meta"] | RecordRoot

RECORD_ROOTS: Final[tuple[RecordRoot, ...]] = (
    "sequences",
    "tracks",
    "clips",
    "transitions",
    "effects",
    "markers",
    "cues",
    "variables",
)
ROOTS: Final[tuple[Root, ...]] = ("meta", *RECORD_ROOTS)

NewId: TypeAlias = Callable[[], str]
"""Gives a fresh record id of >= 80 random bits; passed in, because the core knows no chance."""

EMPTY: Final[Mapping[str, Record]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Document:
    """One project's document. Values inside the maps are raw JSON, never trusted."""

    meta: Record = field(default_factory=dict[str, Json])
    sequences: Records = field(default_factory=dict[str, Record])
    tracks: Records = field(default_factory=dict[str, Record])
    clips: Records = field(default_factory=dict[str, Record])
    transitions: Records = field(default_factory=dict[str, Record])
    effects: Records = field(default_factory=dict[str, Record])
    markers: Records = field(default_factory=dict[str, Record])
    cues: Records = field(default_factory=dict[str, Record])
    variables: Records = field(default_factory=dict[str, Record])

    def records(self, root: RecordRoot) -> Records:
        return cast("Records", getattr(self, root))


@dataclass(frozen=True, slots=True)
class Change:
    """One written key, before and after.

    `map` is a root map. For `meta`, `id` is "" and `key` the property. A created record has key
    None, before None and after = the whole record. Undo of a creation is `removed: true` (U2).
    """

    map: Root
    id: str
    key: str | None
    before: Json
    after: Json

    def as_json(self) -> dict[str, Json]:
        return {
            "map": self.map,
            "id": self.id,
            "key": self.key,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit operation answers: changes to write, in order, and the clips that were clamped."""

    changes: tuple[Change, ...]
    clamped: tuple[str, ...] = ()
    created: Mapping[str, str] = field(default_factory=dict[str, str])
    """Optional names of created records for the caller, e.g. {"right": id} of a split."""


def document_from_json(value: Mapping[str, Json]) -> Document:
    """A document of the nine root maps found in `value`; roots that are no objects count as empty."""

    def mapping(root: str) -> dict[str, Json]:
        found = value.get(root)
        return found if isinstance(found, dict) else {}

    def record_map(root: str) -> dict[str, Record]:
        return {key: item for key, item in mapping(root).items() if isinstance(item, dict)}

    return Document(meta=mapping("meta"), **{root: record_map(root) for root in RECORD_ROOTS})


def document_json(document: Document) -> dict[str, Json]:
    """The nine root maps as plain JSON."""
    whole: dict[str, Json] = {"meta": dict(document.meta)}
    for root in RECORD_ROOTS:
        whole[root] = {key: dict(record) for key, record in document.records(root).items()}
    return whole


def applied(document: Document, changes: Iterable[Change]) -> Document:
    """The document after `changes`, written in order; key None creates (or replaces) a record."""
    meta = dict(document.meta)
    roots: dict[str, dict[str, Record]] = {}
    owned: set[tuple[str, str]] = set()
    for change in changes:
        if change.map == "meta":
            if change.key is not None:
                meta[change.key] = change.after
            continue
        records = roots.setdefault(change.map, dict(document.records(change.map)))
        if change.key is None:
            records[change.id] = dict(change.after) if isinstance(change.after, dict) else {}
            owned.add((change.map, change.id))
            continue
        if (change.map, change.id) not in owned:
            records[change.id] = dict(records.get(change.id, {}))
            owned.add((change.map, change.id))
        cast("dict[str, Json]", records[change.id])[change.key] = change.after
    return replace(document, meta=meta, **roots)
