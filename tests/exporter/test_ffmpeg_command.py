"""Arguments of ffmpeg: written down, pure, and without a word of anybody's text [export-X6, X16]."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any, cast

import pytest

from exporter.ffmpeg_command import segment_command
from exporter.graph import chosen, text
from tests.golden_cases import GoldenCase, golden_cases
from timeline.model import Json
from timeline.plan import DrawnSegment
from timeline.plan_json import inputs_from_json, output_from_json, segment_from_json


def command_of(given: dict[str, Any]) -> list[str]:
    segment = segment_from_json(given["segment"])
    assert isinstance(segment, DrawnSegment)
    output = output_from_json(given["output"])
    inputs = inputs_from_json(cast("dict[str, Json]", given["inputs"]))
    command = segment_command(segment, output, inputs, bytes_max=1_000_000)
    return list(command.arguments)


@pytest.mark.parametrize("case", golden_cases("ffmpeg"))
def test_arguments_are_those_written_down(case: GoldenCase, *, update_golden: bool) -> None:
    case.check(command_of(case.given), update=update_golden)


@pytest.mark.rule("export-X16")
@pytest.mark.parametrize("case", golden_cases("ffmpeg"))
def test_a_segment_at_another_place_has_the_same_arguments(case: GoldenCase) -> None:
    moved = {**case.given, "segment": {**case.given["segment"], "start": 12_345, "key": "other"}}
    assert command_of(moved) == command_of(case.given)


@pytest.mark.rule("export-X16")
def test_arguments_do_not_depend_on_the_order_of_hashing() -> None:
    case = golden_cases("ffmpeg")[0].values[0]
    code = (
        "import json, sys; from tests.exporter.test_ffmpeg_command import command_of;"
        "print(json.dumps(command_of(json.load(sys.stdin))))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(case.given),
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1


@pytest.mark.rule("export-X16")
def test_guards_stand_before_every_input() -> None:
    for parameter in golden_cases("ffmpeg"):
        words = command_of(cast("GoldenCase", parameter.values[0]).given)
        opened = [index for index, word in enumerate(words) if word == "-i"]
        begin = 0
        for place in opened:
            options = words[begin:place]
            assert options[options.index("-protocol_whitelist") + 1] == "file"
            assert {"-f", "-format_whitelist", "-codec_whitelist", "-max_pixels"} <= set(options)
            assert words[place + 1].startswith("/in/")
            begin = place + 1
        assert words[0] == "-nostdin"


@pytest.mark.rule("export-X7")
def test_numbers_are_plain_and_choices_are_balanced() -> None:
    assert [text(n) for n in (0.5, -0.0000001, 3, 1e-7, 12.250000)] == [
        "0.5",
        "0",
        "3",
        "0",
        "12.25",
    ]
    values = [str(n) for n in range(100)]
    expression = chosen(values, "on", 1)
    depth = max(
        expression[:index].count("(") - expression[:index].count(")")
        for index in range(len(expression))
    )
    assert depth <= 9
    for frame in (1, 37, 100):
        assert picked(expression, frame) == frame - 1


def picked(expression: str, on: int) -> int:
    while expression.startswith("if("):
        condition, low, high = split_arguments(expression[3:-1])
        limit = int(condition.removeprefix("lt(on,").removesuffix(")"))
        expression = low if on < limit else high
    return int(expression)


def split_arguments(body: str) -> list[str]:
    parts, depth, begin = list[str](), 0, 0
    for index, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(body[begin:index])
            begin = index + 1
    return [*parts, body[begin:]]


@pytest.mark.rule("export-X7")
def test_a_seek_ends_half_a_picture_after_the_sync_picture() -> None:
    given = golden_cases("ffmpeg")[0].values[0].given
    inputs = inputs_from_json(given["inputs"])
    (digest,) = [name for name, item in inputs.items() if item.codec == "h264"][:1]
    late = replace(inputs[digest], first_pts=(1, 48))
    segment = segment_from_json(given["segment"])
    assert isinstance(segment, DrawnSegment)
    output = output_from_json(given["output"])
    words = segment_command(segment, output, {**inputs, digest: late}, bytes_max=1).arguments
    assert words[words.index("-ss") + 1] == "0.537500"


@pytest.mark.rule("export-X7")
@pytest.mark.parametrize(("last", "recipe"), [(0.99, "maskedmerge"), (1.0, "overlay")])
def test_a_layer_that_is_whole_in_one_frame_is_laid_and_not_weighed(
    last: float, recipe: str
) -> None:
    """A weight in 8 bits has no 256: it would leave a trace of what is hidden."""
    cases = {case.id: cast("GoldenCase", case.values[0]) for case in golden_cases("ffmpeg")}
    given = cases["transition_dissolve"].given
    bottom, top = given["segment"]["layers"]
    layers = [bottom, {**top, "alpha": [*top["alpha"][:-1], last]}]
    (graph,) = [
        word
        for word in command_of({**given, "segment": {**given["segment"], "layers": layers}})
        if word.startswith("sws_flags")
    ]
    assert [name for name in ("maskedmerge", "overlay") if name in graph] == [recipe]
