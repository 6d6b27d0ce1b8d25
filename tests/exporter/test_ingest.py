"""Originals of every kind become renditions whose pictures and sound are where the original has them."""

import itertools
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from exporter.errors import MediaUnusable
from exporter.ffmpeg_process import Ffmpeg
from exporter.mp4 import read_movie
from exporter.normalise import STANDARD_RATES, cadence
from kit.folder_store import FolderStore
from tests.media import Clip, Clips, Mark, bursts, psnr, read_film, read_pictures, read_sound
from tests.renditions import ingested
from timeline.timing import TICKS, Rate

JITTER = tuple(i * 3003 + (i * 7 % 5) * 300 for i in range(60))
HELD = (*range(0, 30_000, 3000), *range(120_000, 210_000, 3000))


def long(**shape: Any) -> Clip:
    """One GOP of 2.6 s: too long to be adopted."""
    seconds = Fraction(13, 5) * Fraction(shape.get("fps_num", 30), shape.get("fps_den", 1))
    return Clip(frames=round(seconds), gop=400, **shape)


SHAPES = {
    "plain": long(),
    "23.976": long(fps_num=24000, fps_den=1001),
    "25": long(fps_num=25),
    "29.97 with timecode": long(
        fps_num=30000, fps_den=1001, timecode="01:00:00;00", container="mov"
    ),
    "50": long(fps_num=50),
    "60": long(fps_num=60),
    "16, as generators make it": long(fps_num=16),
    "upright phone": Clip(rotation=90, width=360, height=640),
    "upside down": Clip(rotation=180),
    "the other way": Clip(rotation=270, width=360, height=640),
    "HEVC 10 bit": Clip(codec="hevc10"),
    "B-pyramid": long(bframes=6),
    "open GOP": Clip(open_gop=True, gop=20),
    "priming without edit list": long(edit_list=False),
    "no sound": long(sound="none"),
    "VP9 and Opus": Clip(codec="vp9", container="webm", sound="opus"),
    "ProRes": Clip(codec="prores", container="mov", sound="pcm"),
    "Matroska": Clip(container="mkv", fps_num=30000, fps_den=1001),
    "odd size": Clip(codec="vp9", container="webm", width=641, height=361, sound="none"),
}


