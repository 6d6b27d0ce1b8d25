"""From one object store into another; what is there already is not sent again."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from kit.object_store import CHUNK_BYTES, ObjectMissing, ObjectStore


@dataclass(frozen=True, slots=True)
class Copied:
    """How many objects the copy has, and how many of them were sent just now, with their bytes."""

    objects: int
    sent: int
    sent_bytes: int


def copy_objects(
    source: ObjectStore, target: ObjectStore, scratch: Path, *, wanted: Callable[[str], bool]
) -> Copied:
    """Every object whose key is wanted; one that goes away meanwhile is left out. StoreError of either."""
    objects = sent = sent_bytes = 0
    for stat in source.list(""):
        if not wanted(stat.key):
            continue
        objects += 1
        there = target.stat(stat.key)  # objects never change, so one of that name is that object
        if there is not None and there.size_bytes == stat.size_bytes:
            continue
        try:
            _copy(source, target, stat.key, scratch)
        except ObjectMissing:
            objects -= 1
            continue
        sent, sent_bytes = sent + 1, sent_bytes + stat.size_bytes
    return Copied(objects, sent, sent_bytes)


def _copy(source: ObjectStore, target: ObjectStore, key: str, scratch: Path) -> None:
    local = source.local_path(key)
    if local is not None:
        target.put(key, local)
        return
    with tempfile.NamedTemporaryFile(dir=scratch) as file:
        with source.open(key) as stream:
            copyfileobj(stream, file, CHUNK_BYTES)
        file.flush()
        target.put(key, Path(file.name))
