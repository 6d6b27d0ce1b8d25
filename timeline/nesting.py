"""Which sequence clips may be followed: no cycles, at most 8 levels [timeline-R7].

Judged over all live sequence clips of the document, so the answer is the same from every entry.
"""

from collections.abc import Iterable, Mapping
from typing import Final

LEVELS_MAX: Final = 8
SPANS_MAX: Final = 200_000

Edges = Mapping[str, frozenset[str]]


def reachable(edges: Edges) -> dict[str, frozenset[str]]:
    """For each sequence those that its clips show, directly or through others."""
    reached: dict[str, frozenset[str]] = {}
    for start in edges:
        seen: set[str] = set()
        waiting = list(edges[start])
        while waiting:
            sequence = waiting.pop()
            if sequence not in seen:
                seen.add(sequence)
                waiting.extend(edges.get(sequence, ()))
        reached[start] = frozenset(seen)
    return reached


def levels(edges: Edges) -> dict[str, int]:
    """How many levels each sequence holds, itself included; `edges` has no cycle."""
    counted: dict[str, int] = {}

    def count(sequence: str) -> int:
        # Recursion ends: at most 200 sequences, and cycles are cut before.
        if sequence not in counted:
            counted[sequence] = 1 + max((count(one) for one in edges.get(sequence, ())), default=0)
        return counted[sequence]

    for sequence in edges:
        count(sequence)
    return counted


def refused_nestings(uses: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """The sequence clips to skip and why, of `uses` as (clip, its sequence, target sequence)."""
    known = tuple(uses)
    edges = _edges((source, target) for _, source, target in known)
    reached = reachable(edges)
    refused: dict[str, str] = {}
    for clip, source, target in known:
        if source == target or source in reached.get(target, frozenset()):
            refused[clip] = "sequence_cycle"
    held = levels(_edges((source, target) for clip, source, target in known if clip not in refused))
    for clip, _, target in known:
        if clip not in refused and held.get(target, 1) > LEVELS_MAX:
            refused[clip] = "nested_too_deep"
    return refused


def _edges(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    gathered: dict[str, set[str]] = {}
    for source, target in pairs:
        gathered.setdefault(source, set()).add(target)
    return {source: frozenset(targets) for source, targets in gathered.items()}
