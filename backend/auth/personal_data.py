"""Everything that is kept about one person, as JSON: every row that names them, in every table.

It asks the tables themselves, so that a new one that refers to people is in it from its first day.
Hashes of keys and passwords stay here, and documents belong to their workspaces [auth-A15].
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.caller import Caller
from backend.auth.tables import UserRow
from backend.db.metadata import Row, iso

FORMAT: Final = "cutroom-personal-data/1"
ROWS_MAX: Final = 10_000  # of a table; `cut` says where there are more
NAMES_OF_PEOPLE: Final = frozenset(("user_id", "created_by", "author_id", "requested_by", "actor"))
WITHHELD: Final = frozenset(("key_hash", "password_hash", "snapshot", "hash", "previous"))


async def personal_data(session: AsyncSession, caller: Caller, *, now: datetime) -> dict[str, Any]:
    """The archive; its tables are in the order of their names."""
    tables: dict[str, list[dict[str, Any]]] = {}
    cut: list[str] = []
    for table, columns in _tables():
        wanted = or_(*(column == caller.user_id for column in columns))
        shown = [column for column in table.columns if column.name not in WITHHELD]
        found = await session.execute(select(*shown).where(wanted).limit(ROWS_MAX + 1))
        rows = [
            {str(name): _plain(value) for name, value in row.items()} for row in found.mappings()
        ]
        if len(rows) > ROWS_MAX:
            cut.append(table.name)
        if rows:
            tables[table.name] = rows[:ROWS_MAX]
    return {"format": FORMAT, "made_at": iso(now), "tables": tables, "cut": cut}


def _tables() -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Each table and the columns of it that name a person."""
    users = UserRow.__table__
    for table in sorted(Row.metadata.tables.values(), key=lambda found: found.name):
        columns = [
            column
            for column in table.columns
            if column.name in NAMES_OF_PEOPLE
            or any(key.column.table is users for key in column.foreign_keys)
            or (table is users and column.primary_key)
        ]
        if columns:
            yield table, columns


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.hex() if isinstance(value, bytes) else value
