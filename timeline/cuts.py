"""Transitions at their cuts: which are active, and how far each may reach [timeline-R8]."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, cast

from timeline.diagnostics import Findings
from timeline.model import Json
from timeline.reading import ReadRecord, read_params
from timeline.resolved import Span, TransitionView
from timeline.schema import TRANSITION_KINDS, TRANSITIONS, default_transition_kind


@dataclass(frozen=True, slots=True)
class Lane:
    """The spans of one track, sorted and disjoint."""

    track: str
    kind: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    read: ReadRecord
    left: str | None
    right: str | None
    cut: "_Cut"


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place where spans meet; an absent side has no length."""

    lane: Lane
    at: int
    left_start: int
    right_end: int


def transitions_at_cuts(
    reads: Sequence[ReadRecord], lanes: Sequence[Lane], findings: Findings
) -> tuple[TransitionView, ...]:
    """The active transitions of a sequence by (at, id), each limited to its spans."""
    if not reads:
        return ()
    cuts = _earliest_cuts(lanes)
    winners: dict[tuple[str, int], _Candidate] = {}
    for read in sorted(reads, key=lambda one: one.id):
        candidate = _candidate(read, cuts, findings)
        if candidate is None:
            continue
        cut = (candidate.cut.lane.track, candidate.cut.at)
        if cut in winners:
            findings.add("transition_duplicate", read.id, winners[cut].read.id)
        else:
            winners[cut] = candidate
    return _limited(winners.values(), findings)


_Sides: TypeAlias = tuple[str | None, str | None]


def _earliest_cuts(lanes: Sequence[Lane]) -> dict[_Sides, _Cut]:
    """Where two clips first meet, by (left, right); with None beside it a clip's own head or tail."""
    cuts: dict[_Sides, _Cut] = {}
    for lane in lanes:
        for span in lane.spans:
            cuts.setdefault((None, span.clip), _Cut(lane, span.start, span.start, span.end))
            cuts[span.clip, None] = _Cut(lane, span.end, span.start, span.end)
        for left, right in pairwise(lane.spans):
            if left.end == right.start:
                cut = _Cut(lane, left.end, left.start, right.end)
                cuts.setdefault((left.clip, right.clip), cut)
    return cuts


def _candidate(
    read: ReadRecord, cuts: Mapping[_Sides, _Cut], findings: Findings
) -> _Candidate | None:
    left = cast("str | None", read.get("left", TRANSITIONS))
    right = cast("str | None", read.get("right", TRANSITIONS))
    kind = cast("str", read.get("kind", TRANSITIONS))
    if kind and kind not in TRANSITION_KINDS:
        findings.add("unknown_kind", read.id, "kind")
        return None
    cut = cuts.get((left, right))
    if cut is None:
        findings.add("transition_not_at_cut", read.id, f"{left or ''} | {right or ''}")
        return None
    if cut.lane.kind == "caption":
        findings.add("wrong_track_kind", read.id, "captions have no transitions")
        return None
    return _Candidate(read, left, right, cut)


def _limited(candidates: Iterable[_Candidate], findings: Findings) -> tuple[TransitionView, ...]:
    views: list[TransitionView] = []
    taken: dict[str, int] = {}  # up to where the last transition of a track reaches
    for one in sorted(candidates, key=lambda item: (item.cut.at, item.read.id)):
        view = _view(one, taken.get(one.cut.lane.track, 0), findings)
        if view is not None:
            taken[one.cut.lane.track] = view.at + view.out_offset
            views.append(view)
    return tuple(views)


def _view(one: _Candidate, taken: int, findings: Findings) -> TransitionView | None:
    cut = one.cut
    wanted_in = cast("int", one.read.get("in_offset", TRANSITIONS)) if one.left else 0
    wanted_out = cast("int", one.read.get("out_offset", TRANSITIONS)) if one.right else 0
    in_offset = min(wanted_in, cut.at - max(taken, cut.left_start))
    out_offset = min(wanted_out, cut.right_end - cut.at)
    if (in_offset, out_offset) != (wanted_in, wanted_out) or in_offset + out_offset == 0:
        findings.add("transition_shortened", one.read.id, f"{in_offset} + {out_offset} ticks")
    if in_offset + out_offset == 0:
        return None
    kind = _kind(one, findings)
    return TransitionView(
        id=one.read.id,
        track=cut.lane.track,
        left=one.left,
        right=one.right,
        at=cut.at,
        in_offset=in_offset,
        out_offset=out_offset,
        kind=kind,
        params=_params(one.read, kind, findings),
    )


def _kind(one: _Candidate, findings: Findings) -> str:
    kind = cast("str", one.read.get("kind", TRANSITIONS))
    if kind and one.cut.lane.kind not in TRANSITION_KINDS[kind].tracks:
        findings.add("bad_value", one.read.id, "kind")
        kind = ""
    return kind or default_transition_kind(one.cut.lane.kind)


def _params(read: ReadRecord, kind: str, findings: Findings) -> dict[str, Json]:
    return read_params(
        read.params, TRANSITION_KINDS[kind].params, record_id=read.id, findings=findings
    )
