"""OpenTimelineIO, both ways: our own reader and writer; a list of what could not be carried over.

`otio_values` knows times and the structure, `otio_write` and `otio_read` the two directions.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from timeline.errors import BadTimeline
from timeline.media import AssetTable
from timeline.model import Document, Json
from timeline.otio_read import Reader, whole_json
from timeline.otio_values import cutroom, objects, schema_name, structure_hash
from timeline.otio_write import otio_text, timeline_to_otio
from timeline.records import FILE_BYTES_MAX, TimelineFile, asset_entry_json, read_timeline_file

__all__ = [
    "OtioFile",
    "OtioReading",
    "otio_to_timeline",
    "read_otio",
    "timeline_to_otio",
    "write_otio",
]


@dataclass(frozen=True, slots=True)
class OtioReading:
    """A timeline that was read, and what of the file it does not carry [timeline-O5]."""

    file: TimelineFile
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtioFile:
    """The text of an `.otio`, and what other tools will not find in it [timeline-O5]."""

    text: str
    losses: tuple[str, ...] = ()


def write_otio(file: TimelineFile, assets: AssetTable) -> OtioFile:
    """The `.otio` of a timeline; `assets` are the facts known (rates, lengths, start timecodes)."""
    written, losses = timeline_to_otio(file.document, assets, file.assets)
    return OtioFile(otio_text(written), losses)


def read_otio(content: str | bytes) -> OtioReading:
    """The timeline of an `.otio`. Raises BadTimeline with the field that is wrong."""
    whole = _timeline_of(_parsed(content))
    ours = cutroom(whole)
    stored = _stored(ours)
    if stored is not None and ours.get("structure") == structure_hash(whole):
        return OtioReading(stored)
    entries = dict(stored.assets) if stored is not None else {}
    reader = Reader(stored.document if stored is not None else Document(), entries)
    document = reader.document(whole)
    written: dict[str, Json] = {
        name: asset_entry_json(entry) for name, entry in reader.entries.items()
    }
    # Through the door of our own files: the same limits hold for both.
    file = read_timeline_file(json.dumps(whole_json(document, written)))
    return OtioReading(file, tuple(reader.losses))


def otio_to_timeline(content: str | bytes) -> tuple[TimelineFile, tuple[str, ...]]:
    """As `read_otio`, as a pair."""
    reading = read_otio(content)
    return reading.file, reading.losses


def _parsed(content: str | bytes) -> dict[str, Json]:
    if len(content) > FILE_BYTES_MAX:
        raise BadTimeline("", f"larger than {FILE_BYTES_MAX} bytes")
    try:
        # Other writers leave NaN in metadata that nobody reads; as a time null is refused later.
        whole = json.loads(_infinities(content), parse_constant=lambda _: None)
    except UnicodeDecodeError as error:
        raise BadTimeline("", "not UTF-8") from error
    except RecursionError as error:
        raise BadTimeline("", "nested too deep") from error
    except ValueError as error:
        raise BadTimeline("", f"not JSON: {error}") from error
    if not isinstance(whole, dict):
        raise BadTimeline("", "an OpenTimelineIO file holds one JSON object")
    return cast("dict[str, Json]", whole)


def _infinities(content: str | bytes) -> str:
    """The reference package writes `Inf`, which not even lenient JSON readers know."""
    text = content if isinstance(content, str) else content.decode("utf-8-sig")
    return re.sub(r"(:\s*-?)Inf(?=\s*[,}\]])", r"\1Infinity", text) if "Inf" in text else text


def _timeline_of(whole: dict[str, Json]) -> dict[str, Json]:
    """The timeline of a file: its root, the first one of a collection, or one around a lone stack."""
    name = schema_name(whole)
    if name == "Timeline":
        return whole
    if name == "SerializableCollection":
        found = [item for item in objects(whole.get("children")) if schema_name(item) == "Timeline"]
        if found:
            return found[0]
        raise BadTimeline("children", "no Timeline in this collection")
    if name == "Stack":
        return {"OTIO_SCHEMA": "Timeline.1", "name": whole.get("name"), "tracks": whole}
    if name in ("Track", "Clip"):
        stack: dict[str, Json] = {"OTIO_SCHEMA": "Stack.1", "children": [whole]}
        return {"OTIO_SCHEMA": "Timeline.1", "name": whole.get("name"), "tracks": stack}
    raise BadTimeline("OTIO_SCHEMA", "a Timeline is expected")


def _stored(ours: Mapping[str, Json]) -> TimelineFile | None:
    """The document and assets that we stored in the file; None where there are none of ours."""
    document = ours.get("document")
    if not isinstance(document, dict):
        return None
    return read_timeline_file(
        json.dumps({"schema": 1, **document, "assets": ours.get("assets") or {}})
    )
