"""Titles, captions and slates: bitmaps in a plan, light on a film [export-X6, X27]."""

import json
from pathlib import Path

import numpy as np
import pytest

from exporter.ffmpeg_command import segment_command
from exporter.ffmpeg_process import Ffmpeg
from exporter.film_plan import PlanningRoom, planned_film
from kit.folder_store import FolderStore
from kit.object_store import ObjectStore
from tests.exporter.films import Cut, Studio, frames_at
from tests.media import read_pictures
from timeline.film_options import FilmOptions
from timeline.jobs import ExportJob
from timeline.model import Json
from timeline.plan import ImageSource, Plan

Record = dict[str, Json]
HOSTILE = (
    "a'b:c\\d%e;f[g]h{i}",
    "-y -f concat",
    "%{pts} ${HOME} $(id)",
    "movie=/etc/passwd",
    "x\n\n\ty",
    "\u202eright to left\u202c",
)


def title(start: int, count: int, text: str, **more: Json) -> Record:
    return {
        "track": "v2",
        "kind": "title",
        "text": text,
        "start": frames_at(start),
        "duration": frames_at(count),
        **more,
    }


TRACKS: dict[str, Record] = {
    "v1": {"order": "a0"},
    "v2": {"order": "a1"},
    "cc": {"kind": "caption", "order": "a2"},
}


def planned(cut: Cut, store: ObjectStore, engine: str = "engine", **names: str) -> Plan:
    job = ExportJob("x", cut.json(), {}, names=names)
    return planned_film(job, PlanningRoom(store, engine, lambda: False))


@pytest.mark.rule("export-X6")
def test_no_word_of_a_text_reaches_an_argument(store: FolderStore, ffmpeg: Ffmpeg) -> None:
    clips = {f"t{n}": title(10 * n, 10, text) for n, text in enumerate(HOSTILE)}
    plan = planned(Cut(clips, TRACKS), store, ffmpeg.build_id)
    assert len(plan.drawn) == len(HOSTILE)
    for segment, text in zip(plan.drawn, HOSTILE, strict=True):
        command = segment_command(segment, plan.output, plan.inputs, bytes_max=1)
        assert isinstance(segment.layers[0].source, ImageSource)
        assert text not in json.dumps(command.arguments, ensure_ascii=False)
        assert text.strip() not in " ".join(command.arguments)


@pytest.mark.rule("export-X4", "export-X6")
def test_another_text_changes_the_segments_under_it_and_no_other(store: FolderStore) -> None:
    ground: Record = {
        "track": "v1",
        "kind": "generator",
        "generator": "bars",
        "start": 0,
        "duration": frames_at(90),
    }
    one = planned(Cut({"g": ground, "t": title(30, 30, "One")}, TRACKS), store)
    two = planned(Cut({"g": ground, "t": title(30, 30, "Two")}, TRACKS), store)
    assert [s.key for s in one.segments if s.start != 30] == [
        s.key for s in two.segments if s.start != 30
    ]
    assert {s.key for s in one.segments} != {s.key for s in two.segments}


@pytest.mark.rule("export-X1", "export-X6")
def test_a_cue_is_a_bitmap_for_each_word_step(store: FolderStore) -> None:
    second = frames_at(30)
    cues: dict[str, Record] = {
        "q": {
            "clip": "c",
            "t": 0,
            "duration": 2 * second,
            "text": "one two",
            "words": [[0, second, "one"], [second, second, "two"]],
        }
    }
    captions: Record = {"track": "cc", "start": 0, "duration": frames_at(90)}
    cut = Cut({"c": captions, "b": title(0, 90, "x")}, TRACKS, more={"cues": cues})
    plan = planned(cut, store)
    assert [(segment.start, segment.frames) for segment in plan.drawn] == [
        (0, 30),
        (30, 30),
        (60, 30),
    ]
    assert [len(segment.layers) for segment in plan.drawn] == [2, 2, 1]
    first, second_ = plan.drawn[0].layers[1], plan.drawn[1].layers[1]
    assert first.source != second_.source
    assert first.box == second_.box
    without = ExportJob("x", cut.json(), {}, options=FilmOptions(captions="none"))
    silent = planned_film(without, PlanningRoom(store, "engine", lambda: False))
    assert {len(segment.layers) for segment in silent.drawn} == {1}


@pytest.mark.rule("export-X7")
def test_titles_stand_where_the_timeline_puts_them(studio: Studio, tmp_path: Path) -> None:
    clips = {
        "low": title(0, 5, "LOW", y=0.3),
        "high": title(5, 5, "HIGH", y=-0.3),
        "none": title(10, 5, "FADED", opacity=0),
    }
    film = studio.export(Cut(clips, TRACKS), {}, tmp_path / "f.mp4", cache=tmp_path / "cache")
    pictures = read_pictures(film.path).reshape(15, 360, 640).astype(float)
    rows = np.arange(360)

    def centre(index: int) -> float:
        weight = np.where(pictures[index] > 100, 1.0, 0.0).sum(axis=1)
        return float((rows * weight).sum() / weight.sum())

    assert abs(centre(2) - 360 * 0.8) < 12
    assert abs(centre(7) - 360 * 0.2) < 12
    assert pictures[12].max() < 30


@pytest.mark.rule("export-X27")
def test_a_slate_says_what_is_missing(store: FolderStore) -> None:
    clip: Record = {"track": "v1", "asset": "lost", "start": 0, "duration": frames_at(30)}
    named = planned(Cut({"c": clip}), store, lost="harbour.mp4")
    other = planned(Cut({"c": clip}), store, lost="bridge.mp4")
    assert len(named.drawn[0].layers) == 2
    assert named.drawn[0].key != other.drawn[0].key
    assert [item.code for item in named.diagnostics] == ["media_missing"]


@pytest.mark.rule("export-X6")
def test_signs_that_no_font_has_are_told(store: FolderStore) -> None:
    plan = planned(Cut({"t": title(0, 10, "a \U0001f5ff b")}, TRACKS), store)
    found = {item.code: item for item in plan.diagnostics}
    assert found["missing_glyphs"].id == "t"
    assert "\U0001f5ff" in found["missing_glyphs"].detail
