"""The composition root: settings -> stores, bus, database, board, engine. Everything is made here."""

import asyncio
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from backend.db.audit_log import ASKER, OPERATOR, Asker
from backend.db.migrations import migrate
from backend.db.session import Database, DatabaseAway, DatabaseFull, DatabaseUnusable
from backend.exports.carrier import Carrier
from backend.main import Parts
from backend.settings import BadSettings, Settings
from cli.carriers import EmbeddedEngine, embedded_shop
from cli.errors import CommandFailed, ExitCode
from cli.work_meters import WorkMeters
from kit.clock import SystemClock
from kit.event_bus import EventBus, LocalBus
from kit.folder_store import FolderStore
from kit.measured_store import measured_store
from kit.metrics import Metrics
from kit.object_store import ObjectStore, StoreError
from timeline.jobs import JobBoard

if TYPE_CHECKING:
    from kit.redis_bus import RedisBus

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


def object_store(settings: Settings) -> ObjectStore:
    """The bucket that was named, else a folder under the data folder."""
    if not settings.s3_bucket:
        return FolderStore(settings.data_dir / "objects")
    from kit.s3_store import S3Store  # noqa: PLC0415 - boto3 takes longer to load than a server to start

    return S3Store(settings.s3_bucket, settings.s3_endpoint_url or None)


def embedded_parts(settings: Settings) -> Parts:
    """One process, one folder: SQLite, a folder of objects, an in-process bus."""
    bus, clock, metrics = LocalBus(), SystemClock(), Metrics()
    store = measured_store(object_store(settings), metrics)
    shop = embedded_shop(settings.data_dir, store, clock, WorkMeters(metrics))

    def make_engine(board: JobBoard) -> EmbeddedEngine:
        return EmbeddedEngine(board, bus, shop, slots=settings.slots)

    return Parts(
        settings=settings,
        database=Database(settings.sqlalchemy_url, bus),
        bus=bus,
        store=store,
        clock=clock,
        metrics=metrics,
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


@contextmanager
def cluster_bus(settings: Settings) -> Generator["RedisBus"]:
    """Hints over Redis while the block runs; a Redis that is away is waited for, not needed."""
    from kit.redis_bus import RedisBus  # noqa: PLC0415 - `up` needs none

    try:
        bus = RedisBus(settings.redis_url)
    except ValueError as error:
        raise CommandFailed(str(error), "CUTROOM_REDIS_URL", ExitCode.BAD_INPUT) from error
    bus.start()
    try:
        yield bus
    finally:
        bus.close()


def cluster_parts(
    settings: Settings,
    bus: EventBus,
    metrics: Metrics,
    *,
    carrier: Carrier | None = None,
    node_address: str = "",
) -> Parts:
    """Shared database and store; `carrier` tells the workers of other machines, and only who opens documents
    has a `node_address`.
    """
    return Parts(
        settings=settings,
        database=Database(settings.sqlalchemy_url, bus),
        bus=bus,
        store=measured_store(object_store(settings), metrics),
        clock=SystemClock(),
        metrics=metrics,
        node_address=node_address,
        carrier=carrier,
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
def store_faults() -> Generator[None]:
    """An object store that does not do its part ends the command with one line."""
    try:
        yield
    except StoreError as fault:
        raise CommandFailed(f"the object store cannot be used ({fault})", "") from fault


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
    ASKER.set(Asker(OPERATOR))
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
