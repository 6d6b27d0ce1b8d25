"""Records of a document as typed values, one by one, with what was wrong in them [timeline-R1].

Wrong values become defaults and `bad_value`, wrong placement keys make the clip None and
`bad_time` [timeline-R6]. Nothing here looks at another record.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

from timeline.diagnostics import Findings, code_units
from timeline.keyframes import curve, read_key, split_key_name
from timeline.model import Document, Json, RecordRoot
from timeline.resolved import Curves, Key, Props
from timeline.schema import (
    ALL_CLIP_KINDS,
    CLIPS,
    GENERATORS,
    PLACEMENT,
    QUOTAS,
    SPEED_TIMES_MAX,
    TIME_REMAP,
    clip_defaults,
)
from timeline.timing import TICK_MAX
from timeline.values import BAD, Prop, is_id

_STRUCTURE: Final = frozenset(
    {
        *PLACEMENT,
        "kind",
        "asset",
        "sequence",
        "generator",
        "enabled",
        "removed",
        "fade_in",
        "fade_out",
    }
)
_PLACEMENT: Final = frozenset(PLACEMENT)


class ReadRecord(NamedTuple):
    """The valid values of the keys that a record has, its parameters `p:` raw, curves and bindings.

    Tuples, here and below: a frozen dataclass takes four times as long to make, ten thousand times.
    """

    id: str
    values: Mapping[str, Json]
    params: Mapping[str, Json]
    curves: Curves
    bindings: Mapping[str, Json]
    bad: tuple[str, ...]

    def get(self, key: str, schema: Mapping[str, Prop]) -> Json:
        return self.values.get(key, schema[key].default)


class ClipRecord(NamedTuple):
    """A live clip with valid placement; `duration` and `source_in` are None where they are missing."""

    id: str
    kind: str
    track: str
    start: int
    duration: int | None
    source_in: int | None
    speed: tuple[int, int]
    enabled: bool
    asset: str | None
    sequence: str | None
    generator: str | None
    fade_in: int
    fade_out: int
    props: Props
    curves: Curves


def live_records(
    document: Document, root: RecordRoot, findings: Findings
) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Records that are not removed, the first by id up to the quota; what is none is skipped."""
    records = document.records(root)
    ids = list(records)
    if len(ids) > QUOTAS[root]:
        ids = sorted(ids, key=code_units)[: QUOTAS[root]]
        findings.add("over_quota", root, f"more than {QUOTAS[root]} {root}")
    for record_id in ids:
        record = cast("object", records[record_id])
        # Nearly all are dicts; asking for a Mapping alone would cost more than reading the id.
        is_object = type(record) is dict or isinstance(record, Mapping)
        if not is_object or not is_id(record_id):
            findings.add("bad_record", record_id, root)
            continue
        removed = cast("Mapping[str, Json]", record).get("removed")
        if removed is True:
            continue
        if removed is not None and removed is not False:
            findings.add("bad_value", record_id, "removed")
        yield record_id, cast("Mapping[str, Json]", record)


def read_record(
    record_id: str, record: Mapping[str, Json], schema: Mapping[str, Prop]
) -> ReadRecord:
    """The valid values of a record. Unknown keys and `x:` are skipped."""
    values: dict[str, Json] = {}
    params: dict[str, Json] = {}
    bindings: dict[str, Json] = {}
    keyframes: dict[str, Json] = {}
    bad: list[str] = []
    for key, raw in record.items():
        if raw is None:
            continue
        prop = schema.get(key)
        if prop is not None:
            value = prop.read(raw)
            if value is BAD:
                bad.append(key)
            else:
                values[key] = value
        elif ":" in key:
            prefix, _, rest = key.partition(":")
            if prefix == "p":
                params[rest] = raw
            elif prefix == "bind":
                bindings[rest] = raw
            elif prefix == "kf":
                keyframes[key] = raw
    if not keyframes:
        return ReadRecord(record_id, values, params, {}, bindings, tuple(bad))
    curves = _read_curves(keyframes, bad)
    return ReadRecord(record_id, values, params, curves, bindings, tuple(bad))


def _read_curves(keyframes: Mapping[str, Json], bad: list[str]) -> Curves:
    found: dict[str, list[tuple[str, Key]]] = {}
    for name, raw in keyframes.items():
        parts = split_key_name(name)
        if parts is None:
            continue
        key = read_key(raw)
        if key is BAD:
            bad.append(name)
        else:
            found.setdefault(parts[0], []).append((parts[1], key))
    return {prop: curve(keys) for prop, keys in found.items()}


