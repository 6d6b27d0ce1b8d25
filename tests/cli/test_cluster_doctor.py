"""`cutroom doctor` beside the parts of a cluster: real ones, such as lack something, and such as are not there."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from backend.db.session import Database
from backend.exports.workers import Worker, show_worker
from cli.cluster_doctor import SKEW_SECONDS_MAX, clock_finding
from cli.commands.doctor import file_system
from cli.main import main
from kit.event_bus import LocalBus
from kit.ids import sortable_id
from kit.s3_store import S3Store
from tests.cli.up_process import free_port
from tests.openid_server import CLIENT_ID, CLIENT_SECRET, openid_server
from tests.redis_server import RedisServer
from tests.s3_server import KEY_ID, REGION, SECRET, S3Server, make_bucket, running_s3

SHARED = ("settings", "database", "tables", "role", "database clock", "workers", "redis", "store")
SECRET_KEY = "k" * 32


@pytest.fixture(scope="module")
def s3() -> Generator[S3Server]:
    with running_s3() as server:
        yield server


@dataclass(frozen=True, slots=True)
class Cluster:
    """Settings that a test may change, and the doctor's answer to them."""

    database: str
    s3: S3Server
    bucket: str
    environment: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def asked(self) -> tuple[int, dict[str, dict[str, Any]]]:
        code = main(["doctor", "--json"])
        found = json.loads(self.capsys.readouterr().out)["findings"]
        return code, {item["part"]: item for item in found}


