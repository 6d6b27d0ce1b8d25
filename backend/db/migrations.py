"""Bring the tables to this version: Alembic, run from code so that an installed wheel can."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from backend.db.session import WRITES, foreign_errors, prepare_sqlite

SCRIPTS: Final = Path(__file__).resolve().parent.parent.parent / "migrations"


def migrate(url: str) -> None:
    """Upgrade to the newest version; harmless when it is there already. Errors as of a session."""
    with foreign_errors():
        _migrate(url)


def _migrate(url: str) -> None:
    engine = create_engine(url)
    if make_url(url).get_backend_name() == "sqlite":
        prepare_sqlite(engine)  # so that tables, too, come in one transaction or not at all
        engine = engine.execution_options(**{WRITES: True})
    try:
        if revision_of(engine) == head():
            return
        with engine.begin() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def head() -> str | None:
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def revision_of(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return connection_revision(connection)


def connection_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
