"""Uploads that mean harm: each ends soon, with a readable reason or with harmless renditions, and leaks nothing.

The corpus is made here; `operations.md` section 3 lists what it stands for.
"""

import socket
import struct
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporter.errors import MediaUnusable
from exporter.ffmpeg_process import Ffmpeg
from exporter.mp4 import BadMp4, read_movie
from kit.folder_store import FolderStore
from tests.media import Clip, Clips, Mark, read_film
from tests.renditions import Ingested, ingested

SECRET = b"the-neighbour-keeps-this-secret"


class Canary:
    """A server that nobody may call."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self.calls = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            self.calls += 1
            connection.close()

    @contextmanager
    def watching(self) -> Generator["Canary"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()
            self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary().watching() as found:
        yield found


def run(ffmpeg: Ffmpeg, *arguments: str) -> None:
    subprocess.run(
        [str(ffmpeg.path), "-v", "error", "-y", *arguments], check=True, capture_output=True
    )


def tried(path: Path, store: FolderStore, ffmpeg: Ffmpeg) -> Ingested | MediaUnusable:
    try:
        return ingested(path, store, ffmpeg)
    except MediaUnusable as unusable:
        return unusable


def refusal(path: Path, store: FolderStore, ffmpeg: Ffmpeg) -> MediaUnusable:
    found = tried(path, store, ffmpeg)
    assert isinstance(found, MediaUnusable)
    assert found.detail
    assert "Traceback" not in found.detail
    return found


@pytest.mark.rule("export-X30")
@pytest.mark.parametrize("suffix", [".mp4", ".own"])
def test_playlists_and_descriptions_reach_nobody(
    suffix: str, canary: Canary, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(SECRET)
    texts = {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{canary.address}/a.ts\n#EXT-X-ENDLIST\n",
        "local.m3u8": f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        "mpd": f'<?xml version="1.0"?><MPD><BaseURL>{canary.address}/</BaseURL></MPD>',
        "ffconcat": f"ffconcat version 1.0\nfile '{secret}'\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 1234 RTP/AVP 96\n",
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{canary.address}/x.png"/></svg>',
        "ass": "[Script Info]\nTitle: x\n[Events]\n",
    }
    for name, text in texts.items():
        path = tmp_path / (f"evil-{name}{suffix}" if suffix == ".mp4" else f"evil.{name}")
        path.write_text(text)
        assert refusal(path, store, ffmpeg).code == "media_unknown"
    assert canary.calls == 0


@pytest.mark.rule("export-X30")
def test_an_external_data_reference_is_not_followed(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    body = clips.make(Clip(gop=30, sound="none", container="mov")).read_bytes()
    (tmp_path / "neighbour.mov").write_bytes(SECRET * 1000)
    at = body.index(b"url ", body.index(b"dref"))
    broken = body[: at + 4] + b"\0\0\0\0" + body[at + 8 :]
    path = tmp_path / "outside.mov"
    path.write_bytes(broken)
    found = tried(path, store, ffmpeg)
    if isinstance(found, Ingested):
        assert not found.picture.adopted
        assert SECRET not in found.film.read_bytes()


@pytest.mark.rule("export-X31")
def test_a_picture_after_a_day_of_nothing_ends_soon(
    ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    path = tmp_path / "day.mkv"
    source = "color=c=gray:s=64x64:r=1:d=2"
    timing = "setpts='if(eq(N,1),86400/TB,0)'"
    run(
        ffmpeg,
        "-f",
        "lavfi",
        "-i",
        source,
        "-vf",
        timing,
        "-fps_mode",
        "passthrough",
        "-c:v",
        "mpeg4",
        str(path),
    )
    assert path.stat().st_size < 20_000
    assert refusal(path, store, ffmpeg).code in ("media_too_large", "media_damaged")


@pytest.mark.rule("export-X31")
def test_a_gap_of_seconds_is_held_and_told(
    ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    path = tmp_path / "gap.mkv"
    timing = "setpts='N+if(gte(N,10),120,0)'"
    source = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=2"]
    run(ffmpeg, *source, "-vf", timing, "-fps_mode", "passthrough", "-c:v", "mpeg4", str(path))
    found = ingested(path, store, ffmpeg)
    assert "media_gap" in [item.code for item in found.media.diagnostics]
    assert found.picture.pictures == 140


@pytest.mark.rule("export-X32")
def test_huge_pictures_in_films_are_refused_before_they_are_decoded(
    ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    path = tmp_path / "wall.mp4"
    source = ["-f", "lavfi", "-i", "color=c=gray:s=8192x5000:r=1:d=1", "-frames:v", "1"]
    run(
        ffmpeg, *source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)
    )
    found = refusal(path, store, ffmpeg)
    assert (found.code, "8192" in found.detail) == ("media_too_large", True)


@pytest.mark.rule("export-X31")
def test_codecs_and_streams_beyond_our_list_are_refused(
    ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    odd = tmp_path / "magic.avi"
    source = ["-f", "lavfi", "-i", "color=c=gray:s=64x64:r=5:d=1"]
    run(ffmpeg, *source, "-c:v", "magicyuv", "-pix_fmt", "gbrp", str(odd))
    assert refusal(odd, store, ffmpeg).code in ("media_codec", "media_damaged")
    silent = tmp_path / "ac3.mkv"
    run(
        ffmpeg,
        *source,
        "-f",
        "lavfi",
        "-i",
        "sine=d=1",
        "-c:v",
        "mpeg4",
        "-c:a",
        "ac3",
        str(silent),
    )
    made = ingested(silent, store, ffmpeg)
    assert (made.media.sound, made.picture.pictures) == (None, 5)
    assert "ac3" in made.media.diagnostics[0].detail
    many = tmp_path / "many.mp4"
    tone = ["-f", "lavfi", "-i", "sine=d=0.1", *(["-map", "0:a"] * 40)]
    run(ffmpeg, *tone, "-c:a", "aac", str(many))
    assert refusal(many, store, ffmpeg).code in ("media_too_large", "media_damaged")


@pytest.mark.rule("export-X31")
def test_attachments_and_subtitles_are_dropped(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    plain = clips.make(Clip(container="mkv"))
    note = tmp_path / "note.txt"
    note.write_bytes(SECRET)
    titles = tmp_path / "titles.srt"
    titles.write_text("1\n00:00:00,000 --> 00:00:01,000\n" + SECRET.decode() + "\n")
    path = tmp_path / "loaded.mkv"
    attach = [
        "-attach",
        str(note),
        "-metadata:s:t",
        "mimetype=text/plain",
        "-metadata:s:t",
        "filename=../../x",
    ]
    run(
        ffmpeg,
        "-i",
        str(plain),
        "-i",
        str(titles),
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        *attach,
        str(path),
    )
    found = ingested(path, store, ffmpeg)
    assert read_film(found.film) == [Mark(1, n) for n in range(60)]
    assert SECRET not in found.film.read_bytes() + found.flac.read_bytes()


@pytest.mark.rule("export-X31")
def test_an_absurd_sample_rate_is_refused(
    ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    head = (
        b"RIFF"
        + struct.pack("<I", 100)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 2, 4_000_000_000, 0, 4, 16)
    )
    path = tmp_path / "fast.wav"
    path.write_bytes(head + b"data" + struct.pack("<I", 64) + bytes(64))
    assert refusal(path, store, ffmpeg).detail


@pytest.mark.rule("export-X31")
def test_wild_edit_lists_do_no_harm(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    body = bytearray(clips.make(Clip(gop=30, sound="none")).read_bytes())
    at = bytes(body).index(b"elst")
    for number, (duration, time, rate) in enumerate(
        [(0xFFFFFFFF, 0, 1 << 16), (1, 5_000, 1 << 16), (600, -2, 1 << 16), (2_000, 1_024, 7 << 16)]
    ):
        body[at + 12 : at + 24] = struct.pack(">IiI", duration, time, rate)
        path = tmp_path / f"edit-{number}.mp4"
        path.write_bytes(body)
        found = tried(path, store, ffmpeg)
        if isinstance(found, Ingested) and found.media.picture is not None:
            assert len(read_film(found.film)) == found.picture.pictures


@pytest.mark.rule("export-X24", "export-X31")
def test_tables_of_a_damaged_mp4_end_in_a_reason_wherever_the_damage_is(
    clips: Clips, tmp_path: Path
) -> None:
    whole = clips.make(Clip(gop=30)).read_bytes()
    start = whole.index(b"moov") - 4
    path = tmp_path / "damaged.mp4"
    outcomes: set[str] = set()
    for at in range(start, len(whole), 37):
        path.write_bytes(whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :])
        try:
            outcomes.add("read" if read_movie(path).tracks else "empty")
        except BadMp4:
            outcomes.add("refused")
    assert {"read", "refused"} <= outcomes


@pytest.mark.nightly
@pytest.mark.rule("export-X31")
def test_an_upload_cut_off_anywhere_ends_in_renditions_or_a_reason(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    for shape in (
        Clip(gop=30),
        Clip(container="mkv"),
        Clip(codec="vp9", container="webm", sound="opus"),
    ):
        whole = clips.make(shape).read_bytes()
        for share in range(1, 20):
            path = tmp_path / f"cut-{share}.{shape.container}"
            path.write_bytes(whole[: len(whole) * share // 20])
            found = tried(path, store, ffmpeg)
            if isinstance(found, MediaUnusable):
                assert found.detail
            else:
                assert found.media.picture or found.media.sound
