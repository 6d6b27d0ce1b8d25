"""What holds of every operation on every timeline."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edited_films import FACTS, OPERATIONS, commands, films
from tests.films import Ids
from tests.strategies import hostile_documents
from timeline.commands import run_command
from timeline.errors import EditRefused
from timeline.media import AssetFacts
from timeline.model import Document, Edit, applied
from timeline.resolve import resolve
from timeline.resolved_json import resolved_json
from timeline.undo import undo_patch


def tried(document: Document, facts: dict[str, AssetFacts], command: dict[str, Any]) -> Edit | None:
    try:
        return run_command(document, facts, command, Ids())
    except EditRefused:
        return None


def what_shows(document: Document, facts: dict[str, AssetFacts]) -> dict[str, Any]:
    """Every sequence as resolved."""
    found: dict[str, Any] = {}
    for name in document.sequences:
        found.update(
            json.loads(json.dumps(resolved_json(resolve(document, facts, name))))["sequences"]
        )
    return found


@pytest.mark.rule("timeline-U5")
@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=25)
@given(data=st.data())
def test_an_operation_and_its_undo_show_what_was_shown_before(
    operation: str, data: st.DataObject
) -> None:
    document = data.draw(films())
    edit = tried(document, FACTS, data.draw(commands(operation, document)))
    if edit is None:
        return
    after = applied(document, edit.changes)
    patch = undo_patch(after, edit.changes)
    assert patch.skipped == ()
    before, again = what_shows(document, FACTS), what_shows(applied(after, patch.changes), FACTS)
    assert {name: again[name] for name in before} == before


@pytest.mark.rule("timeline-E10")
@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=10)
@given(data=st.data())
def test_changes_name_each_key_once_and_are_true(operation: str, data: st.DataObject) -> None:
    document = data.draw(films())
    edit = tried(document, FACTS, data.draw(commands(operation, document)))
    if edit is None:
        return
    keys = [(change.map, change.id, change.key) for change in edit.changes]
    assert len(set(keys)) == len(keys)
    for change in edit.changes:
        if change.map != "meta" and change.key is not None:
            assert document.records(change.map)[change.id].get(change.key) == change.before
            assert change.before != change.after


@pytest.mark.rule("timeline-E3")
@settings(max_examples=60)
@given(hostile_documents(), st.sampled_from(OPERATIONS), st.data())
def test_an_edit_of_any_document_is_done_or_refused(
    document: Document, operation: str, data: st.DataObject
) -> None:
    if document.clips:
        tried(document, FACTS, data.draw(commands(operation, document)))
