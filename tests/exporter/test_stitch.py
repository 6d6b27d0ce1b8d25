"""Films joined of copied and encoded pictures, read back by ffmpeg, by PyAV and by the gate."""

import subprocess
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from exporter.check import check_film, check_joins, check_segment
from exporter.errors import CheckFailed
from exporter.ffmpeg_process import Ffmpeg
from exporter.mp4 import BadMp4, read_movie
from exporter.stitch import stitch
from kit.folder_store import FolderStore
from kit.memory_store import MemoryStore
from tests.media import Clip, Clips, Mark, read_film, read_pictures
from tests.renditions import Ingested, encoded_segment, ingested, never
from timeline.plan import CopySegment, DrawnSegment, Output, Plan
from timeline.timing import Rate

RATE = Rate(30)


@dataclass(frozen=True)
class Film:
    plan: Plan
    segments: dict[str, Path]
    renditions: dict[str, Path]
    sound: Path
    expected: list[Mark]

    def written(self, out: Path) -> Path:
        stitch(self.plan, self.segments, self.renditions, self.sound, out)
        return out


def silence(ffmpeg: Ffmpeg, seconds: Fraction, out: Path) -> Path:
    source = f"sine=frequency=440:sample_rate=48000:duration={float(seconds)}"
    command = [
        str(ffmpeg.path),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-ac",
        "2",
        "-c:a",
        "aac",
    ]
    subprocess.run([*command, "-b:a", "192k", "-fflags", "+bitexact", "-y", str(out)], check=True)
    return out


def joined(ffmpeg: Ffmpeg, one: Ingested, two: Ingested, folder: Path, rate: Rate = RATE) -> Film:
    """EDGE, COPY of one; COPY, EDGE of two: 7 + 38 + 30 + 9 frames, the copies end inside a GOP."""
    heads = {"a" * 64: (one.film, 8, 7, 1), "b" * 64: (two.film, 60, 9, 2)}
    segments = {
        key: encoded_segment(ffmpeg, path, first, frames, rate, folder / f"{key[0]}.mp4")
        for key, (path, first, frames, _) in heads.items()
    }
    copied = copyable(one, 15, 38)
    plan = Plan(
        frames=7 + copied + 30 + 9,
        output=Output(640, 360, rate.num, rate.den),
        segments=(
            DrawnSegment("EDGE", 0, 7, "a" * 64),
            CopySegment(7, copied, "c" * 64, one.picture.hash, 15, copied),
            CopySegment(7 + copied, 30, "d" * 64, two.picture.hash, 30, 30),
            DrawnSegment("EDGE", 37 + copied, 9, "b" * 64),
        ),
    )
    marks = [Mark(1, n) for n in range(8, 15 + copied)]
    marks += [Mark(2, n) for n in (*range(30, 60), *range(60, 69))]
    renditions = {item.picture.hash: item.film for item in (one, two)}
    seconds = Fraction(plan.frames * rate.den, rate.num)
    return Film(plan, segments, renditions, silence(ffmpeg, seconds, folder / "s.m4a"), marks)


def copyable(item: Ingested, first: int, at_most: int) -> int:
    """The longest prefix in decode order whose display ranks are contiguous [export-X11]."""
    ranks = item.picture.ranks or tuple(range(item.picture.pictures))
    return max(n for n in range(1, at_most + 1) if max(ranks[first : first + n]) == first + n - 1)


@pytest.fixture
def film(clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path) -> Film:
    long_gop = [clips.make(Clip(number=n, frames=90, gop=250, bframes=3)) for n in (1, 2)]
    one, two = (ingested(path, store, ffmpeg) for path in long_gop)
    assert not one.picture.adopted
    return joined(ffmpeg, one, two, tmp_path)


def damaged(path: Path, at: int, value: bytes) -> Path:
    body = bytearray(path.read_bytes())
    body[at : at + len(value)] = value
    path.write_bytes(body)
    return path


