"""Timelines in and out as files: what they name as assets, and which assets of ours those are."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from backend.collab.facts import KnownAsset, read_assets, read_matching
from backend.db.session import Database
from timeline.media import AssetEntry
from timeline.model import Document, Json, Record
from timeline.otio import OtioReading, read_otio
from timeline.records import TimelineFile, read_timeline_file

ASSET_KEYS: Final = ("asset", "p:asset")


def read_file(body: bytes) -> OtioReading:
    """A `.cutroom.json` or an `.otio`, told apart by what they hold; raises BadTimeline.

    Also what of it could not be carried over.
    """
    if b'"OTIO_SCHEMA"' in body and _has_schema(body):
        return read_otio(body)
    return OtioReading(read_timeline_file(body))


def _has_schema(body: bytes) -> bool:
    try:
        whole: object = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(whole, dict) and "OTIO_SCHEMA" in whole


def file_of(document: Document, assets: Mapping[str, KnownAsset]) -> TimelineFile:
    """The document as a file; an asset's path is its name, its hash finds it again anywhere."""
    return TimelineFile(
        document,
        {
            asset_id: AssetEntry(path=asset.name, extra={"sha256": asset.sha256})
            for asset_id, asset in assets.items()
        },
    )


async def with_our_assets(database: Database, workspace_id: str, file: TimelineFile) -> Document:
    """The document of a file, its assets named as this workspace names them.

    An asset is known by its id, else by its hash, else by its file name; what is not known keeps
    its id and shows as missing.
    """
    entries = file.assets
    ours = await read_assets(database, workspace_id, entries)
    foreign = {asset_id: entry for asset_id, entry in entries.items() if asset_id not in ours}
    by_hash, by_name = await read_matching(
        database,
        workspace_id,
        hashes={found for entry in foreign.values() if (found := _hash(entry))},
        names={found for entry in foreign.values() if (found := _name(entry))},
    )
    names: dict[str, str] = {}
    for asset_id, entry in foreign.items():
        found = by_hash.get(_hash(entry)) or by_name.get(_name(entry))
        if found is not None:
            names[asset_id] = found
    return _renamed(file.document, names) if names else file.document


def _hash(entry: AssetEntry) -> str:
    found = entry.extra.get("sha256")
    return found if isinstance(found, str) else ""


def _name(entry: AssetEntry) -> str:
    return PurePosixPath((entry.path or "").replace("\\", "/")).name or entry.name


def _renamed(document: Document, names: Mapping[str, str]) -> Document:
    def record(found: Record) -> Record:
        changed: dict[str, Json] = {
            key: names[value]
            for key in ASSET_KEYS
            if isinstance(value := found.get(key), str) and value in names
        }
        return {**found, **changed} if changed else found

    return replace(
        document,
        clips={clip_id: record(found) for clip_id, found in document.clips.items()},
        effects={effect_id: record(found) for effect_id, found in document.effects.items()},
    )