@pytest.mark.rule("export-X9", "export-X20")
@pytest.mark.parametrize("name", SHAPES)
def test_every_picture_of_a_mezzanine_is_the_originals(
    name: str, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    shape = SHAPES[name]
    made = ingested(clips.make(shape), store, ffmpeg)
    assert not made.picture.adopted
    assert made.picture.rate == Rate(shape.fps_num, shape.fps_den)
    assert (made.picture.width, made.picture.height) == (shape.width & ~1, shape.height & ~1)
    assert read_film(made.film) == [Mark(shape.number, n) for n in range(shape.frames)]
    assert made.picture.sync == tuple(range(0, shape.frames, 15))
    assert made.media.facts.duration == shape.frames * TICKS * shape.fps_den // shape.fps_num


@pytest.mark.rule("export-X20")
@pytest.mark.parametrize("times", [JITTER, HELD], ids=["jitter", "held"])
def test_a_variable_rate_shows_at_each_frame_what_the_original_shows_at_its_middle(
    times: tuple[int, ...], clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    shape = Clip(frames=len(times), times=times, gop=250)
    made = ingested(clips.make(shape), store, ffmpeg)
    rate = made.picture.rate.fraction
    middles = [(Fraction(2 * n + 1, 2) / rate) * 90_000 for n in range(made.picture.pictures)]
    shown = [
        max(i for i, time in enumerate(times) if time - times[0] <= middle) for middle in middles
    ]
    assert read_film(made.film) == [Mark(1, n) for n in shown]
    assert shown[-1] == len(times) - 1


@pytest.mark.rule("export-X20")
def test_pictures_keep_their_quality_and_the_mezzanine_its_shape(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    original = clips.make(long(crf=12))
    made = ingested(original, store, ffmpeg)
    decibels = psnr(read_pictures(original, "yuv420p"), read_pictures(made.film, "yuv420p"))
    assert decibels.min() >= 40
    track = read_movie(made.film).track("vide")
    assert track
    assert track.sync.tolist() == list(range(0, 78, 15))
    assert "h264:4:" in made.picture.fingerprint


@pytest.mark.rule("export-X20")
def test_two_mezzanines_of_one_size_and_rate_share_their_fingerprint(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    one = ingested(clips.make(long()), store, ffmpeg)
    two = ingested(clips.make(Clip(number=9, codec="hevc10", frames=47)), store, ffmpeg)
    assert one.picture.fingerprint == two.picture.fingerprint


@pytest.mark.rule("export-X20")
def test_pixels_become_square(clips: Clips, ffmpeg: Ffmpeg, store: FolderStore) -> None:
    made = ingested(clips.make(Clip(pixel_aspect=(4, 3), width=720, height=480)), store, ffmpeg)
    assert (made.picture.width, made.picture.height) == (960, 480)


ADOPTED = {
    "GOP 30": Clip(gop=30),
    "GOP 60 at 60": Clip(gop=60, fps_num=60, frames=120),
    "without B-pictures": Clip(bframes=0),
    "untagged HD": Clip(width=1280, height=720, frames=30, tagged=False),
    "starts late": Clip(edit_list=False),
}
REFUSED = {
    "a GOP too long": Clip(gop=120, frames=120),
    "open GOP": Clip(open_gop=True, gop=20),
    "turned": Clip(rotation=180),
    "untagged SD": Clip(tagged=False),
    "not square": Clip(pixel_aspect=(4, 3)),
    "VFR": Clip(times=JITTER),
    "HEVC": Clip(codec="hevc10"),
    "Matroska": Clip(container="mkv"),
}


@pytest.mark.rule("export-X21")
@pytest.mark.parametrize("name", ADOPTED)
def test_a_good_original_is_adopted(
    name: str, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    path = clips.make(ADOPTED[name])
    made = ingested(path, store, ffmpeg)
    assert made.picture.adopted
    assert made.film.read_bytes() == path.read_bytes()
    assert made.picture.pictures == ADOPTED[name].frames


@pytest.mark.rule("export-X21")
@pytest.mark.parametrize("name", REFUSED)
def test_any_other_original_is_not_adopted(
    name: str, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    assert not ingested(clips.make(REFUSED[name]), store, ffmpeg).picture.adopted


@pytest.mark.rule("export-X21", "export-X31")
def test_one_decoding_error_refuses_adoption_and_is_told(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    whole = clips.make(Clip(gop=30, sound="none", frames=90))
    track = read_movie(whole).track("vide")
    assert track
    body = bytearray(whole.read_bytes())
    middle = int(track.offsets[30]) + int(track.sizes[30]) // 2
    body[middle : middle + 400] = b"\xff\x55" * 200
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(body)
    made = ingested(broken, store, ffmpeg)
    assert not made.picture.adopted
    assert "media_damaged" in [item.code for item in made.media.diagnostics]
    marks = read_film(made.film)
    assert marks[:29] == [Mark(1, n) for n in range(29)]
    assert marks[61:] == [Mark(1, n) for n in range(61, 90)]


SOUNDS = {
    "AAC": Clip(),
    "44.1 kHz mono PCM": Clip(sound="pcm", container="mov", sample_rate=44_100, channels=1),
    "5.1": Clip(sound="pcm", container="mov", channels=6),
    "MP3": Clip(sound="mp3"),
    "FLAC": Clip(sound="flac", container="mkv"),
    "late": Clip(sound="pcm", container="mov", sound_offset_seconds=0.5),
    "early": Clip(sound="pcm", container="mov", sound_offset_seconds=-0.25, frames=90),
}


@pytest.mark.rule("export-X22")
@pytest.mark.parametrize("name", SOUNDS)
def test_sound_keeps_its_sync_to_one_sample(
    name: str, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    shape = SOUNDS[name]
    made = ingested(clips.make(shape), store, ffmpeg)
    heard = bursts(read_sound(made.flac, channels=shape.channels), level=0.3)
    shift = round(shape.sound_offset_seconds * 48_000)
    planned = [
        at + shift for at in range(0, round(shape.seconds * 48_000), 48_000) if at + shift >= 0
    ]
    assert len(heard) == len(planned)
    assert max(abs(one - other) for one, other in zip(heard, planned, strict=True)) <= 1
    assert made.sound.channels == shape.channels
    assert made.sound.sample_rate == 48_000


@pytest.mark.rule("export-X22")
def test_a_file_with_sound_alone_is_an_asset(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(24_000) / 48_000)[:, None] * 0.5
    made = ingested(clips.sound("tone", tone), store, ffmpeg)
    assert made.media.picture is None
    assert (made.sound.samples, made.sound.channels) == (24_000, 1)
    assert made.media.facts.duration == TICKS // 2
    assert np.abs(read_sound(made.flac, channels=1) - tone).max() < 1e-4


@pytest.mark.rule("export-X32")
@pytest.mark.parametrize(
    ("kind", "alpha"), [("png", True), ("png", False), ("jpg", False), ("webp", True)]
)
def test_a_still_becomes_a_png_with_straight_alpha(
    kind: str, alpha: bool, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore
) -> None:
    made = ingested(clips.still(f"still-{alpha}", 101, 60, alpha=alpha, kind=kind), store, ffmpeg)
    assert made.media.still
    assert (made.media.still.width, made.media.still.height) == (101, 60)
    assert made.media.still.has_alpha == alpha
    assert made.media.facts.duration is None
    assert made.still.read_bytes()[24:26] == (b"\x08\x06" if alpha else b"\x08\x02")


@pytest.mark.rule("export-X32")
def test_a_photo_stands_upright(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    lying = clips.still("lying", 60, 40, alpha=False, kind="jpg").read_bytes()
    tag = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0) + bytes(4)
    exif = b"\xff\xe1" + struct.pack(">H", 8 + len(tag)) + b"Exif\0\0" + tag
    path = tmp_path / "photo.jpg"
    path.write_bytes(lying[:2] + exif + lying[2:])
    made = ingested(path, store, ffmpeg)
    assert made.media.still
    assert (made.media.still.width, made.media.still.height) == (40, 60)


@pytest.mark.rule("export-X33")
def test_the_same_bytes_give_the_same_renditions_and_cost_nothing_again(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    path = clips.make(long())
    one = ingested(path, store, ffmpeg, "one")
    before = {item.key: item.modified_seconds for item in store.list("")}
    two = ingested(path, store, ffmpeg, "two")
    assert (one.picture, one.sound, two.media.name) == (two.picture, two.sound, "two")
    written = {item.key for item in store.list("") if before.get(item.key) != item.modified_seconds}
    assert {key.split("/")[0] for key in written} <= {"originals"}
    fresh = ingested(path, FolderStore(tmp_path / "other"), ffmpeg)
    assert (fresh.picture, fresh.sound) == (one.picture, one.sound)


@pytest.mark.rule("export-X30", "export-X31", "export-X32")
@pytest.mark.parametrize(
    ("name", "body", "code", "said"),
    [
        ("empty.mp4", b"", "media_empty", "empty"),
        ("notes.mp4", b"These are my notes.\n" * 50, "media_unknown", "text"),
        ("page.mp4", b"<html><script>fetch('/x')</script></html>", "media_unknown", "text"),
        ("list.mp4", b"ffconcat version 1.0\nfile '/etc/passwd'\n", "media_unknown", "text"),
        ("play.mp4", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/x.ts\n", "media_unknown", "text"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media_unknown", "text"),
        ("noise.mov", bytes(range(256)) * 9, "media_unknown", "know"),
        ("head.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(40), "media_damaged", "mov"),
        (
            "huge.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\6\0\0\0",
            "media_too_large",
            "40",
        ),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0", "media_damaged", "header"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", "media_damaged", "header"),
    ],
)
def test_what_is_no_media_is_refused_with_a_reason(
    name: str, body: bytes, code: str, said: str, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(MediaUnusable) as refused:
        ingested(path, store, ffmpeg)
    assert refused.value.code == code
    assert said in refused.value.detail


@pytest.mark.rule("export-X31")
def test_a_truncated_upload_keeps_what_decodes_where_the_container_allows(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    whole = clips.make(Clip(gop=30, frames=90, container="mkv")).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: round(len(whole) * 0.6)])
    marks = read_film(ingested(path, store, ffmpeg).film)
    assert marks[:40] == [Mark(1, n) for n in range(40)]
    assert len(marks) < 90


@pytest.mark.rule("export-X31")
@pytest.mark.parametrize(("container", "kept"), [("mp4", 0.6), ("mp4", 0.02), ("mkv", 0.005)])
def test_a_truncated_upload_without_its_tables_is_refused(
    container: Literal["mp4", "mkv"],
    kept: float,
    clips: Clips,
    ffmpeg: Ffmpeg,
    store: FolderStore,
    tmp_path: Path,
) -> None:
    whole = clips.make(Clip(gop=30, frames=90, container=container)).read_bytes()
    path = tmp_path / f"cut.{container}"
    path.write_bytes(whole[: round(len(whole) * kept)])
    with pytest.raises(MediaUnusable) as refused:
        ingested(path, store, ffmpeg)
    assert refused.value.code == "media_damaged"


@pytest.mark.rule("export-X20")
def test_the_rate_is_the_standard_one_that_the_times_stand_for() -> None:
    millisecond = Fraction(1, 1000)
    for rate in STANDARD_RATES:
        times = [round(i * 1000 / rate) for i in range(600)]
        if rate > 120:
            continue
        assert cadence(times, millisecond, rate, 0).rate.fraction == rate
        exact = [i * rate.denominator for i in range(50)]
        assert cadence(exact, Fraction(1, rate.numerator), None, 0).rate.fraction == rate


@pytest.mark.rule("export-X20")
def test_the_number_of_frames_counts_the_middles_before_the_end() -> None:
    for count, step in itertools.product((2, 3, 50), (1, 2, 3)):
        times = [i * step for i in range(count)]
        assert cadence(times, Fraction(1, 60), None, 0).frames == count
    assert cadence([0, 1, 10], Fraction(1, 1), None, 30).frames >= 20
