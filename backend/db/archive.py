"""All rows of all tables as files, and back into an empty database of the same version [db-B11].

A file is a table: gzip, one JSON array a line, columns in the order of the manifest. Files of one database kind
are read into the other as well, so what began on a laptop can move to a cluster.
"""

import gzip
import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, DateTime, LargeBinary, Table, delete, insert, null, select, text
from sqlalchemy.types import TypeDecorator, TypeEngine

from backend.db.metadata import Row

ROWS_AT_ONCE: Final = 500
PACKING: Final = 1  # of gzip: the disk is quicker than a better one


class BadArchive(Exception):
    """Files that are not what their manifest says; the text names the file."""


class NotEmpty(Exception):
    """The database that rows should go into has rows of its own."""


@dataclass(frozen=True, slots=True)
class TableNote:
    """What the manifest says of one table's file."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


def write_tables(connection: Connection, folder: Path) -> dict[str, TableNote]:
    """Each table into a file of the folder, as of the connection's one moment; answers what was written."""
    return {table.name: _write(connection, table, folder) for table in Row.metadata.sorted_tables}


def check_tables(folder: Path, notes: Mapping[str, TableNote]) -> None:
    """Compare every file with its note before anything is changed; BadArchive."""
    for name, note in notes.items():
        file = _file(folder, name)
        if not file.is_file():
            raise BadArchive(f"{file.name} is missing")
        with file.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != note.sha256:
                raise BadArchive(f"{file.name} has other bytes than were written")


def read_tables(connection: Connection, folder: Path, notes: Mapping[str, TableNote]) -> None:
    """The rows into an empty database of the same version, in the caller's transaction; NotEmpty, BadArchive."""
    tables = {table.name: table for table in Row.metadata.sorted_tables}
    if tables.keys() != notes.keys():
        odd = sorted(tables.keys() ^ notes.keys())
        raise BadArchive(f"tables are not those of this version: {', '.join(odd)}")
    if connection.execute(select(tables["users"].c.id).limit(1)).first() is not None:
        raise NotEmpty
    with _without_triggers(connection):
        for table in reversed(tables.values()):  # what migrations put there
            connection.execute(delete(table))
        for name, table in tables.items():
            _read(connection, table, _file(folder, name), notes[name])


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.jsonl.gz"


def _write(connection: Connection, table: Table, folder: Path) -> TableNote:
    count = 0
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    with (
        _file(folder, table.name).open("wb") as raw,
        gzip.GzipFile("", "wb", PACKING, raw, mtime=0) as packed,
    ):
        for row in rows:
            values = [_told(value) for value in row]
            packed.write(json.dumps(values, separators=(",", ":"), sort_keys=True).encode() + b"\n")
            count += 1
    with _file(folder, table.name).open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return TableNote(tuple(column.name for column in table.columns), count, sha256)


def _read(connection: Connection, table: Table, file: Path, note: TableNote) -> None:
    if set(note.columns) != set(table.columns.keys()):
        raise BadArchive(f"{file.name} has other columns than this version")
    kinds = [_kind(table.columns[name].type) for name in note.columns]
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = (
            {
                name: _understood(value, kind)
                for name, value, kind in zip(note.columns, json.loads(line), kinds, strict=True)
            }
            for line in lines
        )
        for absent, alike in groupby(rows, key=_absent):
            _insert(connection, table, absent, alike)


def _absent(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in row.items() if value is None)


def _insert(
    connection: Connection, table: Table, absent: tuple[str, ...], rows: Iterable[dict[str, Any]]
) -> None:
    """Rows that lack the same columns: said as NULL, because a JSON column would keep a `null` of JSON."""
    statement = insert(table).values(dict.fromkeys(absent, null()))
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        present = [{k: v for k, v in row.items() if v is not None} for row in some]
        connection.execute(statement, present)


def _kind(kind: TypeEngine[Any]) -> type[Any] | None:
    """What JSON does not carry by itself."""
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if isinstance(plain, LargeBinary):
        return bytes
    return datetime if isinstance(plain, DateTime) else None


def _told(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


def _understood(value: Any, kind: type[Any] | None) -> Any:
    if value is None or kind is None:
        return value
    return b64decode(value) if kind is bytes else datetime.fromisoformat(value)


@contextmanager
def _without_triggers(connection: Connection) -> Generator[None]:
    """Rows come as they were: what guards against changes of them has nothing to guard yet."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text("select name, sql from sqlite_master where type = 'trigger'")
        ).all()
        connection.exec_driver_sql("pragma defer_foreign_keys = on")
        for name, _ in found:
            connection.exec_driver_sql(f'drop trigger "{name}"')
        yield
        for _, made in found:
            connection.exec_driver_sql(made)
        return
    names = [table.name for table in Row.metadata.sorted_tables]
    for name in names:
        connection.exec_driver_sql(f'alter table "{name}" disable trigger user')
    yield
    connection.exec_driver_sql("set constraints all immediate")  # what was put off is looked at now
    for name in names:
        connection.exec_driver_sql(f'alter table "{name}" enable trigger user')
