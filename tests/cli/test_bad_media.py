"""Bad media through `cutroom export`: the right frames, a marked slate or a refusal, and always a word about it."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from imageio_ffmpeg import get_ffmpeg_exe  # pyright: ignore[reportMissingTypeStubs]

from cli.errors import CommandFailed
from cli.main import main
from exporter.mp4 import read_movie
from tests.cli.test_export import family
from tests.cli.test_export_changes import Swapping, exported
from tests.evil_media import (
    flipped,
    joined,
    rewritten,
    with_claimed_seconds,
    with_clusters,
    with_durations,
    with_steps,
    without_sync_table,
)
from tests.exporter.films import frames_at
from tests.media import Clip, Clips, Mark, read_film

SHOWN: Final = 40
SIZE: Final[dict[str, Any]] = {"width": 320, "height": 180}
PLAIN: Final = Clip(101, frames=90, gop=30, **SIZE)
SHORT: Final[dict[str, Any]] = {"frames": 45, "gop": 30, "bframes": 0, "sound": "none"}
POLICIES: Final = ("slate", "fail")


def muxed(sources: Sequence[Path], out: Path, *before: str) -> Path:
    """H.264 streams one after the other as one, each with its own parameter sets."""
    bare = [
        subprocess.run(
            [get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-c", "copy", "-f", "h264", "-"],
            check=True,
            capture_output=True,
        ).stdout
        for path in sources
    ]
    stream = out.with_suffix(".h264")
    stream.write_bytes(b"".join(bare))
    command = [get_ffmpeg_exe(), "-v", "error", *before, "-r", "30", "-i", str(stream)]
    subprocess.run([*command, "-c", "copy", "-y", str(out)], check=True)
    return out


def remuxed(source: Path, out: Path, *options: str) -> Path:
    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(source), "-c", "copy", *options]
    subprocess.run([*command, "-y", str(out)], check=True)
    return out


def written(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


def damaged_gop(source: Path, first: int, end: int) -> bytes:
    """An MP4 with flipped bits in the samples of one closed GOP, whose neighbours stay whole."""
    track = read_movie(source).track("vide")
    assert track is not None
    whole = source.read_bytes()
    start, stop = int(track.offsets[first]), int(track.offsets[end])
    return whole[:start] + flipped(whole[start:stop], 7, 40) + whole[stop:]


def marks(clip: int, *pieces: range | list[int]) -> list[Mark | None]:
    return [Mark(clip, n) for piece in pieces for n in piece]


def held(found: list[Mark | None]) -> list[Mark | None]:
    """The last picture stays to the end of the clip."""
    return found + found[-1:] * (SHOWN - len(found))


@dataclass(frozen=True, slots=True)
class Row:
    """One bad file: `SHOWN` frames from source frame `at`, what the first of them show, what is told."""

    make: Callable[[Clips, Path], Path]
    at: int
    shows: list[Mark | None]
    told: str = ""


def _clip(number: int, **more: Any) -> Clip:
    shape: dict[str, Any] = {"frames": 90, "gop": 30, "sound": "none", **SIZE, **more}
    return Clip(number, **shape)


def _two(number: int, **more: Any) -> list[Clip]:
    small: dict[str, Any] = {**SHORT, **SIZE, **more}
    large: dict[str, Any] = {**small, "width": 480, "height": 360}
    return [Clip(number, **small), Clip(number + 1, **large)]


def both(number: int) -> list[Mark | None]:
    """The end of the first clip of `_two`, and the beginning of the second."""
    return marks(number, range(20, 45)) + marks(number + 1, range(15))


STEP: Final = 512  # ticks of a picture at 30/s in the MP4s that are made here
STEADY: Final = _clip(107, gop=15, bframes=0)
CLUSTERED: Final = _clip(108, gop=15, bframes=0, container="mkv")


def _as_it_is(_number: int, packet: Any) -> Any:
    return packet


def _without_the_first_ten(number: int, packet: Any) -> Any:
    return packet if number >= 10 else None


def _clustered(clips: Clips, folder: Path) -> bytes:
    """Matroska with a cluster every 0.2 s, seven pictures each."""
    return rewritten(clips.make(CLUSTERED), folder / "clusters.mkv", _as_it_is).read_bytes()


ROWS: Final[dict[str, Row]] = {
    "longer.mp4": Row(
        lambda c, d: written(d / "longer.mp4", with_durations(c.make(PLAIN).read_bytes(), 4)),
        50,
        marks(101, range(50, 90)),
    ),
    "longer.mkv": Row(
        lambda c, d: written(
            d / "longer.mkv",
            with_claimed_seconds(c.make(_clip(102, container="mkv")).read_bytes(), 90),
        ),
        50,
        marks(102, range(50, 90)),
        "it claims 90.0 s",
    ),
    "shorter.mkv": Row(
        lambda c, d: written(
            d / "shorter.mkv",
            with_claimed_seconds(c.make(_clip(102, container="mkv")).read_bytes(), 0.5),
        ),
        50,
        marks(102, range(50, 90)),
    ),
    "one-key.mp4": Row(
        lambda c, _d: c.make(_clip(103, frames=150, gop=9999)), 100, marks(103, range(100, 140))
    ),
    "no-key-first.mkv": Row(
        lambda c, d: rewritten(
            c.make(_clip(104, container="mkv")),
            d / "no-key-first.mkv",
            _without_the_first_ten,
        ),
        0,
        marks(104, range(30, 70)),
    ),
    "all-keys-claimed.mp4": Row(
        lambda c, d: written(
            d / "all-keys-claimed.mp4", without_sync_table(c.make(_clip(105)).read_bytes())
        ),
        20,
        marks(105, range(20, 60)),
    ),
    "two-sizes.webm": Row(
        lambda c, d: joined(
            [c.make(one) for one in _two(111, codec="vp9", container="webm")], d / "two-sizes.webm"
        ),
        20,
        both(111),
    ),
    "two-sizes.mp4": Row(
        lambda c, d: muxed([c.make(one) for one in _two(113)], d / "two-sizes.mp4"), 20, both(113)
    ),
    "two-sizes-turned.mp4": Row(
        lambda c, d: muxed(
            [c.make(one) for one in _two(115, rotation=90)],
            d / "two-sizes-turned.mp4",
            "-display_rotation:v",
            "-90",
        ),
        20,
        both(115),
    ),
    "two-recordings.ts": Row(
        lambda c, d: written(
            d / "two-recordings.ts",
            b"".join(
                remuxed(c.make(one), d / f"{one.number}.ts").read_bytes() for one in _two(117)
            ),
        ),
        20,
        both(117),
    ),
    "same-times.mp4": Row(
        lambda c, d: written(
            d / "same-times.mp4",
            with_steps(c.make(STEADY).read_bytes(), [(20, STEP), (5, 0), (65, STEP)]),
        ),
        10,
        marks(107, range(10, 20), range(25, 55)),
        "5 pictures have no time, or one that had passed",
    ),
    "a-hole.mp4": Row(
        lambda c, d: written(
            d / "a-hole.mp4",
            with_steps(c.make(STEADY).read_bytes(), [(20, STEP), (1, 21 * STEP), (69, STEP)]),
        ),
        10,
        marks(107, range(10, 20), [20] * 21, range(21, 30)),
    ),
    "far-away.mp4": Row(
        lambda c, d: written(
            d / "far-away.mp4",
            with_steps(c.make(STEADY).read_bytes(), [(40, STEP), (1, (1 << 31) - 1), (49, STEP)]),
        ),
        10,
        held(marks(107, range(10, 41))),
    ),
    "jumps-back.mkv": Row(
        lambda c, d: written(
            d / "jumps-back.mkv",
            with_clusters(_clustered(c, d), lambda n, at: at if n < 6 else at - 1000),
        ),
        10,
        held(marks(108, range(10, 41), range(71, 90)))[:SHOWN],
        "30 pictures have no time, or one that had passed",
    ),
    "20-seconds-of-nothing.mkv": Row(
        lambda c, d: written(
            d / "20-seconds-of-nothing.mkv",
            with_clusters(_clustered(c, d), lambda n, at: at if n < 6 else at + 20_000),
        ),
        10,
        held(marks(108, range(10, 42))),
        "20.0 s without a picture from 1.367 s",
    ),
    "before-zero.mp4": Row(
        lambda c, d: rewritten(c.make(STEADY), d / "before-zero.mp4", _a_second_earlier),
        10,
        marks(107, range(40, 80)),
    ),
    "before-zero.mkv": Row(
        lambda c, d: rewritten(c.make(CLUSTERED), d / "before-zero.mkv", _a_second_earlier),
        10,
        held(marks(108, range(10, 29), range(59, 90)))[:SHOWN],
        "30 pictures have no time, or one that had passed",
    ),
    "cut-off.mkv": Row(
        lambda c, d: written(d / "cut-off.mkv", _part(c.make(_clip(109, container="mkv")), 0.6)),
        10,
        [],
        "it claims 3.0 s",
    ),
    "cut-off.mp4": Row(
        lambda c, d: written(
            d / "cut-off.mp4",
            _part(
                remuxed(c.make(_clip(110)), d / "tables-first.mp4", "-movflags", "+faststart"), 0.6
            ),
        ),
        10,
        [],
        "it claims 3.0 s",
    ),
    "flipped-bits.mp4": Row(
        lambda c, d: written(d / "flipped-bits.mp4", damaged_gop(c.make(_clip(119)), 30, 60)),
        25,
        marks(119, range(25, 29)),
        "parts of it cannot be decoded",
    ),
}


def _a_second_earlier(_number: int, packet: Any) -> Any:
    second = int(1 / packet.time_base)
    packet.pts, packet.dts = packet.pts - second, packet.dts - second
    return packet


def _part(path: Path, share: float) -> bytes:
    whole = path.read_bytes()
    return whole[: int(len(whole) * share)]


def id_of(name: str) -> str:
    return name.replace(".", "_")


def film_of(folder: Path, rows: dict[str, Path], at: dict[str, int] | None = None) -> Path:
    """A timeline of `SHOWN` frames of each file, one after the other; assets and clips are called after them."""
    clips: dict[str, Any] = {}
    for number, name in enumerate(rows):
        place = {"start": frames_at(number * SHOWN), "duration": frames_at(SHOWN)}
        source_in = frames_at((at or {}).get(name, 0))
        clip = {"track": "v1", "asset": id_of(name), "source_in": source_in}
        clips[f"c_{id_of(name)}"] = {**clip, **place}
    whole = {
        "schema": 1,
        "sequences": {"s": SIZE},
        "tracks": {"v1": {"order": "a0"}},
        "clips": clips,
        "assets": {id_of(name): {"path": str(path)} for name, path in rows.items()},
    }
    path = folder / "cut.cutroom.json"
    path.write_text(json.dumps(whole))
    return path


def export(source: Path, policy: str, *options: str) -> int:
    """Into `POLICY.mp4` beside the timeline; no process stays behind."""
    before = family(_own_pid())
    out = source.with_name(f"{policy}.mp4")
    words = ["export", str(source), "-o", str(out), "--cache", str(source.with_name("cache"))]
    code = main([*words, "--on-missing", policy, "--progress", "json", *options])
    assert family(_own_pid()) == before
    return code


def _own_pid() -> int:
    return int(Path("/proc/self").readlink().name)


@pytest.mark.rule("export-X9", "export-X27", "export-X31")
def test_each_bad_file_shows_its_right_frames_and_what_is_wrong_is_told(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: row.make(clips, tmp_path) for name, row in ROWS.items()}
    source = film_of(tmp_path, files, {name: row.at for name, row in ROWS.items()})
    films: set[bytes] = set()
    for policy in POLICIES:
        assert export(source, policy) == 0
        report = json.loads(capsys.readouterr().out.splitlines()[-1])
        told = {(item["id"], item["detail"]) for item in report["diagnostics"]}
        for name, row in ROWS.items():
            said = [detail for asset, detail in told if asset == id_of(name)]
            assert any(detail.startswith(f"{name}: {row.told}") for detail in said) or not row.told
        films.add((tmp_path / f"{policy}.mp4").read_bytes())
    assert len(films) == 1
    shown = read_film(tmp_path / "fail.mp4")
    assert len(shown) == SHOWN * len(ROWS)
    for number, (name, row) in enumerate(ROWS.items()):
        piece = shown[number * SHOWN : (number + 1) * SHOWN]
        assert piece[: len(row.shows)] == row.shows, name


@pytest.mark.rule("export-X31")
def test_what_follows_or_precedes_damage_is_not_moved_by_it(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: ROWS[name].make(clips, tmp_path) for name in ("flipped-bits.mp4", "cut-off.mkv")}
    assert (
        export(film_of(tmp_path, files, {"flipped-bits.mp4": 50, "cut-off.mkv": 20}), "slate") == 0
    )
    assert "past_media_end" in capsys.readouterr().out
    shown = read_film(tmp_path / "slate.mp4")
    assert shown[10:SHOWN] == marks(119, range(60, 90))
    kept = [mark.frame for mark in shown[SHOWN:] if mark]
    assert kept[:20] == list(range(20, 40))
    assert len(kept) == SHOWN
    assert kept == sorted(kept)


UNUSABLE: Final[dict[str, Callable[[Clips], bytes]]] = {
    "no-tables.mp4": lambda c: _part(c.make(PLAIN), 0.6),
    "broken-tables.mp4": lambda c: c.make(PLAIN).read_bytes().replace(b"stsd", b"stsz"),
    "noise.mov": lambda _c: bytes(range(256)) * 40,
    "notes.mp4": lambda _c: b"These are my notes.\n" * 50,
    "nothing.mp4": lambda _c: b"",
}


@pytest.mark.rule("export-X27", "export-X31", "cli-C1", "cli-C2")
def test_what_is_no_media_is_a_marked_slate_or_refused_by_clip_file_and_reason(
    clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: written(tmp_path / name, make(clips)) for name, make in UNUSABLE.items()}
    assert export(film_of(tmp_path, files), "slate") == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    told = {item["id"]: item for item in report["diagnostics"] if item["code"] == "media_failed"}
    shown = read_film(tmp_path / "slate.mp4")
    assert shown == [None] * SHOWN * len(files)
    for name, path in files.items():
        reason = told[f"c_{id_of(name)}"]["detail"]
        assert reason.startswith(f"{name}: ")
        one = tmp_path / f"of-{name}"
        one.mkdir()
        source = film_of(one, {name: path})
        assert export(source, "fail", "--cache", str(tmp_path / "cache")) == 2
        error = capsys.readouterr().err
        assert error == f"cutroom: media_failed: c_{id_of(name)}: {reason}: {source}\n"
        assert sorted(path.name for path in one.iterdir()) == ["cut.cutroom.json"]


class Removing(Swapping):
    """Takes the media away once it was read."""

    def media(self, ready: int, total: int) -> None:
        if ready == total and self.take.exists():
            self.take.unlink()


@pytest.mark.rule("export-X19", "export-X27")
@pytest.mark.parametrize("policy", POLICIES)
def test_media_that_is_removed_while_it_is_read_is_missing(
    policy: str, clips: Clips, tmp_path: Path
) -> None:
    take = written(tmp_path / "take.mp4", clips.make(PLAIN).read_bytes())
    source = film_of(tmp_path, {"take.mp4": take})
    words = (source, tmp_path / "out.mp4", tmp_path / "cache", Removing(take, []))
    if policy == "slate":
        exported(*words)
        assert read_film(tmp_path / "out.mp4") == [None] * SHOWN
        return
    with pytest.raises(CommandFailed, match=r"media_missing: c_take_mp4: take\.mp4") as refused:
        exported(*words, "--on-missing", "fail")
    assert refused.value.exit_code == 2
    assert not (tmp_path / "out.mp4").exists()