@pytest.fixture
def cluster(
    postgres_copy_url: str,
    redis: RedisServer,
    s3: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Cluster:
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CUTROOM_DATA_DIR": str(tmp_path),
        "CUTROOM_DATABASE_URL": postgres_copy_url,
        "CUTROOM_REDIS_URL": redis.url,
        "CUTROOM_S3_ENDPOINT_URL": s3.url,
        "CUTROOM_SECRET_KEY": SECRET_KEY,
        "CUTROOM_PUBLIC_URL": "https://films.example",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = make_bucket(s3)
    monkeypatch.setenv("CUTROOM_S3_BUCKET", bucket)
    return Cluster(postgres_copy_url, s3, bucket, monkeypatch, capsys)


def working(database: str, *versions: str, sandbox: str = "strict") -> None:
    made = Database(database, LocalBus())
    for number, version in enumerate(versions):
        show_worker(made, Worker(f"w{number}", "host", 2, version, sandbox))
    made.engine.dispose()


def as_owner(url: str, words: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(words))
    engine.dispose()


@pytest.mark.rule("cli-O2")
def test_a_cluster_that_is_well_says_so_part_by_part(cluster: Cluster) -> None:
    role = f"app_{sortable_id('r')}"
    as_owner(cluster.database, f"create role {role} login")
    assert main(["migrate", "--app-role", role]) == 0
    cluster.capsys.readouterr()
    working(cluster.database, "9.0", "9.0")
    as_role = make_url(cluster.database).set(username=role)
    cluster.environment.setenv(
        "CUTROOM_DATABASE_URL", as_role.render_as_string(hide_password=False)
    )
    code, parts = cluster.asked()
    assert {name: parts[name]["state"] for name in (*SHARED, "store clock")} == dict.fromkeys(
        (*SHARED, "store clock"), "ok"
    )
    assert code == 0
    assert parts["workers"]["detail"] == "2 with 4 slots, ffmpeg 9.0, box strict"
    store = S3Store(cluster.bucket, cluster.s3.url)
    assert list(store.list("health/")) == []


@pytest.mark.rule("cli-O1", "cli-O2")
def test_what_is_not_well_comes_with_what_to_do(cluster: Cluster) -> None:
    working(cluster.database, "9.0", "8.1")
    cluster.environment.setenv("CUTROOM_PUBLIC_URL", "http://films.example")
    code, parts = cluster.asked()
    assert code == 0  # it works, and should not be left so
    told = {name: (parts[name]["state"], parts[name]["remedy"]) for name in SHARED}
    assert told["role"][0] == told["workers"][0] == told["settings"][0] == "warning"
    assert "--app-role" in told["role"][1]
    assert "one ffmpeg" in told["workers"][1]
    assert "CUTROOM_PUBLIC_URL" in told["settings"][1]
    assert all(remedy for state, remedy in told.values() if state != "ok")


@pytest.mark.rule("cli-O1", "cli-O2")
def test_parts_that_are_not_there_are_missing_and_hide_no_others(cluster: Cluster) -> None:
    cluster.environment.setenv(
        "CUTROOM_DATABASE_URL", f"postgresql://who:hush@127.0.0.1:{free_port()}/none"
    )
    cluster.environment.setenv("CUTROOM_REDIS_URL", f"redis://:hush@127.0.0.1:{free_port()}/0")
    cluster.environment.setenv("CUTROOM_S3_BUCKET", "no-such-bucket")
    code, parts = cluster.asked()
    assert code == 1
    for part in ("database", "redis", "store"):
        assert parts[part]["state"] == "missing", part
        assert parts[part]["remedy"], part
    assert "hush" not in json.dumps(parts)


@pytest.mark.rule("cli-O2")
def test_tables_that_are_none_or_of_another_version_are_told(
    cluster: Cluster, postgres_url: str
) -> None:
    as_owner(cluster.database, "update alembic_version set version_num = 'old'")
    code, parts = cluster.asked()
    assert (code, parts["tables"]["state"], parts["tables"]["remedy"]) == (
        1,
        "missing",
        "cutroom migrate",
    )
    cluster.environment.setenv("CUTROOM_DATABASE_URL", postgres_url)
    code, parts = cluster.asked()
    assert (code, parts["tables"]["detail"]) == (1, "there are none")


@pytest.mark.rule("cli-O2")
def test_a_role_without_rights_and_a_redis_that_forgets_are_told(
    cluster: Cluster, redis: RedisServer
) -> None:
    role = f"app_{sortable_id('r')}"
    as_owner(cluster.database, f"create role {role} login")
    as_role = make_url(cluster.database).set(username=role)
    cluster.environment.setenv(
        "CUTROOM_DATABASE_URL", as_role.render_as_string(hide_password=False)
    )
    redis.set("maxmemory-policy", "allkeys-lru")
    try:
        code, parts = cluster.asked()
    finally:
        redis.set("maxmemory-policy", "noeviction")
    assert code == 1
    assert "entries" in parts["role"]["detail"]
    assert parts["redis"]["state"] == "warning"
    assert "noeviction" in parts["redis"]["remedy"]


@pytest.mark.rule("cli-O1", "cli-O2")
@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("CUTROOM_DATABASE_URL", "nonsense", "database"),
        ("CUTROOM_DATABASE_URL", "oracle://somewhere/films", "database"),
        ("CUTROOM_REDIS_URL", "nonsense", "redis"),
        ("CUTROOM_S3_BUCKET", "No Bucket At All", "store"),
    ],
)
def test_an_address_that_is_none_is_a_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    value: str,
    part: str,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("CUTROOM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(name, value)
    assert main(["doctor"]) == 1
    assert not (tmp_path / "data").exists()  # it looks, and makes nothing
    lines = capsys.readouterr().out.splitlines()
    (told,) = [line for line in lines if line.split()[1] == part]
    assert told.startswith("missing")
    assert " -> " in told


@pytest.mark.rule("cli-O2")
@pytest.mark.parametrize(("path", "state", "code"), [("", "ok", 0), ("/elsewhere", "missing", 1)])
def test_a_provider_is_asked_whether_it_is_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    path: str,
    state: str,
    code: int,
) -> None:
    with openid_server("http://films.example/back") as provider:
        for name, value in (
            ("ISSUER", provider.address + path),
            ("CLIENT_ID", CLIENT_ID),
            ("CLIENT_SECRET", CLIENT_SECRET),
        ):
            monkeypatch.setenv(f"CUTROOM_OPENID_{name}", value)
        monkeypatch.setenv("CUTROOM_PUBLIC_URL", "http://127.0.0.1:8000")
        assert main(["doctor", "--json"]) == code
    parts = {item["part"]: item for item in json.loads(capsys.readouterr().out)["findings"]}
    assert parts["openid"]["state"] == state
    assert bool(parts["openid"]["remedy"]) is (code != 0)


@pytest.mark.rule("cli-O2")
@pytest.mark.parametrize(("skew", "state"), [(0.5, "ok"), (SKEW_SECONDS_MAX + 1, "warning")])
def test_a_clock_that_is_away_is_told(skew: float, state: str) -> None:
    found = clock_finding("store clock", skew)
    assert (found.state, bool(found.remedy)) == (state, state != "ok")


@pytest.mark.rule("cli-O1")
def test_a_wrong_setting_is_one_line_after_what_else_was_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUTROOM_SECRET_KEY", "short")
    assert main(["doctor"]) == 2
    told = capsys.readouterr()
    assert "ffmpeg" in told.out
    assert told.err.startswith("cutroom: each key needs at least 32 bytes: CUTROOM_SECRET_KEY")


@pytest.mark.rule("cli-O1")
def test_a_folder_on_the_network_is_told_by_its_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "disk / ext4 rw 0 0\n"
        f"server:/films {tmp_path} nfs4 rw 0 0\n"
        f"none {tmp_path}/other tmpfs rw 0 0\n"
    )
    assert file_system(tmp_path, mounts) == "nfs4"
    assert file_system(Path("/"), mounts) == "ext4"
    assert file_system(tmp_path, tmp_path / "none") == ""
