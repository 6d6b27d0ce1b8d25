"""Long films: what grows with them, and what must not."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from tests.exporter.films import Cut, Film, Studio, frames_at
from tests.media import Clip, Clips
from tests.timeline.test_planner import clip, planned
from timeline.model import Json


@pytest.mark.rule("export-X1")
def test_planning_grows_with_the_number_of_clips_and_no_faster() -> None:
    """Counted in bytes held, because seconds depend on who else is at work."""

    def peak(count: int) -> int:
        clips = {f"c{n}": clip("a", 20 * n, 20, 3 + 7 * n % 400) for n in range(count)}
        tracemalloc.start()
        plan = planned(clips)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert plan.frames == 20 * count
        return held

    assert peak(800) <= 2.5 * peak(400)


@pytest.mark.rule("export-X16")
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_half_a_cache_and_any_number_of_workers_give_the_same_bytes(
    workers: int, studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    files = {"a": clips.make(Clip(81, frames=150, gop=30, width=320, height=180))}
    records: dict[str, dict[str, Json]] = {
        "c0": {"track": "v1", "asset": "a", "start": 0, "duration": frames_at(140), "opacity": 0.8},
        "c1": {
            "track": "v1",
            "asset": "a",
            "start": frames_at(140),
            "duration": frames_at(70),
            "flip_h": True,
        },
    }

    def made(name: str, cut: Cut, cache: str, hands: int) -> Film:
        return studio.export(cut, files, tmp_path / name, cache=tmp_path / cache, workers=hands)

    whole = Cut(records, width=320, height=180)
    half = replace(whole, clips={"c0": records["c0"]})
    cold = made("1.mp4", whole, "cold", 2)
    made("2.mp4", half, "half", workers)
    warm = made("3.mp4", whole, "half", workers)
    assert 0 < warm.report.frames_encoded < cold.report.frames_encoded
    assert warm.sha256 == cold.sha256
