"""The golden cases of the core's reading half: time, order keys, curves, resolve, frames, layers, fill."""

from typing import Any

import pytest

from tests.golden_cases import GoldenCase, golden_cases
from timeline.diagnostics import Findings
from timeline.errors import BadTimeline
from timeline.fill import fill
from timeline.grade import grade_of
from timeline.keyframes import evaluated, fade_weight
from timeline.layers import layers, picture
from timeline.media import AssetFacts
from timeline.model import document_from_json, document_json
from timeline.on_frames import on_frames
from timeline.order_keys import keys_between
from timeline.reading import read_clip, read_record
from timeline.resolve import resolve
from timeline.resolved import Frames, Resolved
from timeline.resolved_json import frames_json, layer_json, resolved_json
from timeline.schema import CLIPS
from timeline.timing import (
    Rate,
    frame,
    frame_containing,
    local,
    middle,
    sample,
    snapped,
    tick,
    timecode,
)


def facts_table(assets: dict[str, Any]) -> dict[str, AssetFacts]:
    return {asset_id: AssetFacts(**facts) for asset_id, facts in assets.items()}


def resolved_of(case: GoldenCase) -> Resolved:
    document = document_from_json(case.given["document"])
    return resolve(document, facts_table(case.given["assets"]), case.when.get("sequence"))


def frames_of(case: GoldenCase) -> Frames:
    return on_frames(resolved_of(case), case.when["fps_num"], case.when["fps_den"])


def without_details(resolved: dict[str, Any]) -> dict[str, Any]:
    for diagnostic in resolved["diagnostics"]:
        del diagnostic["detail"]
    return resolved


def time_answer(given: dict[str, Any], call: str, of: Any) -> Any:
    match call:
        case "sample":
            return sample(of, given["sample_rate"])
        case "local":
            return local(of, given["start"], given["source_in"], *given["speed"])
        case "picture":
            return picture(of, AssetFacts(**given["asset"]))
        case _:
            pass
    rate = Rate(given["fps_num"], given["fps_den"])
    if call == "timecode":
        start_tc, drop_frame = given.get("start_tc", 0), given.get("drop_frame", False)
        return timecode(of, rate, start_tc=start_tc, drop_frame=drop_frame)
    calls = {
        "tick": tick,
        "middle": middle,
        "frame": frame,
        "frame_containing": frame_containing,
        "snapped": snapped,
    }
    return calls[call](of, rate)


@pytest.mark.parametrize("case", golden_cases("time"))
def test_time(case: GoldenCase, *, update_golden: bool) -> None:
    answers = [time_answer(case.given, case.when["call"], of) for of in case.when["of"]]
    case.check(answers, update=update_golden)


@pytest.mark.parametrize("case", golden_cases("order_keys"))
def test_order_keys(case: GoldenCase, *, update_golden: bool) -> None:
    answered: Any
    try:
        answered = keys_between(case.given["left"], case.given["right"], case.when["count"])
    except BadTimeline:
        answered = {"refused": True}
    case.check(answered, update=update_golden)


@pytest.mark.parametrize("case", golden_cases("keyframes"))
def test_keyframes(case: GoldenCase, *, update_golden: bool) -> None:
    case.check(keyframes_answer(case), update=update_golden)


def keyframes_answer(case: GoldenCase) -> Any:
    if "weights" in case.when:
        return [fade_weight(case.given["curve"], share) for share in case.when["weights"]]
    if "curve" in case.when:
        clip = read_clip(read_record("c1", case.given["record"], CLIPS), "video", Findings())
        return None if clip is None else clip.curves.get(case.when["curve"])
    keys = tuple(tuple(key) for key in case.given["keys"])
    low, high = case.given["low"], case.given["high"]
    limits = (float("-inf") if low is None else low, float("inf") if high is None else high)
    return [evaluated(keys, at, *limits) for at in case.when["evaluated"]]


@pytest.mark.parametrize("case", golden_cases("resolve"))
def test_resolve(case: GoldenCase, *, update_golden: bool) -> None:
    case.check(without_details(resolved_json(resolved_of(case))), update=update_golden)


@pytest.mark.parametrize("case", golden_cases("on_frames"))
def test_on_frames(case: GoldenCase, *, update_golden: bool) -> None:
    case.check(without_details(frames_json(frames_of(case))), update=update_golden)


@pytest.mark.parametrize("case", golden_cases("layers"))
def test_layers(case: GoldenCase, *, update_golden: bool) -> None:
    frames = frames_of(case)
    answered = [
        [layer_json(layer) for layer in layers(frames, number, case.when.get("of"))]
        for number in case.when["frames"]
    ]
    case.check(answered, update=update_golden)


@pytest.mark.parametrize("case", golden_cases("grade"))
def test_grade(case: GoldenCase, *, update_golden: bool) -> None:
    answers = [
        {"gain": list(found.gain), "contrast": found.contrast, "saturation": found.saturation}
        for found in map(grade_of, case.given["params"])
    ]
    case.check(answers, update=update_golden)


@pytest.mark.parametrize("case", golden_cases("fill"))
def test_fill(case: GoldenCase, *, update_golden: bool) -> None:
    document = document_from_json(case.given["document"])
    answered: Any
    try:
        filled = fill(document, case.when["row"], facts_table(case.given["assets"]))
        answered = document_json(filled)
    except BadTimeline as refusal:
        answered = {"refused": refusal.field}
    case.check(answered, update=update_golden)
