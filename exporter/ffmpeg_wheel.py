# pyright: basic
"""The binary of the pinned wheel; the library carries no types, so this is its one file."""

from pathlib import Path

import imageio_ffmpeg


def wheel_binary() -> Path:
    """Where the wheel keeps ffmpeg; RuntimeError where it has none for this machine."""
    return Path(imageio_ffmpeg.get_ffmpeg_exe())
