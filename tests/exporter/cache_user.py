"""A user of a segment cache as a process of its own, to be killed.

`python -m tests.exporter.cache_user crash FOLDER ACTION` does one action again and again, each time on
a fresh store under FOLDER, and dies one step later each time; it ends when an action came to its end.
`python -m tests.exporter.cache_user mix FOLDER SEED COUNT` does COUNT random things to one shared store and
says a line after each.
"""

import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from exporter.cache import PIN_SECONDS, SegmentCache
from kit.clock import ManualClock
from kit.folder_store import FolderStore

KEYS: Final = tuple(hashlib.sha256(bytes([n])).hexdigest() for n in range(12))
BYTES_MAX: Final = 150_000
STEPS: Final = ("open", "os.", "fcntl.")
"""Audit events before which an action dies."""


def content_of(key: str) -> bytes:
    """The only right bytes under a key: 10 to 40 kB."""
    return bytes.fromhex(key) * (320 + 4 * int(key[:2], 16))


def opened(folder: Path, *, hours: float = 0.0, bytes_max: int = BYTES_MAX) -> SegmentCache:
    """The cache in that folder, as seen so many hours from now."""
    clock = ManualClock(datetime.now(UTC) + timedelta(hours=hours))
    return SegmentCache(FolderStore(folder), clock, bytes_max)


def put(cache: SegmentCache, key: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "made"
        path.write_bytes(content_of(key))
        cache.put(key, path)


def is_right(cache: SegmentCache, key: str) -> bool:
    """Whether the cache has the right bytes; False where it has none, AssertionError where it has others."""
    with tempfile.TemporaryDirectory() as scratch:
        found = cache.fetch(key, Path(scratch))
        if found is None:
            return False
        assert found.read_bytes() == content_of(key), key
        return True


# --- one action, and a death at each step of it


def _damage(folder: Path, key: str) -> None:
    FolderStore(folder).put(f"seg/{key}", b"damaged", if_absent=False)


def _put_over_damage(folder: Path) -> Callable[[], object]:
    _damage(folder, KEYS[0])
    return lambda: put(opened(folder), KEYS[0])


def _read_damage(folder: Path) -> Callable[[], object]:
    _damage(folder, KEYS[0])
    return lambda: is_right(opened(folder), KEYS[0])


def _evict(folder: Path) -> Callable[[], object]:
    opened(folder).pin(KEYS[:1])
    return lambda: opened(folder, hours=2, bytes_max=1).trim()


def _renew(folder: Path) -> Callable[[], object]:
    pin = opened(folder).pin(KEYS[:2])
    return lambda: opened(folder, hours=PIN_SECONDS / 2 / 3600).renew(pin)


ACTIONS: Final[Mapping[str, Callable[[Path], Callable[[], object]]]] = {
    "put": lambda folder: lambda: put(opened(folder), KEYS[2]),
    "put_over_damage": _put_over_damage,
    "read_damage": _read_damage,
    "evict": _evict,
    "use": lambda folder: lambda: opened(folder, hours=1).has(KEYS[0]),
    "renew": _renew,
}
"""What prepares a store that has two entries, and answers the action."""


def crash(root: Path, name: str) -> None:
    step, ended = 0, False
    first = root / "0"
    for key in KEYS[:2]:
        put(opened(first), key)
    while not ended:
        folder = root / str(step + 1)
        shutil.copytree(first, folder)
        action = ACTIONS[name](folder)
        child = os.fork()
        if not child:
            _die_at(step)
            action()
            os._exit(0)
        ended = os.waitpid(child, 0)[1] == 0
        step += 1


def _die_at(step: int) -> None:
    seen = [0]

    def heard(event: str, _arguments: tuple[object, ...]) -> None:
        if event.startswith(STEPS):
            if seen[0] == step:
                os.kill(os.getpid(), signal.SIGKILL)
            seen[0] += 1

    sys.addaudithook(heard)


# --- many things at once


def mix(folder: Path, seed: int, count: int) -> None:
    chance = random.Random(seed)
    cache = opened(folder)
    pins: list[str] = []
    for _ in range(count):
        key = chance.choice(KEYS)
        match chance.choice(("put", "put", "fetch", "fetch", "has", "trim", "pin", "unpin")):
            case "put":
                put(cache, key)
            case "fetch":
                is_right(cache, key)
            case "has":
                cache.has(key)
            case "trim":
                cache.trim()
            case "pin":
                pins.append(cache.pin(chance.sample(KEYS, 2)))
                cache.renew(pins[-1])
            case _:
                if pins:
                    cache.unpin(pins.pop())
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "crash":
        crash(Path(sys.argv[2]), sys.argv[3])
    else:
        mix(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
