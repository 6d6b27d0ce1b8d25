"""A row of data into the variables of a document, before resolve [timeline-V1 to V3].

Pure: the live document is never written. What a row cannot fill is refused by the name of the
variable, as the field `row/NAME`, so that a batch of rows can go on without it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from timeline.errors import BadTimeline
from timeline.lengths import refit_bound_clips
from timeline.media import AssetTable
from timeline.model import Change, Document, Json, Record, RecordRoot, applied
from timeline.schema import EFFECT_KINDS, GENERATORS, SCHEMA, VARIABLES, read_key
from timeline.values import BAD, COLOR_PATTERN, Prop, Read, is_id, is_well_formed

BINDING: Final = "bind:"
FILLED_ROOTS: Final[tuple[RecordRoot, ...]] = ("clips", "cues", "effects")
NUMBER_MAX: Final = 1 << 53
PLACEHOLDER: Final = re.compile(r"\{\{ *([^{}]*?) *\}\}")


@dataclass(frozen=True, slots=True)
class Variable:
    id: str
    name: str
    type: str
    default: Json
    required: bool


def fill(document: Document, row: Mapping[str, Json], assets: AssetTable) -> Document:
    """The document with every binding and `{{ name }}` replaced by the values of `row`.

    `row` maps names of variables to values; a name without a variable is ignored. Raises
    BadTimeline (`row/NAME`) for a value of the wrong type, an asset that is not in `assets`, and a
    required variable without a value.
    """
    variables = _variables(document)
    values = {
        variable.id: _value(variable, row, assets) for variable in _by_name(variables).values()
    }
    # A variable whose name belongs to a smaller id gets no value from the row, only its default.
    for variable in variables:
        if variable.id not in values:
            values[variable.id] = _value(variable, {}, assets)
    texts = {
        variable.name: shown_text(values[variable.id])
        for variable in _by_name(variables).values()
        if values[variable.id] is not None
    }
    changes = _bound_changes(document, {one.id: one for one in variables}, values)
    filled = applied(document, changes)
    filled = applied(filled, _text_changes(filled, texts))
    bound = {change.id for change in changes if change.map == "clips" and change.key == "asset"}
    return refit_bound_clips(filled, frozenset(bound), assets)


def shown_text(value: Json) -> str:
    """A value as text stands in a title: numbers as plain decimal digits, the fewest that are exact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(int(value) if value.is_integer() else repr(value)), "f")
    return str(value)


def _variables(document: Document) -> list[Variable]:
    """Live variables by id; wrong values count as their defaults."""
    found: list[Variable] = []
    for record_id in sorted(document.variables):
        record = document.variables[record_id]
        if not is_id(record_id) or record.get("removed") is True:
            continue
        values = {key: _read("variables", key, record.get(key)) for key in VARIABLES}
        found.append(
            Variable(
                id=record_id,
                name=cast("str", values["name"]),
                type=cast("str", values["type"]),
                default=values["default"],
                required=values["required"] is True,
            )
        )
    return found


def _read(root: RecordRoot, key: str, raw: Json) -> Json:
    value = read_key(root, key, raw)
    return SCHEMA[root][key].default if value is BAD else value


def _by_name(variables: list[Variable]) -> dict[str, Variable]:
    """Of equal names the smallest id counts [timeline-V2]."""
    found: dict[str, Variable] = {}
    for variable in variables:
        found.setdefault(variable.name, variable)
    return found


def _value(variable: Variable, row: Mapping[str, Json], assets: AssetTable) -> Json:
    field = f"row/{variable.name}"
    raw = row.get(variable.name)
    if raw is None:
        raw = variable.default
        if raw is None and variable.required:
            raise BadTimeline(field, "required and without a value")
        field = f"variables/{variable.id}/default" if raw is not None else field
    if raw is None:
        return None
    if not _is_of_type(raw, variable.type):
        raise BadTimeline(field, f"must be of type {variable.type}")
    if variable.type == "asset" and raw not in assets:
        raise BadTimeline(field, "no such asset")
    return raw


def _is_of_type(value: Json, name: str) -> bool:
    match name:
        case "bool":
            return isinstance(value, bool)
        case "number":
            return (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and math.isfinite(value)
                and abs(value) <= NUMBER_MAX
            )
        case "color":
            return isinstance(value, str) and COLOR_PATTERN.match(value) is not None
        case "asset":
            return isinstance(value, str) and is_id(value)
        case _:
            return isinstance(value, str) and is_well_formed(value)


def _bound_changes(
    document: Document, variables: Mapping[str, Variable], values: Mapping[str, Json]
) -> list[Change]:
    changes: list[Change] = []
    for root in FILLED_ROOTS:
        for record_id, record in sorted(document.records(root).items()):
            for key in sorted(key for key in record if key.startswith(BINDING)):
                bound = record[key]
                variable = variables.get(bound) if isinstance(bound, str) else None
                if variable is None or values[variable.id] is None:
                    continue
                prop = key.removeprefix(BINDING)
                value = _fitting(root, record, prop, values[variable.id])
                if value is BAD:
                    raise BadTimeline(f"row/{variable.name}", f"does not fit `{prop}`")
                changes += (
                    Change(root, record_id, prop, record.get(prop), value),
                    Change(root, record_id, key, record[key], None),
                )
    return changes


def _fitting(root: RecordRoot, record: Record, prop: str, value: Json) -> Read:
    """The value in the normal form of its property, `BAD` where it does not fit."""
    if not prop.startswith("p:"):
        return read_key(root, prop, value)
    known = _params(root, record).get(prop.removeprefix("p:"))
    return value if known is None else known.read(value)


def _params(root: RecordRoot, record: Record) -> Mapping[str, Prop]:
    if root == "effects":
        kind = EFFECT_KINDS.get(str(record.get("kind")))
        return kind.params if kind is not None else {}
    return GENERATORS.get(str(record.get("generator")), {})


def _text_changes(document: Document, texts: Mapping[str, str]) -> list[Change]:
    changes: list[Change] = []
    roots: tuple[RecordRoot, ...] = ("clips", "cues")
    for root in roots:
        for record_id, record in sorted(document.records(root).items()):
            text = record.get("text")
            if not isinstance(text, str) or "{{" not in text:
                continue
            filled = PLACEHOLDER.sub(lambda found: texts.get(found[1], found[0]), text)
            if filled == text:
                continue
            if read_key(root, "text", filled) is BAD:
                raise BadTimeline(f"{root}/{record_id}/text", "too long once it is filled")
            changes.append(Change(root, record_id, "text", text, filled))
    return changes