def read_params(
    params: Mapping[str, Json], schema: Mapping[str, Prop], *, record_id: str, findings: Findings
) -> dict[str, Json]:
    """Every parameter of a kind, defaults filled in; wrong ones are the default and `bad_value`."""
    filled: dict[str, Json] = {}
    for name, prop in schema.items():
        raw = params.get(name)
        value = prop.default if raw is None else prop.read(raw)
        if value is BAD:
            findings.add("bad_value", record_id, f"p:{name}")
            value = prop.default
        filled[name] = value
    return filled


def animated_curves(curves: Curves, schema: Mapping[str, Prop]) -> Curves:
    """The curves of the keys that keyframes may animate."""
    return {
        name: keys for name, keys in curves.items() if (prop := schema.get(name)) and prop.animated
    }


def changed_props(
    values: Mapping[str, Json], schema: Mapping[str, Prop], left_out: frozenset[str]
) -> Props:
    """The values that differ from their default."""
    return {
        key: value
        for key, value in values.items()
        if key not in left_out and value != schema[key].default
    }


def report_bad_values(read: ReadRecord, findings: Findings) -> None:
    for key in read.bad:
        findings.add("bad_value", read.id, key)


def read_clip(read: ReadRecord, track_kind: str, findings: Findings) -> ClipRecord | None:
    """A live clip; None with `bad_time` where its placement is wrong, `unknown_kind` for that."""
    record_id = read.id
    values = cast("Mapping[str, Any]", read.values)  # of the types that the schema reads
    wrong = [key for key in read.bad if key in _PLACEMENT]
    for key in read.bad:
        if key not in _PLACEMENT:
            findings.add("bad_value", record_id, key)
    kind = values.get("kind", "captions" if track_kind == "caption" else "media")
    speed = reduced(values.get("speed_num", 1), values.get("speed_den", 1))
    if abs(speed[0]) > SPEED_TIMES_MAX * speed[1]:
        wrong.append("speed_num")
    if wrong:
        findings.add("bad_time", record_id, ", ".join(sorted(wrong)))
        return None
    if kind not in ALL_CLIP_KINDS:
        findings.add("unknown_kind", record_id, "kind")
        return None
    return ClipRecord(
        id=record_id,
        kind=kind,
        track=values.get("track", ""),
        start=values.get("start", 0),
        duration=values.get("duration"),
        source_in=values.get("source_in"),
        speed=speed if kind in {"media", "sequence"} else (1, 1),
        enabled=values.get("enabled") is not False,
        asset=values.get("asset") if kind == "media" else None,
        sequence=values.get("sequence") if kind == "sequence" else None,
        generator=_generator(values, record_id, findings) if kind == "generator" else None,
        fade_in=values.get("fade_in", 0),
        fade_out=values.get("fade_out", 0),
        props=_clip_props(read, kind, track_kind, findings),
        curves=_clip_curves(read.curves, kind),
    )


def _generator(values: Mapping[str, Json], record_id: str, findings: Findings) -> str | None:
    generator = cast("str | None", values.get("generator"))
    if generator is not None and generator not in GENERATORS:
        findings.add("unknown_kind", record_id, "generator")
        return None
    return generator


def _clip_props(read: ReadRecord, kind: str, track_kind: str, findings: Findings) -> Props:
    defaults = clip_defaults(kind, track_kind)
    props = {
        key: value
        for key, value in read.values.items()
        if key not in _STRUCTURE and value != defaults[key]
    }
    if read.params and kind == "generator":
        schema = GENERATORS.get(cast("str", read.values.get("generator", "")), {})
        params = read_params(read.params, schema, record_id=read.id, findings=findings)
        props |= {
            f"p:{name}": value for name, value in params.items() if value != schema[name].default
        }
    return props


def _clip_curves(curves: Curves, kind: str) -> Curves:
    if not curves:
        return curves
    schema = {**CLIPS, "time": TIME_REMAP} if kind == "media" else CLIPS
    return animated_curves(curves, schema)


def reduced(num: int, den: int) -> tuple[int, int]:
    shared = math.gcd(num, den)
    return num // shared, den // shared


def fits_the_clock(start: int, duration: int, source_in: int, speed: tuple[int, int]) -> bool:
    """Whether a clip ends, on the sequence and in its source, inside of 2^50 ticks [timeline-R3]."""
    last = source_in + duration * speed[0] // speed[1]
    return start + duration <= TICK_MAX and -TICK_MAX <= last <= TICK_MAX
