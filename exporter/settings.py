"""The only reader of the environment in this room: which ffmpeg, which box, where to keep things."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from exporter.ffmpeg_process import Ffmpeg
from exporter.prober import Prober
from kit.box import LEVELS, interpreter, strongest_level

CACHE_BYTES_MAX: Final = 20 * 10**9
VERSION: Final = re.compile(r"ffmpeg version (\S+)")
BUILD_ID: Final = re.compile(r"[0-9a-f]{64}")


class BadSetting(ValueError):
    """A variable with a wrong value; the message names it."""


@dataclass(frozen=True, slots=True)
class ExporterSettings:
    """`ffmpeg` None means the pinned wheel; `cache_dir` is where exports without a server keep things."""

    ffmpeg: Path | None
    sandbox: Literal["auto", "strict", "container", "basic"]
    cache_dir: Path
    cache_bytes_max: int = CACHE_BYTES_MAX


def read_settings() -> ExporterSettings:
    """From `CUTROOM_FFMPEG`, `CUTROOM_SANDBOX` and the user's cache folder; BadSetting."""
    binary = os.environ.get("CUTROOM_FFMPEG") or None
    if binary is not None and not os.access(binary, os.X_OK):
        raise BadSetting(f"CUTROOM_FFMPEG: {binary} is not a program")
    sandbox = os.environ.get("CUTROOM_SANDBOX") or "auto"
    if sandbox not in ("auto", *LEVELS):
        raise BadSetting(f"CUTROOM_SANDBOX: {sandbox!r} is not one of auto, {', '.join(LEVELS)}")
    cache_home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return ExporterSettings(
        ffmpeg=Path(binary) if binary else None,
        sandbox=sandbox,
        cache_dir=Path(cache_home) / "cutroom",
    )


def ffmpeg_path(settings: ExporterSettings) -> Path:
    """The binary to use: the override, else the one of the pinned wheel."""
    if settings.ffmpeg is not None:
        return settings.ffmpeg
    from exporter.ffmpeg_wheel import wheel_binary  # noqa: PLC0415 - the wheel may be missing where there is an override

    return wheel_binary()


def find_ffmpeg(settings: ExporterSettings, notes: Path | None = None) -> Ffmpeg:
    """The binary with its identity and the strongest box that passes its self-test [operations-M7].

    `notes` is a folder that keeps the identity for the next start. BadSetting where the binary does not start,
    or where the box that was asked for does not work.
    """
    path = ffmpeg_path(settings)
    passed = strongest_level(settings.sandbox, path, ["-version"])
    if passed is None:
        raise BadSetting(f"CUTROOM_SANDBOX: {settings.sandbox} does not work here with {path.name}")
    level, printed = passed
    found = VERSION.search(printed)
    build_id = _build_id(path) if notes is None else _noted_build_id(path, notes)
    return Ffmpeg(path, build_id, level, Prober(level), found[1] if found else "")


def find_prober(settings: ExporterSettings) -> Prober:
    """Who reads headers in the strongest box, for commands that need no ffmpeg; whoever found it closes it.

    BadSetting where the box that was asked for does not work.
    """
    python, folder = interpreter()
    passed = strongest_level(settings.sandbox, python, ["-I", "-S", "-V"], shown=[folder])
    if passed is None:
        raise BadSetting(
            f"CUTROOM_SANDBOX: {settings.sandbox} does not work here with {python.name}"
        )
    return Prober(passed[0])


def _build_id(binary: Path) -> str:
    with binary.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _noted_build_id(binary: Path, notes: Path) -> str:
    """The binary's sha256; it has 170 MB, so it is noted under path, size and time of change."""
    found = binary.stat()
    mark = f"{binary.resolve()}\n{found.st_size}\n{found.st_mtime_ns}"
    note = notes / f"ffmpeg-{hashlib.sha256(os.fsencode(mark)).hexdigest()[:32]}"
    if note.is_file():
        known = note.read_text()
        if BUILD_ID.fullmatch(known):
            return known
    build_id = _build_id(binary)
    notes.mkdir(parents=True, exist_ok=True)
    fresh = note.with_name(f"{note.name}.{os.getpid()}")
    fresh.write_text(build_id)
    fresh.replace(note)
    return build_id
