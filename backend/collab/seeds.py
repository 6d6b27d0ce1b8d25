"""The first update of a new project: the same bytes whoever writes it [collab-L3]."""

import hashlib
import itertools
from collections.abc import Iterator
from typing import Final

from backend.collab.document import new_ydoc, write_changes
from backend.collab.log import Entry
from timeline.model import RECORD_ROOTS, Change, Document
from timeline.seed import seed_document

SEED_CLIENT: Final = 1
SEED_ORIGIN: Final = "server:seed"


def seed_entry(
    project_id: str, name: str, *, width: int, height: int, fps_num: int, fps_den: int
) -> Entry:
    """One update with the main sequence and its tracks; ids come from the project's."""
    numbers = itertools.count()

    def new_id() -> str:
        digest = hashlib.sha256(f"{project_id} {next(numbers)}".encode()).hexdigest()
        return f"r_{digest[:24]}"

    document = seed_document(
        name, width=width, height=height, fps_num=fps_num, fps_den=fps_den, new_id=new_id
    )
    ydoc = new_ydoc(SEED_CLIENT)
    return Entry(SEED_ORIGIN, write_changes(ydoc, list(creations(document)), SEED_ORIGIN))


def creations(document: Document) -> Iterator[Change]:
    """The changes that make an empty document this one."""
    for key, value in document.meta.items():
        yield Change("meta", "", key, None, value)
    for root in RECORD_ROOTS:
        for record_id, record in document.records(root).items():
            yield Change(root, record_id, None, None, dict(record))
