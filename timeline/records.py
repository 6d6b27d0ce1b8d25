"""The timeline file `.cutroom.json`: strict JSON text <-> document and asset table.

A file with the wrong shape is refused with the path of the field. Wrong values inside of records
(negative times, unknown kinds) are kept: what they mean is for resolve to say. Unknown keys are
kept everywhere.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from timeline.errors import BadTimeline
from timeline.media import AssetEntry
from timeline.model import RECORD_ROOTS, ROOTS, Document, Json, Record, Root, document_from_json
from timeline.schema import QUOTAS, SCHEMA, SCHEMA_VERSION
from timeline.values import is_well_formed

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
DEPTH_MAX: Final = 64
INTEGER_MAX: Final = 1 << 53  # larger ones change their value on the way to a browser
RECORD_KEYS_MAX: Final = 5_000
KEY_LENGTH_MAX: Final = 128
FIELD_SHOWN_MAX: Final = 200

_Path: TypeAlias = tuple[str, ...]
_Fault: TypeAlias = tuple[_Path, str]


@dataclass(frozen=True, slots=True)
class TimelineFile:
    """The document, its assets by id, and top-level keys that this version does not know."""

    document: Document
    assets: Mapping[str, AssetEntry] = field(default_factory=dict[str, AssetEntry])
    schema: int = SCHEMA_VERSION
    extra: Mapping[str, Json] = field(default_factory=dict[str, Json])


def read_timeline_file(text: str | bytes) -> TimelineFile:
    """The content of a `.cutroom.json`. Raises BadTimeline with the field that is wrong.

    Refused: more than 64 MiB, text that is no UTF-8 or no JSON, keys that stand twice, NaN and
    infinities, integers over 2^53, more than 64 levels, roots or records that are no objects, more
    records than a project may hold.
    """
    whole = _parsed(_decoded(text))
    fault = _fault(whole, 1)
    if fault is not None:
        raise BadTimeline(_field(*fault[0]), fault[1])
    if not isinstance(whole, dict):
        raise BadTimeline("", "a timeline file holds one JSON object")
    for root in ROOTS:
        _check_root(root, whole.get(root))
    return TimelineFile(
        document=document_from_json(whole),
        assets=_asset_entries(whole.get("assets")),
        schema=_schema(whole.get("schema")),
        extra={
            key: value for key, value in whole.items() if key not in {*ROOTS, "assets", "schema"}
        },
    )


def timeline_file_json(file: TimelineFile) -> str:
    """Canonical text: one record a line, roots and keys in the order of the schema, records by id.

    Raises BadTimeline where a record holds what JSON cannot say.
    """
    document = file.document
    parts = [("schema", _line("schema", file.schema))]
    parts.append(("meta", _line("meta", _in_order(document.meta, "meta"))))
    for root in RECORD_ROOTS:
        lines = [
            (record_id, _line(f"{root}/{record_id}", _in_order(record, root)))
            for record_id, record in sorted(document.records(root).items())
        ]
        parts.append((root, _block(lines)))
    assets = [
        (asset_id, _line(f"assets/{asset_id}", asset_entry_json(entry)))
        for asset_id, entry in sorted(file.assets.items())
    ]
    parts.append(("assets", _block(assets)))
    parts += [(key, _line(key, value)) for key, value in sorted(file.extra.items())]
    return "{" + ",\n ".join(f"{json.dumps(key)}: {value}" for key, value in parts) + "}\n"


def asset_entry_json(entry: AssetEntry) -> dict[str, Json]:
    written: dict[str, Json] = {}
    if entry.path is not None:
        written["path"] = entry.path
    if entry.name:
        written["name"] = entry.name
    return {**written, **cast("Mapping[str, Json]", entry.extra)}


def _decoded(text: str | bytes) -> str:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > FILE_BYTES_MAX:
        raise BadTimeline("", f"larger than {FILE_BYTES_MAX} bytes")
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTimeline("", f"not UTF-8: byte {error.start}") from error


class _KeyTwice(dict[str, Json]):
    """An object in whose text a key stood twice; the walk below finds where it is."""

    twice = ""


def _from_pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    gathered = dict(pairs)
    if len(gathered) == len(pairs):
        return gathered
    marked = _KeyTwice(gathered)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            marked.twice = key
        seen.add(key)
    return marked


def _parsed(text: str) -> Json:
    try:
        return cast("Json", json.loads(text, object_pairs_hook=_from_pairs))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadTimeline("", f"not JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise BadTimeline("", f"nested deeper than {DEPTH_MAX} levels") from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise BadTimeline("", "a number is too large") from error


def _fault(value: Json, depth: int) -> _Fault | None:
    """The first thing that strict JSON must not hold, and its path."""
    if isinstance(value, dict):
        if isinstance(value, _KeyTwice):
            return (value.twice,), "stands twice in one object"
        return _fault_inside(value.items(), depth)
    if isinstance(value, list):
        return _fault_inside(((str(index), item) for index, item in enumerate(value)), depth)
    if isinstance(value, str):
        return None if is_well_formed(value) else ((), "half of a surrogate pair")
    if isinstance(value, float):
        return None if math.isfinite(value) else ((), "not a finite number")
    if isinstance(value, int) and not -INTEGER_MAX <= value <= INTEGER_MAX:
        return (), "an integer beyond 2^53"
    return None


def _fault_inside(items: Iterable[tuple[str, Json]], depth: int) -> _Fault | None:
    # Recursion ends at 64 levels, long before Python's own limit.
    if depth > DEPTH_MAX:
        return (), f"nested deeper than {DEPTH_MAX} levels"
    for key, item in items:
        if not is_well_formed(key):
            return ("?",), "a key with half of a surrogate pair"
        fault = _fault(item, depth + 1)
        if fault is not None:
            return (key, *fault[0]), fault[1]
    return None


def _field(*path: str) -> str:
    """A path for one line of an error: short, and without characters that move the cursor."""
    shown = "/".join(path)
    shown = "".join(character if character.isprintable() else "?" for character in shown)
    return shown if len(shown) <= FIELD_SHOWN_MAX else f"{shown[:FIELD_SHOWN_MAX]}..."


def _check_root(root: Root, value: Json) -> None:
    if value is None:
        return
    if not isinstance(value, dict):
        raise BadTimeline(root, "must be an object")
    if root == "meta":
        _check_record(root, value)
        return
    if len(value) > QUOTAS[root]:
        raise BadTimeline(root, f"{len(value)} records are more than {QUOTAS[root]}")
    for record_id, record in value.items():
        if not isinstance(record, dict):
            raise BadTimeline(_field(root, record_id), "must be an object")
        _check_record(_field(root, record_id), record)


def _check_record(path: str, record: Record) -> None:
    if len(record) > RECORD_KEYS_MAX:
        raise BadTimeline(path, f"more than {RECORD_KEYS_MAX} keys")
    for key in record:
        if len(key) > KEY_LENGTH_MAX:
            raise BadTimeline(
                f"{path}/{_field(key[:32])}...", f"a key over {KEY_LENGTH_MAX} characters"
            )


def _schema(value: Json) -> int:
    if value is None:
        return SCHEMA_VERSION
    if type(value) is not int or value < 1:
        raise BadTimeline("schema", "must be a positive integer")
    return value


def _asset_entries(value: Json) -> dict[str, AssetEntry]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadTimeline("assets", "must be an object")
    return {asset_id: _asset_entry(asset_id, entry) for asset_id, entry in value.items()}


def _asset_entry(asset_id: str, entry: Json) -> AssetEntry:
    if not isinstance(entry, dict):
        raise BadTimeline(_field("assets", asset_id), "must be an object")
    path, name = entry.get("path"), entry.get("name")
    if path is not None and not isinstance(path, str):
        raise BadTimeline(_field("assets", asset_id, "path"), "must be text")
    if name is not None and not isinstance(name, str):
        raise BadTimeline(_field("assets", asset_id, "name"), "must be text")
    extra = {key: item for key, item in entry.items() if key not in {"path", "name"}}
    return AssetEntry(path, name or "", extra)


def _in_order(record: Record, root: Root) -> dict[str, Json]:
    """Keys in the order of the schema, then the others by name."""
    known = [key for key in SCHEMA[root] if key in record]
    return {key: record[key] for key in (*known, *sorted(set(record) - set(known)))}


def _line(path: str, value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise BadTimeline(path, "holds a number that is not finite") from error


def _block(lines: list[tuple[str, str]]) -> str:
    if not lines:
        return "{}"
    inner = ",\n  ".join(f"{json.dumps(key, ensure_ascii=False)}: {line}" for key, line in lines)
    return "{\n  " + inner + "}"
