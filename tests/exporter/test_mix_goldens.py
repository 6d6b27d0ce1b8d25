"""Films of tones, mixed to numbers that the editor's preview must reach too: `tests/golden/mix`."""

from pathlib import Path
from typing import Any

import pytest

from exporter.audio import mixed_sound
from exporter.ffmpeg_process import Ffmpeg
from exporter.sound_sources import SoundTools
from tests.golden_cases import GoldenCase, golden_cases
from tests.renditions import never
from timeline.model import document_from_json
from timeline.resolve import resolve
from timeline.sound_planner import plan_sound


def nowhere(digest: str) -> Path:
    raise AssertionError(f"tones need no file, not even {digest}")


@pytest.mark.parametrize("case", golden_cases("mix"))
def test_tones_are_mixed_as_the_golden_cases_say(
    case: GoldenCase, ffmpeg: Ffmpeg, tmp_path: Path, *, update_golden: bool
) -> None:
    """Every `step`-th sample of both channels, six decimals."""
    plan = plan_sound(resolve(document_from_json(case.given["document"]), {}), {}).plan
    raw, _ = mixed_sound(plan, SoundTools(ffmpeg, nowhere, tmp_path, never), "film")
    samples = raw.samples()[:: case.when["step"]]
    answer: dict[str, Any] = {
        "samples": plan.samples,
        "left": [round(float(value), 6) for value in samples[:, 0]],
        "right": [round(float(value), 6) for value in samples[:, 1]],
    }
    case.check(answer, update=update_golden)
