"""Every kind of file that a preset makes: right frames, right times, right headers, the same bytes again."""

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from exporter.encoders import encoder_options
from exporter.errors import CheckFailed
from exporter.ffmpeg_command import SCALER
from exporter.ffmpeg_process import Ffmpeg
from exporter.film_formats import FORMATS, film_format
from exporter.film_plan import PlanningRoom, planned_film
from exporter.joining import Joining
from exporter.mp4 import read_movie
from exporter.riff import read_wave
from kit.folder_store import FolderStore
from tests.exporter.films import Cut, Film, Studio, frames_at
from tests.media import Clip, Clips, Mark, bursts, read_film, read_sound
from timeline.containers import CONTAINERS
from timeline.jobs import ExportJob
from timeline.media_json import media_json
from timeline.plan import Output, VideoCodec, VideoSettings
from timeline.presets import PRESETS, find_preset

ONE = Clip(1, frames=90, width=320, height=180, gop=15)
TWO = Clip(2, frames=90, width=320, height=180, gop=15)
FRAMES = 75
PICTURES = ("hevc", "webm-av1", "prores", "source", "draft")


def cut(**more: Any) -> Cut:
    """Clip 1 for 40 frames from its frame 5, then clip 2 for 35 from its frame 20, with their sound."""
    clips: dict[str, Any] = {}
    for track, name in (("v1", "v"), ("a1", "s")):
        clips[f"{name}1"] = {
            "track": track,
            "asset": "one",
            "start": 0,
            "duration": frames_at(40),
            "source_in": frames_at(5),
        }
        clips[f"{name}2"] = {
            "track": track,
            "asset": "two",
            "start": frames_at(40),
            "duration": frames_at(35),
            "source_in": frames_at(20),
        }
    tracks = {"v1": {"order": "a0"}, "a1": {"kind": "audio", "order": "a1"}}
    return replace(Cut(clips, tracks, width=320, height=180), **more)


def expected() -> list[Mark]:
    return [Mark(1, 5 + n) for n in range(40)] + [Mark(2, 20 + n) for n in range(35)]


@pytest.fixture
def files(clips: Clips) -> dict[str, Path]:
    return {"one": clips.make(ONE), "two": clips.make(TWO)}


Made = Callable[[str], Film]


