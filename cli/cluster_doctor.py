"""What `cutroom doctor` asks of the parts that many machines share, where settings name them [cli-O2].

Each part is asked on its own: what one of them lacks hides nothing of the others. No address is told, and no secret.
"""

import asyncio
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Final, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.auth.errors import OpenIdFault
from backend.auth.openid_attempt import Attempt
from backend.auth.openid_provider import OpenIdProvider
from backend.db.app_role import is_held_off, unreadable_tables
from backend.db.migrations import connection_revision, head
from backend.db.session import DatabaseAway, DatabaseUnusable, foreign_errors
from backend.exports.queue import database_seconds
from backend.exports.tables import WorkerRow
from backend.exports.workers import SEEN_SECONDS
from backend.settings import Settings
from cli.findings import Finding
from cli.wiring import object_store
from kit.clock import SystemClock
from kit.logs import configure_logs
from kit.object_store import ObjectStore, StoreError

CONNECT_SECONDS: Final = 5
POSTGRES_MIN: Final = 15
SQLITE_MIN: Final = (3, 35)
REDIS_MIN: Final = 7
SKEW_SECONDS_MAX: Final = 5.0
SET_CLOCKS: Final = "let all machines take their time from one server (chrony, systemd-timesyncd)"
MIGRATE: Final = "cutroom migrate"


def cluster_findings(settings: Settings) -> list[Finding]:
    """Empty where no setting names a part that is elsewhere."""
    configure_logs(settings.log_format)  # what a part says beyond its line belongs on stderr
    provider = _openid(settings)
    if not (settings.database_url or settings.redis_url or settings.s3_bucket):
        return provider
    return [
        *provider,
        *_settings(settings),
        *_database(settings),
        *_redis(settings),
        *_store(settings),
    ]


def _settings(settings: Settings) -> list[Finding]:
    """What `serve` and `work` do not start without, and what several machines should not."""
    needed = {
        "CUTROOM_DATABASE_URL": settings.database_url,
        "CUTROOM_REDIS_URL": settings.redis_url,
        "CUTROOM_SECRET_KEY": settings.secret_keys,
    }
    lacking = [name for name, value in needed.items() if not value]
    if lacking:
        detail = f"{', '.join(lacking)}: not set"
        return [Finding("settings", "missing", detail, "set the same on every machine")]
    if not settings.s3_bucket:
        remedy = "set CUTROOM_S3_BUCKET: a folder is seen by one machine only"
        return [Finding("settings", "warning", "objects lie in a folder", remedy)]
    if not settings.is_https:
        remedy = "set CUTROOM_PUBLIC_URL to the https address that people open"
        return [Finding("settings", "warning", "the public address is not https", remedy)]
    return [Finding("settings", "ok", f"payments: {settings.payment_mode}")]


def _openid(settings: Settings) -> list[Finding]:
    """Whether the provider that people sign in with describes itself as the settings name it."""
    if not settings.openid_issuer:
        return []
    try:
        asyncio.run(_asked_for_a_way_in(settings))
    except OpenIdFault:
        remedy = "its /.well-known/openid-configuration must answer, and name CUTROOM_OPENID_ISSUER itself"
        return [Finding("openid", "missing", "describes no way to sign in", remedy)]
    return [Finding("openid", "ok", settings.openid_label)]


async def _asked_for_a_way_in(settings: Settings) -> None:
    clock = SystemClock()
    provider = OpenIdProvider(
        issuer=settings.openid_issuer,
        client_id=settings.openid_client_id,
        client_secret=settings.openid_client_secret.get_secret_value(),
        clock=clock,
    )
    try:
        attempt = Attempt.begun(next_path="/", invite="", now=clock.now())
        await provider.address_for(attempt, callback=settings.public_url)
    finally:
        await provider.close()


# --- the database ---


def _database(settings: Settings) -> list[Finding]:
    try:
        with _engine(settings) as engine, foreign_errors(), engine.connect() as connection:
            version = _version(connection)
            if version.state == "missing":
                return [version]
            role = _role(connection)
            if any(finding.state == "missing" for finding in role):
                return [version, *role]
            tables = _tables(connection)
            if tables.state == "missing":
                return [version, tables]
            return [version, tables, *role, *_worked(connection)]
    except (DatabaseAway, DatabaseUnusable, SQLAlchemyError, ImportError):
        remedy = "start it, and see that this machine reaches what CUTROOM_DATABASE_URL names"
        return [Finding("database", "missing", "does not answer, or refuses", remedy)]


@contextmanager
def _engine(settings: Settings) -> Generator[Engine]:
    is_postgres = not settings.sqlalchemy_url.startswith("sqlite")
    patience: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS} if is_postgres else {}
    engine = create_engine(settings.sqlalchemy_url, connect_args=patience)
    try:
        yield engine
    finally:
        engine.dispose()


def _version(connection: Connection) -> Finding:
    name = connection.dialect.name
    found = cast("tuple[int, ...]", connection.dialect.server_version_info or ())
    told = f"{name} {'.'.join(map(str, found))}"
    wanted = (POSTGRES_MIN,) if name == "postgresql" else SQLITE_MIN
    if found >= wanted:
        return Finding("database", "ok", told)
    remedy = f"bring it to {'.'.join(map(str, wanted))} or later"
    return Finding("database", "missing", told, remedy)


