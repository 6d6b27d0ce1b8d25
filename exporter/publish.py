"""The finished film to where it belongs: complete or not at all."""

import os
from pathlib import Path
from typing import Protocol

from kit.object_store import ObjectStore


class Publisher(Protocol):
    def film_path(self, job_id: str, fence: int, scratch: Path) -> Path:
        """Where the film is to be written while nobody may see it."""
        ...

    def publish(self, film: Path, job_id: str, fence: int) -> str:
        """Make it visible; answers what the report calls `output`."""
        ...


class StorePublisher:
    """To `films/{export}/f{fence}.mp4`: a late worker overwrites nothing [operations-W6]."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def film_path(self, job_id: str, fence: int, scratch: Path) -> Path:
        return scratch / f"{job_id}-f{fence}.mp4".lower()

    def publish(self, film: Path, job_id: str, fence: int) -> str:
        key = f"films/{job_id.lower()}/f{fence}.mp4"
        self._store.put(key, film)
        return key


class FilePublisher:
    """To a path: written beside it, then renamed over it."""

    def __init__(self, out: Path) -> None:
        self._out = out

    def film_path(self, job_id: str, fence: int, scratch: Path) -> Path:  # noqa: ARG002 - beside OUT, so the rename is atomic
        return self._out.with_name(f".{self._out.name}.{os.getpid()}-{fence}.part")

    def publish(self, film: Path, job_id: str, fence: int) -> str:  # noqa: ARG002 - the path says it all
        film.replace(self._out)
        return str(self._out)
