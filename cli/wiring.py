"""The composition root: settings -> stores, bus, database, board, engine. Everything is made here."""

import asyncio
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from backend.db.migrations import migrate
from backend.db.session import Database, DatabaseAway, DatabaseFull, DatabaseUnusable
from backend.main import Parts
from backend.settings import BadSettings, Settings
from cli.carriers import EmbeddedEngine, embedded_shop
from cli.errors import CommandFailed, ExitCode
from kit.clock import SystemClock
from kit.event_bus import LocalBus
from kit.folder_store import FolderStore
from timeline.jobs import JobBoard

SECRET_FILE: Final = "secret.key"  # noqa: S105 - a file name
SECRET_BYTES: Final = 32


def read_settings(**chosen: object) -> Settings:
    """The environment and what the command line chose; ends the command when a value is wrong."""
    try:
        return Settings.read(**chosen)
    except BadSettings as bad:
        raise CommandFailed(bad.detail, bad.name, ExitCode.BAD_INPUT) from bad


def with_secret_key(settings: Settings) -> Settings:
    """The settings with a key: the one given, else the data folder's own, made at first start."""
    if settings.secret_keys:
        return settings
    return settings.model_copy(update={"secret_key": SecretStr(_own_key(settings.data_dir))})


def embedded_parts(settings: Settings) -> Parts:
    """One process, one folder: SQLite, a folder of objects, an in-process bus."""
    bus, clock = LocalBus(), SystemClock()
    store = FolderStore(settings.data_dir / "objects")
    shop = embedded_shop(settings.data_dir, store, clock)

    def make_engine(board: JobBoard) -> EmbeddedEngine:
        return EmbeddedEngine(board, bus, shop, slots=settings.slots)

    return Parts(
        settings=settings,
        database=Database(settings.sqlalchemy_url, bus),
        bus=bus,
        store=store,
        clock=clock,
        make_engine=make_engine,
    )


def read_cluster_settings(**chosen: object) -> Settings:
    """Settings of `serve` and `work`: shared stores and a shared key must be named."""
    settings = read_settings(**chosen)
    needed = {
        "CUTROOM_DATABASE_URL": settings.database_url,
        "CUTROOM_REDIS_URL": settings.redis_url,
        "CUTROOM_SECRET_KEY": settings.secret_keys,
    }
    for name, value in needed.items():
        if not value:
            raise CommandFailed(
                "must be set; `cutroom up` needs none of it", name, ExitCode.BAD_INPUT
            )
    return settings


def cluster_parts(settings: Settings) -> Parts:
    """Shared database and store. Hints stay in the process: others poll, which costs latency only."""
    bus = LocalBus()
    return Parts(
        settings=settings,
        database=Database(settings.sqlalchemy_url, bus),
        bus=bus,
        store=FolderStore(settings.data_dir / "objects"),
        clock=SystemClock(),
    )


@contextmanager
def database_faults(settings: Settings) -> Generator[None]:
    """A database that cannot be used ends the command with one line."""
    where = str(settings.data_dir) if not settings.database_url else "CUTROOM_DATABASE_URL"
    try:
        yield
    except DatabaseFull as full:
        raise CommandFailed("the disk is full", where) from full
    except (DatabaseAway, DatabaseUnusable) as fault:
        raise CommandFailed(f"the database cannot be used ({fault})", where) from fault


@contextmanager
def open_database(settings: Settings) -> Generator[Database]:
    """The database of a data folder, brought to this version; safe beside a running `up`."""
    if not settings.database_url and not settings.data_dir.is_dir():
        raise CommandFailed(
            "no such data folder; `cutroom up` makes one",
            str(settings.data_dir),
            ExitCode.BAD_INPUT,
        )
    database = Database(settings.sqlalchemy_url, LocalBus())
    try:
        with database_faults(settings):
            migrate(settings.sqlalchemy_url)
            yield database
    finally:
        asyncio.run(database.close())


def _own_key(folder: Path) -> str:
    file = folder / SECRET_FILE
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        key = secrets.token_hex(SECRET_BYTES)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return key