def _tables(connection: Connection) -> Finding:
    revision = connection_revision(connection)
    if revision == head():
        return Finding("tables", "ok", str(revision))
    detail = f"at {revision}, this version wants {head()}" if revision else "there are none"
    return Finding("tables", "missing", detail, MIGRATE)


def _role(connection: Connection) -> list[Finding]:
    """On Postgres: a role that can do its work, and nothing to the books."""
    if connection.dialect.name != "postgresql":
        return []
    unreadable = unreadable_tables(connection)
    if unreadable:
        detail = f"may not read {', '.join(unreadable)}"
        return [Finding("role", "missing", detail, f"{MIGRATE} --app-role ROLE, as their owner")]
    if is_held_off(connection):
        return [Finding("role", "ok", "owns nothing")]
    remedy = f"{MIGRATE} --app-role ROLE, and name that role in CUTROOM_DATABASE_URL"
    return [Finding("role", "warning", "owns the tables: it could rewrite the ledger", remedy)]


def _worked(connection: Connection) -> list[Finding]:
    with Session(connection) as session:
        now = database_seconds(session)
        skew = abs(now - time.time())
        workers = session.scalars(
            select(WorkerRow).where(WorkerRow.seen_at >= now - SEEN_SECONDS)
        ).all()
    return [clock_finding("database clock", skew), _workers(workers)]


def clock_finding(part: str, skew: float) -> Finding:
    detail = f"{skew:.1f} s away from this machine's"
    if skew <= SKEW_SECONDS_MAX:
        return Finding(part, "ok", detail)
    return Finding(part, "warning", detail, SET_CLOCKS)


def _workers(rows: Any) -> Finding:
    """Who works: some, and all with one build, or films of one timeline differ."""
    if not rows:
        return Finding("workers", "warning", "none seen for a minute", "start `cutroom work`")
    builds = sorted({str(row.version) for row in rows})
    boxes = sorted({str(row.sandbox) for row in rows})
    slots = sum(int(row.slots) for row in rows)
    detail = f"{len(rows)} with {slots} slots, ffmpeg {', '.join(builds)}, box {', '.join(boxes)}"
    if len(builds) > 1:
        remedy = "one ffmpeg on all machines: unset CUTROOM_FFMPEG, and bring all to one version"
        return Finding("workers", "warning", detail, remedy)
    if "basic" in boxes:
        remedy = "run `cutroom doctor` there: it says what the strict box needs"
        return Finding("workers", "warning", detail, remedy)
    return Finding("workers", "ok", detail)


# --- Redis ---


def _redis(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        return []
    try:
        client = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            settings.redis_url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=CONNECT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        remedy = "CUTROOM_REDIS_URL is redis://HOST:PORT/0, or rediss:// with TLS"
        return [Finding("redis", "missing", "no address", remedy)]
    try:
        return [_redis_of(client)]
    except RedisError as error:
        remedy = "start it, and see that this machine reaches what CUTROOM_REDIS_URL names"
        return [Finding("redis", "missing", type(error).__name__, remedy)]
    finally:
        client.close()


def _redis_of(client: Redis) -> Finding:
    told = client.info("server")  # pyright: ignore[reportUnknownMemberType]
    version = str(told.get("valkey_version") or told["redis_version"])
    if int(version.partition(".")[0]) < REDIS_MIN:
        return Finding("redis", "missing", version, f"bring it to {REDIS_MIN} or later, or Valkey")
    policy = ""
    with suppress(RedisError):  # who rents it may not be allowed to ask
        asked = cast("dict[str, str]", client.config_get("maxmemory-policy"))  # pyright: ignore[reportUnknownMemberType]
        policy = asked.get("maxmemory-policy", "")
    if policy not in {"", "noeviction"}:
        remedy = "set maxmemory-policy noeviction: it may forget messages otherwise"
        return Finding("redis", "warning", f"{version}, {policy}", remedy)
    return Finding("redis", "ok", version)


# --- the store ---


def _store(settings: Settings) -> list[Finding]:
    """An object that is put, read and deleted in the bucket; its time is the store's own clock."""
    if not settings.s3_bucket:
        return []
    key, content = f"health/doctor-{secrets.token_hex(8)}", secrets.token_bytes(32)
    try:
        skew = _kept(object_store(settings), key, content)
    except (StoreError, OSError, ValueError) as error:
        remedy = "the bucket must exist, and the AWS_ variables let put, get, list and delete in it"
        return [Finding("store", "missing", type(error).__name__, remedy)]
    if skew is None:
        return [Finding("store", "missing", "gave other bytes than it got", "use another store")]
    return [Finding("store", "ok", "put, read, deleted"), clock_finding("store clock", skew)]


def _kept(store: ObjectStore, key: str, content: bytes) -> float | None:
    """Seconds between its clock and ours; None where it does not give back what it got."""
    store.put(key, content)
    try:
        found = store.stat(key)
        with store.open(key) as stream:
            read = stream.read()
        return (
            None if found is None or read != content else abs(found.modified_seconds - time.time())
        )
    finally:
        store.delete(key)
