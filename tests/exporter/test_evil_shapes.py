"""More of the corpus of harm: small files that claim to be huge, two things at once, and names that lead elsewhere."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.errors import MediaUnusable
from exporter.ffmpeg_process import Ffmpeg, ffmpeg_stream
from kit.box import LEVELS, Level, Limits, tried
from kit.folder_store import FolderStore
from tests.media import Clip, Clips
from tests.renditions import ingested

PAGE = b"<html><script>fetch('/api/v1/me')</script></html>"
SECRET = "the-environment-keeps-this-secret"  # noqa: S105 - opens nothing


def refused(path: Path, store: FolderStore, ffmpeg: Ffmpeg) -> MediaUnusable:
    with pytest.raises(MediaUnusable) as found:
        ingested(path, store, ffmpeg)
    assert found.value.detail
    return found.value


def gif(width: int, height: int) -> bytes:
    """One picture of a few bytes that claims that size."""
    sizes = struct.pack("<HH", width, height)
    screen = b"GIF89a" + sizes + b"\x80\0\0" + bytes(6)
    return screen + b"," + bytes(4) + sizes + b"\0" + b"\x02\x02\x44\x01\0" + b";"


@pytest.mark.rule("export-X31")
def test_a_gif_bomb_is_refused_before_it_is_drawn(
    ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.gif"
    path.write_bytes(gif(60_000, 60_000))
    assert refused(path, store, ffmpeg).code in {"media_too_large", "media_damaged"}


def boxes(content: bytes) -> dict[bytes, bytes]:
    """The boxes of an MP4 one behind the other, whole, by kind; of equal ones the last."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        found[content[at + 4 : at + 8]] = content[at : at + size]
        at += size
    return found


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


@pytest.mark.rule("export-X31")
def test_ten_thousand_streams_are_refused(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    whole = boxes(clips.make(Clip(frames=5, sound="none")).read_bytes())
    inside = boxes(whole[b"moov"][8:])
    movie = box(b"moov", inside[b"mvhd"] + inside[b"trak"] * 10_000)
    path = tmp_path / "many.mp4"
    path.write_bytes(whole[b"ftyp"] + movie + whole[b"mdat"])
    assert refused(path, store, ffmpeg).code in {"media_too_large", "media_damaged"}


@pytest.mark.rule("export-X30")
def test_a_film_that_is_a_page_too_is_a_film_and_no_rendition_holds_the_page(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    whole = clips.make(Clip(frames=15, codec="mpeg4", bframes=0, sound="none")).read_bytes()
    path = tmp_path / "page.html"
    path.write_bytes(whole + box(b"free", PAGE))
    found = ingested(path, store, ffmpeg)
    assert not found.picture.adopted
    assert PAGE not in found.film.read_bytes()


@pytest.mark.rule("operations-M6")
@pytest.mark.parametrize("level", LEVELS)
def test_no_secret_of_our_environment_reaches_a_program_at_any_level(
    level: Level, ffmpeg: Ffmpeg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Path("/usr/bin/env")
    if tried(level, program, []) is None:
        pytest.skip(f"{level} does not work here")
    monkeypatch.setenv("CUTROOM_SECRET_KEY", SECRET)
    teller = replace(ffmpeg, path=program, level=level)
    with ffmpeg_stream(
        teller, [], inputs={}, output_dir=tmp_path, limits=Limits(), cancelled=lambda: False
    ) as read:
        told = b"".join(iter(lambda: read(1 << 16), b""))
    assert SECRET.encode() not in told
    assert b"CUTROOM" not in told
