"""Films from the originals: the same frames, one generation less, under keys of their own."""

import hashlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.film_plan import PlanningRoom, planned_film
from exporter.masters import Masters
from exporter.normalise import (
    LOSSLESS,
    SWS_FLAGS,
    UPRIGHT,
    Cadence,
    Matrix,
    mezzanine_arguments,
    mezzanine_size,
    picture_chain,
)
from kit.box import Limits
from kit.folder_store import FolderStore
from tests.exporter.films import Cut, Studio, frames_at
from tests.media import Clip, Clips, Mark, psnr, read_film, read_pictures
from tests.renditions import ingested, never
from timeline.jobs import ExportJob
from timeline.media_json import media_json
from timeline.plan import CopySegment
from timeline.timing import Rate

JITTER: Final = tuple(i * 3003 + (i * 7 % 5) * 300 for i in range(60))
SHAPES: Final = {
    "VFR": Clip(21, frames=60, times=JITTER, gop=250),
    "rotated": Clip(22, rotation=90, width=360, height=640),
    "HEVC 10 bit": Clip(23, codec="hevc10"),
    "odd size": Clip(24, codec="vp9", container="webm", width=641, height=361, sound="none"),
    "GOP 400": Clip(25, frames=78, gop=400),
}
GOOD: Final = Clip(26, frames=60, gop=30, width=320, height=180)
LONG: Final = Clip(27, frames=78, gop=400, crf=10, width=320, height=180)


def cut(width: int, height: int, rate: int = 30) -> Cut:
    """40 frames of one clip, from its frame 3."""
    clip: dict[str, Any] = {"track": "v1", "asset": "one", "start": 0}
    clip |= {"duration": frames_at(40, rate), "source_in": frames_at(3, rate)}
    return Cut({"c": clip}, width=width, height=height, fps=(rate, 1))


@pytest.mark.rule("export-X23")
@pytest.mark.parametrize("name", SHAPES)
def test_every_picture_of_a_master_film_is_the_originals(
    name: str, clips: Clips, studio: Studio, tmp_path: Path
) -> None:
    shape = SHAPES[name]
    timeline = cut(shape.width & ~1, shape.height & ~1, 25 if shape.times else 30)
    film = studio.export(
        timeline,
        {"one": clips.make(shape)},
        tmp_path / "film.mp4",
        cache=tmp_path / "cache",
        preset="h264-master",
    )
    assert film.report.segments.copied == 0
    assert read_film(film.path) == [Mark(shape.number, n) for n in shown(shape)]


def shown(shape: Clip) -> list[int]:
    """Which pictures of the original stand at the middles of frames 3 to 42; VFR has a median of 25."""
    if not shape.times:
        return list(range(3, 43))
    at = [Fraction(time - shape.times[0], 90_000) for time in shape.times]
    middles = [Fraction(2 * n + 1, 50) for n in range(3, 43)]
    return [max(i for i, time in enumerate(at) if time <= middle) for middle in middles]


