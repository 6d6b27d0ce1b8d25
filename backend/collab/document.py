"""Y.Doc <-> timeline model, and changes -> one transaction.

pycrdt's objects stay on the thread that made them. Numbers come back as floats: integral ones
become integers again, as the document means them.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

from pycrdt import Doc, Map, TransactionEvent

from backend.collab.wire import EMPTY_STATE
from timeline.errors import EditRefused
from timeline.model import ROOTS, Change, Document, Json, document_from_json

YDoc: TypeAlias = "Doc[Any]"
EXACT_MAX: Final = 2**53


def new_ydoc(client_id: int | None = None) -> YDoc:
    """A document with its nine root maps; a random client id unless one is given."""
    ydoc: YDoc = Doc(client_id=client_id)
    for root in ROOTS:
        _root(ydoc, root)
    return ydoc


def read_model(ydoc: YDoc) -> Document:
    """What the document says now. Only for documents whose updates were scanned: deep ones crash."""
    return document_from_json(
        {root: json.loads(str(_root(ydoc, root)), parse_float=_number) for root in ROOTS}
    )


def read_name(ydoc: YDoc) -> Json:
    """What stands as the document's name, whatever it is; reads nothing else."""
    return _root(ydoc, "meta").get("name")


def write_changes(ydoc: YDoc, changes: Sequence[Change], origin: str) -> bytes:
    """All changes as one transaction; answers its update, the empty one where nothing changed.

    Nothing is written when a change names a record that is not there: EditRefused. An existing
    record is never set anew, its keys are [timeline-W2].
    """
    _check_there(ydoc, changes)
    updates: list[bytes] = []

    def _keep(event: TransactionEvent) -> None:
        updates.append(event.update)

    subscription = ydoc.observe(_keep)
    try:
        with ydoc.transaction(origin=origin):
            for change in changes:
                _write(ydoc, change)
    finally:
        ydoc.unobserve(subscription)
    return updates[0] if updates else b"\x00\x00"


def apply_updates(ydoc: YDoc, updates: Sequence[bytes]) -> bytes:
    """All updates in one transaction, and the state vector after it.

    Whatever pycrdt raises, a panic of Rust included, passes.
    """
    with ydoc.transaction():
        for update in updates:
            ydoc.apply_update(update)
        return ydoc.get_state()


def whole_update(ydoc: YDoc) -> bytes:
    return ydoc.get_update(EMPTY_STATE)


def _root(ydoc: YDoc, name: str) -> "Map[Any]":
    return ydoc.get(name, type=Map)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= EXACT_MAX else number


def _check_there(ydoc: YDoc, changes: Sequence[Change]) -> None:
    made: set[tuple[str, str]] = set()
    for change in changes:
        place = (change.map, change.id)
        if change.key is None:
            made.add(place)
        elif (
            change.map != "meta" and place not in made and change.id not in _root(ydoc, change.map)
        ):
            raise EditRefused("not_found", change.id)


def _write(ydoc: YDoc, change: Change) -> None:
    records = _root(ydoc, change.map)
    if change.map == "meta":
        if change.key is not None:
            records[change.key] = change.after
    elif change.key is not None:
        records[change.id][change.key] = change.after
    elif change.id in records:
        for key, value in _record(change.after).items():
            records[change.id][key] = value
    else:
        records[change.id] = Map(_record(change.after))


def _record(value: Json) -> dict[str, Json]:
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}
