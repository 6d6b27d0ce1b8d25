"""The finished film to where it belongs: complete or not at all, what stands beside it first."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kit.object_store import ObjectStore
from kit.processes import is_alive


@dataclass(frozen=True, slots=True)
class FinishedFilm:
    """`beside` are small files that carry the film's name and another extension: `.vtt`, `.jpg`."""

    path: Path
    extension: str
    beside: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


class Publisher(Protocol):
    def film_path(self, job_id: str, fence: int, scratch: Path) -> Path:
        """Where the film is to be written while nobody may see it."""
        ...

    def publish(self, film: FinishedFilm, job_id: str, fence: int) -> str:
        """Make it visible; answers what the report calls `output`."""
        ...


class StorePublisher:
    """To `films/{export}/f{fence}` and the extension: a late worker overwrites nothing [operations-W6]."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def film_path(self, job_id: str, fence: int, scratch: Path) -> Path:
        return scratch / f"{job_id}-f{fence}.film".lower()

    def publish(self, film: FinishedFilm, job_id: str, fence: int) -> str:
        stem = f"films/{job_id.lower()}/f{fence}"
        for extension, content in film.beside.items():
            self._store.put(f"{stem}{extension}", content)
        self._store.put(f"{stem}{film.extension}", film.path)
        return f"{stem}{film.extension}"


class FilePublisher:
    """To a path: written beside it, then renamed over it."""

    def __init__(self, out: Path) -> None:
        self._out = out

    def film_path(self, job_id: str, fence: int, scratch: Path) -> Path:  # noqa: ARG002 - beside OUT, so the rename is atomic
        self._sweep()
        return self._out.with_name(f".{self._out.name}.{os.getpid()}-{fence}.part")

    def publish(self, film: FinishedFilm, job_id: str, fence: int) -> str:  # noqa: ARG002 - the path says it all
        for extension, content in film.beside.items():
            part = film.path.with_name(f"{film.path.name}{extension}")
            try:
                part.write_bytes(content)
                part.replace(self._out.with_suffix(extension))
            finally:
                part.unlink(missing_ok=True)
        film.path.replace(self._out)
        return str(self._out)

    def _sweep(self) -> None:
        """Remove what exports to the same path have left beside it that were killed."""
        left = re.compile(rf"\.+{re.escape(self._out.name)}\.(\d+)-\d+\.part.*")
        for path in self._out.parent.iterdir():
            found = left.fullmatch(path.name)
            if found and not is_alive(int(found[1])):
                path.unlink(missing_ok=True)