@pytest.mark.rule("export-X11", "export-X17", "export-X24")
def test_a_film_of_copied_and_encoded_parts_shows_exactly_the_planned_frames(
    film: Film, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    out = film.written(tmp_path / "film.mp4")
    check_film(out, film.plan)
    check_joins(ffmpeg, out, film.plan, tmp_path, MemoryStore(), cancelled=never)
    assert read_film(out) == film.expected
    check_segment(ffmpeg, out, film.plan.frames, tmp_path, cancelled=never)


@pytest.mark.rule("export-X24")
def test_another_reader_agrees_about_every_picture_and_its_time(film: Film, tmp_path: Path) -> None:
    out = film.written(tmp_path / "film.mp4")
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        times = [frame.time for frame in container.decode(stream)]
        assert stream.average_rate == 30
    assert times == pytest.approx([n / 30 for n in range(film.plan.frames)], abs=1e-9)


@pytest.mark.rule("export-X24")
def test_the_same_parts_give_the_same_bytes_and_nothing_is_left_beside_them(
    film: Film, tmp_path: Path
) -> None:
    one = stitch(film.plan, film.segments, film.renditions, film.sound, tmp_path / "one.mp4")
    two = stitch(film.plan, film.segments, film.renditions, film.sound, tmp_path / "two.mp4")
    assert one == two
    assert one.size_bytes == (tmp_path / "one.mp4").stat().st_size
    assert not list(tmp_path.glob(".*part"))


@pytest.mark.rule("export-X12", "export-X24")
def test_copied_pictures_are_those_of_the_rendition_bit_by_bit(film: Film, tmp_path: Path) -> None:
    out = film.written(tmp_path / "film.mp4")
    copy = film.plan.segments[1]
    assert isinstance(copy, CopySegment)
    source = read_pictures(film.renditions[copy.rendition], "yuv420p")
    shown = read_pictures(out, "yuv420p")
    assert (shown[7 : 7 + copy.frames] == source[15 : 15 + copy.frames]).all()


@pytest.mark.rule("export-X12", "export-X21")
def test_untagged_adopted_originals_join_with_tagged_ones(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    shapes = [
        Clip(number=n, frames=30, width=1280, height=720, gop=15, tagged=n == 1) for n in (1, 2)
    ]
    one, two = (ingested(clips.make(shape), store, ffmpeg) for shape in shapes)
    assert one.picture.adopted
    assert two.picture.adopted
    assert one.picture.fingerprint == two.picture.fingerprint
    plan = Plan(
        frames=30,
        output=Output(1280, 720, 30, 1),
        segments=(
            CopySegment(0, 15, "c" * 64, one.picture.hash, 15, 15),
            CopySegment(15, 15, "d" * 64, two.picture.hash, 0, 15),
        ),
    )
    out = tmp_path / "film.mp4"
    stitch(plan, {}, {item.picture.hash: item.film for item in (one, two)}, None, out)
    check_film(out, plan, has_sound=False)
    assert read_film(out) == [Mark(1, n) for n in range(15, 30)] + [Mark(2, n) for n in range(15)]


@pytest.mark.rule("export-X12")
def test_two_parameter_sets_under_one_number_are_refused(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    shapes = [Clip(number=1, frames=30, gop=15), Clip(number=2, frames=30, gop=15, bframes=0)]
    one, two = (ingested(clips.make(shape), store, ffmpeg) for shape in shapes)
    segments = tuple(
        CopySegment(15 * i, 15, f"{i}" * 64, item.picture.hash, 0, 15)
        for i, item in enumerate((one, two))
    )
    plan = Plan(frames=30, output=Output(640, 360, 30, 1), segments=segments)
    with pytest.raises(CheckFailed) as refused:
        stitch(
            plan,
            {},
            {item.picture.hash: item.film for item in (one, two)},
            None,
            tmp_path / "film.mp4",
        )
    assert refused.value.segments == (1,)
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.rule("export-X24")
def test_fractional_rates_stay_exact(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    rate = Rate(30000, 1001)
    shapes = [
        Clip(number=n, frames=90, gop=250, fps_num=rate.num, fps_den=rate.den) for n in (1, 2)
    ]
    one, two = (ingested(clips.make(shape), store, ffmpeg) for shape in shapes)
    film = joined(ffmpeg, one, two, tmp_path, rate)
    out = film.written(tmp_path / "film.mp4")
    check_film(out, film.plan)
    track = read_movie(out).track("vide")
    assert track
    assert (track.timescale, set(track.durations.tolist())) == (30000, {1001})
    assert read_film(out) == film.expected


@pytest.mark.rule("export-X17")
@pytest.mark.parametrize(
    "what", ["cut off", "another length", "another rate", "no sound", "a frame too long"]
)
def test_the_gate_refuses_a_film_that_is_not_as_planned(
    film: Film, tmp_path: Path, what: str
) -> None:
    out = film.written(tmp_path / "film.mp4")
    plan, has_sound = film.plan, True
    if what == "cut off":
        out.write_bytes(out.read_bytes()[:-100])
    elif what == "another length":
        plan = replace(plan, frames=plan.frames + 1)
    elif what == "another rate":
        plan = replace(plan, output=replace(plan.output, fps_num=25))
    elif what == "no sound":
        has_sound = False
    else:
        stts = out.read_bytes().index(b"stts")
        damaged(out, stts + 16, (1024).to_bytes(4, "big"))
    with pytest.raises(CheckFailed):
        check_film(out, plan, has_sound=has_sound)


@pytest.mark.rule("export-X17")
def test_the_gate_names_the_segment_that_does_not_begin_with_an_idr_picture(
    film: Film, tmp_path: Path
) -> None:
    out = film.written(tmp_path / "film.mp4")
    track = read_movie(out).track("vide")
    assert track
    first = film.plan.segments[1].start
    damaged(out, int(track.offsets[first]) + 4, b"\x41")
    with pytest.raises(CheckFailed) as refused:
        check_film(out, film.plan)
    assert refused.value.segments == (1,)


@pytest.mark.rule("export-X13")
def test_decoding_finds_damage_inside_a_segment(film: Film, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    path = film.segments["a" * 64]
    track = read_movie(path).track("vide")
    assert track
    damaged(path, int(track.offsets[0]) + int(track.sizes[0]) // 2, b"\xff\x55" * 100)
    with pytest.raises(CheckFailed):
        check_segment(ffmpeg, path, 7, tmp_path, cancelled=never)


@pytest.mark.rule("export-X24")
def test_tables_that_claim_more_than_the_file_holds_are_refused(film: Film, tmp_path: Path) -> None:
    whole = film.written(tmp_path / "film.mp4").read_bytes()
    for kind, at, value in (
        (b"stsz", 12, 0xFFFFFFF0),
        (b"stts", 12, 0x7FFFFFFF),
        (b"co64", 12, 1 << 30),
    ):
        place = whole.index(kind) - 4 + at + 4
        broken = tmp_path / f"{kind.decode()}.mp4"
        broken.write_bytes(whole[:place] + value.to_bytes(4, "big") + whole[place + 4 :])
        with pytest.raises(BadMp4):
            read_movie(broken)
