"""The golden cases of edits and undo; vitest reads the same files.

edits: given `document`, `assets`; when `command` (or `commands`, one transaction) and `new_ids`, the
ids that the edit gets, in this order, all used; then `changes` in canonical order and, where any, the
`clamped` clips, or `refused` with code and id. undo: given the `document` of now; when `changes`, a
gesture; then the `changes` of its undo and the `skipped` ones.
"""

from typing import Any

import pytest

from tests.films import Ids
from tests.golden_cases import GoldenCase, golden_cases
from timeline.commands import run_commands
from timeline.differences import changes_argument
from timeline.errors import EditRefused
from timeline.media import AssetFacts
from timeline.model import document_from_json
from timeline.undo import undo_patch


@pytest.mark.parametrize("case", golden_cases("edits"))
def test_an_edit_answers_its_golden_changes(case: GoldenCase, *, update_golden: bool) -> None:
    document = document_from_json(case.given["document"])
    facts = {name: AssetFacts(**values) for name, values in case.given["assets"].items()}
    new_ids = Ids(case.when["new_ids"])
    commands = case.when.get("commands") or [case.when["command"]]
    answer: dict[str, Any]
    try:
        edit = run_commands(document, facts, commands, new_ids)
    except EditRefused as refusal:
        answer = {"refused": {"code": refusal.code, "id": refusal.record_id}}
    else:
        answer = {"changes": [change.as_json() for change in edit.changes]}
        if edit.clamped:
            answer["clamped"] = list(edit.clamped)
        assert new_ids.count == len(case.when["new_ids"])
    case.check(answer, update=update_golden)


@pytest.mark.parametrize("case", golden_cases("undo"))
def test_an_undo_answers_its_golden_patch(case: GoldenCase, *, update_golden: bool) -> None:
    document = document_from_json(case.given["document"])
    patch = undo_patch(document, changes_argument(case.when["changes"]))
    answer = {
        "changes": [change.as_json() for change in patch.changes],
        "skipped": [change.as_json() for change in patch.skipped],
    }
    case.check(answer, update=update_golden)
