"""Transitions at their cuts: which are active, and how far each may reach [timeline-R8]."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from timeline.diagnostics import Findings
from timeline.model import Json
from timeline.reading import ReadRecord, read_params
from timeline.resolved import Span, TransitionView
from timeline.schema import TRANSITION_KINDS, TRANSITIONS, default_transition_kind


@dataclass(frozen=True, slots=True)
class Lane:
    """The spans of one track and where each clip's stand among them."""

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
    by_clip = _spans_by_clip(lanes)
    winners: dict[tuple[str, int], _Candidate] = {}
    for read in sorted(reads, key=lambda one: one.id):
        candidate = _candidate(read, by_clip, findings)
        if candidate is None:
            continue
        cut = (candidate.cut.lane.track, candidate.cut.at)
        if cut in winners:
            findings.add("transition_duplicate", read.id, winners[cut].read.id)
        else:
            winners[cut] = candidate
    return _limited(winners.values(), findings)


def _spans_by_clip(lanes: Sequence[Lane]) -> dict[str, tuple[Lane, list[Span]]]:
    found: dict[str, tuple[Lane, list[Span]]] = {}
    for lane in lanes:
        for span in lane.spans:
            found.setdefault(span.clip, (lane, []))[1].append(span)
    return found


def _candidate(
    read: ReadRecord, by_clip: Mapping[str, tuple[Lane, list[Span]]], findings: Findings
) -> _Candidate | None:
    left = cast("str | None", read.get("left", TRANSITIONS))
    right = cast("str | None", read.get("right", TRANSITIONS))
    kind = cast("str", read.get("kind", TRANSITIONS))
    if kind and kind not in TRANSITION_KINDS:
        findings.add("unknown_kind", read.id, "kind")
        return None
    cut = _cut(left, right, by_clip)
    if cut is None:
        findings.add("transition_not_at_cut", read.id, f"{left or ''} | {right or ''}")
        return None
    if cut.lane.kind == "caption":
        findings.add("wrong_track_kind", read.id, "captions have no transitions")
        return None
    return _Candidate(read, left, right, cut)


_NOWHERE: Final[tuple[Lane | None, list[Span]]] = (None, [])


def _cut(
    left: str | None, right: str | None, by_clip: Mapping[str, tuple[Lane, list[Span]]]
) -> _Cut | None:
    """The earliest cut of two clips; for one clip the head of its first or the tail of its last span."""
    left_lane, left_spans = by_clip.get(left or "", _NOWHERE)
    right_lane, right_spans = by_clip.get(right or "", _NOWHERE)
    if left is not None and right is not None:
        if left_lane is None or left_lane is not right_lane:
            return None
        starts = {span.start: span for span in right_spans}
        for span in left_spans:
            if span.end in starts:
                return _Cut(left_lane, span.end, span.start, starts[span.end].end)
        return None
    if right_lane is not None:
        first = right_spans[0]
        return _Cut(right_lane, first.start, first.start, first.end)
    if left_lane is not None:
        last = left_spans[-1]
        return _Cut(left_lane, last.end, last.start, last.end)
    return None


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