@pytest.fixture(scope="module")
def made(studio: Studio, clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The film of a preset, made once."""
    files = {"one": clips.make(ONE), "two": clips.make(TWO)}
    films: dict[str, Film] = {}

    def make(preset: str) -> Film:
        if preset not in films:
            folder = tmp_path_factory.mktemp(preset)
            films[preset] = studio.export(
                cut(),
                files,
                out_of(folder, preset),
                cache=folder / "cache",
                preset=preset,
                workers=1,
            )
        return films[preset]

    return make


def out_of(folder: Path, preset: str) -> Path:
    return folder / f"film{find_preset(preset).file.extension}"


@pytest.mark.rule("export-X17", "export-X60")
@pytest.mark.parametrize("preset", PICTURES)
def test_every_picture_and_sound_of_a_format_is_where_it_belongs(made: Made, preset: str) -> None:
    film = made(preset)
    assert film.report.frames == FRAMES
    assert read_film(film.path) == expected()
    heard = read_sound(film.path)
    assert abs(len(heard) - FRAMES * 1600) <= 1024
    # Bursts at whole seconds of the sources: 30 - 5, 60 - 5 is cut off; 40 + (30 - 20), (60 - 20) beyond.
    wanted = [25 * 1600, 50 * 1600]
    found = bursts(heard)
    assert len(found) == len(wanted)
    assert all(abs(a - b) <= 480 for a, b in zip(found, wanted, strict=True)), found


@pytest.mark.rule("export-X60")
@pytest.mark.parametrize("preset", PICTURES)
def test_presentation_times_are_whole_frames(made: Made, preset: str) -> None:
    with av.open(str(made(preset).path)) as container:
        stream = container.streams.video[0]
        times = sorted(frame.time or 0.0 for frame in container.decode(stream))
    step = 0.0006 if preset == "webm-av1" else 1e-6
    assert all(abs(at - n / 30) <= step for n, at in enumerate(times))
    assert len(times) == FRAMES


@pytest.mark.rule("export-X60")
@pytest.mark.parametrize(
    ("preset", "codec", "pixels", "sound"),
    [
        ("hevc", "hevc", "yuv420p", "aac"),
        ("webm-av1", "av1", "yuv420p", "vorbis"),
        ("prores", "prores", "yuv422p10le", "pcm_s24le"),
    ],
)
def test_headers_say_codec_size_colour_and_sound(
    made: Made, preset: str, codec: str, pixels: str, sound: str
) -> None:
    with av.open(str(made(preset).path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        context = video.codec_context
        assert (video.codec.canonical_name, context.pix_fmt) == (codec, pixels)
        assert (context.width, context.height) == (320, 180)
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert (audio.codec_context.name, audio.channels) == (sound, 2)
        assert audio.sample_rate == 48_000


@pytest.mark.rule("export-X16", "export-X61")
@pytest.mark.parametrize("preset", [name for name in PRESETS if not name.startswith("h264")])
def test_a_format_has_the_same_bytes_for_any_number_of_workers(
    studio: Studio, files: dict[str, Path], made: Made, tmp_path: Path, preset: str
) -> None:
    again = studio.export(
        cut(),
        files,
        out_of(tmp_path, preset),
        cache=tmp_path / "cache",
        preset=preset,
        workers=4,
    )
    assert again.sha256 == made(preset).sha256
    assert hashlib.sha256(again.path.read_bytes()).hexdigest() == again.sha256


@pytest.mark.rule("export-X60", "export-X62")
def test_sound_alone_is_as_long_as_the_film_in_both_files(made: Made) -> None:
    for preset in ("audio-m4a", "audio-wav"):
        film = made(preset)
        assert (film.report.frames, film.report.segments.total) == (FRAMES, 0)
        heard = read_sound(film.path)
        assert abs(len(heard) - FRAMES * 1600) <= 1024
        assert len(bursts(heard)) == 2
    wave = read_wave(made("audio-wav").path)
    assert (wave.samples, wave.bits, wave.channels) == (FRAMES * 1600, 24, 2)
    assert read_movie(made("audio-m4a").path).brand == "M4A "


@pytest.mark.rule("export-X62")
def test_sound_alone_of_a_silent_timeline_is_refused(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    silent = cut(tracks={"v1": {"order": "a0"}, "a1": {"kind": "audio", "muted": True}})
    standing, _ = studio.attempt(
        silent, files, tmp_path / "no.wav", cache=tmp_path / "cache", preset="audio-wav"
    )
    assert standing.failure is not None
    assert standing.failure.code == "no_sound"
    assert not (tmp_path / "no.wav").exists()


@pytest.mark.rule("export-X60", "export-X63")
def test_a_gif_shows_each_frame_for_eight_hundredths(made: Made) -> None:
    film = made("gif")
    assert film.report.frame_rate == "25/2"
    marks = read_film(film.path)
    assert film.report.frames == len(marks) == 31  # 2.5 s: the middle of a 32nd lies behind the end
    source = expected()
    assert marks == [source[min(FRAMES - 1, int((n + 0.5) / 12.5 * 30))] for n in range(len(marks))]
    with av.open(str(film.path)) as container:
        times = [frame.pts or 0 for frame in container.decode(video=0)]
    assert set(np.diff(times)) == {8}


@pytest.mark.rule("export-X63")
def test_a_gif_that_is_too_long_is_refused(studio: Studio, tmp_path: Path) -> None:
    long = Cut({"c": {"track": "v1", "kind": "generator", "start": 0, "duration": frames_at(1900)}})
    standing, _ = studio.attempt(
        long, {}, tmp_path / "no.gif", cache=tmp_path / "cache", preset="gif"
    )
    assert standing.failure is not None
    assert standing.failure.code == "too_long"


@pytest.mark.rule("export-X64")
@pytest.mark.parametrize("frame", [0, 39, 40, 74])
def test_a_frame_grab_is_the_frame_that_contains_the_time(
    studio: Studio, files: dict[str, Path], tmp_path: Path, frame: int
) -> None:
    span = (frames_at(frame) + frames_at(1) - 1, 1)
    film = studio.export(
        cut(), files, tmp_path / "at.png", cache=tmp_path / "cache", preset="frame-png", span=span
    )
    assert film.report.frames == 1
    assert read_film(tmp_path / "at.png") == [expected()[frame]]


@pytest.mark.rule("export-X65")
def test_a_range_is_that_part_of_the_film(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    span = (frames_at(30), frames_at(20))
    film = studio.export(cut(), files, tmp_path / "r.mp4", cache=tmp_path / "cache", span=span)
    assert film.report.frames == 20
    assert read_film(tmp_path / "r.mp4") == expected()[30:50]
    assert abs(len(read_sound(tmp_path / "r.mp4")) - 20 * 1600) <= 1024


def joining_of(studio: Studio, files: dict[str, Path], folder: Path, preset: str) -> Joining:
    """What the gate compares a film of that preset with."""
    media = studio.media(files, folder / "cache")
    facts = {name: media_json(found) for name, found in media.items()}
    job = ExportJob("x", cut().json(), facts, preset=preset)
    room = PlanningRoom(FolderStore(folder / "texts"), studio.ffmpeg.build_id, lambda: False)
    plan = planned_film(job, room)
    sound = folder if plan.sound else None
    known = FolderStore(folder / "known")
    return Joining(plan, {}, {}, sound, b"", studio.ffmpeg, folder, known, lambda: False)


def damage(body: bytearray, preset: str) -> None:
    """Something small that plays on in most players."""
    match preset:
        case "hevc" | "prores":  # one frame is shown a little longer
            body[body.index(b"stts") + 15] ^= 1
        case "audio-m4a":  # another sample rate
            body[body.index(b"mdhd") + 26] ^= 1
        case "webm-av1":  # a frame at another millisecond
            at = body.index(b"\x1f\x43\xb6\x75")
            block = body.index(b"\xa3", at + 12)
            body[block + 9 + 2] ^= 3
        case "audio-wav":  # other channels
            body[22] ^= 3
        case "gif":  # one frame is shown longer
            at = body.index(b"\x21\xf9\x04")
            body[at + 4] ^= 1
        case _:
            del body[-4:]


@pytest.mark.rule("export-X17", "export-X60")
@pytest.mark.parametrize(
    "preset",
    ["hevc", "prores", "webm-av1", "audio-m4a", "audio-wav", "gif", "frame-png", "source"],
)
def test_the_gate_of_each_format_refuses_what_is_not_as_planned(
    studio: Studio, files: dict[str, Path], made: Made, tmp_path: Path, preset: str
) -> None:
    joining = joining_of(studio, files, tmp_path, preset)
    form = film_format(joining.plan)
    film = made(preset).path
    form.check(film, joining)
    body = bytearray(film.read_bytes())
    damage(body, preset)
    (tmp_path / "broken").write_bytes(bytes(body))
    with pytest.raises(CheckFailed):
        form.check(tmp_path / "broken", joining)
    longer = replace(joining, plan=replace(joining.plan, frames=FRAMES * 2))
    if preset != "frame-png":
        with pytest.raises(CheckFailed):
            form.check(film, longer)


@pytest.mark.rule("export-X60")
def test_there_is_a_format_for_each_container_and_a_container_for_each_preset() -> None:
    assert set(FORMATS) == set(CONTAINERS)
    assert {preset.container for preset in PRESETS.values()} == set(CONTAINERS)


@pytest.mark.nightly
@pytest.mark.rule("export-X61")
@pytest.mark.parametrize(
    ("codec", "option", "levels"),
    [
        ("hevc", "-x265-params", ("asm=0", "asm=sse2", "asm=avx2", "")),
        ("av1", "-svtav1-params", ("asm=c", "asm=sse4_1", "asm=avx2", "")),
        ("prores", "-cpuflags", ("0", "sse2", "avx2", "")),
        ("png", "-cpuflags", ("0", "sse2", "avx2", "")),
    ],
)
def test_each_encoder_gives_the_same_bytes_on_every_processor(
    ffmpeg: Ffmpeg,
    clips: Clips,
    tmp_path: Path,
    codec: VideoCodec,
    option: str,
    levels: tuple[str, ...],
) -> None:
    speed = {"hevc": "fast", "av1": "8"}.get(codec, "")
    output = Output(320, 180, 30, 1, video=VideoSettings(codec, speed, 22))
    shas: set[str] = set()
    for number, level in enumerate(levels):
        out = tmp_path / f"{number}.bin"
        arguments = ["-i", str(clips.make(ONE)), "-an", "-sws_flags", SCALER]
        for name, value in encoder_options(output, 30, 10**8).items():
            told = f"{value}:{level}" if level and f"-{name}" == option else str(value)
            arguments += ["-f" if name == "format" else f"-{name}", told]
        head = ["-cpuflags", level] if level and option == "-cpuflags" else []
        command = [str(ffmpeg.path), "-v", "error", *head, *arguments, str(out)]
        subprocess.run(command, check=True)
        shas.add(hashlib.sha256(out.read_bytes()).hexdigest())
    assert len(shas) == 1
