"""Values of OpenTimelineIO: times with float rates, and the structure that a file describes.

Rates and values are floats there; here they become exact rationals and ticks at once [timeline-O2].
"""

import hashlib
import json
import math
from fractions import Fraction
from typing import Final, TypeAlias

from timeline.errors import BadTimeline
from timeline.model import Json
from timeline.timing import TICK_MAX, TICKS, Rate

KNOWN_RATES: Final = (
    *(Rate(whole) for whole in (12, 15, 24, 25, 30, 48, 50, 60, 72, 90, 96, 100, 120, 240)),
    *(Rate(whole * 1000, 1001) for whole in (12, 15, 24, 30, 48, 60, 120, 240)),
    *(
        Rate(hertz)
        for hertz in (8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000)
    ),
)
RATE_TOLERANCE: Final = 0.005
RATIO_DENOMINATOR_MAX: Final = 1000
OLD_NAMES: Final = {"Sequence": "Track"}  # as tracks were called before 2018
DEPTH_MAX: Final = 48  # of stacks in stacks; our own limit of nesting is 8

Object: TypeAlias = dict[str, Json]


def schema_name(value: Json) -> str:
    """`Clip` of `{"OTIO_SCHEMA": "Clip.2"}`; empty where it is no such object."""
    found = value.get("OTIO_SCHEMA") if isinstance(value, dict) else None
    name = found.partition(".")[0] if isinstance(found, str) else ""
    return OLD_NAMES.get(name, name)


def objects(value: Json) -> list[dict[str, Json]]:
    """The objects of a list; what is no object is left out, null counts as an empty list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def rational_time(at: int, rate: Rate) -> dict[str, Json]:
    """Ticks as a RationalTime; off-grid ticks have a fractional value."""
    value = Fraction(at * rate.num, TICKS * rate.den)
    return {
        "OTIO_SCHEMA": "RationalTime.1",
        "rate": rate.num / rate.den,
        "value": float(value),
    }


def time_range(start: dict[str, Json], duration: dict[str, Json]) -> dict[str, Json]:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": duration, "start_time": start}


def exact_rate(rate: float) -> Rate | None:
    """The known rate within 0.005, else the nearest fraction; None where it is no rate [timeline-O2]."""
    if not math.isfinite(rate) or not 0 < rate <= 1_000_000:
        return None
    nearest = min(KNOWN_RATES, key=lambda known: abs(known.num / known.den - rate))
    if abs(nearest.num / nearest.den - rate) <= RATE_TOLERANCE:
        return nearest
    ratio = Fraction(rate).limit_denominator(RATIO_DENOMINATOR_MAX + 1)
    return Rate(ratio.numerator, ratio.denominator) if ratio > 0 else None


def exact_ratio(scalar: float) -> Fraction:
    """A speed as a fraction with a denominator up to 1000 [timeline-O2]."""
    return Fraction(scalar).limit_denominator(RATIO_DENOMINATOR_MAX)


def number(value: Json, field: str) -> float:
    """A finite number; BadTimeline with the field otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadTimeline(field, "a finite number is expected")
    return float(value)


def ticks(value: Json, field: str) -> int:
    """A RationalTime as ticks, to the nearest; BadTimeline with the field where it is none."""
    if not isinstance(value, dict):
        raise BadTimeline(field, "a RationalTime is expected")
    rate = exact_rate(number(value.get("rate"), f"{field}/rate"))
    if rate is None:
        raise BadTimeline(f"{field}/rate", "is no rate")
    amount = Fraction(number(value.get("value"), f"{field}/value"))
    found = math.floor(amount * TICKS * rate.den / rate.num + Fraction(1, 2))
    if abs(found) > TICK_MAX:
        raise BadTimeline(field, "beyond 443 hours")
    return found


def rate_of(value: Json) -> Rate | None:
    """The exact rate of a RationalTime; None where there is none."""
    rate = value.get("rate") if isinstance(value, dict) else None
    return exact_rate(float(rate)) if isinstance(rate, int | float) else None


def range_ticks(value: Json, field: str) -> tuple[int, int] | None:
    """A TimeRange as (start, duration) in ticks; None where it is null."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadTimeline(field, "a TimeRange is expected")
    start = ticks(value.get("start_time"), f"{field}/start_time")
    duration = ticks(value.get("duration"), f"{field}/duration")
    if duration < 0:
        raise BadTimeline(f"{field}/duration", "is negative")
    return start, duration


def media_reference(clip: Object) -> dict[str, Json]:
    """The active media reference of a clip of any version; empty where there is none."""
    references = clip.get("media_references")
    if isinstance(references, dict):
        active = references.get(str(clip.get("active_media_reference_key", "DEFAULT_MEDIA")))
        return active if isinstance(active, dict) else {}
    old = clip.get("media_reference")
    return old if isinstance(old, dict) else {}


def cutroom(item: Object) -> dict[str, Json]:
    """Our own metadata of an object; empty where there is none."""
    metadata = item.get("metadata")
    found = metadata.get("cutroom") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def structure_hash(timeline: Object) -> str:
    """A sha256 over order, kinds, ranges, speeds, transitions, markers and media of a timeline.

    Times count in ticks, so a tool that only writes numbers another way changes nothing.
    """
    shape = [_shape(timeline.get("tracks"), 0), _ticks_or_none(timeline.get("global_start_time"))]
    return hashlib.sha256(json.dumps(shape, separators=(",", ":")).encode()).hexdigest()


def _shape(item: Json, depth: int) -> Json:
    if not isinstance(item, dict) or depth > DEPTH_MAX:
        return None
    stretch = range_ticks(item.get("source_range"), "source_range")
    reference = media_reference(item)
    media: list[Json] = [schema_name(reference), reference.get("target_url")]
    warps: list[Json] = [
        str(exact_ratio(number(effect.get("time_scalar", 1), "time_scalar")))
        for effect in objects(item.get("effects"))
        if "time_scalar" in effect
    ]
    marked: list[Json] = [
        list(range_ticks(marker.get("marked_range"), "marked_range") or ())
        for marker in objects(item.get("markers"))
    ]
    children: list[Json] = [_shape(child, depth + 1) for child in objects(item.get("children"))]
    return [
        schema_name(item),
        item.get("kind"),
        list(stretch) if stretch else None,
        [_ticks_or_none(item.get("in_offset")), _ticks_or_none(item.get("out_offset"))],
        item.get("transition_type"),
        media,
        warps,
        marked,
        children,
    ]


def _ticks_or_none(value: Json) -> int | None:
    return None if value is None else ticks(value, "time")
