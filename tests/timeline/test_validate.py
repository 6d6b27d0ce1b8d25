from collections.abc import Mapping

import pytest
from hypothesis import given

from tests.strategies import asset_tables, hostile_documents
from timeline.media import AssetFacts
from timeline.model import Document, document_from_json
from timeline.resolve import resolve
from timeline.timing import TICKS
from timeline.validate import validate


@pytest.mark.rule("timeline-R16")
@given(document=hostile_documents(), assets=asset_tables())
def test_validation_says_at_least_what_resolve_says(
    document: Document, assets: Mapping[str, AssetFacts]
) -> None:
    found = [(item.id, item.code) for item in validate(document, assets)]
    assert len(found) == len(set(found))
    assert {(item.id, item.code) for item in resolve(document, assets).diagnostics} <= set(found)


@pytest.mark.rule("timeline-R16")
def test_other_sequences_are_judged_but_never_fatal() -> None:
    document = document_from_json(
        {
            "meta": {"main_sequence": "s"},
            "sequences": {"s": {}, "t": {}, "u": {}},
            "tracks": {"v": {"sequence": "s"}, "w": {"sequence": "t"}},
            "clips": {
                "a": {"track": "v", "kind": "title", "start": 0, "duration": TICKS},
                "b": {"track": "v", "kind": "title", "start": TICKS, "duration": 5},
                "c": {"track": "w", "asset": "gone", "start": TICKS, "duration": TICKS},
            },
        }
    )
    found = [(item.id, item.code) for item in validate(document, {})]
    assert found == [("b", "too_short"), ("c", "media_missing")]
