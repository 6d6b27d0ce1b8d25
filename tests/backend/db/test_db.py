"""The database: order of commit and answer, hints, events without gaps, migrations."""

import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi import FastAPI
from sqlalchemy import create_engine, event, select
from sqlalchemy.exc import OperationalError
from starlette.types import Message, Receive, Scope, Send

from backend.auth.tables import WorkspaceRow
from backend.db.event_log import EventRow, append_event
from backend.db.metadata import Row
from backend.db.migrations import migrate
from backend.db.session import Database, DatabaseAway, DatabaseFull, SessionDep, hint_after_commit
from backend.problems import register_problems
from kit.clock import SystemClock
from kit.event_bus import LocalBus
from tests.backend.support import migrated_database, running_server


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    made = migrated_database(tmp_path / "data")
    yield made
    await made.close()


def row(name: str) -> WorkspaceRow:
    return WorkspaceRow(id=name, name=name, created_at=SystemClock().now())


@pytest.mark.rule("db-B1")
async def test_the_commit_comes_before_the_answer(database: Database) -> None:
    order: list[str] = []

    def committed(_connection: object) -> None:
        order.append("commit")

    event.listen(database.async_engine.sync_engine, "commit", committed)
    app = FastAPI()
    app.state.database = database

    @app.post("/rows")
    async def add(session: SessionDep) -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        session.add(row("ws_1"))
        order.append("handler")
        return {}

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            order.append(message["type"])
            await send(message)

        await app(scope, receive, noted)

    transport = httpx.ASGITransport(watched)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.post("/rows")).status_code == 200
    assert order[:3] == ["handler", "commit", "http.response.start"]


@pytest.mark.rule("db-B1", "db-B6")
async def test_a_commit_that_fails_is_an_error_and_not_an_answer(database: Database) -> None:
    def full(_connection: object) -> None:
        raise OperationalError("commit", {}, Exception("database or disk is full"))

    event.listen(database.async_engine.sync_engine, "commit", full)
    app = FastAPI()
    app.state.database = database
    register_problems(app)

    @app.post("/rows")
    async def add(session: SessionDep) -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        session.add(row("ws_1"))
        return {}

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.post("/rows")
    assert (answer.status_code, answer.json()["type"]) == (507, "/problems/storage-full")
    with database.read_in_thread() as session:
        assert session.get(WorkspaceRow, "ws_1") is None


@pytest.mark.rule("db-B6")
async def test_a_database_without_room_is_told_as_such(database: Database) -> None:
    with database.read_in_thread() as session:
        pages = session.connection().exec_driver_sql("pragma page_count").scalar_one()

    def fill() -> None:
        with database.write_in_thread() as session:
            session.connection().exec_driver_sql(f"pragma max_page_count = {pages}")
            for number in range(2000):
                session.add(row(f"ws_{number}_{'x' * 200}"))

    with pytest.raises(DatabaseFull):
        fill()
    with database.write_in_thread() as session:
        session.connection().exec_driver_sql("pragma max_page_count = 1000000")
        session.add(row("ws_after"))
    with database.read_in_thread() as session:
        assert [found.id for found in session.scalars(select(WorkspaceRow))] == ["ws_after"]


@pytest.mark.rule("db-B3")
async def test_hints_follow_the_commit_and_never_a_rollback(tmp_path: Path) -> None:
    bus = LocalBus()
    database = migrated_database(tmp_path / "data", bus)

    async def roll_back() -> None:
        async with database.write() as session:
            hint_after_commit(session, "rows", {"id": "lost"})
            raise ZeroDivisionError

    async with bus.subscribe("rows") as hints:
        with pytest.raises(ZeroDivisionError):
            await roll_back()
        async with database.write() as session:
            session.add(row("ws_1"))
            hint_after_commit(session, "rows", {"id": "kept"})
            assert await hints.next(0.05) is None
        hint = await hints.next(1)
    assert hint is not None
    assert hint.body == {"id": "kept"}
    await database.close()


@pytest.mark.rule("db-B4")
async def test_migrations_make_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    async with running_server(tmp_path):
        pass  # all tables are known now
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


@pytest.mark.rule("db-B4")
def test_a_migration_that_breaks_leaves_no_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table tasks (in_the_way integer)")
    engine.dispose()
    with pytest.raises(DatabaseAway, match="already exists"):
        migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("select name from sqlite_master where type = 'table'")
        assert [name for (name,) in found] == ["tasks"]
    engine.dispose()


@pytest.mark.rule("db-B5")
async def test_events_are_numbered_without_a_gap_whoever_writes(database: Database) -> None:
    def write(count: int) -> None:
        for _ in range(count):
            with database.write_in_thread() as session:
                append_event(
                    session,
                    workspace_id="ws_1",
                    project_id=None,
                    kind="x",
                    body={},
                    at=SystemClock().now(),
                )

    threads = [threading.Thread(target=write, args=(10,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read_in_thread() as session:
        numbers = session.scalars(select(EventRow.seq).order_by(EventRow.seq)).all()
    assert list(numbers) == list(range(1, 41))
