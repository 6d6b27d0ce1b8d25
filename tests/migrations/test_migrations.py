"""Migrations on both databases: from nothing to the tables of the code, and harmless again."""

import importlib
from collections.abc import Generator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from backend.db.metadata import Row
from backend.db.migrations import alembic_config, head, migrate, revision_of

importlib.import_module("backend.main")  # every table of the server is known by now


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'new.db'}"


@pytest.fixture
def engine(url: str) -> Generator[Engine]:
    made = create_engine(url)
    yield made
    made.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Row.metadata))


@pytest.mark.rule("db-B4")
def test_an_empty_database_becomes_that_of_the_code(url: str, engine: Engine) -> None:
    assert len(differences(engine)) >= len(Row.metadata.tables)
    migrate(url)
    assert revision_of(engine) == head()
    assert differences(engine) == []


@pytest.mark.rule("db-B4")
def test_alembic_itself_finds_nothing_to_do(url: str, engine: Engine) -> None:
    migrate(url)
    config = alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


@pytest.mark.rule("db-B4")
def test_migrating_again_changes_nothing(url: str, engine: Engine) -> None:
    migrate(url)
    before = set(inspect(engine).get_table_names())
    migrate(url)
    assert set(inspect(engine).get_table_names()) == before
    assert before == {*Row.metadata.tables, "alembic_version"}


@pytest.mark.rule("db-B4")
def test_each_step_goes_forth_and_back_and_forth(url: str, engine: Engine) -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    steps = [script.revision for script in scripts.walk_revisions()][::-1]
    for revision in steps:
        with engine.begin() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate(url)
    assert differences(engine) == []
