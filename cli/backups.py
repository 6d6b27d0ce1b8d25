"""A backup is a folder: a manifest, a file for each table, and the objects; the tables are of one moment.

Tables first, objects second: objects never change and outlive the rows that name them, so every object that a
row of the backup names is still there when the objects are copied. The same folder can be used again and again;
only new objects are sent.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from backend.db.archive import (
    BadArchive,
    NotEmpty,
    TableNote,
    check_tables,
    read_tables,
    write_tables,
)
from backend.db.migrations import head
from backend.db.session import Database
from cli.errors import CommandFailed, ExitCode
from kit.clock import Clock
from kit.folder_store import FolderStore
from kit.object_copy import Copied, copy_objects
from kit.object_store import ObjectStore

FORMAT: Final = 1
MANIFEST: Final = "backup.json"
TABLES: Final = "tables"
OBJECTS: Final = "objects"
# What is made again when it is missed, and what only probes write.
CACHES: Final = ("seg/", "plans/", "joins/", "sound-notes/", "known/", "health/")


def is_kept(key: str) -> bool:
    """Whether an object belongs into a backup."""
    return not key.startswith(CACHES)


def back_up(database: Database, store: ObjectStore, folder: Path, clock: Clock) -> dict[str, Any]:
    """Write everything there is into the folder; answers the manifest. Errors of database and store."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{TABLES}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    with database.snapshot() as connection:
        notes = write_tables(connection, fresh)
    copied = copy_objects(store, FolderStore(folder / OBJECTS), folder, wanted=is_kept)
    manifest = {
        "format": FORMAT,
        "revision": head(),
        "made_at": clock.now().isoformat(),
        "tables": {name: asdict(note) for name, note in notes.items()},
        "objects": copied.objects,
    }
    (folder / MANIFEST).unlink(missing_ok=True)  # without one, a backup that was broken off is none
    shutil.rmtree(folder / TABLES, ignore_errors=True)
    fresh.rename(folder / TABLES)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return {**manifest, "sent": copied.sent, "sent_bytes": copied.sent_bytes}


def restore_from(folder: Path, database: Database, store: ObjectStore) -> Copied:
    """Bring a backup into an empty database of its version and a store; CommandFailed says why not."""
    notes = _notes(folder)
    try:
        check_tables(folder / TABLES, notes)
        source = FolderStore(folder / OBJECTS)
        copied = copy_objects(source, store, folder, wanted=is_kept)
        with database.write_in_thread() as session:
            read_tables(session.connection(), folder / TABLES, notes)
    except BadArchive as bad:
        raise CommandFailed(str(bad), str(folder), ExitCode.BAD_INPUT) from bad
    except NotEmpty as full:
        raise CommandFailed("the database is in use; restore into an empty one", "") from full
    return copied


def _notes(folder: Path) -> dict[str, TableNote]:
    """What the manifest says of the tables."""
    try:
        told = json.loads((folder / MANIFEST).read_text())
        notes = {
            name: TableNote(tuple(note["columns"]), int(note["rows"]), str(note["sha256"]))
            for name, note in told["tables"].items()
        }
        kind, revision = told["format"], told["revision"]
    except FileNotFoundError as missing:
        raise CommandFailed("no backup here", str(folder), ExitCode.BAD_INPUT) from missing
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise CommandFailed(
            "not a manifest of a backup", str(folder / MANIFEST), ExitCode.BAD_INPUT
        ) from bad
    if kind != FORMAT or revision != head():
        raise CommandFailed(
            f"made by another version (tables {revision}, here {head()});"
            " restore it with that version, then run `cutroom migrate` of this one",
            str(folder),
            ExitCode.BAD_INPUT,
        )
    return notes
