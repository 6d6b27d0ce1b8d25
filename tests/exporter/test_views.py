"""Proxy, thumbnails and peaks of assets of every kind."""

import io
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from exporter.ffmpeg_process import Ffmpeg
from exporter.mp4 import read_movie
from exporter.peaks import peaks
from exporter.sound_arithmetic import laid_out
from exporter.views import make_views, proxy_size, split_jpegs
from kit.folder_store import FolderStore
from kit.thumbnails import BadThumbnails, packed, read_strip, thumbnails_head
from tests.media import Clip, Clips, Mark, bursts, film_size, read_film, read_sound
from tests.renditions import Ingested, ingested, never, unheard


def views_of(made: Ingested, ffmpeg: Ffmpeg, folder: Path) -> dict[str, Any]:
    def fetch(key: str, _digest: str) -> Path:
        path = made.store.local_path(key)
        assert path
        return path

    with TemporaryDirectory(dir=folder) as scratch:
        return make_views(
            made.media,
            made.store,
            fetch,
            Path(scratch),
            ffmpeg=ffmpeg,
            cancelled=never,
            on_progress=unheard,
        )


def opened(store: FolderStore, view: dict[str, Any]) -> Path:
    path = store.local_path(view["key"])
    assert path
    return path


@pytest.mark.rule("export-X40")
def test_a_proxy_has_the_frames_and_the_sync_of_its_asset(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    shape = Clip(width=1280, height=720, frames=90, fps_num=30000, fps_den=1001, gop=250)
    views = views_of(ingested(clips.make(shape), store, ffmpeg), ffmpeg, tmp_path)
    path = opened(store, views["proxy"])
    assert film_size(path) == (960, 540)
    assert read_film(path) == [Mark(1, n) for n in range(90)]
    track = read_movie(path).track("vide")
    assert track
    assert track.sync.tolist() == list(range(0, 90, 15))
    assert track.ranks().tolist() == list(range(90))
    assert [box.type for box in read_movie(path).boxes][:2] == ["ftyp", "moov"]
    heard = bursts(read_sound(path))
    assert all(
        abs(one - other) <= 48
        for one, other in zip(heard, (0, 48_000, 96_000, 144_000), strict=True)
    )


@pytest.mark.rule("export-X41")
def test_thumbnail_n_is_the_picture_of_second_n_and_a_strip_holds_several(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    views = views_of(ingested(clips.make(Clip(frames=100)), store, ffmpeg), ffmpeg, tmp_path)
    assert views["thumbnails"]["count"] == 4
    pack = opened(store, views["thumbnails"]).read_bytes()
    for second in range(4):
        path = tmp_path / f"{second}.jpg"
        path.write_bytes(read_strip(io.BytesIO(pack), second))
        assert read_film(path) == [Mark(1, 30 * second)]
    strip = tmp_path / "strip.jpg"
    strip.write_bytes(read_strip(io.BytesIO(pack), 1, 3))
    assert film_size(strip) == (480, 90)
    assert read_film(strip, (320, 0, 160, 90)) == [Mark(1, 90)]


@pytest.mark.rule("export-X41")
def test_seconds_beyond_the_end_show_the_last_picture_and_other_bytes_are_refused() -> None:
    pack = packed([b"\xff\xd8a", b"\xff\xd8b"], 160, 90)
    assert read_strip(io.BytesIO(pack), 7) == b"\xff\xd8b"
    assert thumbnails_head(io.BytesIO(pack)).count == 2
    assert split_jpegs(b"\xff\xd8a\xff\xd8b") == [b"\xff\xd8a", b"\xff\xd8b"]
    with pytest.raises(BadThumbnails):
        read_strip(io.BytesIO(b"nonsense" * 4), 0)


@pytest.mark.rule("export-X42")
def test_peaks_hold_minimum_and_maximum_at_three_rates() -> None:
    rate, seconds = 48_000, 23
    rng = np.random.default_rng(5)
    samples = rng.integers(-32768, 32767, (rate * seconds + 100, 2)).astype(np.int16)
    blocks = [samples[start : start + 10 * rate] for start in range(0, len(samples), 10 * rate)]
    body = peaks(blocks, rate, 2)
    magic, channels, levels, base, pairs = struct.unpack_from("<4sBBHI", body)
    assert (magic, channels, levels, base, pairs) == (b"CPK1", 2, 3, 100, seconds * 100 + 1)
    counts = [pairs, -(-pairs // 10), -(-pairs // 100)]
    assert len(body) == 12 + sum(counts) * 4
    at = 12
    for count, step in zip(counts, (480, 4800, 48_000), strict=True):
        level = np.frombuffer(body, np.int8, count * 4, at).reshape(count, 2, 2)
        at += count * 4
        for n in (0, count // 2, count - 1):
            part = samples[n * step : (n + 1) * step]
            assert (level[n, :, 0] == part.min(axis=0) >> 8).all()
            assert (level[n, :, 1] == part.max(axis=0) >> 8).all()


@pytest.mark.rule("export-X40")
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_proxy_is_as_loud_as_the_film(
    channels: int, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    at = np.arange(48_000) / 48_000
    wave = 0.1 * np.stack(
        [np.sin(2 * np.pi * (300 + 90 * channel) * at) for channel in range(channels)], axis=1
    )
    views = views_of(
        ingested(clips.sound(f"sides-{channels}", wave), store, ffmpeg), ffmpeg, tmp_path
    )
    heard = read_sound(opened(store, views["proxy"]))[10_000:40_000]
    wanted = laid_out(wave, 2)[10_000:40_000]
    error = np.sqrt(((heard - wanted) ** 2).mean() / (wanted**2).mean())
    assert error < 0.1  # 3 dB would be 0.29


@pytest.mark.rule("export-X40", "export-X42")
def test_sound_alone_has_a_proxy_and_peaks_and_a_still_a_picture(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(30_000) / 48_000)[:, None]
    views = views_of(ingested(clips.sound("beep", tone), store, ffmpeg), ffmpeg, tmp_path)
    assert views["proxy"]["media_type"] == "audio/mp4"
    assert set(views) == {"proxy", "peaks"}
    level = np.frombuffer(opened(store, views["peaks"]).read_bytes(), np.int8, 2 * 62, 12).reshape(
        -1, 2
    )
    assert level[:60].min() == -64
    assert level[:60].max() in (63, 64)
    still = views_of(ingested(clips.still("big", 3840, 2160), store, ffmpeg), ffmpeg, tmp_path)
    assert (still["proxy"]["width"], still["proxy"]["height"]) == (1920, 1080)
    assert opened(store, still["proxy"]).read_bytes()[8:12] == b"WEBP"
    assert still["thumbnails"]["count"] == 1


@pytest.mark.rule("export-X40")
def test_views_that_were_made_before_are_found_again(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    made = ingested(clips.make(Clip()), store, ffmpeg)
    one = views_of(made, ffmpeg, tmp_path)
    before = {item.key: item.modified_seconds for item in store.list("views/")}
    assert views_of(made, ffmpeg, tmp_path) == one
    assert {item.key: item.modified_seconds for item in store.list("views/")} == before


@pytest.mark.rule("export-X40")
def test_a_proxy_is_never_enlarged_and_always_even() -> None:
    assert proxy_size(1920, 1080) == (960, 540)
    assert proxy_size(1080, 1920) == (304, 540)
    assert proxy_size(320, 180) == (320, 180)
    assert proxy_size(854, 482) == (854, 482)
