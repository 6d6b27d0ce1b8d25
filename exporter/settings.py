"""The only reader of the environment in this room: which ffmpeg, which box, where to keep things."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from exporter.ffmpeg_process import Ffmpeg
from kit.box import LEVELS, strongest_level

CACHE_BYTES_MAX: Final = 20 * 10**9
VERSION: Final = re.compile(r"ffmpeg version (\S+)")


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


def find_ffmpeg(settings: ExporterSettings) -> Ffmpeg:
    """The binary with its identity and the strongest box that passes its self-test [operations-M7].

    BadSetting where the binary does not start, or where the box that was asked for does not work.
    """
    path = ffmpeg_path(settings)
    passed = strongest_level(settings.sandbox, path, ["-version"])
    if passed is None:
        raise BadSetting(f"CUTROOM_SANDBOX: {settings.sandbox} does not work here with {path.name}")
    level, printed = passed
    found = VERSION.search(printed)
    with path.open("rb") as stream:
        build_id = hashlib.file_digest(stream, "sha256").hexdigest()
    return Ffmpeg(path, build_id, level, found[1] if found else "")
