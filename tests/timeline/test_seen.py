"""What edits see is what resolve shows."""

import pytest
from hypothesis import given

from tests.films import seen_of
from tests.strategies import asset_tables, hostile_documents, timelines
from timeline.media import AssetFacts
from timeline.model import Document
from timeline.resolve import resolve


def assert_same(document: Document, facts: dict[str, AssetFacts]) -> None:
    resolved = resolve(document, facts)
    seen = seen_of(document, facts)
    assert (seen.main_sequence() or "") == resolved.sequence
    for view in resolved.sequences.values():
        lanes = seen.lanes(view.id)
        assert [lane.track for lane in lanes] == [track.id for track in view.tracks]
        assert (
            (lanes[0].rate.num, lanes[0].rate.den) == (view.fps_num, view.fps_den)
            if lanes
            else True
        )
        for lane, track in zip(lanes, view.tracks, strict=True):
            assert lane.kind == track.kind
            assert [
                (
                    piece.clip,
                    piece.start,
                    piece.end,
                    piece.of.local(piece.start),
                    (piece.of.speed_num, piece.of.speed_den),
                )
                for piece in lane.pieces
            ] == [
                (span.clip, span.start, span.end, span.local_in, span.speed) for span in track.spans
            ]


@pytest.mark.rule("timeline-E1")
@given(timelines(), asset_tables())
def test_edits_see_what_resolve_shows(document: Document, facts: dict[str, AssetFacts]) -> None:
    assert_same(document, facts)


@pytest.mark.rule("timeline-E1")
@given(hostile_documents(), asset_tables())
def test_edits_see_what_resolve_shows_of_hostile_documents(
    document: Document, facts: dict[str, AssetFacts]
) -> None:
    assert_same(document, facts)
