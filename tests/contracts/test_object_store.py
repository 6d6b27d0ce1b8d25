"""What every object store promises, run against each of them."""

from pathlib import Path

import pytest

from kit.folder_store import FolderStore
from kit.memory_store import MemoryStore
from kit.object_store import BadKey, ObjectConflict, ObjectMissing, ObjectStore


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
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
