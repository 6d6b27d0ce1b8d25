"""Lossless pictures of originals, for films from the originals [export-X23].

Before a segment is drawn its pictures must be found by number, and a foreign file can be read safely from
its beginning only. So the normalising graph runs over an original once, and what it gives is kept without
loss: the same pixels as the graph in front of every segment would give, and sync pictures to seek to.
"""

import json
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from exporter.errors import InputChanged
from exporter.ffmpeg_process import Ffmpeg
from exporter.ingest_version import INGEST_VERSION
from kit.object_store import ObjectMissing, ObjectStore
from timeline.errors import BadTimeline
from timeline.media import AssetFacts, MediaFacts, MediaTable, PictureRendition
from timeline.media_json import media_from_json, media_json

Master = Callable[[MediaFacts], PictureRendition | None]


def with_masters(media: MediaTable, shown: Collection[str], master: Master) -> MediaTable:
    """The media with masters in place of all mezzanines whose hash is `shown`."""
    found = dict(media)
    for asset, facts in media.items():
        picture = facts.picture
        if picture is None or picture.adopted or picture.hash not in shown:
            continue
        found[asset] = replace(facts, picture=master(facts) or picture)
    return found


def find_master(store: ObjectStore, build_id: str, media: MediaFacts) -> PictureRendition | None:
    """The master of an asset, where it was made before by this build and is still there."""
    try:
        with store.open(_note_key(build_id, media)) as stream:
            note = json.loads(stream.read())
        if note["ingest"] != INGEST_VERSION:
            return None
        made = media_from_json(note["media"]).picture
    except (ObjectMissing, BadTimeline, ValueError, KeyError, TypeError):
        return None
    return made if made is not None and store.stat(made.key) is not None else None


def _note_key(build_id: str, media: MediaFacts) -> str:
    digest = media.picture.hash if media.picture else ""
    return f"masters/{build_id[:16]}-{digest}.json"


@dataclass(frozen=True, slots=True)
class Masters:
    """Makes what is missing. `scratch` is a private folder of the task."""

    ffmpeg: Ffmpeg
    store: ObjectStore
    scratch: Path
    cancelled: Callable[[], bool]

    def make(self, media: MediaFacts) -> PictureRendition:
        """The master of an asset; InputChanged where its original is gone, MediaUnusable, Cancelled."""
        known = find_master(self.store, self.ffmpeg.build_id, media)
        if known is not None:
            return known
        from exporter.mezzanine import master_of  # noqa: PLC0415 - see the head of pipeline.py

        folder = Path(tempfile.mkdtemp(prefix="master-", dir=self.scratch))
        try:
            made = master_of(
                media, self.store, folder, ffmpeg=self.ffmpeg, cancelled=self.cancelled
            )
        except ObjectMissing as missing:
            raise InputChanged(media.original, media.name) from missing
        note = {
            "ingest": INGEST_VERSION,
            "media": media_json(MediaFacts(AssetFacts(), picture=made)),
        }
        body = json.dumps(note, sort_keys=True).encode()
        self.store.put(_note_key(self.ffmpeg.build_id, media), body, if_absent=False)
        return made
