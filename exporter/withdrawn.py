"""Adopted originals that the gate found wanting: exports copy nothing from them any more [export-X21]."""

import logging
from collections.abc import Iterable
from typing import Final

from kit.object_store import ObjectStore
from timeline.media import MediaFacts
from timeline.plan import CopySegment, Plan

FOLDER: Final = "withdrawn"
MEZZANINES: Final = "mz/"
LOG: Final = logging.getLogger("cutroom.exporter.withdrawn")


def withdraw(store: ObjectStore, plan: Plan, positions: Iterable[int]) -> bool:
    """Mark the originals that these segments of the plan are copied from; False where there are none."""
    found: set[str] = set()
    for position in positions:
        segment = plan.segments[position]
        if isinstance(segment, CopySegment):
            item = plan.inputs[segment.rendition]
            if not item.key.startswith(MEZZANINES):
                found.add(item.hash)
    for digest in found:
        LOG.warning("original.withdrawn", extra={"original": digest})
        store.put(f"{FOLDER}/{digest}", b"withdrawn")
    return bool(found)


def withdrawn_originals(store: ObjectStore) -> frozenset[str]:
    """The sha256 of every original that was withdrawn."""
    return frozenset(item.key.removeprefix(f"{FOLDER}/") for item in store.list(f"{FOLDER}/"))


def is_withdrawn(store: ObjectStore, media: MediaFacts) -> bool:
    """Whether these facts still name an original that exports may not copy from."""
    picture = media.picture
    return picture is not None and picture.adopted and is_marked(store, picture.hash)


def is_marked(store: ObjectStore, digest: str) -> bool:
    """Whether the original with that sha256 was withdrawn."""
    return store.stat(f"{FOLDER}/{digest}") is not None
