"""The cache of segments: whole entries or none, whoever shares it and whoever is killed [export-X18]."""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from exporter.cache import PIN_SECONDS, SegmentCache
from kit.clock import ManualClock, SystemClock
from kit.folder_store import FolderStore
from tests.exporter.cache_user import ACTIONS, BYTES_MAX, KEYS, is_right, opened, put

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with entries a, b, c of 100 bytes, last used three, two and one hours ago."""
    folder = tmp_path / "store"
    cache = cache_in(folder)
    for hours, name in ((3, "a"), (2, "b"), (1, "c")):
        (tmp_path / name).write_bytes(name.encode() * 100)
        cache.put(name, tmp_path / name)
        age(folder / "seg" / name, hours * 3600)
        age(folder / "seg" / f"{name}.note", hours * 3600)
    return folder


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: some tests wait for the disk hundreds of times."""
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="cutroom-test-", dir=memory) as folder:
        yield Path(folder)


def cache_in(folder: Path, bytes_max: int = 250) -> SegmentCache:
    return SegmentCache(FolderStore(folder), SystemClock(), bytes_max)


def age(path: Path, seconds: float) -> None:
    """Let a file be so old."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def left_in(cache: SegmentCache, scratch: Path) -> list[str]:
    return [name for name in ("a", "b", "c") if cache.fetch(name, scratch) is not None]


@pytest.mark.rule("export-X18")
def test_the_cache_forgets_what_was_not_used_for_longest(folder: Path, tmp_path: Path) -> None:
    cache = cache_in(folder)
    assert cache.has("a")
    assert cache.trim() == 100
    assert left_in(cache, tmp_path) == ["a", "c"]


@pytest.mark.rule("export-X18")
def test_what_a_living_export_has_pinned_stays_and_of_a_dead_one_goes(
    folder: Path, tmp_path: Path
) -> None:
    cache = cache_in(folder, bytes_max=50)
    living, dead, ended = cache.pin(["a", "later"]), cache.pin(["c"]), cache.pin(["b"])
    cache.unpin(ended)
    age(folder / "pins" / living, PIN_SECONDS * 0.9)
    age(folder / "pins" / dead, PIN_SECONDS * 0.9)
    assert cache.trim() == 100
    assert left_in(cache, tmp_path) == ["a", "c"]
    cache.renew(living)
    age(folder / "pins" / dead, PIN_SECONDS * 1.1)
    assert cache.trim() == 100
    assert left_in(cache, tmp_path) == ["a"]
    assert [path.name for path in (folder / "pins").iterdir()] == [living]


@pytest.mark.rule("export-X18")
def test_what_was_fetched_stays_readable_when_it_is_evicted(folder: Path, tmp_path: Path) -> None:
    cache = cache_in(folder, bytes_max=0)
    held = cache.fetch("a", tmp_path)
    assert held is not None
    assert cache.trim() == 300
    assert held.read_bytes() == b"a" * 100


@pytest.mark.rule("export-X18")
def test_an_entry_without_its_note_or_with_other_bytes_is_no_entry(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    cache = SegmentCache(store, ManualClock(), bytes_max=1000)
    (tmp_path / "one").write_bytes(b"one")
    cache.put("k", tmp_path / "one")
    assert cache.has("k")
    store.delete("seg/k.note")
    assert not cache.has("k")
    assert cache.fetch("k", tmp_path) is None
    cache.put("k", tmp_path / "one")
    store.put("seg/k", b"two", if_absent=False)
    assert cache.fetch("k", tmp_path) is None
    assert not cache.has("k")


def user(*words: str) -> "subprocess.Popen[str]":
    """A process that uses a cache."""
    command = [sys.executable, "-m", "tests.exporter.cache_user", *words]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def parts(folder: Path) -> list[Path]:
    return list((folder / ".parts").iterdir())


def check_whole(folder: Path, keys: Sequence[str], bytes_max: int) -> None:
    """Each entry verifies or is absent, can be made again, and the size holds; no part stays."""
    cache = opened(folder)
    for key in keys:
        is_right(cache, key)
        put(cache, key)
        assert is_right(cache, key), "it can be made again"
    later = opened(folder, hours=3, bytes_max=bytes_max)
    later.trim()
    entries = [path for path in (folder / "seg").iterdir() if path.suffix != ".note"]
    assert sum(path.stat().st_size for path in entries) <= bytes_max
    assert len(entries) == len(list((folder / "seg").iterdir())) / 2, "a note without its entry"
    assert all(is_right(later, path.name) for path in entries)
    assert not list((folder / "pins").glob("*"))
    for part in parts(folder):
        age(part, 120)
    FolderStore(folder)
    assert not parts(folder)


@pytest.mark.rule("export-X18", "operations-S2")
@pytest.mark.parametrize("action", ACTIONS)
def test_a_death_at_any_step_leaves_whole_entries_or_none(action: str, quick: Path) -> None:
    process = user("crash", str(quick), action)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    folders = list(quick.iterdir())
    assert len(folders) > 3, "the action has steps to die at"
    for folder in folders:
        check_whole(folder, KEYS[:3], 50_000)


def shared_by_many(folder: Path, seed: int, *, count: int, deaths: int) -> None:
    """Three processes use one cache to their end, while others beside them are killed."""
    chance = random.Random(seed)
    FolderStore(folder)
    staying = [user("mix", str(folder), str(seed + n), str(count)) for n in range(3)]
    for n in range(deaths):
        victim = user("mix", str(folder), str(seed + 10 + n), "1000000")
        assert victim.stdout is not None
        for _ in range(chance.randint(1, 30)):
            assert victim.stdout.readline() == "done\n"
        victim.kill()
        assert not victim.communicate(timeout=60)[1]
    for process in staying:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
    check_whole(folder, KEYS, BYTES_MAX)


@pytest.mark.rule("export-X18")
def test_processes_share_a_cache_and_survive_each_others_death(quick: Path) -> None:
    shared_by_many(quick / "store", 1, count=60, deaths=4)


@pytest.mark.nightly
@pytest.mark.rule("export-X18")
@pytest.mark.parametrize("seed", range(100, 1100, 100))
def test_processes_share_a_cache_for_long(seed: int, quick: Path) -> None:
    shared_by_many(quick / "store", seed, count=600, deaths=30)


@pytest.mark.rule("operations-S2")
def test_the_part_of_a_living_writer_is_never_swept(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    pipe = tmp_path / "slow"
    os.mkfifo(pipe)
    writer = threading.Thread(target=store.put, args=("seg/slow", pipe))
    writer.start()
    with pipe.open("wb") as stream:  # opens when the writer reads, so its part is locked by then
        (part,) = parts(tmp_path / "store")
        age(part, 3600)
        FolderStore(tmp_path / "store")
        assert parts(tmp_path / "store") == [part]
        stream.write(b"whole")
    writer.join()
    assert (tmp_path / "store/seg/slow").read_bytes() == b"whole"
    assert not parts(tmp_path / "store")
