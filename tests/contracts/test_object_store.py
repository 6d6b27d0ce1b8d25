"""What every object store promises, run against each of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.folder_store import FolderStore
from kit.measured_store import measured_store
from kit.memory_store import MemoryStore
from kit.metrics import Metrics
from kit.object_store import BadKey, ObjectConflict, ObjectMissing, ObjectStore, StoreAway
from kit.s3_store import S3Store
from tests.s3_server import KEY_ID, REGION, SECRET, S3Server, make_bucket, running_s3


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with running_s3() as server, pytest.MonkeyPatch.context() as environment:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ):
            environment.setenv(name, value)
        yield server


@pytest.fixture
def bucket(s3: S3Server) -> S3Store:
    """An empty bucket; a file of more than 1 MiB goes in several parts of 5 MiB, as S3 asks."""
    return S3Store(make_bucket(s3), s3.url, multipart_bytes_min=1 << 20, part_bytes=5 << 20)


@pytest.fixture(params=["folder", "memory", "measured", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "s3":
        return request.getfixturevalue("bucket")
    if request.param == "measured":
        return measured_store(MemoryStore(), Metrics())
    return FolderStore(tmp_path / "store") if request.param == "folder" else MemoryStore()


@pytest.mark.rule("operations-S1")
@pytest.mark.parametrize(
    "key",
    [
        "../x",
        "a/../b",
        "/a",
        "a//b",
        "A",
        "a b",
        "",
        ".hidden",
        "a/.b",
        "a/",
        "ä",
        "x" * 513,
        "a\0b",
    ],
)
def test_keys_that_are_not_ours_are_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(BadKey):
        store.put(key, b"x")
    with pytest.raises(BadKey):
        store.open(key)


@pytest.mark.rule("operations-S1")
def test_an_object_reads_back_whole_and_from_a_byte(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"from a file")
    store.put("seg/a", b"0123456789")
    store.put("mz/b.mp4", tmp_path / "source")
    with store.open("seg/a", start=4) as stream:
        assert stream.read() == b"456789"
    with store.open("mz/b.mp4") as stream:
        assert stream.read() == b"from a file"
    found = store.stat("seg/a")
    assert found is not None
    assert found.size_bytes == 10


@pytest.mark.rule("operations-S1", "operations-W6")
def test_an_object_never_changes_under_put_if_absent(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "same").write_bytes(b"first")
    (tmp_path / "other").write_bytes(b"wrong")
    store.put("seg/a", b"first")
    store.put("seg/a", b"first")
    store.put("seg/a", tmp_path / "same")
    for other in (b"second", tmp_path / "other"):
        with pytest.raises(ObjectConflict):
            store.put("seg/a", other)
    with store.open("seg/a") as stream:
        assert stream.read() == b"first"


def test_without_if_absent_the_newer_bytes_win(store: ObjectStore) -> None:
    store.put("seg/a", b"first")
    store.put("seg/a", b"second", if_absent=False)
    with store.open("seg/a") as stream:
        assert stream.read() == b"second"


def test_what_is_missing_is_told_by_name(store: ObjectStore) -> None:
    assert store.stat("seg/none") is None
    assert store.local_path("seg/none") is None
    with pytest.raises(ObjectMissing, match="seg/none"):
        store.open("seg/none")
    store.delete("seg/none")


def test_a_listing_is_by_prefix_and_in_order(store: ObjectStore) -> None:
    for key in ("seg/b", "seg/a", "segment", "text/x", "seg/deep/c"):
        store.put(key, b"x")
    assert [item.key for item in store.list("seg/")] == ["seg/a", "seg/b", "seg/deep/c"]
    assert [item.key for item in store.list("seg/a")] == ["seg/a"]
    store.delete("seg/a")
    assert [item.key for item in store.list("seg")] == ["seg/b", "seg/deep/c", "segment"]


@pytest.mark.rule("operations-S2")
def test_a_folder_leaves_no_part_behind_and_does_not_follow_links_out(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    with pytest.raises(FileNotFoundError):
        store.put("seg/a", tmp_path / "not there")
    store.put("seg/b", b"x")
    assert not list((tmp_path / "store" / ".parts").iterdir())
    (tmp_path / "store" / "out").symlink_to(tmp_path)
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(BadKey):
        store.open("out/secret")


@pytest.mark.rule("operations-S3")
def test_a_large_file_goes_in_parts_and_is_there_whole_or_not_at_all(
    bucket: S3Store, s3: S3Server, tmp_path: Path
) -> None:
    source = tmp_path / "film"
    source.write_bytes(bytes(range(256)) * 45_000)  # 11 MiB: three parts
    bucket.put("films/a.mp4", source)
    with bucket.open("films/a.mp4", start=11_000_000) as stream:
        assert stream.read() == source.read_bytes()[11_000_000:]
    bucket.put("films/a.mp4", source)
    source.write_bytes(b"x" * (2 << 20))
    with pytest.raises(ObjectConflict):
        bucket.put("films/a.mp4", source)
    s3.gate.faults.extend(["", "", *["503"] * 6])  # stat and begin pass, the first part never does
    with pytest.raises(StoreAway):
        bucket.put("films/b.mp4", source)
    s3.gate.faults.clear()
    assert bucket.stat("films/b.mp4") is None


@pytest.mark.rule("operations-S3")
def test_a_busy_service_is_asked_again_and_a_body_that_breaks_off_goes_on(
    bucket: S3Store, s3: S3Server
) -> None:
    content = bytes(range(256)) * 4_000
    s3.gate.faults.extend(["503", "", "503"])
    bucket.put("seg/a", content)
    s3.gate.faults.extend(["", "cut", "cut", "503", "cut"])
    with bucket.open("seg/a") as stream:
        assert stream.read() == content
    s3.gate.faults.clear()


@pytest.mark.rule("operations-S3")
def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed_with_the_new_one(
    bucket: S3Store, s3: S3Server
) -> None:
    bucket.put("notes/a", b"first " * 1_000_000)
    s3.gate.faults.extend(["", "cut"])
    with bucket.open("notes/a") as stream:
        assert stream.read(6) == b"first "
        bucket.put("notes/a", b"second" * 1_000_000, if_absent=False)
        with pytest.raises(ObjectMissing):
            stream.read()


@pytest.mark.rule("operations-S3")
def test_wrong_credentials_are_one_clear_error(
    bucket: S3Store, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("seg/a", b"x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    stranger = S3Store("films", s3.url)
    with pytest.raises(StoreAway, match="seg/a"):
        stranger.stat("seg/a")
    assert s3.gate.refused


@pytest.mark.rule("operations-S3")
def test_a_service_that_is_not_there_is_told_and_not_waited_for_without_end() -> None:
    with pytest.raises(StoreAway, match="seg/a"):
        S3Store("films", "http://127.0.0.1:9").stat("seg/a")
