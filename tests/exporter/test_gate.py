"""What is wrong is made again: a segment anew, a copy as an encoding; and what was seen is not decoded twice."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cli.local_export import LocalRoom
from exporter.check import check_joins, check_segment
from exporter.errors import CheckFailed
from exporter.ffmpeg_command import segment_command
from exporter.ffmpeg_process import Ffmpeg
from exporter.memory_board import Standing
from exporter.mp4 import read_movie
from exporter.originals import mark_of
from kit.folder_store import FolderStore
from kit.memory_store import MemoryStore
from tests.exporter.films import Cut, Studio, frames_at
from tests.media import Clip, Clips, Mark, read_film
from tests.renditions import ingested, never
from timeline.copy_fallback import encoded_instead
from timeline.media import MediaFacts
from timeline.model import Json
from timeline.plan import (
    CopySegment,
    DrawnSegment,
    InputFile,
    Output,
    Plan,
    PlannedLayer,
    RenditionSource,
)

PLAIN = Clip(51, frames=60, gop=15, sound="none", width=320, height=180)
LIAR = Clip(55, frames=60, gop=15, sound="none", width=320, height=180, bframes=0)
OTHER = Clip(52, frames=60, gop=15, sound="none", width=320, height=180, bframes=0)


def two_clips() -> Cut:
    clips: dict[str, dict[str, Json]] = {
        name: {"track": "v1", "asset": name, "start": frames_at(at), "duration": frames_at(count)}
        for name, at, count in (("a", 0, 45), ("b", 45, 30))
    }
    return Cut(clips, width=320, height=180)


def marks() -> list[Mark]:
    return [Mark(51, n) for n in range(45)] + [Mark(52, n) for n in range(30)]


@pytest.mark.rule("export-X12", "export-X17")
def test_a_copy_that_does_not_fit_is_encoded_instead(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(PLAIN), "b": clips.make(LIAR)}
    known = studio.media(files, tmp_path / "cache")
    lie = known["a"].picture
    assert lie is not None

    def lying(media: dict[str, MediaFacts]) -> dict[str, MediaFacts]:
        """The facts of `b` claim the parameter sets of `a`, so both are planned as copies."""
        picture = media["b"].picture
        assert picture is not None
        assert picture.fingerprint != lie.fingerprint
        claimed = replace(picture, fingerprint=lie.fingerprint)
        return {**media, "b": replace(media["b"], picture=claimed)}

    out = tmp_path / "film.mp4"
    film = studio.export(two_clips(), files, out, cache=tmp_path / "cache", facts=lying)
    assert read_film(out) == [*marks()[:45], *(Mark(55, n) for n in range(30))]
    assert (film.report.frames_copied, film.report.frames_encoded) == (45, 30)
    made = studio.media(files, tmp_path / "cache")
    assert {name: facts.picture and facts.picture.adopted for name, facts in made.items()} == {
        "a": True,
        "b": False,
    }, "what did not fit is withdrawn, also where it is looked for by its path"


@pytest.mark.rule("export-X17", "export-X21", "export-X31")
def test_an_original_that_does_not_decode_as_planned_is_withdrawn_for_good(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    """It was found clean at ingest, by another ffmpeg say; its facts stay in the database."""
    whole = clips.make(Clip(54, frames=60, gop=15, sound="none", width=320, height=180))
    path = tmp_path / "damaged.mp4"
    shutil.copy(whole, path)
    (good,) = studio.media({"a": path}, tmp_path / "cache").values()
    assert good.picture is not None
    assert good.picture.adopted
    damage(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    def stale(media: dict[str, MediaFacts]) -> dict[str, MediaFacts]:
        picture = good.picture
        assert picture is not None
        claimed = replace(picture, hash=digest, key=original_key(path))
        return {**media, "a": replace(good, picture=claimed, name="damaged.mp4")}

    faded: dict[str, Json] = {"track": "v1", "asset": "a", "start": 0, "duration": frames_at(60)}
    cut = Cut({"c": {**faded, "fade_in": frames_at(15)}}, width=320, height=180)
    shas: set[str] = set()
    for number in range(2):
        out = tmp_path / f"{number}.mp4"
        cache = tmp_path / f"cache-{number}"
        film = studio.export(cut, {"a": path}, out, cache=cache, facts=stale)
        told = [(item.code, item.id) for item in film.report.diagnostics]
        assert ("media_damaged", "a") in told, "with the asset's id"
        assert check_decodes(studio.ffmpeg, out, tmp_path / f"scratch-{number}") == 60
        shas.add(film.sha256)
    assert len(shas) == 1, "a later export copies nothing from it either, whatever its facts say"


def damage(path: Path) -> None:
    """Zeroes in the second and third GOP; size and time of change stay."""
    found = path.stat()
    track = read_movie(path).track("vide")
    assert track is not None
    with path.open("r+b") as file:
        for sample in (18, 22, 33):
            file.seek(track.offsets[sample] + 30)
            file.write(bytes(track.sizes[sample] - 30))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def original_key(path: Path) -> str:
    return f"originals/{mark_of(path)}"


def check_decodes(ffmpeg: Ffmpeg, film: Path, scratch: Path) -> int:
    """How many frames can be decoded without one error."""
    scratch.mkdir()
    check_segment(ffmpeg, film, 60, scratch, cancelled=never)
    return len(read_film(film))


@pytest.mark.rule("export-X17")
def test_a_segment_that_is_not_what_its_key_says_is_made_once_more(
    studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(PLAIN), "b": clips.make(OTHER)}
    first = studio.export(two_clips(), files, tmp_path / "1.mp4", cache=tmp_path / "cache")
    folder = tmp_path / "cache/segments/seg"
    (entry,) = [path for path in folder.iterdir() if path.suffix != ".note"]
    short = tmp_path / "short.mp4"
    cut = ["-v", "error", "-i", str(entry), "-c", "copy", "-frames:v", "12", str(short)]
    subprocess.run([str(studio.ffmpeg.path), *cut], check=True)

    def swap(room: LocalRoom, standing: Standing) -> None:
        if standing.state == "queued":
            room.shop.cache.drop(entry.name)
            room.shop.cache.put(entry.name, short)

    again = studio.export(
        two_clips(), files, tmp_path / "2.mp4", cache=tmp_path / "cache", on_standing=swap
    )
    assert again.sha256 == first.sha256
    assert again.report.frames_encoded == 30


@pytest.mark.rule("export-X13")
def test_a_join_is_decoded_once_for_the_same_bytes(
    studio: Studio, clips: Clips, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    files = {"a": clips.make(PLAIN), "b": clips.make(OTHER)}
    film = studio.export(two_clips(), files, tmp_path / "film.mp4", cache=tmp_path / "cache")
    plan = Plan(
        75,
        Output(320, 180, 30, 1),
        (CopySegment(0, 45, "c", "r", 0, 45), DrawnSegment("BODY", 45, 30, "d")),
    )
    broken = tmp_path / "broken.mp4"
    content = bytearray(film.path.read_bytes())
    content[len(content) // 3 :] = bytes(len(content) - len(content) // 3)
    broken.write_bytes(content)
    known = MemoryStore()
    with pytest.raises(CheckFailed, match="the join at frame 45"):
        check_joins(ffmpeg, broken, plan, tmp_path, known, cancelled=never)
    check_joins(ffmpeg, film.path, plan, tmp_path, known, cancelled=never)
    nobody = replace(ffmpeg, path=Path("/nonexistent"))
    check_joins(nobody, film.path, plan, tmp_path, known, cancelled=never)


@pytest.mark.rule("export-X9")
def test_a_segment_decodes_nothing_before_its_sync_picture(
    clips: Clips, ffmpeg: Ffmpeg, store: FolderStore, tmp_path: Path
) -> None:
    item = ingested(clips.make(Clip(53, frames=90, gop=30, bframes=2)), store, ffmpeg)
    used = InputFile(
        hash="h",
        key="k",
        format="mov",
        codec="h264",
        width=640,
        height=360,
        fps_num=30,
        pictures=90,
        sync=item.picture.sync,
        first_pts=item.picture.first_pts,
    )
    layer = PlannedLayer(RenditionSource("h"), ((60, 20, 1),), box=(0, 0, 640, 360))
    segment = DrawnSegment("BODY", 0, 20, "key", (layer,))
    command = segment_command(segment, Output(640, 360, 30, 1), {"h": used}, bytes_max=10**8)
    out = tmp_path / "segment.mp4"
    words = [word.replace("/in/0", str(item.film)) for word in command.arguments]
    words = [word.replace("/out/segment.mp4", str(out)) for word in words]
    words[words.index("error")] = "verbose"
    told = subprocess.run(
        [str(ffmpeg.path), *words], capture_output=True, text=True, check=True
    ).stderr
    assert read_film(out) == [Mark(53, n) for n in range(60, 80)]
    (line,) = [line for line in told.splitlines() if "frames decoded" in line and "(video)" in line]
    assert int(line.split("; ")[1].split()[0]) <= 30, "not a GOP before it"


@pytest.mark.rule("export-X17")
def test_a_copy_becomes_pieces_of_the_same_pictures() -> None:
    copy = CopySegment(10, 130, "c", "r", 30, 130)
    plan = Plan(140, Output(320, 180, 30, 1), (DrawnSegment("EDGE", 0, 10, "e"), copy))
    made = encoded_instead(plan, {1}, "engine")
    assert [(item.kind, item.start, item.frames) for item in made.segments] == [
        ("EDGE", 0, 10),
        ("BODY", 10, 60),
        ("BODY", 70, 60),
        ("BODY", 130, 10),
    ]
    assert [item.layers[0].pictures for item in made.drawn[1:]] == [
        ((30, 60, 1),),
        ((90, 60, 1),),
        ((150, 10, 1),),
    ]
    assert encoded_instead(plan, set(), "engine") == plan