@pytest.mark.rule("export-X23")
@pytest.mark.parametrize(
    ("name", "turn"),
    [("rotated", (0, 1, -1, 0)), ("HEVC 10 bit", UPRIGHT), ("odd size", UPRIGHT)],
)
def test_a_master_is_to_the_bit_what_the_normalising_graph_gives(
    name: str, turn: Matrix, clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    original = clips.make(SHAPES[name])
    made = ingested(original, store, ffmpeg)
    master = Masters(ffmpeg, store, tmp_path, never).make(made.media)
    path = store.local_path(master.key)
    assert path is not None
    plain = tmp_path / "plain"
    plain.mkdir()
    assert read_pictures(path, "yuv420p").tobytes() == normalised(original, plain, ffmpeg, turn)
    assert master.fingerprint == ""


def normalised(original: Path, folder: Path, ffmpeg: Ffmpeg, turn: Matrix) -> bytes:
    """The pictures of a film of constant rate through the chain of every mezzanine, without an encoder."""
    demuxer = "mov" if original.suffix == ".mp4" else "matroska"
    found = ffmpeg.prober.probe(original, demuxer)
    assert found.video is not None
    chain = picture_chain(found.video, turn, mezzanine_size(found.video, turn))
    arguments = ["-nostdin", "-v", "error", "-progress", "pipe:1", "-y", "-noautorotate"]
    arguments += ["-i", "/in/0", "-filter_complex", f"{SWS_FLAGS};[0:v:0]{chain}[v]"]
    run_in(folder, original, [*arguments, "-map", "[v]", "-f", "rawvideo", "/out/raw"], ffmpeg)
    return (folder / "raw").read_bytes()


def run_in(folder: Path, original: Path, arguments: list[str], ffmpeg: Ffmpeg) -> None:
    run_ffmpeg(
        ffmpeg,
        arguments,
        inputs={"0": original},
        output_dir=folder,
        limits=Limits(),
        cancelled=never,
    )


@pytest.mark.rule("export-X23")
def test_a_master_loses_less_than_a_film_from_the_mezzanine(
    clips: Clips, studio: Studio, tmp_path: Path
) -> None:
    original = clips.make(LONG)
    wanted = read_pictures(original, "yuv420p")[3:43]
    decibels: dict[str, float] = {}
    for preset in ("source", "h264-master"):
        film = studio.export(
            cut(320, 180),
            {"one": original},
            tmp_path / f"{preset}.mp4",
            cache=tmp_path / "cache",
            preset=preset,
        )
        decibels[preset] = float(psnr(read_pictures(film.path, "yuv420p"), wanted).mean())
    assert decibels["h264-master"] > decibels["source"] + 1


@pytest.mark.rule("export-X23")
def test_only_what_was_adopted_is_copied(clips: Clips, studio: Studio, tmp_path: Path) -> None:
    film = studio.export(
        cut(320, 180),
        {"one": clips.make(GOOD)},
        tmp_path / "film.mp4",
        cache=tmp_path / "cache",
        preset="h264-master",
    )
    assert film.report.segments.copied == 1
    assert read_film(film.path) == [Mark(26, n) for n in range(3, 43)]


@pytest.mark.rule("export-X23", "export-X4")
def test_keys_of_originals_and_of_renditions_differ(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    made = ingested(clips.make(LONG), store, ffmpeg)
    masters = Masters(ffmpeg, store, tmp_path, never)
    keys: dict[str, set[str]] = {}
    for preset in ("source", "h264-master"):
        job = ExportJob(
            id="film",
            document=cut(320, 180).json(),
            assets={"one": media_json(made.media)},
            preset=preset,
        )
        plan = planned_film(job, PlanningRoom(store, ffmpeg.build_id, never, masters.make))
        keys[preset] = {one.key for one in plan.segments}
        copied = [one for one in plan.segments if isinstance(one, CopySegment)]
        assert bool(copied) == (preset == "source")
    assert not keys["source"] & keys["h264-master"]
    assert masters.make(made.media) == masters.make(made.media)


@pytest.mark.rule("export-X23", "export-X19")
def test_an_original_that_is_gone_is_named(clips: Clips, studio: Studio, tmp_path: Path) -> None:
    original = tmp_path / "walk.mp4"
    original.write_bytes(clips.make(replace(LONG, number=28)).read_bytes())
    files = {"one": original}
    studio.media(files, tmp_path / "cache")

    def gone(media: Any) -> Any:
        original.unlink()
        return media

    ended, _ = studio.attempt(
        cut(320, 180),
        files,
        tmp_path / "film.mp4",
        cache=tmp_path / "cache",
        preset="h264-master",
        facts=gone,
    )
    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.detail.split(":")[0]) == ("input_changed", "walk.mp4")
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.rule("export-X23", "export-X16")
def test_a_master_has_the_same_bytes_on_every_processor(
    clips: Clips, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    original = clips.make(SHAPES["HEVC 10 bit"])
    found = ffmpeg.prober.probe(original, "mov")
    assert found.video is not None
    size = mezzanine_size(found.video, UPRIGHT)
    pace = Cadence(Rate(30), 40, Fraction(0), Fraction(0))
    arguments = mezzanine_arguments(found.video, "mov", UPRIGHT, size, pace, LOSSLESS, 1 << 30)
    digests: set[str] = set()
    for flags in ("0", "sse2", "avx2", "all"):
        folder = tmp_path / flags
        folder.mkdir()
        masked = [] if flags == "all" else ["-cpuflags", flags]
        run_in(folder, original, [*masked, *arguments], replace(ffmpeg, level="basic"))
        digests.add(hashlib.sha256((folder / "mezzanine.mp4").read_bytes()).hexdigest())
    assert len(digests) == 1
