"""What a film says beside its pictures: captions as a track, chapters, title, poster; and other shapes."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from exporter.ffmpeg_process import Ffmpeg
from tests.exporter.films import Cut, Studio, frames_at
from tests.exporter.test_formats import cut, expected
from tests.exporter.test_formats import files as _files
from tests.media import read_film
from timeline.film_options import FilmOptions
from timeline.plan import Fit

files = _files
SOFT = FilmOptions(captions="soft")


def worded(**more: Any) -> Cut:
    """The film of two clips with two captions that overlap for 5 frames, two chapters and a name."""
    base = cut()
    clips = {
        **base.clips,
        "cc": {
            "track": "c1",
            "kind": "captions",
            "start": frames_at(10),
            "duration": frames_at(50),
        },
    }
    cues = {
        "q1": {"clip": "cc", "t": 0, "duration": frames_at(20), "text": "Hello <b> & ünïcode"},
        "q2": {
            "clip": "cc",
            "t": frames_at(15),
            "duration": frames_at(15),
            "text": "Second\n\nline",
            "speaker": "Asha",
        },
    }
    markers = {
        "m1": {"t": frames_at(30), "kind": "chapter", "name": "Zwei"},
        "m2": {"t": frames_at(60), "kind": "chapter"},
        "m3": {"t": frames_at(5), "kind": "todo", "name": "not one"},
    }
    tracks = {**base.tracks, "c1": {"kind": "caption", "order": "a2"}}
    records = {"cues": cues, "markers": markers, "meta": {"main_sequence": "s", "name": "Ein Film"}}
    return replace(base, clips=clips, tracks=tracks, more={**records, **more})


def luma(film: Path) -> NDArray[np.int64]:
    """The first picture's brightness."""
    with av.open(str(film)) as container:
        frame = next(container.decode(video=0))
        return frame.to_ndarray(format="gray").astype(np.int64)


def subtitles(ffmpeg: Ffmpeg, film: Path) -> str:
    command = [str(ffmpeg.path), "-v", "error", "-i", str(film), "-map", "0:s:0", "-f", "srt", "-"]
    shown = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return re.sub("</?font[^>]*>", "", shown)


@pytest.mark.rule("export-X67")
@pytest.mark.parametrize("preset", ["source", "prores"])
def test_soft_captions_are_a_track_that_any_reader_finds(
    studio: Studio, ffmpeg: Ffmpeg, files: dict[str, Path], tmp_path: Path, preset: str
) -> None:
    out = tmp_path / ("film.mp4" if preset == "source" else "film.mov")
    studio.export(worded(), files, out, cache=tmp_path / "cache", preset=preset, options=SOFT)
    shown = subtitles(ffmpeg, out)
    assert "00:00:00,333 --> 00:00:00,833\nHello <b> & ünïcode" in shown
    assert "00:00:00,833 --> 00:00:01,000\nHello <b> & ünïcode\nSecond" in shown
    assert "00:00:01,000 --> 00:00:01,333\nSecond" in shown
    assert read_film(out) == expected()


@pytest.mark.rule("export-X67")
def test_a_vtt_lies_beside_the_film_and_the_pictures_are_those_without_captions(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    none = FilmOptions(captions="none")
    without = studio.export(worded(), files, tmp_path / "a.mp4", cache=cache, options=none)
    soft = studio.export(worded(), files, tmp_path / "b.mp4", cache=cache, options=SOFT)
    assert soft.report.frames_encoded == 0
    assert without.report.frames_copied == soft.report.frames_copied
    assert not (tmp_path / "a.vtt").exists()
    assert (tmp_path / "b.vtt").read_text() == (
        "WEBVTT\n\n"
        "00:00:00.333 --> 00:00:01.000\nHello &lt;b&gt; &amp; ünïcode\n\n"
        "00:00:00.833 --> 00:00:01.333\n<v Asha>Second\nline\n"
    )


@pytest.mark.rule("export-X68")
@pytest.mark.parametrize("preset", ["source", "prores", "webm-av1", "audio-m4a"])
def test_chapters_and_title_are_read_by_others(
    studio: Studio, files: dict[str, Path], tmp_path: Path, preset: str
) -> None:
    names = {"source": "f.mp4", "prores": "f.mov", "webm-av1": "f.webm", "audio-m4a": "f.m4a"}
    out = tmp_path / names[preset]
    studio.export(worded(), files, out, cache=tmp_path / "cache", preset=preset)
    with av.open(str(out)) as container:
        found = [
            (item["start"] * float(item["time_base"] or 0), item["metadata"]["title"])
            for item in container.chapters()
        ]
        title = container.metadata["title"]
    assert title == "Ein Film"
    assert [name for _, name in found] == ["Ein Film", "Zwei", "Chapter 2"]
    assert [start for start, _ in found] == pytest.approx([0, 1.0, 2.0], abs=0.001)


@pytest.mark.rule("export-X68")
def test_chapters_of_a_range_count_from_its_first_frame(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    span = (frames_at(30), frames_at(20))
    film = studio.export(
        worded(), files, tmp_path / "r.mp4", cache=tmp_path / "cache", span=span, options=SOFT
    )
    with av.open(str(film.path)) as container:
        assert [item["metadata"]["title"] for item in container.chapters()] == ["Zwei"]
    assert "00:00:00.000 --> 00:00:00.333" in (tmp_path / "r.vtt").read_text()


@pytest.mark.rule("export-X68")
def test_a_poster_is_the_frame_of_its_time_beside_the_film_and_in_it(
    studio: Studio, files: dict[str, Path], tmp_path: Path
) -> None:
    options = FilmOptions(poster=frames_at(50))
    cache = tmp_path / "cache"
    film = studio.export(cut(), files, tmp_path / "f.mp4", cache=cache, options=options)
    assert read_film(tmp_path / "f.jpg") == [expected()[50]]
    assert (tmp_path / "f.jpg").read_bytes() in film.path.read_bytes()
    again = studio.export(cut(), files, tmp_path / "g.mp4", cache=cache, options=options)
    assert again.sha256 == film.sha256
    late = FilmOptions(poster=frames_at(75))
    standing, _ = studio.attempt(cut(), files, tmp_path / "h.mp4", cache=cache, options=late)
    assert standing.failure is not None
    assert standing.failure.code == "empty_range"


@pytest.mark.rule("export-X66")
@pytest.mark.parametrize("fit", ["contain", "cover", "blur"])
def test_another_shape_is_fitted_as_wished(
    studio: Studio, files: dict[str, Path], tmp_path: Path, fit: Fit
) -> None:
    film = studio.export(
        cut(),
        files,
        tmp_path / "v.mp4",
        cache=tmp_path / "cache",
        preset="square",
        options=FilmOptions(fit=fit),
        span=(0, frames_at(2)),
    )
    picture = luma(film.path)
    if fit == "cover":
        # 180 lines become 1080, 320 columns 1920: the marked rows reach over the whole width, cut at both ends.
        assert picture[:20].std() > 60
        return
    # 320 x 180 stands as 1080 x 607 in the middle; above and below is the background or the copy.
    assert read_film(film.path, (0, 236, 1080, 608)) == expected()[:2]
    edge = picture[:200]
    if fit == "contain":
        assert edge.max() - edge.min() <= 2
    else:
        assert edge.std() > 2
        steps = np.abs(np.diff(edge, axis=1))
        assert steps.max() <= 12  # nothing sharp is left
