"""The arguments of every preset, as they are written down: whoever changes one changes films [export-X16]."""

from typing import Any

import pytest

from exporter.ffmpeg_command import segment_command
from exporter.gif import gif_arguments
from exporter.sound_encoders import encoding
from tests.golden_cases import GoldenCase, golden_cases
from timeline.model import document_from_json
from timeline.plan import DrawnSegment, FillSource, PlannedLayer
from timeline.presets import PRESETS, find_preset, output_of
from timeline.resolve import resolve
from timeline.sound_plan import SoundPlan


def arguments_of(given: dict[str, Any]) -> dict[str, list[str]]:
    """What encodes two frames of one colour, and a second of sound."""
    document = document_from_json({"sequences": {"s": given["sequence"]}})
    preset = find_preset(given["preset"])
    output = output_of(preset, resolve(document, {}).sequences["s"])
    made: dict[str, list[str]] = {}
    if output.video.codec != "none":
        layer = PlannedLayer(FillSource("#204060"), box=(0, 0, output.width, output.height))
        segment = DrawnSegment("GAP", 0, 2, "key", (layer,))
        made["picture"] = list(segment_command(segment, output, {}, bytes_max=1000).arguments)
    if output.audio.codec != "none":
        rate, audio = output.sample_rate, output.audio
        plan = SoundPlan(
            rate, output.channels, rate, (), bit_rate=audio.bit_rate, codec=audio.codec
        )
        made["sound"] = encoding(plan)
    if preset.container == "gif":
        made["film"] = gif_arguments()
    return made


@pytest.mark.parametrize("case", golden_cases("formats"))
def test_arguments_of_a_preset_are_those_written_down(
    case: GoldenCase, *, update_golden: bool
) -> None:
    case.check(arguments_of(case.given), update=update_golden)


@pytest.mark.rule("export-X60")
def test_every_preset_is_written_down() -> None:
    written = {parameter.values[0].given["preset"] for parameter in golden_cases("formats")}
    assert written == set(PRESETS)
