"""Rows by names: nobody, one and many are asked for differently and answered the same."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from backend.auth.tables import WorkspaceRow
from backend.db.by_name import ByName
from kit.clock import SystemClock
from tests.backend.support import migrated_database

_TABLE = WorkspaceRow.__table__
NAMES = ByName(select(_TABLE.c.name), _TABLE.c.id)


@pytest.mark.rule("db-B13")
@pytest.mark.parametrize("names", [set[str](), {"a"}, {"z"}, {"a", "c"}, {"b", "z"}])
async def test_rows_under_names_are_those_and_no_others(tmp_path: Path, names: set[str]) -> None:
    database = migrated_database(tmp_path / "data")
    there = {"a", "b", "c"}
    now = SystemClock().now()
    with database.write_in_thread() as session:
        session.execute(
            insert(WorkspaceRow),
            [{"id": name, "name": f"the {name}", "created_at": now} for name in there],
        )
    with database.connection_in_thread() as connection:
        found = {row[0] for row in NAMES.rows(connection, names)}
    assert found == {f"the {name}" for name in names & there}
    await database.close()
